import type { TargetFacts } from "../../batch/api";
import type { Place } from "../../cloud/call";

/** What an operation would do with a target, or why nothing. */
export type Fate =
    /** It would be submitted. */
    | "due"
    /** It would be submitted as soon as it is ready. */
    | "waits"
    /** The action is under way already, and would be waited for. */
    | "inProgress"
    /** Gone, or as the action leaves it: nothing to do. */
    | "settled"
    /** It can't be done as things are: the operation would fail for it. */
    | "impossible"
    /** Whether it is there is not known: the operation would not submit it. */
    | "unseen"
    /** The keep list has it. */
    | "kept"
    /** There is an approved list, and it is not on it. */
    | "notApproved"
    /** More targets are due than maxItems allows to submit. */
    | "aboveMaxItems"
    /** There, and this operation leaves it alone. */
    | "leftAlone";

export const FATES: readonly Fate[] = [
    "due",
    "waits",
    "inProgress",
    "settled",
    "impossible",
    "unseen",
    "kept",
    "notApproved",
    "aboveMaxItems",
    "leftAlone",
];

export interface AssessedTarget {
    readonly key: string;
    readonly id: string;
    /** "app", "task" where one resource has several kinds of targets. */
    readonly kind?: string;
    readonly fate: Fate;
    /** What the inspection shows of it. Missing where nothing of it can be seen. */
    readonly facts?: TargetFacts;
    /** Why not, or what is waited for. Missing where the fate says it all. */
    readonly why?: string;
    /** Neither it nor a record of it is there. */
    readonly absent?: true;
}

/** What one resource would do in an operation, as a look shows it now. */
export interface Assessment {
    /** "workspaceapp:ImageServerBatchDeletion" */
    readonly resource: string;
    /** "Workspace APP" */
    readonly title: string;
    readonly noun: readonly [one: string, many: string];
    /** For people: "delete", "UNACTIVE", "create". */
    readonly action: string;
    readonly effect: "deletes" | "acts";
    readonly place: Place;
    /** Other parts of the place: "instanceId 7e1b…". */
    readonly within: readonly string[];
    readonly targets: readonly AssessedTarget[];
    readonly counts: Readonly<Record<Fate, number>>;
    /** Where a rule chooses the targets. */
    readonly matching?: MatchingFacts;
    /** How many targets are absent. */
    readonly absent: number;
    /** When it was looked at. Milliseconds since the epoch. */
    readonly at: number;
}

export interface MatchingFacts {
    /** The rule as it was understood. */
    readonly criteria: string;
    /** How many things of the rule's kinds the place lists. */
    readonly listed: number;
    /** What the lists may not show, as a sentence. */
    readonly mayNotShow?: string;
}

/** The answer where there is nothing to look at: the operation does nothing for this resource. */
export interface NothingToDo {
    /** A sentence without a capital: "when is \"create\": destroy touches nothing". */
    readonly nothing: string;
}

export function isNothing(assessed: Assessment | NothingToDo): assessed is NothingToDo {
    return "nothing" in assessed;
}

export function countFates(targets: ReadonlyArray<Pick<AssessedTarget, "fate">>): Record<Fate, number> {
    const counts: Record<Fate, number> = {
        due: 0,
        waits: 0,
        inProgress: 0,
        settled: 0,
        impossible: 0,
        unseen: 0,
        kept: 0,
        notApproved: 0,
        aboveMaxItems: 0,
        leftAlone: 0,
    };
    for (const { fate } of targets) {
        counts[fate] += 1;
    }
    return counts;
}

/** What the operation would submit, at once or later. */
export function toSubmit({ counts }: Pick<Assessment, "counts">): number {
    return counts.due + counts.waits;
}
