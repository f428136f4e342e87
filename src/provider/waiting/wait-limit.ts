import type { Problem } from "../../batch/api";
import { CANCELLED, graceLeft, LAST_INSPECTION } from "../../util/cancellation";
import { type Clock, pause } from "../../util/clock";
import { deadlineOf } from "./deadline";

/** At most this share of a hook's time is kept for its last inspection. */
const MAX_RESERVED_SHARE = 0.1;
const INSPECTION_TIME_MARGIN = 1.25;
const ENDED = "the wait has ended";

export interface WaitContext {
    readonly clock: Clock;
    /** Aborts at the deadline. */
    readonly signal: AbortSignal;
    readonly cancelled: AbortSignal;
}

/**
 * Limits how long a hook waits: until there is just time for one more inspection. After a cancellation it does not wait, or only for
 * the grace period if something that it began is under way.
 */
export class WaitLimit {
    readonly signal: AbortSignal;
    private readonly controller = new AbortController();
    private readonly ended = new AbortController();
    private readonly timers: Array<Promise<void>> = [];

    /** `begun`: whether something that this hook began is under way, or a request that may begin something. `inspectionTakes`: milliseconds, 0 if not known. */
    constructor(
        private readonly context: WaitContext,
        private readonly begun: () => boolean,
        private readonly inspectionTakes: () => number,
    ) {
        this.signal = this.controller.signal;
        // The first call starts the grace period: it counts from the cancellation, not from the first wait.
        graceLeft(context.cancelled, context.clock);
        context.signal.addEventListener("abort", this.deadlinePassed, { once: true });
        context.cancelled.addEventListener("abort", this.cancel, { once: true });
        if (context.signal.aborted) {
            this.deadlinePassed();
        } else if (context.cancelled.aborted) {
            this.cancel();
        }
        this.timers.push(this.keepTimeForLastInspection());
    }

    /** Call it when nothing waits any more. */
    async end(): Promise<void> {
        this.ended.abort(ENDED);
        this.context.signal.removeEventListener("abort", this.deadlinePassed);
        this.context.cancelled.removeEventListener("abort", this.cancel);
        await Promise.all(this.timers);
    }

    /** Call it when `begun` may have become false, because a request was not sent after all. */
    reconsider(): void {
        if (this.context.cancelled.aborted && !this.begun()) {
            this.controller.abort(CANCELLED);
        }
    }

    private readonly deadlinePassed = () => this.controller.abort(this.context.signal.reason);

    private readonly cancel = () => {
        if (this.begun()) {
            this.timers.push(this.abortAfter(() => graceLeft(this.context.cancelled, this.context.clock), CANCELLED));
        } else {
            this.controller.abort(CANCELLED);
        }
    };

    private async keepTimeForLastInspection(): Promise<void> {
        const deadline = deadlineOf(this.context.signal);
        if (deadline === undefined) {
            return;
        }
        const left = (reserve: number) => deadline.at - reserve - this.context.clock.now();
        const most = deadline.limit * MAX_RESERVED_SHARE;
        if (await this.pause(left(most))) {
            await this.abortAfter(
                () => left(Math.min(most, INSPECTION_TIME_MARGIN * this.inspectionTakes())),
                deadline.problem,
            );
        }
    }

    private async abortAfter(ms: () => number, problem: Problem): Promise<void> {
        if (await this.pause(ms())) {
            this.controller.abort(problem);
        }
    }

    private pause(ms: number): Promise<boolean> {
        return pause(this.context.clock, Math.max(0, ms), this.ended.signal);
    }
}

/** Creates the wait limits of a hook's poll loops. */
export function createWaiting(context: WaitContext) {
    return {
        start: (begun: () => boolean, inspectionTakes: () => number) => new WaitLimit(context, begun, inspectionTakes),
        lastInspection: <T>(inspect: (signal: AbortSignal) => Promise<T>) => lastInspection(context, inspect),
    };
}

/** One inspection after the wait has ended; undefined if it fails or is not done in time. */
async function lastInspection<T>(
    { clock, signal }: WaitContext,
    inspect: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
    const ended = new AbortController();
    const late = new AbortController();
    const timer = clock.sleep(LAST_INSPECTION, ended.signal).then(
        () => late.abort(ENDED),
        () => undefined,
    );
    try {
        return await inspect(AbortSignal.any([signal, late.signal]));
    } catch {
        // The caller then reports what earlier inspections showed.
        return undefined;
    } finally {
        ended.abort(ENDED);
        await timer;
    }
}
