import { onAbort } from "./abort";
import type { Clock } from "./clock";

/** The problem of everything that a cancellation prevents, and the abort reason of the signal. */
export const CANCELLED = {
    code: "Cancelled",
    message: "the operation was cancelled, so nothing more is sent; run the same command again to go on",
} as const;

/** After a cancellation, how long to wait for what is under way. Milliseconds. */
export const GRACE = 10_000;
/** How long the one inspection after that may take. Milliseconds. */
export const LAST_INSPECTION = 10_000;

/** For callers that can't be cancelled. */
export const neverCancelled: AbortSignal = new AbortController().signal;

/** When each signal aborted: a signal itself does not keep that time. */
const moments = new WeakMap<AbortSignal, { at: number | undefined }>();

/**
 * What is left of the grace period. It begins at the cancellation, and all phases of a hook share it. Each hook calls this when it begins:
 * a signal that had aborted before the first call counts as aborted at that call, because nothing was under way before.
 */
export function graceLeft(cancelled: AbortSignal, clock: Clock): number {
    let moment = moments.get(cancelled);
    if (moment === undefined) {
        const noted: { at: number | undefined } = { at: cancelled.aborted ? clock.now() : undefined };
        moments.set(cancelled, noted);
        onAbort(cancelled, () => (noted.at ??= clock.now()));
        moment = noted;
    }
    return moment.at === undefined ? GRACE : Math.max(0, moment.at + GRACE - clock.now());
}
