import type { Assessment, Fate } from "../provider/assessment/assessment";
import type { Plan, PlannedResource } from "../provider/assessment/plan";

/** The counts of a plan in words, what is to be submitted first: `27 to delete, 3 gone already`. */
export function countsText(counts: Readonly<Record<Fate, number>>, effects: ReadonlySet<Assessment["effect"]>): string {
    const acts = effects.has("acts");
    const deletes = effects.has("deletes") || !acts;
    const submit = deletes && acts ? "to delete or act on" : deletes ? "to delete" : "to act on";
    const settled = deletes && acts ? "gone or done already" : deletes ? "gone already" : "done already";
    const words: ReadonlyArray<readonly [number, string]> = [
        [counts.due + counts.waits, submit],
        [counts.inProgress, "under way already"],
        [counts.settled, settled],
        [counts.kept, "kept"],
        [counts.notApproved, "not approved"],
        [counts.aboveMaxItems, "beyond maxItems"],
        [counts.leftAlone, "left alone"],
        [counts.impossible, "that can't be done"],
        [counts.unseen, "that can't be seen"],
    ];
    return words
        .filter(([count], index) => index === 0 || count > 0)
        .map(([count, word]) => `${count} ${word}`)
        .join(", ");
}

export function effectsOf(plan: Plan): ReadonlySet<Assessment["effect"]> {
    return new Set(plan.resources.flatMap(({ result }) => ("effect" in result ? [result.effect] : [])));
}

/** What a rule was understood as, and how much of what is listed it matches; none where ids are declared. */
export function matchingLines({ matching, counts, targets }: Assessment): readonly string[] {
    if (matching === undefined) {
        return [];
    }
    const { criteria, listed, mayNotShow } = matching;
    const kept = counts.kept === 0 ? "" : `, ${counts.kept} of them kept`;
    return [
        `matching ${criteria}: ${targets.length} of ${listed} listed${kept}`,
        ...(mayNotShow === undefined ? [] : [mayNotShow]),
    ];
}

/** `old, workspaceapp:ImageServerBatchDeletion` */
export function titleOf({ name, resource }: PlannedResource): string {
    return resource === "" ? name : `${name}, ${resource}`;
}
