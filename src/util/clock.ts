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
        new Promise((resolve, reject) => {
            if (signal?.aborted) {
                reject(signal.reason);
                return;
            }
            const stop = () => {
                clearTimeout(timer);
                reject(signal?.reason);
            };
            const timer = setTimeout(() => {
                signal?.removeEventListener("abort", stop);
                resolve();
            }, ms);
            signal?.addEventListener("abort", stop, { once: true });
        }),
    yieldToEventLoop: () => new Promise((resolve) => setImmediate(resolve)),
};
