import { forEachInChunks } from "../../util/chunks";
import type { JobState, Problem, TargetState } from "../api";
import { problemOf } from "../problem";
import type { Session } from "../session/session";
import { withoutStamp } from "./judge-completion";
import type { RunState } from "./run-state";

export interface LastInspection {
    /** Open targets of the run. */
    readonly keys: readonly string[];
    /** The failure that a target showed before it was submitted, by its stamp. */
    readonly earlierFailure: ReadonlyMap<string, string>;
    readonly signal: AbortSignal;
}

/**
 * Settles what one look at targets and jobs can settle, where there is no time to wait: what is gone, and what is seen, or said
 * by its job, to have failed. The rest stays open. Answers with what went wrong, if something did.
 */
export async function inspectOnceMore(
    session: Session,
    books: RunState,
    { keys, earlierFailure, signal }: LastInspection,
): Promise<Problem | undefined> {
    const states = new Map<string, TargetState>();
    const see = (key: string, state: TargetState) => {
        states.set(key, state);
        return true;
    };
    const looks = await Promise.allSettled([
        session.targetPoller.poll(keys, see, { firstLook: "now", onTrouble: "fail", signal }),
        hearJobs(session, books, new Set(keys), signal),
    ]);
    await forEachInChunks(session.clock, states, ([key, state]) => judge(books, key, state, earlierFailure));
    const failed = signal.aborted ? undefined : looks.find((look) => look.status === "rejected");
    return failed === undefined ? undefined : problemOf(failed.reason);
}

function judge(books: RunState, key: string, state: TargetState, earlierFailure: ReadonlyMap<string, string>): void {
    const told = books.reportOf(key);
    if (state.is === "settled") {
        books.settled(key);
    } else if (state.is === "inProgress") {
        // A job may be wrong about a target whose state still moves: nobody knows its end.
        books.forgetReport(key);
    } else if (told !== undefined) {
        books.failed(key, told);
    } else if (state.is === "impossible") {
        books.failed(key, state.problem);
    } else if (state.is === "ready" && state.failure !== undefined && books.isUnderWay(key)) {
        if (state.failure.stamp !== earlierFailure.get(key)) {
            books.failed(key, withoutStamp(state.failure));
        }
    }
}

/** What the jobs of these targets say failed is noted with the targets. */
async function hearJobs(
    session: Session,
    books: RunState,
    wanted: ReadonlySet<string>,
    signal: AbortSignal,
): Promise<void> {
    const byJob = [...books.openByJob()].filter(
        ([job, keys]) => session.jobTracker.isUnfinished(job) && keys.some((key) => wanted.has(key)),
    );
    if (byJob.length === 0) {
        return;
    }
    const ids = byJob.map(([job]) => job);
    const shown = await session.jobTracker.lookInDetail(ids, signal);
    for (const [job, keys] of byJob) {
        const state = shown.get(job);
        if (state !== undefined) {
            note(books, keys, state);
        }
    }
}

function note(books: RunState, keys: readonly string[], state: JobState): void {
    if (state.is === "lost") {
        return;
    }
    const general = state.is === "ended" && !state.well ? state.problem : undefined;
    for (const key of keys) {
        const problem = state.failed?.get(key) ?? general;
        if (problem !== undefined) {
            books.reportFailed(key, problem);
        }
    }
}
