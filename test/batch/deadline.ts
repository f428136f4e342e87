import { getEventListeners } from "node:events";
import type { Problem } from "../../src/batch/api";
import type { VirtualClock } from "../virtual-clock";

export const timeIsUp: Problem = { code: "Timeout", message: "the time is up" };

/** Runs `work` with a signal that aborts at the deadline; fails if it leaves a listener on it. */
export async function byDeadline<T>(
    clock: VirtualClock,
    ms: number,
    work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
    const deadline = new AbortController();
    const done = new AbortController();
    const timer = clock.sleep(ms, done.signal).then(
        () => deadline.abort(timeIsUp),
        () => undefined,
    );
    try {
        return await work(deadline.signal);
    } finally {
        done.abort();
        await timer;
        expect(getEventListeners(deadline.signal, "abort")).toHaveLength(0);
    }
}
