import * as z from "zod";
import type { CloudClient } from "../../../cloud/call";
import { clean } from "../../../util/text";
import { read } from "../../shared/failures";
import { forEachLimit } from "../../shared/inspection";
import { LONGEST_LIST, queryOf, tooLong } from "../../shared/listing";
import { type ChildCounts, childCounts, isGroup } from "./child-counts";
import { cleaned, count, label, text } from "./wire";

const child = z
    .object({ id: z.string(), name: text, state: cleaned.catch("unknown"), video_source_name: text })
    .transform((row) => ({
        id: row.id,
        name: row.name,
        /** In upper case: RUNNING. */
        state: row.state.toUpperCase(),
        videoSourceName: row.video_source_name,
    }));

/** One task of a batch task. */
export type Child = Readonly<z.output<typeof child>>;

const CHILDREN_PAGE = 1_000;
const childPage = z.object({ tasks: z.array(child), page: count });

/** All tasks of a batch task. `count` in the answer is that of the page, so the last page is the first one that is not full. */
export async function listChildren(
    client: CloudClient,
    batchId: string,
    signal: AbortSignal,
): Promise<readonly Child[]> {
    const found = new Map<string, Child>();
    let page: number | undefined;
    for (;;) {
        const shown = await read(
            client,
            {
                operation: "ListTasks",
                method: "GET",
                path: ["v2", client.place.projectId, "tasks"],
                // The documentation does not say whether pages begin at 0 or 1. The first request names no page, and its answer shows the number.
                query: queryOf({ batch_id: batchId, page_size: CHILDREN_PAGE, page }),
                effect: "reads",
                answer: childPage,
            },
            signal,
        );
        const known = found.size;
        for (const task of shown.tasks) {
            found.set(task.id, task);
        }
        if (shown.tasks.length < CHILDREN_PAGE || found.size === known) {
            return [...found.values()];
        }
        if (found.size > LONGEST_LIST) {
            throw tooLong("tasks of a batch task");
        }
        page = (shown.page ?? page ?? 1) + 1;
    }
}

/** A healthy task may have an error with an empty code and message. */
const saysNothing = (error: { code?: string | undefined; message?: string | undefined } | undefined) =>
    `${error?.code ?? ""}${error?.message ?? ""}`.trim() === "";

const childDetail = z
    .object({
        state: cleaned.catch("unknown"),
        schedule_status: text,
        // An object in the SDK's models; the API's documentation gives no type.
        error: z
            .union([
                z.object({ code: label, message: text }),
                z.string().transform((message) => ({ code: undefined, message })),
            ])
            .optional()
            .catch(undefined),
    })
    .transform((body) => ({
        state: body.state.toUpperCase(),
        /** Whether its schedule does not let it run now. */
        scheduleInactive: body.schedule_status?.toUpperCase() === "INACTIVATED",
        error: saysNothing(body.error)
            ? undefined
            : { code: clean(body.error?.code ?? ""), message: clean(body.error?.message ?? "") },
    }));

export type ChildDetail = Readonly<z.output<typeof childDetail>>;

export function showChild(client: CloudClient, taskId: string, signal: AbortSignal): Promise<ChildDetail> {
    return read(
        client,
        {
            operation: "ShowTaskInfo",
            method: "GET",
            path: ["v2", client.place.projectId, "tasks", taskId],
            effect: "reads",
            targets: [taskId],
            answer: childDetail,
        },
        signal,
    );
}

/** How many of these children are in each state. */
export function childCountsOf(children: readonly Child[]): ChildCounts {
    return childCounts(children.map((task) => [task.state, 1]));
}

export interface StartProgress {
    /** Every child is RUNNING or SUCCEEDED, or its schedule is inactive; and there are as many as expected. */
    readonly started: boolean;
    /** Children that are starting. */
    readonly waiting: readonly Child[];
    /** Children in a state that they do not leave by themselves. */
    readonly failed: readonly Child[];
    readonly counts: ChildCounts;
}

/**
 * The progress of a start. `scheduled`: the batch task has a schedule; then the schedule of each child that does not run is read (one call
 * each). `expected`: how many children there must be at least.
 */
export async function startProgress(
    client: CloudClient,
    batchId: string,
    options: { readonly scheduled: boolean; readonly expected: number },
    signal: AbortSignal,
): Promise<StartProgress> {
    const children = await listChildren(client, batchId, signal);
    const failed: Child[] = [];
    const idle: Child[] = [];
    for (const task of children) {
        if (isGroup(task.state, "failed") || isGroup(task.state, "unwell")) {
            failed.push(task);
        } else if (!isGroup(task.state, "running") && !isGroup(task.state, "succeeded")) {
            idle.push(task);
        }
    }
    const waiting: Child[] = [];
    await forEachLimit(options.scheduled ? idle : [], 8, async (task) => {
        if (!(await showChild(client, task.id, signal)).scheduleInactive) {
            waiting.push(task);
        }
    });
    if (!options.scheduled) {
        waiting.push(...idle);
    }
    return {
        started: waiting.length === 0 && failed.length === 0 && children.length >= options.expected,
        waiting,
        failed,
        counts: childCountsOf(children),
    };
}
