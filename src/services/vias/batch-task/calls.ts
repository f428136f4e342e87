import * as z from "zod";
import type { Problem } from "../../../batch/api";
import type { Call, CloudClient } from "../../../cloud/call";
import { CloudError } from "../../../cloud/errors";
import { firstFew } from "../../../util/first-few";
import { clean } from "../../../util/text";
import { idOf } from "../../shared/fields";
import { type BatchTaskBody, createBody, updateBody } from "./body";
import { count } from "./wire";

export const batchTaskId = idOf("a batch task");

/** The result of an action on a batch task's children. The cloud answers HTTP 200 even if the action failed for some or all of them. */
export interface BatchCounts {
    readonly total: number;
    readonly succeeded: number;
    readonly failed: number;
    /** The cloud's messages, unchanged; `failedChildren` makes a short problem of them. */
    readonly errors: readonly string[];
    readonly requestId?: string;
}

/** "BatchOperation", the answer to every change. */
const batchOperation = z
    .object({
        id: z.unknown().optional(),
        total_count: count,
        failed_count: count,
        succeed_count: count,
        error_list: z.array(z.string().catch("")).catch([]),
    })
    .transform((body) => {
        const errors = body.error_list.filter((error) => error.trim() !== "");
        // Without a count, each error counts as one failure.
        const failed = Math.max(body.failed_count ?? errors.length, 0);
        const succeeded = body.succeed_count ?? 0;
        return { id: body.id, total: body.total_count ?? failed + succeeded, succeeded, failed, errors };
    });

type BatchOperation = z.output<typeof batchOperation>;

/** The problem with at most three of the errors; undefined if nothing failed. */
export function failedChildren(action: string, counts: BatchCounts): Problem | undefined {
    if (counts.failed === 0) {
        return undefined;
    }
    const of = counts.total >= counts.failed ? ` of ${counts.total}` : "";
    const why =
        counts.errors.length === 0
            ? "the cloud does not say why"
            : firstFew(
                  counts.errors.map((error) => clean(error, 500)),
                  3,
              );
    return {
        code: "ChildrenFailed",
        message: `${action} failed for ${counts.failed}${of} tasks of the batch task: ${why}`,
        ...(counts.requestId === undefined ? {} : { requestId: counts.requestId }),
    };
}

/** Codes of a 400 that mean that the batch task does not exist (vias_03_0280). */
const NOT_THERE_CODES: readonly string[] = ["VIAS.00010002", "VIAS.00010007", "VIAS.00010008"];
const SAME_NAME_CODE = "VIAS.00010011";

/** Whether the error says that the batch task does not exist. The gateway's 404 is about the API instead. */
export function saysNotThere(error: unknown): error is CloudError {
    return (
        error instanceof CloudError &&
        error.kind === "refused" &&
        (NOT_THERE_CODES.includes(error.code) || (error.status === 404 && !error.code.startsWith("APIGW.")))
    );
}

export type Created =
    | { readonly is: "created"; readonly id: string; readonly counts: BatchCounts }
    /** Names are unique: the batch task of this name is from an earlier try or belongs to another owner. */
    | { readonly is: "nameTaken"; readonly problem: Problem };

export type Changed =
    | { readonly is: "answered"; readonly counts: BatchCounts }
    /** The batch task does not exist. */
    | { readonly is: "notThere"; readonly problem: Problem };

/**
 * Creates a batch task. Throws CloudError. After one of kind "uncertain", also thrown for an answer without an id, the batch task may
 * exist: `findBatchTaskByName` shows it.
 */
export async function createBatchTask(client: CloudClient, body: BatchTaskBody, signal: AbortSignal): Promise<Created> {
    const call = {
        operation: "CreateBatchTask",
        method: "POST",
        path: ["v2", client.place.projectId, "batch-tasks"],
        body: createBody(body),
        effect: "changes",
        targets: [],
        answer: batchOperation.transform((operation, context) => {
            const id = batchTaskId.safeParse(operation.id);
            if (!id.success) {
                context.addIssue("no usable id");
                return z.NEVER;
            }
            return { ...operation, id: id.data };
        }),
    } as const;
    try {
        const { body: operation, requestId } = await client.send(call, signal);
        return { is: "created", id: operation.id, counts: countsOf(operation, requestId) };
    } catch (error) {
        if (error instanceof CloudError && error.kind === "refused" && error.code === SAME_NAME_CODE) {
            return { is: "nameTaken", problem: error.problem };
        }
        throw error;
    }
}

/** Updates everything but serviceName and serviceVersion in place. Throws CloudError. */
export function updateBatchTask(
    client: CloudClient,
    id: string,
    body: BatchTaskBody,
    signal: AbortSignal,
): Promise<Changed> {
    return change(client, { operation: "UpdateBatchTask", method: "PUT", tail: [id], body: updateBody(body) }, signal);
}

/** Throws CloudError. */
export function startBatchTask(client: CloudClient, id: string, signal: AbortSignal): Promise<Changed> {
    return change(client, { operation: "BatchStartStopTask", method: "PUT", tail: [id, "action", "start"] }, signal);
}

/** Throws CloudError. */
export function stopBatchTask(client: CloudClient, id: string, signal: AbortSignal): Promise<Changed> {
    return change(client, { operation: "BatchStartStopTask", method: "PUT", tail: [id, "action", "stop"] }, signal);
}

/** Throws CloudError. After the answer the list may show the children deleting for a while. */
export function deleteBatchTask(client: CloudClient, id: string, signal: AbortSignal): Promise<Changed> {
    return change(client, { operation: "DeleteBatchTask", method: "DELETE", tail: [id] }, signal);
}

async function change(
    client: CloudClient,
    what: {
        readonly operation: string;
        readonly method: "PUT" | "DELETE";
        readonly tail: readonly [id: string, ...action: string[]];
        readonly body?: unknown;
    },
    signal: AbortSignal,
): Promise<Changed> {
    const { tail, ...rest } = what;
    const call: Call<BatchOperation> = {
        ...rest,
        path: ["v2", client.place.projectId, "batch-tasks", ...tail],
        effect: "changes",
        targets: [what.tail[0]],
        answer: batchOperation,
    };
    try {
        const { body, requestId } = await client.send(call, signal);
        return { is: "answered", counts: countsOf(body, requestId) };
    } catch (error) {
        if (saysNotThere(error)) {
            return { is: "notThere", problem: error.problem };
        }
        throw error;
    }
}

function countsOf({ id: _, ...counts }: BatchOperation, requestId: string | undefined): BatchCounts {
    return { ...counts, ...(requestId === undefined ? {} : { requestId }) };
}
