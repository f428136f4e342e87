/** Tasks of one run that go on side by side. Each may start others. The run is done when none is left. */
export class TaskGroup {
    readonly signal: AbortSignal;
    private readonly stopping = new AbortController();
    private readonly ended = Promise.withResolvers<void>();
    private left = 0;

    /** `failed` is called with what a task throws before the stop; what it throws afterwards is the stop itself. */
    constructor(private readonly failed: (error: unknown) => void) {
        this.signal = this.stopping.signal;
    }

    start(work: () => Promise<void>): void {
        this.left += 1;
        void this.follow(work);
    }

    stop(reason: unknown): void {
        this.stopping.abort(reason);
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
