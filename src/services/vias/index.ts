import { type BatchApi, NotSent, type Problem, type SubmitReply, type TargetState } from "../../batch/api";
import type { CloudClient, Service } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";
import type { Act, TargetSetDefinition } from "../definition";
import { failedSubmit, problemOf } from "../shared/failures";
import { forEachLimit } from "../shared/inspection";
import { BATCH_TASKS_PAGE, type BatchTask, childCountsOfBatch, findBatchTasks, listNamed } from "./api";
import { batchTaskId, type Changed, deleteBatchTask, failedChildren, stopBatchTask } from "./batch-task/calls";
import { type ChildCounts, inWords, underWay } from "./batch-task/child-counts";

export { type BatchTask, type BatchTaskFilters, listBatchTasks } from "./api";

/** Video Intelligent Analysis Service. https://support.huaweicloud.com/api-vias/DeleteBatchTask.html */
export const vias: Service = {
    name: "vias",
    title: "VIAS",
    hostLabels: { default: "vias" },
    authenticationCodes: ["VIAS.00010005"],
    permissionCodes: [],
    busyCodes: [],
};

/** Batch tasks that must be gone, their tasks with them. */
export const batchTaskDeletion: TargetSetDefinition = {
    resource: "vias:BatchTaskDeletion",
    service: vias,
    noun: ["batch task", "batch tasks"],
    targets: [{ input: "batchTaskIds", id: batchTaskId }],
    inputs: {},
    placeInputs: [],
    goalInputs: [],
    hasWhen: true,
    hasEnterpriseProject: false,
    acts() {
        const act: Act = { variant: "", api: (client) => new BatchTaskDeletion(client) };
        return { onCreate: act, onDestroy: act };
    },
};

export const definitions: readonly TargetSetDefinition[] = [batchTaskDeletion];

const CONCURRENT_READS = 48;
const DELETED_ALREADY = "it is being deleted already";
/** A stop that fails for some tasks is asked for again, but not for ever. */
const MOST_STOPS = 3;

/** A batch task whose deletion was refused while tasks of it were under way. */
interface Hold {
    /** Times that a stop was asked for. */
    stops: number;
    /** Waiting for the tasks to come to rest. */
    waiting: boolean;
    /** What the last stop failed with, if it did. */
    stopFailed: Problem | undefined;
}

class BatchTaskDeletion implements BatchApi {
    readonly name = "VIAS batch tasks";
    readonly effect = "deletes";
    readonly perRequest = 1;
    readonly concurrentSubmits = 48;
    readonly exclusive = false;
    readonly polling = { first: 500, floor: 1_000, cap: 15_000 };
    readonly settleWithin = 120_000;

    /** There is no filter by id: a known name makes the list short. */
    private readonly names = new Map<string, string>();
    /** The answer to their deletion said that all of it is done. */
    private readonly answeredDone = new Set<string>();
    private readonly holds = new Map<string, Hold>();
    /** By the last reading that showed them. */
    private readonly seenDeleting = new Set<string>();
    /** Deletions that wait for their turn, or are under way. */
    private readonly sending = new Map<string, AbortController>();
    /** How many pages the list had when it was last read. */
    private pages = 1;

    constructor(private readonly client: CloudClient) {}

    async inspect(
        keys: readonly string[],
        { reportedDone, signal }: { reportedDone: ReadonlySet<string>; signal: AbortSignal },
    ): Promise<ReadonlyMap<string, TargetState>> {
        const rows = await this.find(keys, new Set([...reportedDone, ...this.answeredDone]), signal);
        return new Map(
            keys.map((key) => {
                const row = rows.get(key);
                return [key, row === undefined ? { is: "settled" } : this.state(row)];
            }),
        );
    }

    private async find(
        keys: readonly string[],
        reportedDone: ReadonlySet<string>,
        signal: AbortSignal,
    ): Promise<ReadonlyMap<string, BatchTask>> {
        const found = new Map<string, BatchTask>();
        let open = keys;
        const names = new Map(keys.flatMap((key) => [[key, this.names.get(key)] as const]));
        if (keys.length < this.pages && [...names.values()].every((name) => name !== undefined)) {
            await forEachLimit(keys, CONCURRENT_READS, async (key) => {
                const rows = await listNamed(this.client, names.get(key) ?? "", signal);
                const row = rows.find((candidate) => candidate.id === key);
                if (row !== undefined) {
                    found.set(key, row);
                }
            });
            // One that is not found by its name may have been renamed: the whole list tells.
            open = keys.filter((key) => !found.has(key) && !reportedDone.has(key));
        }
        // What is done by the answer is listed until its tasks have gone, and pages skip it while others vanish: one page can't.
        const believed = this.pages === 1 ? reportedDone : new Set<string>();
        for (const [key, row] of await this.findInList(open, believed, signal)) {
            found.set(key, row);
        }
        for (const [key, row] of found) {
            if (row.name !== undefined) {
                this.names.set(key, row.name);
            }
            if (childCountsOfBatch(row).deleting === 0) {
                // There after all: what the answer said attests no later absence of it.
                this.answeredDone.delete(key);
            }
        }
        return found;
    }

    private findInList(keys: readonly string[], reportedDone: ReadonlySet<string>, signal: AbortSignal) {
        const onTotal = (total: number) => {
            this.pages = Math.ceil(total / BATCH_TASKS_PAGE);
        };
        const onRows = (rows: readonly BatchTask[]) => this.noteDeletions(rows);
        return findBatchTasks(this.client, keys, { reportedDone, onTotal, onRows }, signal);
    }

