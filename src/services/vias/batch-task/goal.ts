import { CHILD_GROUPS, type ChildCounts, type ChildGroup, isStopped } from "./child-counts";

/** The wanted state of the children; undefined: they are left as they are. */
export type Goal = "started" | "stopped" | undefined;

/** What to do after an inspection of the children. */
export type Step = "done" | "wait" | "request" | "failed";

/**
 * A child's position relative to the goal. `there`: at the goal. `coming`: changing towards it. `blocking`: changing away from it; no
 * request is sent until that has ended, because a request applies to all children. `elsewhere`: needs a request. `lost`: it never reaches
 * the goal, and no request changes that.
 */
type Position = "there" | "coming" | "blocking" | "elsewhere" | "failed" | "lost";

/** The position for each goal and state. */
const POSITIONS: Readonly<Record<NonNullable<Goal>, Readonly<Record<ChildGroup, Position>>>> = {
    started: {
        running: "there",
        succeeded: "there",
        starting: "coming",
        stopping: "blocking",
        stopped: "elsewhere",
        other: "elsewhere",
        failed: "failed",
        unwell: "failed",
        deleting: "lost",
    },
    stopped: {
        stopped: "there",
        succeeded: "there",
        failed: "there",
        deleting: "there",
        stopping: "coming",
        running: "elsewhere",
        starting: "elsewhere",
        unwell: "elsewhere",
        other: "elsewhere",
    },
};

/** The positions of all children together. */
type Situation =
    /** All are there. */
    | "there"
    /** All count as there, and a request may still change something. */
    | "thereNotRequested"
    /** A request would not help now. */
    | "onTheWay"
    /** Some are coming, others need a request. */
    | "partlyOnTheWay"
    /** None is changing, and some need a request. */
    | "elsewhere"
    /** None is changing, and some have failed. */
    | "failed"
    /** None is changing, and fewer are listed than expected. */
    | "tooFew";

/** The step for each situation, before and after the goal was requested. `tooFew` becomes a failure after a time. */
const STEPS: Readonly<Record<Situation, { readonly notRequested: Step; readonly requested: Step }>> = {
    there: { notRequested: "done", requested: "done" },
    thereNotRequested: { notRequested: "request", requested: "done" },
    onTheWay: { notRequested: "wait", requested: "wait" },
    partlyOnTheWay: { notRequested: "request", requested: "wait" },
    elsewhere: { notRequested: "request", requested: "request" },
    failed: { notRequested: "request", requested: "failed" },
    tooFew: { notRequested: "wait", requested: "wait" },
};

export interface Inspected {
    readonly counts: ChildCounts;
    /** Whether all children are at the goal, as far as their schedules allow. */
    readonly reached: boolean;
}

export function situationOf(goal: Goal, { counts, reached }: Inspected, expected: number): Situation {
    if (reached) {
        return mayChange(goal, counts) ? "thereNotRequested" : "there";
    }
    const at = positionsOf(goal, counts);
    const moves = at.coming + at.blocking > 0;
    if (at.failed > 0 && !moves) {
        return "failed";
    }
    const none = goal === "started" && counts.total === 0;
    if (at.blocking === 0 && (at.elsewhere + at.failed > 0 || none)) {
        return moves ? "partlyOnTheWay" : "elsewhere";
    }
    return counts.total < expected && !moves ? "tooFew" : "onTheWay";
}

export function stepFor(situation: Situation, requested: boolean): Step {
    return STEPS[situation][requested ? "requested" : "notRequested"];
}

/** Whether all children are at the goal, and as many as expected. For a start, `startProgress` decides that. */
export function isReached(goal: Exclude<Goal, "started">, counts: ChildCounts, expected: number): boolean {
    return (goal === undefined || isStopped(counts)) && (expected <= 1 || counts.total >= expected);
}

/** A child that was stopped outside its hours starts at the next hours only after a start request. An empty list may also mean that the batch task is gone. */
function mayChange(goal: Goal, counts: ChildCounts): boolean {
    return goal === "started" ? counts.stopped > 0 : goal === "stopped" && counts.total === 0;
}

function positionsOf(goal: Goal, counts: ChildCounts): Readonly<Record<Position, number>> {
    const at: Record<Position, number> = { there: 0, coming: 0, blocking: 0, elsewhere: 0, failed: 0, lost: 0 };
    for (const group of CHILD_GROUPS) {
        const position = POSITIONS[goal ?? "stopped"][group];
        // Without a goal, only children that change by themselves matter.
        at[goal === undefined && position === "elsewhere" ? "there" : position] += counts[group];
    }
    return at;
}
