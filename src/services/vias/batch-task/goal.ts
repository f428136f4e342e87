import { CHILD_GROUPS, type ChildCounts, type ChildGroup, isStopped } from "./child-counts";

/** What the children are to become; undefined: they are left as they are. */
export type Goal = "started" | "stopped" | undefined;

/** What to do after an inspection of the children. */
export type Step = "done" | "wait" | "ask" | "failed";

/**
 * Where a child is on its way to the goal. `blocking`: nothing can be asked for before it has come to rest, for a request speaks
 * for all children. `lost`: it never arrives, and a request does not change that.
 */
type Position = "there" | "coming" | "blocking" | "elsewhere" | "failed" | "lost";

/** State of a child × goal. */
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
    /** All count as there, and a request may change something all the same. */
    | "thereUnasked"
    /** None can be helped by a request now. */
    | "onTheWay"
    /** Some are on the way, others are not. */
    | "partlyOnTheWay"
    /** None moves, and some are to be asked for. */
    | "elsewhere"
    /** None moves, and some have failed. */
    | "failed"
    /** None moves, and fewer are listed than there must be. */
    | "tooFew";

/** Situation × whether the goal was asked for. `tooFew` is a failure after a while. */
const STEPS: Readonly<Record<Situation, { readonly notAsked: Step; readonly asked: Step }>> = {
    there: { notAsked: "done", asked: "done" },
    thereUnasked: { notAsked: "ask", asked: "done" },
    onTheWay: { notAsked: "wait", asked: "wait" },
    partlyOnTheWay: { notAsked: "ask", asked: "wait" },
    elsewhere: { notAsked: "ask", asked: "ask" },
    failed: { notAsked: "ask", asked: "failed" },
    tooFew: { notAsked: "wait", asked: "wait" },
};

export interface Inspected {
    readonly counts: ChildCounts;
    /** Whether all are there, as far as their schedules let them. */
    readonly reached: boolean;
}

export function situationOf(goal: Goal, { counts, reached }: Inspected, expected: number): Situation {
    if (reached) {
        return mayChange(goal, counts) ? "thereUnasked" : "there";
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

export function stepFor(situation: Situation, asked: boolean): Step {
    return STEPS[situation][asked ? "asked" : "notAsked"];
}

/** Whether all children count as there, and as many as are expected; of a start `inspectStart` tells. */
export function isReached(goal: Exclude<Goal, "started">, counts: ChildCounts, expected: number): boolean {
    return (goal === undefined || isStopped(counts)) && (expected <= 1 || counts.total >= expected);
}

/** A child that is stopped outside its hours starts with them only if it is asked to. An empty list is also that of a batch task which is gone. */
function mayChange(goal: Goal, counts: ChildCounts): boolean {
    return goal === "started" ? counts.stopped > 0 : goal === "stopped" && counts.total === 0;
}

function positionsOf(goal: Goal, counts: ChildCounts): Readonly<Record<Position, number>> {
    const at: Record<Position, number> = { there: 0, coming: 0, blocking: 0, elsewhere: 0, failed: 0, lost: 0 };
    for (const group of CHILD_GROUPS) {
        const position = POSITIONS[goal ?? "stopped"][group];
        // Where nothing is asked for, only what moves by itself matters.
        at[goal === undefined && position === "elsewhere" ? "there" : position] += counts[group];
    }
    return at;
}
