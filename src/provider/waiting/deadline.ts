import { addAbortListener } from "node:events";
import type { Problem } from "../../batch/api";
import type { Deadline } from "../../batch/run/deadline";
import { graceLeft, LAST_INSPECTION } from "../../util/cancellation";
import type { Clock } from "../../util/clock";
import type { Limit } from "../call";

const deadlines = new WeakMap<AbortSignal, Deadline>();

export interface Cancelling {
    readonly cancelled: AbortSignal;
    /** true: the work goes on for what is under way and one last inspection. false: it ends at once. */
    readonly waits: boolean;
}

/** The deadline of a signal that `within` created. */
export function deadlineOf(signal: AbortSignal): Deadline | undefined {
    return deadlines.get(signal);
}

/**
 * Runs `work` with a signal that aborts at the deadline; the reason is a Problem. No timer or listener remains afterwards.
 * A cancellation aborts it too: at once, or after the time for what is under way and one last inspection.
 */
export async function within<T>(
    clock: Clock,
    limit: Limit,
    work: (signal: AbortSignal) => Promise<T>,
    cancellation?: Cancelling,
): Promise<T> {
    const deadline = new AbortController();
    const done = new AbortController();
    const problem: Problem = {
        code: "Timeout",
        message: `not settled within ${limit.text} (${limit.source}); what is under way goes on in the cloud`,
    };
    deadlines.set(deadline.signal, { at: clock.now() + limit.ms, limit: limit.ms, problem });
    const timer = clock.sleep(limit.ms, done.signal).then(
        () => deadline.abort(problem),
        () => undefined,
    );
    const end = cancellation === undefined ? undefined : endAfter(cancellation, clock, done.signal, deadline);
    try {
        return await work(deadline.signal);
    } finally {
        done.abort();
        await end?.();
        await timer;
    }
}

/** Returns a function to call when the work has ended. */
function endAfter(
    { cancelled, waits }: Cancelling,
    clock: Clock,
    done: AbortSignal,
    deadline: AbortController,
): () => Promise<void> {
    graceLeft(cancelled, clock);
    let timer: Promise<void> | undefined;
    const cancel = () => {
        if (waits) {
            timer = clock.sleep(graceLeft(cancelled, clock) + LAST_INSPECTION, done).then(
                () => deadline.abort(cancelled.reason),
                () => undefined,
            );
        } else {
            deadline.abort(cancelled.reason);
        }
    };
    const listener = addAbortListener(cancelled, cancel);
    return async () => {
        listener[Symbol.dispose]();
        await timer;
    };
}
