import type { Problem, TargetState } from "../api";

/** What the cloud has said of a request that it accepted: claims, until inspection agrees. */
export interface CompletionReport {
    /** Targets that the answer or the job itself calls failed. */
    readonly failed: ReadonlyMap<string, Problem>;
    /** Targets that they call done. */
    readonly reportedDone?: ReadonlySet<string> | undefined;
    /** Of all that it does not name. */
    readonly problem?: Problem;
    /** What became of the job that was waited for, for messages: "job 4711 ended with SUCCESS". */
    readonly job?: string;
}

export interface CompletionContext {
    /** Since the claim was made. Milliseconds. */
    readonly waited: number;
    /** See BatchApi. */
    readonly settleWithin: number;
    /** The failure that the target showed before it was submitted: seen again it says nothing new. */
    readonly earlierFailure: string | undefined;
}

export type CompletionJudgement =
    | { readonly is: "settled" }
    | { readonly is: "wait" }
    | { readonly is: "failed"; readonly problem: Problem }
    /** Nothing can tell whether the claim is true. */
    | { readonly is: "unknown"; readonly problem: Problem };

/** What an inspection after the claim means for a target. */
export function judgeCompletion(
    key: string,
    state: TargetState,
    claim: CompletionReport,
    circumstances: CompletionContext,
): CompletionJudgement {
    const { waited, settleWithin, earlierFailure } = circumstances;
    const told = claim.failed.get(key) ?? claim.problem;
    const overdue = waited >= settleWithin;
    switch (state.is) {
        case "settled":
            return { is: "settled" };
        case "inProgress":
            // A job may tell of a failure before the state shows it; a state that still moves is waited for.
            return told !== undefined && overdue ? failed(told) : { is: "wait" };
        case "unseen":
            return told === undefined ? { is: "unknown", problem: state.problem } : failed(told);
        case "impossible":
            return failed(told ?? state.problem);
        case "blocked":
            break;
        case "ready":
            if (told === undefined && state.failure !== undefined) {
                const isNew = state.failure.stamp !== earlierFailure;
                return isNew || overdue ? failed(withoutStamp(state.failure)) : { is: "wait" };
            }
            break;
    }
    if (told !== undefined) {
        return failed(told);
    }
    return overdue ? failed({ code: "StillThere", message: stillThere(claim) }) : { is: "wait" };
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
