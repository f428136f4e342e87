import { abortable } from "./abort";

/** Time comes in from outside everywhere, so that tests run in virtual time. */
export interface Clock {
    /** Milliseconds since the epoch. */
    now(): number;
    /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as the signal aborts. */
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
    /**
     * Resolves after everything that is already ready has had its turn: other hooks that the engine started at the same
     * moment, other answers that have arrived. Takes no time.
     */
    yieldToEventLoop(): Promise<void>;
}

/** A number from 0 (included) to 1 (excluded). */
export type Random = () => number;

export const systemClock: Clock = {
    now: () => Date.now(),
    sleep: (ms, signal) =>
        signal === undefined ? new Promise((resolve) => setTimeout(resolve, ms)) : sleepUntilAborted(ms, signal),
    yieldToEventLoop: () => new Promise((resolve) => setImmediate(resolve)),
};

function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
    return abortable(signal, (resolve) => {
        const timer = setTimeout(resolve, ms);
        return () => clearTimeout(timer);
    });
}

/** Waits for `ms` milliseconds, or until the signal aborts; false if it has aborted. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
    try {
        await clock.sleep(ms, signal);
    } catch (error) {
        if (!signal.aborted) {
            throw error;
        }
    }
    return !signal.aborted;
}
