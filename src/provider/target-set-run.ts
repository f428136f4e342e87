import type { RunEvent } from "../batch/events";
import type { OutcomeKind, RunReport } from "../batch/outcome";
import { run } from "../batch/run";
import type { Session } from "../batch/session";
import type { TargetSetDefinition } from "../services/definition";
import { deadlineOf } from "./deadline";
import { causesOf, type RunCauses, shortened } from "./failure-causes";
import type { Properties } from "./hooks";
import { progressText } from "./progress";
import { urnOf } from "./properties";
import { restOfIds } from "./report-lines";
import { countsOf } from "./state";
import type { Surroundings } from "./surroundings";
import { commonOf } from "./target-set-inputs";
import type { Targets } from "./targets";
import { timeoutOf } from "./timeouts";

const MISSING_SHOWN = 20;

export interface Assignment {
    /** Inputs, or outputs that echo them. */
    readonly properties: Properties;
    readonly targets: Targets;
    /** Those of the targets to be acted on. */
    readonly due: readonly string[];
    /** Those of them that are seen for the first time. */
    readonly fresh: readonly string[];
}

export interface Ran {
    readonly report: RunReport;
    readonly causes: RunCauses;
}

/** One run of the batch engine for one resource, with its progress in the resource's row. */
export async function runTargets(
    around: Surroundings,
    definition: TargetSetDefinition,
    session: Session,
    { properties, targets, due, fresh }: Assignment,
    signal: AbortSignal,
): Promise<Ran> {
    const { onMissing } = commonOf(properties);
    const stallTimeout = timeoutOf(properties).stallMs;
    const urn = urnOf(properties);
    const deadline = deadlineOf(signal);
    const report = await run(session, due, {
        signal,
        ...(deadline === undefined ? {} : { deadline }),
        random: around.random,
        onEvent: showProgress(around, urn, session, due.length),
        ...(stallTimeout === undefined ? {} : { stallTimeout }),
        ...(onMissing === "fail" ? { mustExist: new Set(fresh) } : {}),
    });
    const causes = await causesOf(targets, report, countsOf(report), around.clock);
    tellRestOfIds(around, definition, urn, causes);
    return { report, causes };
}

/** Up to so many ids are told to everyone, and the others where messages for debugging are asked for. */
const IDS_TOLD = 1_000;

function tellRestOfIds(
    { progress }: Surroundings,
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

function showProgress(
    { progress }: Surroundings,
    urn: string,
    { api, clock }: Session,
    total: number,
): (event: RunEvent) => void {
    const began = clock.now();
    const settled: Partial<Record<OutcomeKind, number>> = {};
    const jobs = new Map<string, { readonly id: string; readonly percent?: number }>();
    let waitingFor: string | undefined;
    return (event) => {
        switch (event.is) {
            case "settled":
                settled[event.outcome.is] = (settled[event.outcome.is] ?? 0) + 1;
                break;
            case "submitted":
                waitingFor = undefined;
                if (event.job !== undefined) {
                    jobs.set(event.job, { id: event.job });
                }
                break;
            case "looked":
                jobs.set(event.job, {
                    id: event.job,
                    ...(event.percent === undefined ? {} : { percent: event.percent * 100 }),
                });
                break;
            case "jobEnded":
                jobs.delete(event.job);
                break;
            case "busy":
                waitingFor = `waiting: ${shortened(event.problem.message)}`;
                break;
            case "held":
                waitingFor = `waiting: ${event.reason}`;
                break;
            case "found":
                break;
        }
        const elapsed = clock.now() - began;
        progress.line(urn, () => {
            // A job that nobody waits for any more is no news of this run.
            const allSettled = Object.values(settled).reduce((sum, count) => sum + count, 0) >= total;
            const running = allSettled ? [] : [...jobs.values()];
            const text = progressText({ effect: api.effect, total, settled, jobs: running, elapsed });
            return waitingFor === undefined || allSettled ? text : `${text}, ${waitingFor}`;
        });
    };
}

/** Where nothing is acted on yet: judged when ids are first seen, before anything is recorded. */
export async function refuseMissing(
    { service, noun }: TargetSetDefinition,
    session: Session,
    fresh: readonly string[],
    signal: AbortSignal,
): Promise<void> {
    const missing: string[] = [];
    const see = (key: string, sighting: { readonly is: string }) => {
        if (sighting.is === "reached") {
            missing.push(key);
        }
        return true;
    };
    await session.targets.watch(fresh, see, {
        firstLook: "now",
        onTrouble: "fail",
        signal: AbortSignal.any([signal, session.cancelled]),
    });
    if (missing.length > 0) {
        const shown = missing.slice(0, MISSING_SHOWN).join(", ");
        const more = missing.length > MISSING_SHOWN ? ` and ${missing.length - MISSING_SHOWN} more` : "";
        throw new Error(
            `${service.title} ${noun[1]} not found: ${shown}${more}; nothing was recorded. ` +
                'Correct the ids, or set onMissing to "ignore"',
        );
    }
}
