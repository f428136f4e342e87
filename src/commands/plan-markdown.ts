import { placeText } from "../cloud/place/place-source";
import type { Plan, PlannedResource } from "../provider/assessment/plan";
import { ageText, type TargetRow, targetRow } from "../provider/assessment/target-row";
import { countsText, effectsOf, matchingLines, titleOf } from "./plan-words";

/** A comment on a pull request holds 65,536 characters, and others write into it too. Bytes. */
const MOST_BYTES = 60_000;
/** Kept for the lines that say what is left out. */
const RESERVE = 1_000;

/** The plan for a comment on a pull request: 60 kB at most, then counts alone. */
export function planMarkdown(plan: Plan): string {
    const page = new Page(MOST_BYTES - RESERVE);
    const operation = plan.operation === "destroy" ? "destroy" : "next up";
    page.add(
        `## Plan: ${operation} of ${code(plan.stack ?? "an empty stack")}`,
        "",
        `**${countsText(plan.totals, effectsOf(plan))}**`,
        "",
    );
    if (!plan.complete) {
        page.add("Not everything could be looked at.", "");
    }
    let resourcesLeftOut = 0;
    for (const planned of plan.resources) {
        if (!addResource(page, planned)) {
            resourcesLeftOut += 1;
        }
    }
    const more = resourcesLeftOut === 0 ? "" : `${resourcesLeftOut} more resources are not shown.\n`;
    return `${page.text}${more}`;
}

/** False where there is no room for it. */
function addResource(page: Page, planned: PlannedResource): boolean {
    const { result, labels } = planned;
    const title = `### ${code(titleOf(planned))}`;
    if ("failed" in result) {
        return page.add(title, "", `Could not be looked at: ${code(result.failed)}`, "");
    }
    if ("nothing" in result) {
        return page.add(title, "", `Nothing: ${code(result.nothing)}`, "");
    }
    const where = code([placeText(result.place), ...result.within].join(", "));
    const counts = countsText(result.counts, new Set([result.effect]));
    const rule = matchingLines(result).flatMap((line) => [code(line), ""]);
    if (!page.add(title, "", ...rule, `${where}: ${counts}`, "")) {
        return false;
    }
    const rows = result.targets.map((target) => rowOf(targetRow(target, result, labels)));
    if (rows.length === 0 || !page.add("| id | name | state | age | what |", "| --- | --- | --- | --- | --- |")) {
        return true;
    }
    const shown = rows.findIndex((row) => !page.add(row));
    // An empty line ends a table.
    page.addAnyway("", ...(shown < 0 ? [] : [`… and ${rows.length - shown} more`, ""]));
    return true;
}

function rowOf({ id, kind, name = "", state = "", age, what }: TargetRow): string {
    const cells = [kind === undefined ? id : `${kind} ${id}`, name, state, ageText(age), what];
    return `| ${cells.map((cell) => (cell === "" ? "" : code(cell))).join(" | ")} |`;
}

/** As a code span: what the cloud says is no markup, mention or link, also in a table. */
function code(text: string): string {
    return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

class Page {
    text = "";
    private bytes = 0;
    private isFull = false;

    constructor(private readonly most: number) {}

    /** All of these lines, or none and none after them. */
    add(...lines: readonly string[]): boolean {
        const added = `${lines.join("\n")}\n`;
        if (this.isFull || this.bytes + Buffer.byteLength(added) > this.most) {
            this.isFull = true;
            return false;
        }
        this.addAnyway(...lines);
        return true;
    }

    addAnyway(...lines: readonly string[]): void {
        const added = `${lines.join("\n")}\n`;
        this.text += added;
        this.bytes += Buffer.byteLength(added);
    }
}
