import type { Problem } from "../../batch/api";
import type { RunReport } from "../../batch/outcome";
import { problemText } from "../../batch/problem";
import type { TargetSetDefinition } from "../../services/definition";
import { type GuardedOperation, wayOnLines } from "../guards/refusals";
import { countsOf } from "../state";
import { type Cause, type Causes, IDS_SHOWN, type RunCauses } from "./causes";

const JOBS_SHOWN = 3;

/**
 * Whether the run is a success: nothing is unknown, and no more targets failed than are allowed. `allowedFailures` never allows targets
 * that were not tried because the run stopped (no permission, a missing target that onMissing makes an error), or that a guard refused.
 */
export function succeeded(report: RunReport, allowedFailures: number): boolean {
    const counts = countsOf(report);
    return counts.unknown === 0 && report.notTried === 0 && report.refused === 0 && counts.failed <= allowedFailures;
}

/** The problem that stopped a run before it did anything: then no message is about single targets. Undefined: it did something. */
export function stoppedBeforeAll(report: RunReport): Problem | undefined {
    const { stopped, submitted } = report;
    return stopped !== undefined && !submitted && allShareIt(report, stopped) ? stopped : undefined;
}

/** The error of a failed run: the summary and what to do now, then a line for each cause, then the ways on past the guards. */
export function failureLines(
    definition: TargetSetDefinition,
    report: RunReport,
    causes: RunCauses,
    operation: GuardedOperation,
): readonly [string, ...string[]] {
    const [one, many] = definition.noun;
    const stopped = stoppedBeforeAll(report);
    if (stopped !== undefined) {
        return [
            `${definition.service.title}, ${report.outcomes.size} ${report.outcomes.size === 1 ? one : many}: ${problemText(stopped)}`,
        ];
    }
    const { failed, unknown } = countsOf(report);
    // A run that repeats this one is refused the same.
    const goOn = report.refused === failed + unknown ? "" : "; run the same command again to go on with what is left";
    return [
        `${summary(definition, report)}${goOn}`,
        ...(report.notTried > 0
            ? [
                  `the run stopped, and ${report.notTried} of those that failed were never tried: allowedFailures allows none of that`,
              ]
            : []),
        ...(report.refused > 0
            ? [
                  `guards kept ${report.refused} of those that failed from being sent: allowedFailures allows none of that`,
              ]
            : []),
        ...causeLines(definition, causes),
        ...(report.refused > 0
            ? wayOnLines(
                  causes.failed.list().map(({ code }) => code),
                  operation,
              )
            : []),
    ];
}

/** The warning of a run whose failures are allowed: nothing needs to be done. */
export function allowedLines(
    definition: TargetSetDefinition,
    report: RunReport,
    causes: RunCauses,
    { leftAlone, retried }: { readonly leftAlone: number; readonly retried: number },
): readonly string[] {
    const first = retried === 0 ? "they are" : `the first ${leftAlone} are`;
    const others = retried === 0 ? "" : `; the other ${retried} are tried again by the next up`;
    return [
        `${summary(definition, report)}, as allowedFailures allows: ${first} left alone until the set of targets or what is done to them changes, or allowedFailures is lowered${others}`,
        ...causeLines(definition, causes),
    ];
}

/** The same warning for a destroy, after which the resource is gone. */
export function leftBehindLines(
    definition: TargetSetDefinition,
    report: RunReport,
    causes: RunCauses,
): readonly string[] {
    const [one, many] = definition.noun;
    const { failed } = countsOf(report);
    const what = failed === 1 ? `1 ${one} is` : `${failed} ${many} are`;
    return [
        `${summary(definition, report)}, as allowedFailures allows: ${what} left as they were, and no stack knows of them any more, for this resource is gone. ` +
            "Declare them in a resource again, or see to them in the console",
        ...causeLines(definition, causes),
    ];
}

