import { type Clock, pause } from "../../util/clock";
import type { Problem } from "../api";
import type { RunState } from "./run-state";

export interface StallWatch {
    readonly clock: Clock;
    readonly runState: RunState;
    /** Milliseconds without progress. */
    readonly limit: number;
    /** Inspects the open targets, within the limit. False: the run is over. */
    readonly inspect: () => Promise<boolean>;
    /** Aborts when the run is over. */
    readonly over: AbortSignal;
}

/**
 * Ends when no target was settled and no job moved for the limit, and answers with that problem; or when no target is open or the run
 * is over, and answers nothing.
 */
export async function watchForStall({
    clock,
    runState,
    limit,
    inspect,
    over,
}: StallWatch): Promise<Problem | undefined> {
    for (;;) {
        const left = runState.lastProgress + limit - clock.now();
        if (left > 0) {
            if (!(await pause(clock, left, over))) {
                return undefined;
            }
            continue;
        }
        // Targets of a job that runs are seldom inspected: one inspection shows whether it stands still.
        const before = runState.lastProgress;
        if (!(await inspect()) || runState.open.size === 0) {
            return undefined;
        }
        if (runState.lastProgress === before) {
            const message = `no target was settled and no job moved for ${Math.round(limit / 1000)} s`;
            return { code: "Stalled", message };
        }
    }
}
