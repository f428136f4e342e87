import { type Clock, pause } from "../../util/clock";
import type { Problem } from "../api";

/** When the signal of a piece of work will abort. */
export interface Deadline {
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** How much time there was in all. Milliseconds. */
    readonly limit: number;
    readonly problem: Problem;
}

/** Of the time that the work has, this share at most is kept for its last inspection. */
const MAX_RESERVED_SHARE = 0.1;
/** No two inspections take equally long: so much more than the last one took is kept for the next. */
const INSPECTION_TIME_MARGIN = 1.25;

/**
 * Waits until there is just time for one more inspection before the deadline. `inspectionTakes`: milliseconds, 0 if not known; it is
 * called late, when most is known. False if `over` has aborted before.
 */
export async function untilLastInspection(
    clock: Clock,
    { at, limit }: Deadline,
    inspectionTakes: () => number,
    over: AbortSignal,
): Promise<boolean> {
    const reach = (reserve: number) => pause(clock, Math.max(0, at - reserve - clock.now()), over);
    const most = limit * MAX_RESERVED_SHARE;
    return (await reach(most)) && (await reach(Math.min(most, INSPECTION_TIME_MARGIN * inspectionTakes())));
}