/** `25 image servers failed: WKS.00211999 locked by snapshot (request 4f…): 501, 502` */
function causeLines(definition: TargetSetDefinition, { failed, unknown }: RunCauses): readonly string[] {
    return [...linesOf(definition, failed, "failed"), ...linesOf(definition, unknown, "unknown")];
}

function linesOf(definition: TargetSetDefinition, causes: Causes, is: "failed" | "unknown"): readonly string[] {
    const { length: more } = causes.others;
    return [
        ...causes.list().map((cause) => {
            const { code, message, ids } = cause;
            const text = `${code} ${message}${requestsText(cause)}`;
            return `${counted(definition, cause)} ${is}: ${text}: ${firstIds(ids)}${jobsText(cause, is)}`;
        }),
        ...(more > 0 ? [`${more} more ${is}, of other causes: ${firstIds(causes.others)}`] : []),
    ];
}

/** Lines with the ids that the lines of the causes leave out. */
export function restOfIds(definition: TargetSetDefinition, { failed, unknown }: RunCauses): readonly IdLine[] {
    const named = [
        ...[...failed.list()].map((cause) => ({ ...labelled(definition, cause, "failed"), ids: cause.ids })),
        { label: `${definition.noun[1]} failed, of other causes`, ids: failed.others },
        ...[...unknown.list()].map((cause) => ({ ...labelled(definition, cause, "unknown"), ids: cause.ids })),
        { label: `${definition.noun[1]} unknown, of other causes`, ids: unknown.others },
    ];
    const lines: IdLine[] = [];
    for (const { label, ids } of named) {
        for (let from = IDS_SHOWN; from < ids.length; from += IDS_IN_LINE) {
            const some = ids.slice(from, from + IDS_IN_LINE);
            const which = `${from + 1} to ${from + some.length} of ${ids.length}`;
            lines.push({ text: `${label} (${which}): ${some.join(", ")}`, ids: some.length });
        }
    }
    return lines;
}

export interface IdLine {
    readonly text: string;
    /** How many ids the line names. */
    readonly ids: number;
}

const IDS_IN_LINE = 100;

function labelled(definition: TargetSetDefinition, { kind, code }: Cause, is: "failed" | "unknown") {
    return { label: `${kind === undefined ? definition.noun[1] : `${kind}s`} ${is}: ${code}` };
}

function counted({ noun }: TargetSetDefinition, { kind, ids }: Cause): string {
    const [one, many] = kind === undefined ? noun : [kind, `${kind}s`];
    return `${ids.length} ${ids.length === 1 ? one : many}`;
}

export function firstIds(ids: readonly string[]): string {
    const more = ids.length - IDS_SHOWN;
    return `${ids.slice(0, IDS_SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function requestsText({ requestIds }: Cause): string {
    const [first] = requestIds;
    const more = requestIds.size - 1;
    return first === undefined ? "" : ` (request ${first}${more > 0 ? ` and ${more} more` : ""})`;
}

function jobsText({ jobs, ids }: Cause, is: "failed" | "unknown"): string {
    if (jobs.size === 0) {
        return "";
    }
    const shown = [...jobs].slice(0, JOBS_SHOWN).join(", ");
    const more = jobs.size > JOBS_SHOWN ? ` and ${jobs.size - JOBS_SHOWN} more` : "";
    const still = is === "unknown" ? ` may still be working on ${ids.length === 1 ? "it" : "them"}` : "";
    return `; ${jobs.size === 1 ? "job" : "jobs"} ${shown}${more}${still}`;
}

/** `Workspace APP image servers: 58 of 100 deleted, 1 already gone, 2 failed, 39 unknown` */
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
    return `${definition.service.title} ${definition.noun[1]}: ${parts.join(", ")}`;
}

function allShareIt(report: RunReport, problem: Problem): boolean {
    for (const outcome of report.outcomes.values()) {
        if (!("problem" in outcome) || outcome.problem.code !== problem.code) {
            return false;
        }
    }
    return true;
}
