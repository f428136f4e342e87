import type { Problem } from "../batch/api";
import type { Clock } from "../clock";
import type { Limit } from "./timeouts";

/** Runs `work` with a signal that aborts when its time is up; the reason is a Problem. Nothing of it is left behind afterwards. */
export async function within<T>(clock: Clock, limit: Limit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new AbortController();
    const done = new AbortController();
    const reason: Problem = {
        code: "Timeout",
        message: `not settled within ${limit.text} (${limit.source}); what is under way goes on in the cloud`,
    };
    const timer = clock.sleep(limit.ms, done.signal).then(
        () => deadline.abort(reason),
        () => undefined,
    );
    try {
        return await work(deadline.signal);
    } finally {
        done.abort();
        await timer;
    }
}
