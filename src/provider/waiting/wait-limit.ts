import { type Deadline, untilLastInspection } from "../../batch/run/deadline";
import { onAbort } from "../../util/abort";
import { CANCELLED, graceLeft, LAST_INSPECTION } from "../../util/cancellation";
import { type Clock, pause } from "../../util/clock";

const ENDED = "the wait has ended";

export interface WaitContext {
    readonly clock: Clock;
    /** Aborts at the deadline. */
    readonly signal: AbortSignal;
    readonly deadline: Deadline;
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
    private readonly forget: ReadonlyArray<() => void>;

    /** `begun`: whether something that this hook began is under way, or a request that may begin something. `inspectionTakes`: milliseconds, 0 if not known. */
    constructor(
        private readonly context: WaitContext,
        private readonly begun: () => boolean,
        private readonly inspectionTakes: () => number,
    ) {
        this.signal = this.controller.signal;
        // The first call starts the grace period: it counts from the cancellation, not from the first wait.
        graceLeft(context.cancelled, context.clock);
        const deadlinePassed = () => this.controller.abort(context.signal.reason);
        const cancel = () => this.cancel();
        this.forget = [onAbort(context.signal, deadlinePassed), onAbort(context.cancelled, cancel)];
        if (context.signal.aborted) {
            deadlinePassed();
        } else if (context.cancelled.aborted) {
            cancel();
        }
        this.timers.push(this.keepTimeForLastInspection());
    }

    /** Call it when nothing waits any more. */
    async end(): Promise<void> {
        this.ended.abort(ENDED);
        for (const each of this.forget) {
            each();
        }
        await Promise.all(this.timers);
    }

    /** Call it when `begun` may have become false, because a request was not sent after all. */
    reconsider(): void {
        if (this.context.cancelled.aborted && !this.begun()) {
            this.controller.abort(CANCELLED);
        }
    }

    private cancel(): void {
        if (this.begun()) {
            this.timers.push(this.waitForWhatIsUnderWay());
        } else {
            this.controller.abort(CANCELLED);
        }
    }

    private async waitForWhatIsUnderWay(): Promise<void> {
        const { cancelled, clock } = this.context;
        if (await pause(clock, graceLeft(cancelled, clock), this.ended.signal)) {
            this.controller.abort(CANCELLED);
        }
    }

    private async keepTimeForLastInspection(): Promise<void> {
        const { clock, deadline } = this.context;
        if (await untilLastInspection(clock, deadline, this.inspectionTakes, this.ended.signal)) {
            this.controller.abort(deadline.problem);
        }
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
