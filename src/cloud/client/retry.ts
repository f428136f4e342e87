import type { Call } from "../call";
import type { CloudError } from "../errors";

/** Tries in all for a read, and for a change that surely did not arrive. */
const READ_TRIES = 6;
const ARRIVAL_TRIES = 4;
const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 20_000;

/** How many times a call that failed with this error is tried in all. */
export function triesFor(call: Call<unknown>, error: CloudError): number {
    if (error.kind === "unreachable") {
        return ARRIVAL_TRIES;
    }
    return call.effect === "reads" &&
        (error.kind === "unusable" || error.kind === "busy") &&
        error.code !== "Redirected"
        ? READ_TRIES
        : 1;
}

/** Upper bound of the wait after this many failures; a random part of it is waited. Milliseconds. */
export function longestBackoff(failures: number): number {
    return Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (failures - 1));
}
