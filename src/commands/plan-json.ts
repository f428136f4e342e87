import { FATES } from "../provider/assessment/assessment";
import type { Plan, PlannedResource } from "../provider/assessment/plan";
import { targetRow } from "../provider/assessment/target-row";

/** The plan for programs. Its fields stay as they are while `version` does. */
export function planJson(plan: Plan): string {
    return `${JSON.stringify(
        {
            version: 1,
            operation: plan.operation,
            stack: plan.stack,
            at: new Date(plan.at).toISOString(),
            complete: plan.complete,
            totals: countsOf(plan.totals),
            resources: plan.resources.map(resourceJson),
        },
        undefined,
        2,
    )}\n`;
}

function resourceJson({ urn, name, resource, result, labels }: PlannedResource): object {
    const head = { urn, name, resource };
    if ("failed" in result || "nothing" in result) {
        return { ...head, ...result };
    }
    const { region, projectId } = result.place;
    return {
        ...head,
        action: result.action,
        place: { region, projectId },
        within: result.within,
        matching: result.matching,
        counts: countsOf(result.counts),
        targets: result.targets.map((target) => {
            const { id, kind, name, state, createdAt, age } = targetRow(target, result, labels);
            const ageSeconds = age === undefined ? undefined : Math.floor(age / 1000);
            return { id, kind, name, state, createdAt, ageSeconds, fate: target.fate, why: target.why };
        }),
    };
}

function countsOf(counts: Plan["totals"]): object {
    return Object.fromEntries(FATES.map((fate) => [fate, counts[fate]]));
}
