import * as z from "zod";
import { ApiFailure } from "../../batch/api";
import type { CloudClient } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";
import { apiFailure, read, readIfThere, saysNotFound } from "../shared/failures";
import { text } from "../shared/fields";
import { LONGEST_LIST, queryOf, tooLong } from "../shared/listing";
import type { Instance, InstanceError, InstanceFilters } from "./types";

/** "No permission" (ErrorCode, HTTP 403). */
export const PERMISSION_CODES: readonly string[] = ["iMetal.0004"];
/** ListInstances: at most 100 ids; a limit below 10 counts as 10, above 1,000 as 1,000; two defaults are documented. */
export const IDS_PER_LIST = 100;
const LONGEST_PAGE = 1_000;
/** ErrorCode: 404 `Instances not found: [{id}, ...]`. */
export const NOT_FOUND = "iMetal.0200";

/** The ids that a message names, in whatever brackets or quotes. */
export function idsNamedIn(message: string, ids: readonly string[]): readonly string[] {
    const words = new Set(message.toLowerCase().split(/[^a-z0-9-]+/));
    return ids.filter((id) => words.has(id.toLowerCase()));
}

/** For ShowInstanceStatus. */
export const STATUS_NEEDS = { grant: "the IAM action clouddc:instance:get", codes: PERMISSION_CODES };

/** The state of one instance; undefined: it does not exist. */
export function readStatus(client: CloudClient, id: string, signal: AbortSignal): Promise<InstanceState | undefined> {
    return readIfThere(
        client,
        {
            operation: "ShowInstanceStatus",
            method: "GET",
            path: ["v1", client.place.projectId, "instances", id, "status"],
            effect: "reads",
            targets: [id],
            answer: instanceStatus,
        },
        (refusal) => refusal.code === NOT_FOUND || saysNotFound(refusal),
        signal,
    );
}

/**
 * Reads at most 100 instances by their ids. It is not documented whether the list leaves out unknown ids or answers 404 because of them:
 * both are handled. Ids that are missing in the result are in no list.
 */
export async function readByIds(
    client: CloudClient,
    ids: readonly string[],
    signal: AbortSignal,
): Promise<ReadonlyMap<string, Instance>> {
    if (ids.length === 0) {
        return new Map();
    }
    try {
        return await readPages(client, ids, signal);
    } catch (error) {
        if (!(error instanceof CloudError && error.kind === "refused" && error.code === NOT_FOUND)) {
            throw apiFailure(error);
        }
        if (ids.length === 1) {
            return new Map();
        }
        const gone = new Set(idsNamedIn(error.detail, ids));
        const half = Math.ceil(ids.length / 2);
        const parts = gone.size > 0 ? [ids.filter((id) => !gone.has(id))] : [ids.slice(0, half), ids.slice(half)];
        const found = new Map<string, Instance>();
        for (const part of parts) {
            for (const [id, instance] of await readByIds(client, part, signal)) {
                found.set(id, instance);
            }
        }
        return found;
    }
}

async function readPages(
    client: CloudClient,
    ids: readonly string[],
    signal: AbortSignal,
): Promise<ReadonlyMap<string, Instance>> {
    const wanted = new Map(ids.map((id) => [id.toLowerCase(), id]));
    const found = new Map<string, Instance>();
    const shown = new Set<string>();
    let marker: string | undefined;
    do {
        const known = shown.size;
        const { body } = await client.send(listCall(client, { instance_id: ids, limit: IDS_PER_LIST, marker }), signal);
        for (const instance of body.instances) {
            shown.add(instance.id);
            const id = wanted.get(instance.id.toLowerCase());
            if (id !== undefined) {
                found.set(id, instance);
            }
        }
        marker = body.nextMarker;
        const stuck = marker === undefined ? (body.count ?? 0) > shown.size : shown.size === known;
        if (found.size < ids.length && stuck) {
            // An instance that such an incomplete answer leaves out may still exist.
            const message = `the list of instances shows ${shown.size} of ${body.count ?? "unknown"} and does not go on`;
            throw new ApiFailure({ code: "ListIncomplete", message }, false);
        }
    } while (marker !== undefined && found.size < ids.length);
    return found;
}

const instanceError = z
    .object({ error_code: text, error_msg: text, error_type: text })
    .transform(
        (error): InstanceError => ({
            errorCode: error.error_code,
            errorMsg: error.error_msg,
            errorType: error.error_type,
        }),
    )
    .optional()
    .catch(undefined);

