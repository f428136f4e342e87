import type { CloudClient } from "../../cloud/call";
import { forEachLimit } from "../shared/inspection";
import { BATCH_TASKS_PAGE, findBatchTasks, listNamed } from "./api";
import type { BatchTask } from "./types";

const CONCURRENT_READS = 48;
const NOTHING: ReadonlySet<string> = new Set();

export interface FoundBatchTasks {
    /** The requested batch tasks, by id. One that is missing does not exist. */
    readonly found: ReadonlyMap<string, BatchTask>;
    /** All rows that were read. */
    readonly shown: readonly BatchTask[];
}

/** Finds batch tasks by their ids. The API has neither a read nor a filter by id; a known name makes the list short. */
export class BatchTaskFinder {
    private readonly names = new Map<string, string>();
    /** How many pages the list had at the last reading. */
    private pages = 1;

    constructor(private readonly client: CloudClient) {}

    /** `reportedDone`: ids that a deletion's answer reported done; their absence needs no second reading. Throws ApiFailure. */
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
            // A batch task that is not found by its name may have been renamed: the whole list decides.
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
        // The list shows a deleted batch task until its tasks are gone. While others vanish, a page may skip it, so a report counts only for a list of one page.
        const trusted = this.pages === 1 ? reportedDone : NOTHING;
        const onTotal = (total: number) => {
            this.pages = Math.ceil(total / BATCH_TASKS_PAGE);
        };
        const onRows = (rows: readonly BatchTask[]) => void shown.push(...rows);
        return findBatchTasks(this.client, ids, { reportedDone: trusted, onTotal, onRows }, signal);
    }
}
