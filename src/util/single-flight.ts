import { onAbort, untilAborted } from "./abort";

interface UnderWay<T> {
    readonly result: Promise<T>;
    readonly stop: AbortController;
    callers: number;
}

/** One piece of work for all who ask for it while it is under way; given up only when all of them have given up. */
export class SingleFlight<T> {
    private underWay: UnderWay<T> | undefined;

    constructor(private readonly work: (signal: AbortSignal) => Promise<T>) {}

    /** Rejects with the signal's reason as soon as it aborts. */
    async get(signal: AbortSignal): Promise<T> {
        signal.throwIfAborted();
        const underWay = this.underWay ?? this.begin();
        underWay.callers++;
        const forget = onAbort(signal, () => this.leave(underWay, signal.reason));
        try {
            return await untilAborted(underWay.result, signal);
        } finally {
            forget();
        }
    }

    private leave(underWay: UnderWay<T>, reason: unknown): void {
        underWay.callers--;
        if (underWay.callers === 0) {
            this.end(underWay);
            underWay.stop.abort(reason);
        }
    }

    private begin(): UnderWay<T> {
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