/** ShowInstanceStatus. One of its examples has `status` instead of `state`. */
const instanceStatus = z
    .object({ state: text, status: text, operation_state: text, error: instanceError })
    .refine(({ state, status }) => state !== undefined || status !== undefined, "no state")
    .transform(
        (shown): InstanceState => ({
            state: shown.state ?? shown.status,
            operationState: shown.operation_state,
            error: shown.error,
        }),
    );

/** The fields of an instance that a deletion reads. */
export type InstanceState = Pick<Instance, "state" | "operationState" | "error"> &
    Partial<Pick<Instance, "name" | "createdAt" | "updatedAt">>;

/** The fields of ListInstances that are used. */
const instance = z
    .object({
        id: z.string(),
        name: text,
        description: text,
        state: text,
        operation_state: text,
        server_id: text,
        vpc_id: text,
        image: z.object({ id: text }).optional().catch(undefined),
        tags: z.array(z.object({ key: z.string(), value: z.string().catch("") })).catch([]),
        created_at: text,
        updated_at: text,
        launched_at: text,
        error: instanceError,
    })
    .transform(
        (shown): Instance => ({
            id: shown.id,
            name: shown.name,
            description: shown.description,
            state: shown.state,
            operationState: shown.operation_state,
            serverId: shown.server_id,
            vpcId: shown.vpc_id,
            imageId: shown.image?.id,
            tags: shown.tags,
            createdAt: shown.created_at,
            updatedAt: shown.updated_at,
            launchedAt: shown.launched_at,
            error: shown.error,
        }),
    );

const instancePage = z
    .object({
        instances: z.array(instance),
        page_info: z.object({ next_marker: text }).optional().catch(undefined),
        count: z.int().min(0).optional().catch(undefined),
    })
    .transform((body) => ({
        instances: body.instances,
        nextMarker: body.page_info?.next_marker || undefined,
        count: body.count,
    }));

function listCall(
    client: CloudClient,
    parameters: Readonly<Record<string, string | number | readonly string[] | undefined>>,
) {
    return {
        operation: "ListInstances",
        method: "GET",
        path: ["v1", client.place.projectId, "instances"],
        query: queryOf(parameters),
        effect: "reads",
        answer: instancePage,
    } as const;
}

/** All instances that match the filters. Throws ApiFailure. */
export async function listInstances(
    client: CloudClient,
    filters: InstanceFilters,
    signal: AbortSignal,
): Promise<readonly Instance[]> {
    const found = new Map<string, Instance>();
    await showInstances(client, filters, (shown) => void found.set(shown.id, shown), signal);
    return [...found.values()];
}

/** Shows each instance that matches the filters. Throws ApiFailure unless the list was read to its end. */
export async function showInstances(
    client: CloudClient,
    filters: InstanceFilters,
    show: (instance: Instance) => void,
    signal: AbortSignal,
): Promise<void> {
    for await (const { instances } of instancePages(client, filters, signal)) {
        for (const shown of instances) {
            show(shown);
        }
    }
}

/** The pages of the list, each with how many it has at least. Throws ApiFailure unless the list can be read to its end. */
export async function* instancePages(
    client: CloudClient,
    filters: InstanceFilters,
    signal: AbortSignal,
): AsyncGenerator<{ readonly instances: readonly Instance[]; readonly pages: number }> {
    const found = new Set<string>();
    let marker: string | undefined;
    let pagesRead = 0;
    do {
        const page = await read(
            client,
            listCall(client, {
                limit: LONGEST_PAGE,
                marker,
                instance_state: filters.instanceState,
                instance_id: filters.instanceIds,
                server_id: filters.serverIds,
            }),
            signal,
        );
        const known = found.size;
        for (const shown of page.instances) {
            found.add(shown.id);
        }
        if (found.size === known && page.instances.length > 0) {
            throw new ApiFailure({ code: "ListRepeats", message: "the list of instances shows the same twice" }, false);
        }
        // An empty page is the last one, even if it has a marker.
        marker = page.instances.length === 0 ? undefined : page.nextMarker;
        if (marker === undefined && (page.count ?? (page.nextMarker === undefined ? 0 : Infinity)) > found.size) {
            const message = `the list of instances shows ${found.size} of ${page.count ?? "unknown"} and does not go on`;
            throw new ApiFailure({ code: "ListIncomplete", message }, false);
        }
        if (found.size > LONGEST_LIST) {
            throw tooLong("instances");
        }
        pagesRead += 1;
        // A marker means another page, whatever is counted.
        const left = Math.ceil(((page.count ?? Infinity) - found.size) / LONGEST_PAGE);
        const more = marker === undefined ? 0 : Math.max(1, left);
        yield { instances: page.instances, pages: pagesRead + more };
    } while (marker !== undefined);
}
