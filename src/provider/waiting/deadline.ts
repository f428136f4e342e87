import type { Deadline } from "../../batch/run/deadline";
import { onAbort } from "../../util/abort";
import { graceLeft, LAST_INSPECTION } from "../../util/cancellation";
import type { Clock } from "../../util/clock";
import type { CallContext, Limit } from "../call";

export interface Cancelling {
    readonly cancelled: AbortSignal;
    /** true: the work goes on for what is under way and one last inspection. false: it ends at once. */
    readonly waits: boolean;
}

/** When the call must have ended. Throws where the setting that says so is no duration. */
export function deadlineOf(call: CallContext): Deadline {
    return deadlineAfter(call.began, call.timeout());
}

function deadlineAfter(since: number, { ms, text, source }: Limit): Deadline {
    const message = `not settled within ${text} (${source}); what is under way goes on in the cloud`;
    return { at: since + ms, limit: ms, problem: { code: "Timeout", message } };
}

/** `withinDeadline`, with a deadline that is so long from now. */
export function within<T>(
    clock: Clock,
    limit: Limit,
    work: (signal: AbortSignal) => Promise<T>,
    cancellation?: Cancelling,
): Promise<T> {
    return withinDeadline(clock, deadlineAfter(clock.now(), limit), work, cancellation);
}

/**
 * Runs `work` with a signal that aborts at the deadline; the reason is a Problem. No timer or listener remains afterwards.
 * A cancellation aborts it too: at once, or after the time for what is under way and one last inspection.
 */
export async function withinDeadline<T>(
    clock: Clock,
    { at, problem }: Deadline,
    work: (signal: AbortSignal) => Promise<T>,
    cancellation?: Cancelling,
): Promise<T> {
    const controller = new AbortController();
    const done = new AbortController();
    const timer = clock.sleep(Math.max(0, at - clock.now()), done.signal).then(
        () => controller.abort(problem),
        () => undefined,
    );
    const end = cancellation === undefined ? undefined : endAfter(cancellation, clock, done.signal, controller);
    try {
        return await work(controller.signal);
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
    controller: AbortController,
): () => Promise<void> {
    graceLeft(cancelled, clock);
    let timer: Promise<void> | undefined;
    const cancel = () => {
        if (waits) {
            timer = clock.sleep(graceLeft(cancelled, clock) + LAST_INSPECTION, done).then(
                () => controller.abort(cancelled.reason),
                () => undefined,
            );
        } else {
            controller.abort(cancelled.reason);
        }
    };
    const forget = onAbort(cancelled, cancel);
    if (cancelled.aborted) {
        cancel();
    }
    return async () => {
        forget();
        await timer;
    };
}
