/** Work of one run that goes on side by side, each piece of it free to begin another. The run is done when none is left. */
export class TaskGroup {
    readonly signal: AbortSignal;
    private readonly halt = new AbortController();
    private readonly ended = Promise.withResolvers<void>();
    private left = 0;

    /** `failed` hears of what makes a branch fail before the halt; what it throws afterwards is the halt itself. */
    constructor(private readonly failed: (error: unknown) => void) {
        this.signal = this.halt.signal;
    }

    start(work: () => Promise<void>): void {
        this.left += 1;
        void this.follow(work);
    }

    stop(reason: unknown): void {
        this.halt.abort(reason);
    }

    async allEnded(): Promise<void> {
        await this.ended.promise;
    }

    private async follow(work: () => Promise<void>): Promise<void> {
        try {
            await work();
        } catch (error) {
            if (!this.signal.aborted) {
                this.failed(error);
            }
        }
        this.left -= 1;
        if (this.left === 0) {
            this.ended.resolve();
        }
    }
}
