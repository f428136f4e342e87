import type { Problem } from "../../batch/api";
import { CANCELLED, graceLeft, LAST_LOOK } from "../../util/cancellation";
import { type Clock, pause } from "../../util/clock";
import { deadlineOf } from "./deadline";

/** Of the time that a hook has, this share at most is kept for its last inspection. */
const MOST_RESERVE = 0.1;
const SLACK = 1.25;
const ENDED = "the wait has ended";

export interface Waits {
    readonly clock: Clock;
    /** Aborts at the deadline. */
    readonly signal: AbortSignal;
    readonly cancelled: AbortSignal;
}

/**
 * How long a hook waits that does so by itself: until there is just time for one more inspection, or, when the operation is
 * cancelled, not at all, or for a short while if something that it has begun is under way.
 */
export class Patience {
    readonly signal: AbortSignal;
    private readonly controller = new AbortController();
    private readonly ended = new AbortController();
    private readonly timers: Array<Promise<void>> = [];

    /** `begun`: something is under way that this hook has set going, or perhaps will be, for a request is on its way. `inspectionTakes`: milliseconds, as far as is known. */
    constructor(
        private readonly waits: Waits,
        private readonly begun: () => boolean,
        private readonly inspectionTakes: () => number,
    ) {
        this.signal = this.controller.signal;
        // The grace counts from the cancellation, not from here.
        graceLeft(waits.cancelled, waits.clock);
        waits.signal.addEventListener("abort", this.timeIsUp, { once: true });
        waits.cancelled.addEventListener("abort", this.cancel, { once: true });
        if (waits.signal.aborted) {
            this.timeIsUp();
        } else if (waits.cancelled.aborted) {
            this.cancel();
        }
        this.timers.push(this.keepReserve());
    }

    /** To be called when nothing waits any more. */
    async end(): Promise<void> {
        this.ended.abort(ENDED);
        this.waits.signal.removeEventListener("abort", this.timeIsUp);
        this.waits.cancelled.removeEventListener("abort", this.cancel);
        await Promise.all(this.timers);
    }

    /** What was on its way was not sent after all. */
    reconsider(): void {
        if (this.waits.cancelled.aborted && !this.begun()) {
            this.controller.abort(CANCELLED);
        }
    }

    private readonly timeIsUp = () => this.controller.abort(this.waits.signal.reason);

    private readonly cancel = () => {
        if (this.begun()) {
            this.timers.push(this.after(() => graceLeft(this.waits.cancelled, this.waits.clock), CANCELLED));
        } else {
            this.controller.abort(CANCELLED);
        }
    };

    private async keepReserve(): Promise<void> {
        const deadline = deadlineOf(this.waits.signal);
        if (deadline === undefined) {
            return;
        }
        const left = (reserve: number) => deadline.at - reserve - this.waits.clock.now();
        const most = deadline.limit * MOST_RESERVE;
        if (await this.pause(left(most))) {
            await this.after(() => left(Math.min(most, SLACK * this.inspectionTakes())), deadline.problem);
        }
    }

    private async after(ms: () => number, problem: Problem): Promise<void> {
        if (await this.pause(ms())) {
            this.controller.abort(problem);
        }
    }

    private pause(ms: number): Promise<boolean> {
        return pause(this.waits.clock, Math.max(0, ms), this.ended.signal);
    }
}

/** What the loops of a hook wait by. */
export function waitingFor(waits: Waits) {
    return {
        start: (begun: () => boolean, inspectionTakes: () => number) => new Patience(waits, begun, inspectionTakes),
        lastInspection: <T>(inspect: (signal: AbortSignal) => Promise<T>) => lastInspection(waits, inspect),
    };
}

/** One inspection after the waiting has ended; undefined where it can't be had in time. */
async function lastInspection<T>(
    { clock, signal }: Waits,
    inspect: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
    const ended = new AbortController();
    const late = new AbortController();
    const timer = clock.sleep(LAST_LOOK, ended.signal).then(
        () => late.abort(ENDED),
        () => undefined,
    );
    try {
        return await inspect(AbortSignal.any([signal, late.signal]));
    } catch {
        // What earlier inspections showed is reported then.
        return undefined;
    } finally {
        ended.abort(ENDED);
        await timer;
    }
}