    /** A reading for one shows the others too: what waits its turn meanwhile need not ask for what is under way. */
    private noteDeletions(rows: readonly BatchTask[]): void {
        for (const row of rows) {
            if (childCountsOfBatch(row).deleting > 0) {
                this.seenDeleting.add(row.id);
                this.sending.get(row.id)?.abort(DELETED_ALREADY);
            } else {
                this.seenDeleting.delete(row.id);
            }
        }
    }

    private state(row: BatchTask): TargetState {
        const children = childCountsOfBatch(row);
        if (children.deleting > 0) {
            return { is: "inProgress" };
        }
        const hold = this.holds.get(row.id);
        if (hold?.waiting === true) {
            if (mayComeToRest(children, hold)) {
                return { is: "blocked", reason: `its tasks are not stopped yet (${inWords(children)})` };
            }
            hold.waiting = false;
        }
        return { is: "ready", ...(row.name === undefined ? {} : { name: row.name }) };
    }

    async submit(keys: readonly string[], turn: AbortSignal, signal = turn): Promise<SubmitReply> {
        const [key, ...others] = keys;
        if (key === undefined || others.length > 0) {
            throw new RangeError("one batch task a request");
        }
        if (this.seenDeleting.has(key)) {
            return { is: "blocked", reason: DELETED_ALREADY };
        }
        const needed = new AbortController();
        this.sending.set(key, needed);
        let answer: Changed;
        try {
            answer = await deleteBatchTask(this.client, key, AbortSignal.any([turn, needed.signal]));
        } catch (error) {
            const notSent = error instanceof CloudError && (error.kind === "aborted" || error.kind === "throttled");
            if (notSent && needed.signal.aborted) {
                return { is: "blocked", reason: DELETED_ALREADY };
            }
            const submission = failedSubmit(error, keys);
            return submission.is === "refused" ? this.afterRefusal(key, submission, signal) : submission;
        } finally {
            this.sending.delete(key);
        }
        if (answer.is === "notThere") {
            // Somebody else was faster, and it is not ours to count: the list has the last word.
            return { is: "blocked", reason: "the service says that it is gone, the list still has it" };
        }
        const { counts } = answer;
        const problem = failedChildren("deletion", counts);
        const accepted = {
            is: "accepted",
            ...(counts.requestId === undefined ? {} : { requestId: counts.requestId }),
        } as const;
        if (problem === undefined) {
            this.answeredDone.add(key);
            return { ...accepted, failed: new Map() };
        }
        return this.afterRefusal(key, { ...accepted, failed: new Map([[key, problem]]) }, signal);
    }

    /** `otherwise`: what it means if no task of it is under way. The code of "still running" is not documented: the list tells. */
    private async afterRefusal(key: string, otherwise: SubmitReply, signal: AbortSignal): Promise<SubmitReply> {
        let row: BatchTask | undefined;
        try {
            row = (await this.find([key], this.answeredDone, signal)).get(key);
        } catch {
            if (signal.aborted && otherwise.is === "refused") {
                // There is no time to find out what it was refused for: a stop may be all it takes.
                return { is: "blocked", reason: otherwise.problem.message };
            }
            // What the cloud said of the deletion is worth more than that the list could not be read just now.
            return otherwise;
        }
        if (row === undefined) {
            return { is: "accepted", failed: new Map() };
        }
        const children = childCountsOfBatch(row);
        if (children.deleting > 0 && otherwise.is === "refused") {
            return { is: "blocked", reason: `${DELETED_ALREADY} (${inWords(children)})` };
        }
        if (underWay(children) === 0) {
            return otherwise;
        }
        const hold = this.holds.get(key) ?? { stops: 0, waiting: false, stopFailed: undefined };
        this.holds.set(key, hold);
        // Set before the stop is asked for: whatever becomes of that, the next inspection tells by what it sees.
        hold.waiting = true;
        if (underWay(children) > children.stopping) {
            const ended = await this.stop(key, hold, signal).catch((error: unknown) => {
                // The deletion had its answer, though the time ran out for the stop, or the operation was cancelled.
                if ((signal.aborted || error instanceof NotSent) && otherwise.is === "accepted") {
                    return otherwise;
                }
                throw error;
            });
            if (ended !== undefined) {
                return ended;
            }
        }
        const begun = hold.stops > 0 || otherwise.is === "accepted";
        const reason = `its tasks have to stop first (${inWords(children)})`;
        return { is: "blocked", reason, ...(begun ? { begun } : {}) };
    }

    /** Asks for a stop. Undefined: it may come to rest now. */
    private async stop(key: string, hold: Hold, signal: AbortSignal): Promise<SubmitReply | undefined> {
        if (hold.stops >= MOST_STOPS) {
            const problem = hold.stopFailed ?? { code: "StillRunning", message: "its tasks run again after each stop" };
            return { is: "refused", problem, splits: false };
        }
        hold.stops += 1;
        try {
            const answer = await stopBatchTask(this.client, key, signal);
            hold.stopFailed = answer.is === "answered" ? failedChildren("stop", answer.counts) : undefined;
            return undefined;
        } catch (error) {
            if (!(error instanceof CloudError)) {
                throw error;
            }
            const { code, message, ...rest } = problemOf(error);
            hold.stopFailed = { code, message: `its tasks could not be stopped: ${message}`, ...rest };
            return error.kind === "refused"
                ? { is: "refused", problem: hold.stopFailed, splits: false }
                : failedSubmit(error, [key]);
        }
    }
}

/** After a stop that failed for some, those that run may run for ever. */
function mayComeToRest(children: ChildCounts, hold: Hold): boolean {
    const moving = children.starting + children.stopping;
    return moving > 0 || (children.running > 0 && hold.stopFailed === undefined);
}
