import type { Problem } from "../batch/api";
import type { RunReport } from "../batch/outcome";
import type { TargetSetDefinition } from "../services/definition";
import { shortened } from "./failure-causes";
import { countsOf } from "./state";
import type { Targets } from "./targets";

const LINES_SHOWN = 20;

/** Whether the run is a success: nothing unknown, and no more failures than are allowed. */
export function succeeded(report: RunReport, allowedFailures: number): boolean {
    const counts = countsOf(report);
    return counts.unknown === 0 && counts.failed <= allowedFailures;
}

/** What the person reads whose run failed: the summary and what to do now, then a line for each target, as many as are shown. */
export function failureLines(definition: TargetSetDefinition, targets: Targets, report: RunReport): readonly string[] {
    const [one, many] = definition.noun;
    if (report.stopped !== undefined && !report.submitted && allShareIt(report, report.stopped)) {
        return [
            `${definition.service.title}, ${report.outcomes.size} ${report.outcomes.size === 1 ? one : many}: ${problemText(report.stopped)}`,
        ];
    }
    const lines: string[] = [];
    let more = 0;
    for (const [key, outcome] of report.outcomes) {
        if (outcome.is !== "failed" && outcome.is !== "unknown") {
            continue;
        }
        if (lines.length === LINES_SHOWN) {
            more += 1;
            continue;
        }
        const { id, kind } = targets.named(key);
        const job =
            outcome.job === undefined
                ? ""
                : `, job ${outcome.job}${outcome.is === "unknown" ? " may still be working on it" : ""}`;
        lines.push(`${kind ?? one} ${id}: ${outcome.is}: ${problemText(outcome.problem)}${job}`);
    }
    return [summary(definition, report), ...lines, ...(more > 0 ? [`and ${more} more`] : [])];
}

/** `image servers: 58 of 100 deleted, 1 already gone, 2 failed, 39 unknown; run the same command again …` */
function summary(definition: TargetSetDefinition, report: RunReport): string {
    const counts = countsOf(report);
    const total = report.outcomes.size;
    const parts = [
        ...(definition.hasWhen || counts.deleted + counts.alreadyGone > 0
            ? [`${counts.deleted} of ${total} deleted`, `${counts.alreadyGone} already gone`]
            : [`${counts.done} of ${total} done`, `${counts.alreadyDone} already done`]),
        `${counts.failed} failed`,
        ...(counts.unknown > 0 ? [`${counts.unknown} unknown`] : []),
    ];
    return `${definition.service.title} ${definition.noun[1]}: ${parts.join(", ")}; run the same command again to go on with what is left`;
}

export function problemText({ code, message, requestId }: Problem): string {
    return `${code}: ${shortened(message)}${requestId === undefined ? "" : ` (request ${requestId})`}`;
}

function allShareIt(report: RunReport, problem: Problem): boolean {
    for (const outcome of report.outcomes.values()) {
        if (!("problem" in outcome) || outcome.problem.code !== problem.code) {
            return false;
        }
    }
    return true;
}
