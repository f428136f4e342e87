import type { Clock } from "../../util/clock";

/** How long looks may take in all, those at once counted once. Milliseconds. */
export class TimeBudget {
    private readonly spent = new AbortController();
    private left: number;
    private active = 0;
    private since = 0;
    private idle: AbortController | undefined;

    constructor(
        private readonly clock: Clock,
        ms: number,
    ) {
        this.left = ms;
    }

    /** Runs `work` with a signal that aborts when the time is used up. */
    async within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
        this.begin();
        try {
            return await work(this.spent.signal);
        } finally {
            this.end();
        }
    }

    private begin(): void {
        this.active += 1;
        if (this.active > 1 || this.spent.signal.aborted) {
            return;
        }
        this.since = this.clock.now();
        const idle = new AbortController();
        this.idle = idle;
        this.clock.sleep(this.left, idle.signal).then(
            () => this.spent.abort(TIME_IS_UP),
            () => undefined,
        );
    }

    private end(): void {
        this.active -= 1;
        if (this.active === 0) {
            this.left = Math.max(0, this.left - (this.clock.now() - this.since));
            this.idle?.abort("nobody looks");
        }
    }
}

/** The reason of the abort. */
export const TIME_IS_UP = { code: "Timeout", message: "the time for looking was used up" };
