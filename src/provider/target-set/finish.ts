import type { Problem } from "../../batch/api";
import { problemText } from "../../batch/problem";
import type { Place } from "../../cloud/call";
import type { TargetSetDefinition } from "../../services/definition";
import type { CallContext } from "../call";
import { Incomplete, type Properties } from "../hooks";
import { allowedLines, failureLines, leftBehindLines, succeeded } from "../report/lines";
import { afterRun, countsOf } from "../state";
import type { Targets } from "../targets";
import { commonOf } from "./inputs";
import { lostLine } from "./missing";
import { outputsOf } from "./outputs";
import type { Ran } from "./run";

/** A run of create or update that has ended. */
export interface Finished {
    /** Of the resource. */
    readonly id: string;
    readonly inputs: Properties;
    readonly place: Place;
    readonly targets: Targets;
    /** What an earlier run was allowed to leave, and this one left alone. */
    readonly held: readonly string[];
    readonly ran: Ran;
    /** Why the last look for what matches failed: more may match. */
    readonly lookFailed?: Problem | undefined;
}

/** The outputs of a run that succeeded. Throws if it did not: `Incomplete` where something was submitted. */
export function finishRun(
    definition: TargetSetDefinition,
    { id, inputs, place, targets, held, ran: { report, causes }, lookFailed }: Finished,
    call: CallContext,
): Properties {
    const { allowedFailures = 0 } = commonOf(inputs);
    const good = succeeded(report, allowedFailures - held.length);
    const stored = afterRun(place, targets, report, causes, { held, good });
    const outputs = outputsOf(definition, inputs, lookFailed === undefined ? stored : { ...stored, lookPending: true });
    if (good && lookFailed === undefined) {
        if (stored.counts.failed > 0) {
            const counts = { leftAlone: stored.allowedToFail.length, retried: stored.remaining };
            call.log("warning", allowedLines(definition, report, causes, counts).join("\n"));
        }
        return outputs;
    }
    const [summary, ...rest] = failureLines(definition, report, causes, "up");
    const before =
        held.length === 0
            ? []
            : [`${held.length} more failed before, as was allowed; allowedFailures is ${allowedFailures}`];
    const lines = [summary, ...notLookedLines(lookFailed), ...before, ...rest];
    if (report.submitted) {
        throw new Incomplete(id, outputs, lines);
    }
    throw new Error(lines.join("\n"));
}

/** A run of delete that has ended. */
export interface FinishedRemoval {
    readonly outputs: Properties;
    readonly place: Place;
    readonly targets: Targets;
    readonly due: readonly string[];
    readonly ran: Ran;
    readonly lookFailed?: Problem | undefined;
}

/** Throws if the run did not succeed: the resource is kept, and the next delete goes on. */
export function finishRemoval(
    definition: TargetSetDefinition,
    { outputs, place, targets, due, ran: { report, causes }, lookFailed }: FinishedRemoval,
    call: CallContext,
): void {
    if (due.every((key) => report.absent?.has(key)) && lookFailed === undefined) {
        // The run has warned of it. An action on what is not there any more would fail for ever.
        return;
    }
    const { allowedFailures = 0, onMissing } = commonOf(outputs);
    // The same where only some are not there.
    const lost = due.filter((key) => report.absent?.has(key) && report.outcomes.get(key)?.is === "failed");
    if (!succeeded(report, allowedFailures + lost.length) || lookFailed !== undefined) {
        const [summary, ...rest] = failureLines(definition, report, causes, "destroy");
        throw new Error([summary, ...notLookedLines(lookFailed), ...rest].join("\n"));
    }
    if (lost.length > 0 && onMissing !== "ignore") {
        call.log("warning", lostLine(definition, place, outputs, targets, lost));
    }
    if (countsOf(report).failed > lost.length) {
        call.log("warning", leftBehindLines(definition, report, causes).join("\n"));
    }
}

function notLookedLines(problem: Problem | undefined): readonly string[] {
    return problem === undefined ? [] : [`whether more match by now is not known: ${problemText(problem)}`];
}
