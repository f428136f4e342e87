import { childOf } from "../../util/abort";
import { forEachInChunks } from "../../util/chunks";
import type { JobState, Problem, TargetState } from "../api";
import { problemOf } from "../problem";
import type { Session } from "../session/session";
import { inspect } from "./inspect";
import { withoutStamp } from "./judge-completion";
import type { RunState } from "./run-state";

export interface LastInspection {
    /** Open targets of the run. */
    readonly keys: readonly string[];
    /** The failure that a target showed before it was submitted, by its stamp. */
    readonly earlierFailure: ReadonlyMap<string, string>;
    /** The longest that it may take. Milliseconds. */
    readonly within: number;
    /** Each ends it when it aborts. */
    readonly ends: readonly AbortSignal[];
}

/** An abort without a reason makes an exception with a stack. */
const OVER = "the inspection is over";

/**
 * Settles what one inspection of targets and jobs can settle, where there is no time to wait: what is gone, and what has failed, as
 * its state shows or its job says. The rest stays open. Answers what went wrong, if something did.
 */
export async function inspectOnce(
    session: Session,
    runState: RunState,
    { keys, earlierFailure, within, ends }: LastInspection,
): Promise<Problem | undefined> {
    const { controller, dispose } = childOf(...ends);
    const timer = session.clock.sleep(within, controller.signal).then(
        () => controller.abort(OVER),
        () => undefined,
    );
    try {
        return await inspectAndJudge(session, runState, { keys, earlierFailure }, controller.signal);
    } finally {
        dispose();
        controller.abort(OVER);
        await timer;
    }
}

async function inspectAndJudge(
    session: Session,
    runState: RunState,
    { keys, earlierFailure }: Pick<LastInspection, "keys" | "earlierFailure">,
    signal: AbortSignal,
): Promise<Problem | undefined> {
    const states = new Map<string, TargetState>();
    const inspections = await Promise.allSettled([
        inspect(session, keys, { onTrouble: "fail", signal }, states),
        noteFailuresOfJobs(session, runState, new Set(keys), signal),
    ]);
    await forEachInChunks(session.clock, states, ([key, state]) => judge(runState, key, state, earlierFailure));
    const failed = signal.aborted ? undefined : inspections.find((inspection) => inspection.status === "rejected");
    return failed === undefined ? undefined : problemOf(failed.reason);
}

function judge(runState: RunState, key: string, state: TargetState, earlierFailure: ReadonlyMap<string, string>): void {
    const reported = runState.reportOf(key);
    if (state.is === "settled") {
        runState.settled(key);
    } else if (state.is === "inProgress") {
        // A job may be wrong about a target that is still in progress: its end is not known.
        runState.forgetReport(key);
    } else if (reported !== undefined) {
        runState.failed(key, reported);
    } else if (state.is === "impossible") {
        runState.failed(key, state.problem);
    } else if (state.is === "ready" && state.failure !== undefined && runState.isUnderWay(key)) {
        if (state.failure.stamp !== earlierFailure.get(key)) {
            runState.failed(key, withoutStamp(state.failure));
        }
    }
}

/** Notes which of these targets have failed, as their jobs say. */
async function noteFailuresOfJobs(
    session: Session,
    runState: RunState,
    wanted: ReadonlySet<string>,
    signal: AbortSignal,
): Promise<void> {
    const byJob = [...runState.openByJob()].filter(
        ([job, keys]) => session.jobTracker.isUnfinished(job) && keys.some((key) => wanted.has(key)),
    );
    if (byJob.length === 0) {
        return;
    }
    const ids = byJob.map(([job]) => job);
    const states = await session.jobTracker.pollInDetail(ids, signal);
    for (const [job, keys] of byJob) {
        const state = states.get(job);
        if (state !== undefined) {
            note(runState, keys, state);
        }
    }
}

function note(runState: RunState, keys: readonly string[], state: JobState): void {
    if (state.is === "lost") {
        return;
    }
    const general = state.is === "ended" && !state.well ? state.problem : undefined;
    for (const key of keys) {
        const problem = state.failed?.get(key) ?? general;
        if (problem !== undefined) {
            runState.reportFailed(key, problem);
        }
    }
}
