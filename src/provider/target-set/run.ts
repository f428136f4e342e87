import type { Guard } from "../../batch/guard";
import type { RunReport } from "../../batch/outcome";
import { run } from "../../batch/run";
import type { Session } from "../../batch/session/session";
import type { Place } from "../../cloud/call";
import type { TargetSetDefinition } from "../../services/definition";
import type { CallContext } from "../call";
import type { HooksContext } from "../context";
import type { Properties } from "../hooks";
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
    /** Those of them whose ids are new. */
    readonly fresh: readonly string[];
    /** Those of them that no earlier run has acted on: if none of them is there, that is worth a warning. */
    readonly unproven: readonly string[];
    readonly place: Place;
    readonly moment: Moment;
    /** One for all runs of a hook's call: `guardOf`. */
    readonly guard: Guard;
    /** What the row shows of the lists that the guard reads. */
    readonly guardText?: string | undefined;
}

export type Moment = "create" | "update" | "destroy";

export interface Ran {
    readonly report: RunReport;
    readonly causes: RunCauses;
}
export { guardOf } from "../guards/guard";
export { guardListsText } from "../guards/guard-lists";
export { inspectNew } from "./missing";

/** One run of the batch engine for one resource, and why targets failed. */
export async function runTargets(
    context: HooksContext,
    definition: TargetSetDefinition,
    session: Session,
    assignment: Assignment,
    call: CallContext,
    signal: AbortSignal,
): Promise<Ran> {
    const report = await runOnce(context, definition, session, assignment, call, signal);
    return explained(context, definition, assignment.targets, report, call);
}

/** One run of the batch engine for one resource, with its progress in the resource's row. */
export async function runOnce(
    { random }: HooksContext,
    definition: TargetSetDefinition,
    session: Session,
    assignment: Assignment,
    call: CallContext,
    signal: AbortSignal,
): Promise<RunReport> {
    const { properties, targets, due, fresh, place, moment, guard, guardText } = assignment;
    const { onMissing = "check" } = commonOf(properties);
    const stallTimeout = call.timeout().stallMs;
    const showProgress = progressRow(session, { total: due.length, guardText }, call.row);
    call.record.place(place);
    await call.record.targets(due, { noun: definition.noun[0], kinds: targets.kinds });
    const report = await run(session, due, {
        signal,
        deadline: deadlineOf(call),
        guard,
        random,
        onEvent: (event) => {
            call.record.onEvent(event);
            showProgress(event);
        },
        ...(stallTimeout === undefined ? {} : { stallTimeout }),
        ...(onMissing === "fail" && moment !== "destroy"
            ? { mustExist: new Set(fresh), where: whereText(definition, place, properties) }
            : {}),
    });
    if (onMissing !== "ignore" && report.stopped === undefined) {
        warnOfNone(call, definition, assignment, report);
    }
    return report;
}

/** Why targets of a report failed. Logs the ids that its lines leave out. */
export async function explained(
    { clock }: HooksContext,
    definition: TargetSetDefinition,
    targets: Targets,
    report: RunReport,
    call: CallContext,
): Promise<Ran> {
    const causes = await causesOf(targets, report, countsOf(report), clock);
    // The first of them are in the error's lines, which a run that was stopped before anything has none of.
    if (stoppedBeforeAll(report) === undefined) {
        logRestOfIds(call, definition, causes);
    }
    return { report, causes };
}

/** So many ids are shown to everyone, the others where messages for debugging are asked for. */
const IDS_FOR_ALL = 1_000;

function logRestOfIds(call: CallContext, definition: TargetSetDefinition, causes: RunCauses): void {
    let named = 0;
    for (const { text, ids } of restOfIds(definition, causes)) {
        named += ids;
        call.log(named <= IDS_FOR_ALL ? "info" : "debug", text);
    }
}

/** That all are gone is success, also for a run that repeats one which was killed; but in a wrong place all look gone too. */
function warnOfNone(
    call: CallContext,
    definition: TargetSetDefinition,
    { properties, targets, unproven, place, moment }: Assignment,
    { absent }: RunReport,
): void {
    if (unproven.length === 0 || absent === undefined || !unproven.every((key) => absent.has(key))) {
        return;
    }
    const none = noneThere(definition, place, properties, targets, unproven);
    const means = unproven.length === 1 ? "it counts as already gone" : "they count as already gone";
    call.log(
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
