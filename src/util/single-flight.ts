/** One piece of work for all who ask for it while it is under way; given up only when all of them have given up. */
export class SingleFlight<T> {
    private underWay: { readonly result: Promise<T>; readonly stop: AbortController; callers: number } | undefined;

    constructor(private readonly work: (signal: AbortSignal) => Promise<T>) {}

    /** Rejects with the signal's reason as soon as it aborts. */
    async get(signal: AbortSignal): Promise<T> {
        signal.throwIfAborted();
        const underWay = this.underWay ?? this.begin();
        underWay.callers++;
        let stop = () => {};
        const stopped = new Promise<never>((_, reject) => {
            stop = () => {
                underWay.callers--;
                if (underWay.callers === 0) {
                    this.end(underWay);
                    underWay.stop.abort(signal.reason);
                }
                reject(signal.reason);
            };
            signal.addEventListener("abort", stop, { once: true });
        });
        try {
            return await Promise.race([underWay.result, stopped]);
        } finally {
            signal.removeEventListener("abort", stop);
        }
    }

    private begin() {
        const stop = new AbortController();
        const begun = { result: this.work(stop.signal), stop, callers: 0 };
        this.underWay = begun;
        const end = () => this.end(begun);
        begun.result.then(end, end);
        return begun;
    }

    private end(ended: unknown): void {
        if (this.underWay === ended) {
            this.underWay = undefined;
        }
    }
}
