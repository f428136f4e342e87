import type { CloudClient } from "../../cloud/call";
import { forEachLimit } from "../shared/inspection";
import { BATCH_TASKS_PAGE, findBatchTasks, listNamed } from "./api";
import type { BatchTask } from "./types";

const CONCURRENT_READS = 48;
const NOTHING: ReadonlySet<string> = new Set();

export interface FoundBatchTasks {
    /** Of those that were asked for, by id. What is missing is not there. */
    readonly found: ReadonlyMap<string, BatchTask>;
    /** All rows that were read on the way. */
    readonly shown: readonly BatchTask[];
}

/** Finds batch tasks by their ids, for which there is neither a call nor a filter: a name that is known makes the list short. */
export class BatchTaskFinder {
    private readonly names = new Map<string, string>();
    /** How many pages the list had when it was last read. */
    private pages = 1;

    constructor(private readonly client: CloudClient) {}

    /** `reportedDone`: what a deletion's answer called done needs no second reading. Throws ApiFailure. */
    async find(
        ids: readonly string[],
        reportedDone: ReadonlySet<string>,
        signal: AbortSignal,
    ): Promise<FoundBatchTasks> {
        const shown: BatchTask[] = [];
        const found = new Map<string, BatchTask>();
        let open = ids;
        if (ids.length < this.pages && ids.every((id) => this.names.has(id))) {
            await forEachLimit(ids, CONCURRENT_READS, async (id) => {
                const rows = await listNamed(this.client, this.names.get(id) ?? "", signal);
                shown.push(...rows);
                const row = rows.find((candidate) => candidate.id === id);
                if (row !== undefined) {
                    found.set(id, row);
                }
            });
            // One that is not found by its name may have been renamed: the whole list tells.
            open = ids.filter((id) => !found.has(id) && !reportedDone.has(id));
        }
        for (const [id, row] of await this.findInList(open, reportedDone, shown, signal)) {
            found.set(id, row);
        }
        for (const [id, { name }] of found) {
            if (name !== undefined) {
                this.names.set(id, name);
            }
        }
        return { found, shown };
    }

    private findInList(
        ids: readonly string[],
        reportedDone: ReadonlySet<string>,
        shown: BatchTask[],
        signal: AbortSignal,
    ): Promise<ReadonlyMap<string, BatchTask>> {
        // What is reported done is listed until its tasks are gone, and pages skip it while others vanish. A single page can't.
        const believed = this.pages === 1 ? reportedDone : NOTHING;
        const onTotal = (total: number) => {
            this.pages = Math.ceil(total / BATCH_TASKS_PAGE);
        };
        const onRows = (rows: readonly BatchTask[]) => void shown.push(...rows);
        return findBatchTasks(this.client, ids, { reportedDone: believed, onTotal, onRows }, signal);
    }
}
