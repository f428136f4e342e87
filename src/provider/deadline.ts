import type { Problem } from "../batch/api";
import type { Deadline } from "../batch/run";
import type { Clock } from "../clock";
import type { Limit } from "./timeouts";

const deadlines = new WeakMap<AbortSignal, Deadline>();

/** When a signal that `within` has made will abort. */
export function deadlineOf(signal: AbortSignal): Deadline | undefined {
    return deadlines.get(signal);
}

/**
 * Runs `work` with a signal that aborts when its time is up; the reason is a Problem. Nothing of it is left behind afterwards.
 * `cancelled`: ends it too, where nothing that is under way has to be waited for.
 */
export async function within<T>(
    clock: Clock,
    limit: Limit,
    work: (signal: AbortSignal) => Promise<T>,
    cancelled?: AbortSignal,
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
    const cancel = () => deadline.abort(cancelled?.reason);
    if (cancelled?.aborted) {
        cancel();
    }
    cancelled?.addEventListener("abort", cancel, { once: true });
    try {
        return await work(deadline.signal);
    } finally {
        done.abort();
        cancelled?.removeEventListener("abort", cancel);
        await timer;
    }
}
