import { Schedule } from "../../../batch/polling/schedule";
import { problemText } from "../../../batch/problem";
import { CloudError } from "../../../cloud/errors";
import { CANCELLED } from "../../../util/cancellation";
import { pause } from "../../../util/clock";
import { findBatchTaskById } from "../api";
import type { BatchTaskBody } from "./body";
import { failedChildren, updateBatchTask } from "./calls";
import { type ChildCounts, underWay } from "./child-counts";
import { childCountsOf, listChildren } from "./children";
import type { BatchTaskContext } from "./context";
import { failureOf, isUnsent, reconcileChildren } from "./reconcile-children";

const MOST_TRIES = 3;
const MOST_STOPS = 2;

/** Documented refusals (vias_03_0280) that do not depend on the children's state. */
const NOT_ABOUT_STATE: readonly string[] = [
    "VIAS.00010001",
    "VIAS.00010002",
    "VIAS.00010003",
    "VIAS.00010010",
    "VIAS.00010011",
];

/** `stopped`: running or starting children were stopped for the update. */
export type Applied =
    | { readonly is: "applied"; readonly stopped: boolean }
    /** The batch task does not exist. */
    | { readonly is: "notThere"; readonly why: string }
    | {
          readonly is: "notApplied";
          /** Undefined: the operation was cancelled. */
          readonly why: string | undefined;
          readonly stopped: boolean;
          readonly changed: boolean;
          /** As the last inspection showed them. */
          readonly children: ChildCounts | undefined;
      };

type Put =
    | { readonly is: "done" }
    | { readonly is: "notThere"; readonly why: string }
    /** Certainly not done. `perhapsState`: the children's state may be the reason. */
    | { readonly is: "refused"; readonly why: string; readonly perhapsState: boolean }
    /** Not sent, because the operation was cancelled. */
    | { readonly is: "cancelled" }
    /** Not done for some children. */
    | { readonly is: "partly"; readonly why: string }
    /** Perhaps done. */
    | { readonly is: "uncertain"; readonly why: string };

/**
 * Sends the declared body; a PUT of the whole body can be repeated. It is not documented whether children may run during an update. So
 * the request is sent first. If the cloud refuses it while children run, they are stopped and it is sent again; `onStop` is called before
 * the stop.
 */
export async function applyBody(
    task: BatchTaskContext,
    body: BatchTaskBody,
    onStop: (children: ChildCounts) => void,
): Promise<Applied> {
    let changed = false;
    let stopped = false;
    let seen: ChildCounts | undefined;
    for (let stops = 0; ; stops += 1) {
        const put = await send(task, body);
        if (put.is === "done") {
            return { is: "applied", stopped };
        }
        if (put.is === "notThere") {
            return put;
        }
        if (put.is === "cancelled") {
            return { is: "notApplied", why: undefined, stopped, changed, children: seen };
        }
        changed ||= put.is !== "refused";
        const mayHelp = put.is === "partly" || (put.is === "refused" && put.perhapsState);
        const children = mayHelp && stops < MOST_STOPS ? await countChildren(task) : undefined;
        seen = children ?? seen;
        if (children === undefined || underWay(children) === 0) {
            return { is: "notApplied", why: put.why, stopped, changed, children: seen };
        }
        if (task.cancelled.aborted) {
            // A refusal while children run is expected: without the cancellation they would now be stopped. So it is not reported.
            const why = put.is === "refused" ? undefined : put.why;
            return { is: "notApplied", why, stopped, changed, children };
        }
        onStop(children);
        const rest = await reconcileChildren(task, "stopped");
        seen = rest.children ?? seen;
        if (rest.is === "reached" || rest.requested) {
            changed = true;
            stopped ||= children.running + children.starting + children.unwell > 0;
        }
        if (rest.is === "notReached") {
            const why =
                rest.problem.code === CANCELLED.code
                    ? undefined
                    : `${put.why}; its tasks were to be stopped for the update: ${problemText(rest.problem)}`;
            return { is: "notApplied", why, stopped, changed, children: seen };
        }
    }
}

async function send(task: BatchTaskContext, body: BatchTaskBody): Promise<Put> {
    const { client, id, clock, random, signal, cancelled } = task;
    const schedule = new Schedule({ first: 1_000, floor: 1_000, cap: 15_000 }, random);
    for (let tries = 1; ; tries += 1) {
        try {
            const answer = await updateBatchTask(client, id, body, signal);
            task.done.anything ||= answer.is === "answered";
            if (answer.is === "notThere") {
                const why = problemText(answer.problem);
                // The service uses the same code for a video source that does not exist.
                return (await isThere(task, body.name))
                    ? { is: "refused", why, perhapsState: false }
                    : { is: "notThere", why };
            }
            const problem = failedChildren("update", answer.counts);
            return problem === undefined ? { is: "done" } : { is: "partly", why: problemText(problem) };
        } catch (error) {
            if (!(error instanceof CloudError)) {
                throw error;
            }
            if (isUnsent(error) && cancelled.aborted) {
                return { is: "cancelled" };
            }
            task.done.anything ||= error.kind === "uncertain";
            if (error.kind === "refused") {
                return { is: "refused", why: error.message, perhapsState: perhapsState(error) };
            }
            const { final } = failureOf(error);
            if (final || tries === MOST_TRIES || signal.aborted || cancelled.aborted) {
                return error.kind === "uncertain"
                    ? { is: "uncertain", why: error.message }
                    : { is: "refused", why: error.message, perhapsState: false };
            }
            const either = AbortSignal.any([signal, cancelled]);
            await pause(clock, schedule.afterTries(tries), either);
        }
    }
}

function perhapsState({ status, code }: CloudError): boolean {
    return status !== 403 && status !== 405 && !code.startsWith("APIGW.") && !NOT_ABOUT_STATE.includes(code);
}

async function isThere({ client, id, signal }: BatchTaskContext, name: string): Promise<boolean> {
    // If the list can't be read, the batch task counts as existing: then the cloud's refusal is reported.
    return findBatchTaskById(client, id, name, signal).then(
        (row) => row !== undefined,
        () => true,
    );
}

async function countChildren({ client, id, signal }: BatchTaskContext): Promise<ChildCounts | undefined> {
    // A failure of the list is not reported: the cloud's answer to the update is.
    return listChildren(client, id, signal).then(childCountsOf, () => undefined);
}
