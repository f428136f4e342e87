/** What an operation that was cancelled says of everything that it keeps from being done. It is the reason of the signal's abort. */
export const CANCELLED = {
    code: "Cancelled",
    message: "the operation was cancelled, so nothing more is sent; run the same command again to go on",
} as const;

/** How long what is under way when an operation is cancelled is still waited for. Milliseconds. */
export const GRACE = 10_000;

/** For who can't be cancelled. */
export const neverCancelled: AbortSignal = new AbortController().signal;
