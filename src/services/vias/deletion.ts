import { type BatchApi, NotSent, type Problem, type SubmitReply, type TargetState } from "../../batch/api";
import type { CloudClient } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";
import { failedSubmit } from "../shared/failures";
import { childCountsOfBatch } from "./api";
import { deleteBatchTask, failedChildren, stopBatchTask } from "./batch-task/calls";
import { type ChildCounts, childCountsText, underWay } from "./batch-task/child-counts";
import { BatchTaskFinder } from "./finder";
import type { BatchTask } from "./types";

/** A stop that fails for some tasks is asked for again, but not for ever. */
const MOST_STOPS = 3;

/** What was done to stop the tasks of one batch task, so that it can be deleted. */
interface Stops {
    /** Times that a stop was asked for. */
    asked: number;
    /** Its tasks were under way when they were last seen, and have to come to rest. */
    awaited: boolean;
    /** Why the last stop failed, if it did. */
    failure: Problem | undefined;
}

/** Deletes batch tasks with their tasks. What is refused while tasks of it are under way is stopped first. */
export class BatchTaskDeletion implements BatchApi {
    readonly name = "VIAS batch tasks";
    readonly effect = "deletes";
    readonly perRequest = 1;
    readonly concurrentSubmits = 48;
    readonly exclusive = false;
    readonly polling = { first: 500, floor: 1_000, cap: 15_000 };
    readonly settleWithin = 120_000;

    private readonly finder: BatchTaskFinder;
    private readonly stopsById = new Map<string, Stops>();

    constructor(private readonly client: CloudClient) {
        this.finder = new BatchTaskFinder(client);
    }

    async inspect(
        keys: readonly string[],
        { reportedDone, signal }: { reportedDone: ReadonlySet<string>; signal: AbortSignal },
    ): Promise<ReadonlyMap<string, TargetState>> {
        const { found, shown } = await this.finder.find(keys, reportedDone, signal);
        const states = new Map<string, TargetState>();
        for (const row of shown) {
            states.set(row.id, this.state(row));
        }
        for (const key of keys) {
            const row = found.get(key);
            states.set(key, row === undefined ? { is: "settled" } : this.state(row));
        }
        return states;
    }

    private state(row: BatchTask): TargetState {
        const children = childCountsOfBatch(row);
        if (children.deleting > 0) {
            return { is: "inProgress" };
        }
        const stops = this.stopsById.get(row.id);
        if (stops?.awaited === true) {
            if (mayComeToRest(children, stops)) {
                return { is: "blocked", reason: `its tasks are not stopped yet (${childCountsText(children)})` };
            }
            stops.awaited = false;
        }
        return { is: "ready", ...(row.name === undefined ? {} : { name: row.name }) };
    }

    async submit(keys: readonly string[], signal: AbortSignal): Promise<SubmitReply> {
        const key = only(keys);
        try {
            const answer = await deleteBatchTask(this.client, key, signal);
            if (answer.is === "notThere") {
                // Somebody else has deleted it, so this run has not: the list has the last word.
                return { is: "blocked", reason: "the service says that it is gone, the list still has it" };
            }
            const { requestId } = answer.counts;
            const accepted = { is: "accepted", ...(requestId === undefined ? {} : { requestId }) } as const;
            const problem = failedChildren("deletion", answer.counts);
            return problem === undefined
                ? { ...accepted, failed: new Map(), reportedDone: new Set([key]) }
                : { ...accepted, failed: new Map([[key, problem]]) };
        } catch (error) {
            return failedSubmit(error, keys);
        }
    }

    /** The code of "tasks are running" is not documented: the list shows whether that is what keeps it from being deleted. */
    readonly prepare = async (
        keys: readonly string[],
        reply: SubmitReply,
        signal: AbortSignal,
    ): Promise<SubmitReply> => {
        const key = only(keys);
        let row: BatchTask | undefined;
        try {
            row = (await this.finder.find(keys, new Set(), signal)).found.get(key);
        } catch {
            if (signal.aborted && reply.is === "refused") {
                // There is no time to find out why: perhaps a stop is all that is missing.
                return { is: "blocked", reason: reply.problem.message };
            }
            return reply;
        }
        if (row === undefined) {
            return { is: "accepted", failed: new Map() };
        }
        const children = childCountsOfBatch(row);
        if (children.deleting > 0 && reply.is === "refused") {
            return { is: "blocked", reason: `it is being deleted already (${childCountsText(children)})` };
        }
        return underWay(children) === 0 ? reply : this.stopFirst(key, children, reply, signal);
    };

    /** The targets can be submitted again when its tasks have stopped. */
    private async stopFirst(
        key: string,
        children: ChildCounts,
        reply: SubmitReply,
        signal: AbortSignal,
    ): Promise<SubmitReply> {
        const stops = this.stopsById.get(key) ?? { asked: 0, awaited: false, failure: undefined };
        this.stopsById.set(key, stops);
        // Set before the stop is asked for: whether it took effect or not, the next inspection shows what the tasks do.
        stops.awaited = true;
        if (children.stopping < underWay(children)) {
            try {
                const failed = await this.stop(key, stops, signal);
                if (failed !== undefined) {
                    return failed;
                }
            } catch (error) {
                // There is no time for the stop, or the operation is cancelled: the deletion was answered all the same.
                if (reply.is === "accepted" && (signal.aborted || error instanceof NotSent)) {
                    return reply;
                }
                throw error;
            }
        }
        const begun = stops.asked > 0 || reply.is === "accepted";
        const reason = `its tasks have to stop first (${childCountsText(children)})`;
        return { is: "blocked", reason, ...(begun ? { begun } : {}) };
    }

    /** Asks for a stop. Answers what the request comes to where that fails as a whole. */
    private async stop(key: string, stops: Stops, signal: AbortSignal): Promise<SubmitReply | undefined> {
        if (stops.asked >= MOST_STOPS) {
            const problem = stops.failure ?? { code: "StillRunning", message: "its tasks run again after each stop" };
            return { is: "refused", problem, splits: false };
        }
        stops.asked += 1;
        try {
            const answer = await stopBatchTask(this.client, key, signal);
            stops.failure = answer.is === "answered" ? failedChildren("stop", answer.counts) : undefined;
            return undefined;
        } catch (error) {
            if (!(error instanceof CloudError)) {
                throw error;
            }
            const problem = error.problem;
            stops.failure = { ...problem, message: `its tasks could not be stopped: ${problem.message}` };
            return error.kind === "refused"
                ? { is: "refused", problem: stops.failure, splits: false }
                : failedSubmit(error, [key]);
        }
    }
}

function only(keys: readonly string[]): string {
    const [key, ...others] = keys;
    if (key === undefined || others.length > 0) {
        throw new RangeError("one batch task a request");
    }
    return key;
}

/** Tasks that still run after a stop that failed may run for ever. */
function mayComeToRest(children: ChildCounts, stops: Stops): boolean {
    const moving = children.starting + children.stopping;
    return moving > 0 || (children.running > 0 && stops.failure === undefined);
}
