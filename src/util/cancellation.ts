import type { Clock } from "./clock";

/** What an operation that was cancelled says of everything that it keeps from being done. It is the reason of the signal's abort. */
export const CANCELLED = {
    code: "Cancelled",
    message: "the operation was cancelled, so nothing more is sent; run the same command again to go on",
} as const;

/** How long what is under way when an operation is cancelled is still waited for, from that moment on. Milliseconds. */
export const GRACE = 10_000;
/** How long the one look may take that follows. */
export const LAST_INSPECTION = 10_000;

/** For who can't be cancelled. */
export const neverCancelled: AbortSignal = new AbortController().signal;

/** A signal does not tell when it has aborted. */
const moments = new WeakMap<AbortSignal, { at: number | undefined }>();

/**
 * What is left of the grace, which all phases of a hook share: it counts once, from the moment of the cancellation. Each hook asks when
 * it begins; what had been cancelled before anybody asked counts as cancelled at that first question, for then nothing is under way.
 */
export function graceLeft(cancelled: AbortSignal, clock: Clock): number {
    let moment = moments.get(cancelled);
    if (moment === undefined) {
        const noted: { at: number | undefined } = { at: cancelled.aborted ? clock.now() : undefined };
        moments.set(cancelled, noted);
        cancelled.addEventListener("abort", () => (noted.at ??= clock.now()), { once: true });
        moment = noted;
    }
    return moment.at === undefined ? GRACE : Math.max(0, moment.at + GRACE - clock.now());
}
