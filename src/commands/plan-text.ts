import { placeText } from "../cloud/place/place-source";
import type { Plan, PlannedResource } from "../provider/assessment/plan";
import { ageText, type TargetRow, targetRow } from "../provider/assessment/target-row";
import { countsText, effectsOf, matchingLines, titleOf } from "./plan-words";

const WIDEST = 60;

/** The plan for people: a block for each resource, a line for each target. */
export function planText(plan: Plan): string {
    const stack = plan.stack ?? "an empty stack";
    const what =
        plan.operation === "destroy" ? `a destroy of ${stack} today` : `the next up of ${stack}, its program unchanged`;
    const blocks = plan.resources.map(blockOf);
    const none = plan.resources.length === 0 ? ["no resource of this package is in it"] : [];
    const missing = plan.complete ? "" : "; not everything could be looked at";
    const parts = [
        `Plan for ${what}`,
        ...none,
        ...blocks,
        `Total: ${countsText(plan.totals, effectsOf(plan))}${missing}`,
    ];
    return `${parts.join("\n\n")}\n`;
}

function blockOf(planned: PlannedResource): string {
    const { result, labels } = planned;
    const title = titleOf(planned);
    if ("failed" in result) {
        return `${title}\n  could not be looked at: ${result.failed}`;
    }
    if ("nothing" in result) {
        return `${title}\n  nothing: ${result.nothing}`;
    }
    const where = [placeText(result.place), ...result.within].join(", ");
    const rows = result.targets.map((target) => targetRow(target, result, labels));
    return [
        title,
        `  ${where}`,
        ...matchingLines(result).map((line) => `  ${line}`),
        `  ${countsText(result.counts, new Set([result.effect]))}`,
        ...table(rows).map((line) => `    ${line}`),
    ].join("\n");
}

function table(rows: readonly TargetRow[]): string[] {
    const cells = rows.map(({ id, kind, name = "", state = "", age, what }) => [
        kind === undefined ? id : `${kind} ${id}`,
        name,
        state,
        ageText(age),
        what,
    ]);
    const widths = [0, 1, 2, 3].map((column) =>
        cells.reduce((widest, row) => Math.max(widest, Math.min(WIDEST, row[column]?.length ?? 0)), 0),
    );
    return cells.map((row) =>
        row
            .flatMap((cell, column) => {
                const width = widths[column];
                return width === 0 ? [] : [cell.padEnd(width ?? 0)];
            })
            .join("  ")
            .trimEnd(),
    );
}
