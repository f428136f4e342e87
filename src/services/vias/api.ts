import * as z from "zod";
import type { CloudClient } from "../../cloud/call";
import { clean } from "../../util/text";
import { read } from "../shared/failures";
import { type Collection, findByIds, type Page } from "../shared/inspection";
import { listAll, queryOf } from "../shared/listing";
import { type ChildCounts, childCounts, countIn } from "./batch-task/child-counts";
import { count, label, milliseconds, text } from "./batch-task/wire";
import type { BatchTask, BatchTaskFilters } from "./types";

/** Each row has about fifteen counts: a schema for every key and value took longer than the rest of the parsing. */
const statusInfo = z
    .looseObject({})
    .catch({})
    .transform((counts) => {
        const info: Record<string, number> = {};
        for (const [state, children] of Object.entries(counts)) {
            info[clean(state, 500)] = countIn(children);
        }
        return info;
    });

const batchTask = z
    .object({
        id: z.string(),
        batch_task_name: text,
        video_source_name: text,
        video_group_name: text,
        alg_name: text,
        company: text,
        type: label,
        num_task: count,
        created_at: z.union([z.number(), z.string()]).optional().catch(undefined),
        batch_task_status_info: statusInfo,
    })
    .transform(
        (row): BatchTask => ({
            id: row.id,
            name: row.batch_task_name,
            videoSourceName: row.video_source_name,
            videoGroupName: row.video_group_name,
            algName: row.alg_name,
            company: row.company,
            type: row.type,
            numTask: row.num_task,
            createdAt: milliseconds(row.created_at),
            created: row.created_at,
            statusInfo: row.batch_task_status_info,
        }),
    );

/** Most batch tasks on one page. */
export const BATCH_TASKS_PAGE = 200;

const batchTaskPage = z
    .object({ count: z.int().min(0), batch_task_list: z.array(batchTask) })
    .transform((body): Page<BatchTask> => ({ total: body.count, items: body.batch_task_list }));

/** page_size 5 to 200, page_num 1 to 10,000. Oldest first, so that new batch tasks do not shift the pages. */
export function batchTaskPages(
    client: CloudClient,
    filters: BatchTaskFilters,
    signal: AbortSignal,
): Omit<Collection<BatchTask>, "get"> {
    return {
        noun: "VIAS batch tasks",
        idOf: (row) => row.id,
        pageSize: BATCH_TASKS_PAGE,
        lastOffset: BATCH_TASKS_PAGE * 9_999,
        concurrent: 48,
        page: (offset, limit) =>
            read(
                client,
                {
                    operation: "ListBatchTasks",
                    method: "GET",
                    path: ["v2", client.place.projectId, "batch-tasks"],
                    query: queryOf({
                        page_size: limit,
                        page_num: offset / limit + 1,
                        order_by: "asc",
                        sort_name: "created_at",
                        video_group: filters.videoGroup,
                        task_state: filters.taskState,
                        type_like: filters.typeLike,
                        name_like: filters.nameLike,
                        manufacturer: filters.manufacturer,
                        title: filters.title,
                    }),
                    effect: "reads",
                    answer: batchTaskPage,
                },
                signal,
            ),
    };
}

/** All batch tasks, oldest first. Throws ApiFailure. */
export function listBatchTasks(client: CloudClient, filters: BatchTaskFilters, signal: AbortSignal) {
    return listAll(batchTaskPages(client, filters, signal));
}

/**
 * Finds batch tasks by id in the whole unfiltered list: the API has no read by id. A second reading confirms an absence, unless the id is
 * in `reportedDone`. Batch tasks that the caller may not see count as absent. `onTotal` gets the length of the list, `onRows` all its
 * rows. Throws ApiFailure.
 */
export async function findBatchTasks(
    client: CloudClient,
    ids: readonly string[],
    options: {
        readonly reportedDone: ReadonlySet<string>;
        readonly onTotal?: (total: number) => void;
        readonly onRows?: (rows: readonly BatchTask[]) => void;
    },
    signal: AbortSignal,
): Promise<ReadonlyMap<string, BatchTask>> {
    const pages = batchTaskPages(client, {}, signal);
    const page = async (offset: number, limit: number) => {
        const shown = await pages.page(offset, limit);
        options.onTotal?.(shown.total);
        options.onRows?.(shown.items);
        return shown;
    };
    return (await findByIds(ids, { ...pages, page }, { reportedDone: options.reportedDone })).things;
}

/**
 * Finds one batch task by id. The API has no filter by id, so with `name` it reads the list filtered by name first. The batch task may
 * have been renamed: if it is not there, the whole list is read, twice.
 */
export async function findBatchTaskById(
    client: CloudClient,
    id: string,
    name: string | undefined,
    signal: AbortSignal,
): Promise<BatchTask | undefined> {
    const named = name === undefined ? undefined : (await listNamed(client, name, signal)).find((row) => row.id === id);
    return named ?? (await findBatchTasks(client, [id], { reportedDone: new Set() }, signal)).get(id);
}

/**
 * Finds one batch task by its exact name, which is unique in a project. It is not documented how the filter by name compares: if it does
 * not show the batch task, the whole list is read, twice. Throws ApiFailure.
 */
export async function findBatchTaskByName(
    client: CloudClient,
    name: string,
    signal: AbortSignal,
): Promise<BatchTask | undefined> {
    const named = (await listNamed(client, name, signal)).find((row) => row.name === name);
    if (named !== undefined) {
        return named;
    }
    const whole = {
        ...batchTaskPages(client, {}, signal),
        idOf: (row: BatchTask) => row.name ?? `without name: ${row.id}`,
    };
    return (await findByIds([name], whole, { reportedDone: new Set() })).things.get(name);
}

/** All batch tasks that the filter by name shows. */
export function listNamed(client: CloudClient, name: string, signal: AbortSignal) {
    return listBatchTasks(client, { typeLike: "batch_task_name", nameLike: name }, signal);
}

/** The states of a batch task's children, from its row in the list. */
export function childCountsOfBatch(row: BatchTask): ChildCounts {
    return childCounts(Object.entries(row.statusInfo));
}
