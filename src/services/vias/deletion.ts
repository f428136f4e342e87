import {
    type BatchApi,
    NotSent,
    type Problem,
    type SubmitReply,
    type TargetState,
    type WholeList,
} from "../../batch/api";
import type { CloudClient } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";
import { type ShownFacts, withFacts } from "../shared/facts";
import { failedSubmit } from "../shared/failures";
import { readAll } from "../shared/whole-list";
import { batchTaskPages, childCountsOfBatch } from "./api";
import { deleteBatchTask, failedChildren, stopBatchTask } from "./batch-task/calls";
import { type ChildCounts, childCountsText, underWay } from "./batch-task/child-counts";
import { BatchTaskFinder } from "./finder";
import type { BatchTask } from "./types";

/** How often a stop is requested if it fails for some tasks. */
const MOST_STOPS = 3;

/** The stop requests for the tasks of one batch task, which must stop before it can be deleted. */
interface Stops {
    /** How often a stop was requested. */
    requests: number;
    /** Whether its tasks were still under way at the last inspection and have to stop. */
    awaited: boolean;
    /** Why the last stop failed, if it did. */
    failure: Problem | undefined;
}

/** Deletes batch tasks with their tasks. If a deletion is refused while tasks are under way, these are stopped first. */
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

    readonly whole: WholeList = {
        // The API has no read by id.
        others: "settled",
        callsFor: () => Number.POSITIVE_INFINITY,
        read: (_kind, most, signal) => {
            const pages = (until: AbortSignal) => batchTaskPages(this.client, {}, until);
            return readAll(pages, (row) => this.state(row), most, signal);
        },
    };

    private state(row: BatchTask): TargetState {
        const children = childCountsOfBatch(row);
        const facts = withFacts(shownFacts(row, children));
        if (children.deleting > 0) {
            return { is: "inProgress", ...facts };
        }
        const stops = this.stopsById.get(row.id);
        if (stops?.awaited === true) {
            if (mayStop(children, stops)) {
                return {
                    is: "blocked",
                    reason: `its tasks are not stopped yet (${childCountsText(children)})`,
                    ...facts,
                };
            }
            stops.awaited = false;
        }
        return { is: "ready", ...facts };
    }

    async submit(keys: readonly string[], signal: AbortSignal): Promise<SubmitReply> {
        const key = only(keys);
        try {
            const answer = await deleteBatchTask(this.client, key, signal);
            if (answer.is === "notThere") {
                // Another caller has deleted it, not this run: the list decides whether it is gone.
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

    /** The code for "tasks are running" is not documented: the list shows whether running tasks prevent the deletion. */
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
                // There is no time to find the reason: perhaps only a stop is missing, so this is not a failure.
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

    /** Stops the tasks. The batch task can be submitted again when they have stopped. */
    private async stopFirst(
        key: string,
        children: ChildCounts,
        reply: SubmitReply,
        signal: AbortSignal,
    ): Promise<SubmitReply> {
        const stops = this.stopsById.get(key) ?? { requests: 0, awaited: false, failure: undefined };
        this.stopsById.set(key, stops);
        // Set before the request: whether or not it takes effect, the next inspection shows the tasks' states.
        stops.awaited = true;
        if (children.stopping < underWay(children)) {
            try {
                const failed = await this.stop(key, stops, signal);
                if (failed !== undefined) {
                    return failed;
                }
            } catch (error) {
                // The stop was not sent, because of the deadline or a cancellation. The deletion was answered, so its reply stands.
                if (reply.is === "accepted" && (signal.aborted || error instanceof NotSent)) {
                    return reply;
                }
                throw error;
            }
        }
        const begun = stops.requests > 0 || reply.is === "accepted";
        const reason = `its tasks have to stop first (${childCountsText(children)})`;
        return { is: "blocked", reason, ...(begun ? { begun } : {}) };
    }

    /** Requests a stop. Returns the reply for the batch task if the request fails as a whole. */
    private async stop(key: string, stops: Stops, signal: AbortSignal): Promise<SubmitReply | undefined> {
        if (stops.requests >= MOST_STOPS) {
            const problem = stops.failure ?? { code: "StillRunning", message: "its tasks run again after each stop" };
            return { is: "refused", problem, splits: false };
        }
        stops.requests += 1;
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

/** Whether to keep waiting: tasks that still run after a failed stop may never stop. */
function mayStop(children: ChildCounts, stops: Stops): boolean {
    const moving = children.starting + children.stopping;
    return moving > 0 || (children.running > 0 && stops.failure === undefined);
}

export function shownFacts(row: BatchTask, children: ChildCounts = childCountsOfBatch(row)): ShownFacts {
    const status = children.total === 0 ? undefined : childCountsText(children);
    return { name: row.name, status, created: row.created };
}
