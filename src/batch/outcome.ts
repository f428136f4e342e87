import type { Problem } from "./api";

/** What became of a target; each target of a run ends with exactly one. */
export type Outcome =
    /** Submitted in this run, and gone (for actions that do not delete: and done). */
    | { readonly is: "deleted" | "done" }
    /** Gone (or done) without a submit of this run. */
    | { readonly is: "alreadyGone" | "alreadyDone" }
    /** `name`: the target's, where an inspection showed it. */
    | { readonly is: "failed"; readonly problem: Problem; readonly job?: string; readonly name?: string }
    /** The deadline came first, or nothing can show it (see the state "unseen"). `job` may still be working on it. */
    | { readonly is: "unknown"; readonly problem: Problem; readonly job?: string };

export type OutcomeKind = Outcome["is"];

export interface JobRecord {
    readonly id: string;
    readonly requestIds: readonly string[];
    readonly status: string;
    readonly begin?: string;
    readonly end?: string;
}

export interface RunReport {
    readonly outcomes: ReadonlyMap<string, Outcome>;
    readonly jobs: readonly JobRecord[];
    /** Something of this run reached the cloud, or perhaps did: state must be kept. */
    readonly submitted: boolean;
    /** Keys of which the first inspection showed nothing at all (see absence.ts). Missing where there was none. */
    readonly absent?: ReadonlySet<string>;
    /** Why the run stopped before its time, if it did (wrong key, no permission). Every open target then carries it as its problem. */
    readonly stopped?: Problem;
    /** Of those that failed, how many did for no other reason than that the run stopped: nothing was asked of the cloud for them. */
    readonly notTried: number;
    /** Of those that failed, how many the guard refused: nothing was asked of the cloud for them. */
    readonly refused: number;
}
