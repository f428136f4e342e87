import type { Problem, TargetState } from "../api";

/** What an answer or a job says of a request that was accepted. Inspection has to confirm it. */
export interface CompletionReport {
    /** Targets that the answer or the job calls failed. */
    readonly failed: ReadonlyMap<string, Problem>;
    /** Targets that they call done. */
    readonly reportedDone?: ReadonlySet<string> | undefined;
    /** Why the others failed, where it says so of all of them. */
    readonly problem?: Problem;
    /** What became of the job that was waited for, for messages: "job 4711 ended with SUCCESS". */
    readonly job?: string;
}

export interface CompletionContext {
    /** Since the report. Milliseconds. */
    readonly waited: number;
    /** See BatchApi. */
    readonly settleWithin: number;
    /** The failure that the target showed before it was submitted: that it still shows it means nothing. */
    readonly earlierFailure: string | undefined;
}

export type CompletionJudgement =
    | { readonly is: "settled" }
    | { readonly is: "wait" }
    | { readonly is: "failed"; readonly problem: Problem }
    /** Nothing can show whether the report is true. */
    | { readonly is: "unknown"; readonly problem: Problem };

/** What an inspection after the report means for a target. */
export function judgeCompletion(
    key: string,
    state: TargetState,
    report: CompletionReport,
    { waited, settleWithin, earlierFailure }: CompletionContext,
): CompletionJudgement {
    const reported = report.failed.get(key) ?? report.problem;
    const overdue = waited >= settleWithin;
    switch (state.is) {
        case "settled":
            return { is: "settled" };
        case "inProgress":
            // A job may report a failure before the state shows it: what is still in progress is waited for.
            return reported !== undefined && overdue ? failed(reported) : { is: "wait" };
        case "unseen":
            return reported === undefined ? { is: "unknown", problem: state.problem } : failed(reported);
        case "impossible":
            return failed(reported ?? state.problem);
        case "blocked":
            break;
        case "ready":
            if (reported === undefined && state.failure !== undefined) {
                const isNew = state.failure.stamp !== earlierFailure;
                return isNew || overdue ? failed(withoutStamp(state.failure)) : { is: "wait" };
            }
            break;
    }
    if (reported !== undefined) {
        return failed(reported);
    }
    return overdue ? failed({ code: "StillThere", message: stillThere(report) }) : { is: "wait" };
}

function failed(problem: Problem): CompletionJudgement {
    return { is: "failed", problem };
}

export function withoutStamp({ code, message, requestId }: Problem): Problem {
    return { code, message, ...(requestId === undefined ? {} : { requestId }) };
}

function stillThere({ job }: CompletionReport): string {
    return `${job ?? "the request was accepted"}, but nothing happened to it`;
}
