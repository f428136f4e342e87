import type { RunReport } from "../../batch/outcome";
import { run } from "../../batch/run";
import type { Session } from "../../batch/session/session";
import type { Place } from "../../cloud/call";
import type { TargetSetDefinition } from "../../services/definition";
import type { ProcessContext } from "../context";
import type { Properties } from "../hooks";
import { urnOf } from "../inputs/properties";
import { timeoutOf } from "../inputs/timeouts";
import { causesOf, type RunCauses } from "../report/causes";
import { restOfIds, stoppedBeforeAll } from "../report/lines";
import { countsOf } from "../state";
import type { Targets } from "../targets";
import { deadlineOf } from "../waiting/deadline";
import { commonOf } from "./inputs";
import { noneThere, whereText } from "./missing";
import { progressRow } from "./progress-row";

export interface Assignment {
    /** Inputs, or outputs that echo them. */
    readonly properties: Properties;
    readonly targets: Targets;
    /** Those of the targets to be acted on. */
    readonly due: readonly string[];
    /** Those of them that are seen for the first time. */
    readonly fresh: readonly string[];
    /** Those of them of which no earlier run has told what became of them: none of them there is worth a warning. */
    readonly unproven: readonly string[];
    readonly place: Place;
    readonly moment: "create" | "update" | "destroy";
}

export interface Ran {
    readonly report: RunReport;
    readonly causes: RunCauses;
}
export { lookForNew, namesOf, whereText } from "./missing";

/** One run of the batch engine for one resource, with its progress in the resource's row. */
export async function runTargets(
    around: ProcessContext,
    definition: TargetSetDefinition,
    session: Session,
    assignment: Assignment,
    signal: AbortSignal,
): Promise<Ran> {
    const { properties, targets, due, fresh, place, moment } = assignment;
    const { onMissing = "check" } = commonOf(properties);
    const stallTimeout = timeoutOf(properties).stallMs;
    const urn = urnOf(properties);
    const deadline = deadlineOf(signal);
    const report = await run(session, due, {
        signal,
        ...(deadline === undefined ? {} : { deadline }),
        random: around.random,
        onEvent: progressRow(session, due.length, (say) => around.progress.line(urn, say)),
        ...(stallTimeout === undefined ? {} : { stallTimeout }),
        ...(onMissing === "fail" && moment !== "destroy"
            ? { mustExist: new Set(fresh), where: whereText(definition, place, properties) }
            : {}),
    });
    if (onMissing !== "ignore" && report.stopped === undefined) {
        warnOfNone(around, definition, assignment, report);
    }
    const causes = await causesOf(targets, report, countsOf(report), around.clock);
    // The first of them are in the error's lines, which a run that was stopped before anything has none of.
    if (stoppedBeforeAll(report) === undefined) {
        tellRestOfIds(around, definition, urn, causes);
    }
    return { report, causes };
}

/** Up to so many ids are told to everyone, and the others where messages for debugging are asked for. */
const IDS_TOLD = 1_000;

function tellRestOfIds(
    { progress }: ProcessContext,
    definition: TargetSetDefinition,
    urn: string,
    causes: RunCauses,
): void {
    let told = 0;
    for (const { text, ids } of restOfIds(definition, causes)) {
        told += ids;
        progress.note(urn, told <= IDS_TOLD ? "info" : "debug", text);
    }
}

/** Gone is what was asked for, and a run that was killed after its work must converge: but a wrong place looks the same. */
function warnOfNone(
    { progress }: ProcessContext,
    definition: TargetSetDefinition,
    { properties, targets, unproven, place, moment }: Assignment,
    { absent }: RunReport,
): void {
    if (unproven.length === 0 || absent === undefined || !unproven.every((key) => absent.has(key))) {
        return;
    }
    const none = noneThere(definition, place, properties, targets, unproven);
    const means = unproven.length === 1 ? "it counts as already gone" : "they count as already gone";
    progress.note(
        urnOf(properties),
        "warning",
        `${none}: ${means}. If that is not where ${unproven.length === 1 ? "it lives" : "they live"}, ${WAYS_ON[moment]}`,
    );
}

const CORRECT = 'correct region or projectId and run the same command again; onMissing: "ignore" silences this';
const WAYS_ON = {
    create: CORRECT,
    update: CORRECT,
    destroy: "nothing was deleted there, and no stack knows them any more",
} as const;
