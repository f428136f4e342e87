import * as z from "zod";
import type { BatchApi, Problem, SubmitReply, TargetState } from "../../batch/api";
import { ApiFailure } from "../../batch/api";
import type { CloudClient, Service } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";
import { clean } from "../../util/text";
import type { TargetSetDefinition } from "../definition";
import { apiFailure, failedSubmit, read, readIfThere, saysNotFound } from "../shared/failures";
import { text } from "../shared/fields";
import { forEachLimit } from "../shared/inspection";
import { LONGEST_LIST, queryOf, tooLong } from "../shared/listing";
import { unlessRefused } from "../shared/permission";
import type { Instance, InstanceError, InstanceFilters } from "./types";

/** ErrorCode: 401 iMetal.0003 unauthorized. */
export const clouddc: Service = {
    name: "clouddc",
    title: "CloudDC",
    hostLabels: { default: "clouddc" },
    authenticationCodes: ["iMetal.0003"],
    // ErrorCode: 403 iMetal.0004 no permission.
    permissionCodes: ["iMetal.0004"],
    busyCodes: [],
};

/** DeleteInstances: "cannot contain more than 50 IDs". */
const PER_REQUEST = 50;
/** ListInstances: at most 100 ids; a limit below 10 counts as 10, above 1,000 as 1,000, and its default is told in two ways. */
const IDS_PER_LIST = 100;
const LONGEST_PAGE = 1_000;
const CONCURRENT_READS = 48;
/** ErrorCode: 404 `Instances not found: [{id}, ...]`. */
const NOT_FOUND = "iMetal.0200";

const instanceId = z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, "must be an instance id: 1 to 64 letters, digits and hyphens");

export const instanceBatchDeletion: TargetSetDefinition = {
    resource: "clouddc:InstanceBatchDeletion",
    service: clouddc,
    noun: ["instance", "instances"],
    targets: [{ input: "instanceIds", id: instanceId }],
    inputs: {},
    placeInputs: [],
    goalInputs: [],
    hasWhen: true,
    hasEnterpriseProject: false,
    acts: () => {
        const act = { variant: "DELETE", api: instanceDeletion };
        return { onCreate: act, onDestroy: act };
    },
};

export const definitions: readonly TargetSetDefinition[] = [instanceBatchDeletion];

/** The deletion has no job: the instances' states are the job (DeleteInstances). */
export function instanceDeletion(client: CloudClient): BatchApi {
    /** By the list: whether policies or enterprise projects narrow it is not documented. */
    const shown = new Set<string>();
    return {
        name: "CloudDC instances",
        effect: "deletes",
        perRequest: PER_REQUEST,
        concurrentSubmits: 48,
        exclusive: false,
        polling: { first: 2_000, floor: 1_000, cap: 15_000 },
        settleWithin: 60_000,
        inspect: async (keys, { signal }) => {
            const states = new Map<string, TargetState>();
            const unlisted: string[] = [];
            const chunks = Array.from({ length: Math.ceil(keys.length / IDS_PER_LIST) }, (_, i) =>
                keys.slice(i * IDS_PER_LIST, (i + 1) * IDS_PER_LIST),
            );
            await forEachLimit(chunks, CONCURRENT_READS, async (chunk) => {
                const listed = await readByIds(client, chunk, signal);
                for (const key of chunk) {
                    const instance = listed.get(key);
                    if (instance !== undefined) {
                        shown.add(key);
                        states.set(key, state(instance));
                    } else if (shown.has(key)) {
                        states.set(key, { is: "settled" });
                    } else {
                        unlisted.push(key);
                    }
                }
            });
            await forEachLimit(unlisted, CONCURRENT_READS, async (key) => {
                const read = await unlessRefused(STATUS_NEEDS, () => readStatus(client, key, signal));
                states.set(key, read.is === "refused" ? { is: "unseen", problem: read.problem } : state(read.value));
            });
            return states;
        },
        submit: (keys, signal) => submit(client, keys, signal),
    };
}

/** States: ShowInstanceStatus and ListInstances. The cloud is asked even where the diagram shows no way (`running`). */
function state(instance: Standing | undefined): TargetState {
    if (instance === undefined) {
        return { is: "settled" };
    }
    if (instance.state === "terminated") {
        return { is: "settled", shown: true };
    }
    const { state, operationState, error } = instance;
    if (state === "shutting-down" || operationState === "uninstall-processing") {
        return { is: "inProgress" };
    }
    const name = instance.name ? { name: clean(instance.name) } : {};
    const deletionFailed =
        operationState === "uninstall-failed" || (state === "error" && error?.errorType === "delete_instance_error");
    if (!deletionFailed) {
        return { is: "ready", ...name };
    }
    const problem: Problem = {
        code: clean(error?.errorCode || operationState || "delete_instance_error", 100),
        message: clean(error?.errorMsg || `the instance is in state ${state}, its operation in ${operationState}`),
    };
    const stamp = [instance.updatedAt ?? "", problem.code, problem.message].join(" ");
    return { is: "ready", ...name, failure: { ...problem, stamp } };
}

async function submit(client: CloudClient, keys: readonly string[], signal: AbortSignal): Promise<SubmitReply> {
    try {
        const { requestId } = await client.send(
            {
                operation: "DeleteInstances",
                method: "POST",
                path: ["v1", client.place.projectId, "instances", "batch-delete"],
                body: { instance_id_set: keys },
                contentType: "application/json;charset=UTF-8",
                effect: "changes",
                // Its table and its example disagree about the answer; 202 is all that counts, the states tell the rest.
                answer: z.unknown(),
            },
            signal,
        );
        return { is: "accepted", failed: new Map(), ...(requestId === undefined ? {} : { requestId }) };
    } catch (error) {
        return failedSubmit(error, keys, {
            permissionCodes: clouddc.permissionCodes,
            culprits: (refusal) => (refusal.code === NOT_FOUND ? idsNamedIn(refusal.detail, keys) : []),
        });
    }
}

/** Whatever brackets and quotes stand around them. */
function idsNamedIn(message: string, ids: readonly string[]): readonly string[] {
    const words = new Set(message.toLowerCase().split(/[^a-z0-9-]+/));
    return ids.filter((id) => words.has(id.toLowerCase()));
}

/** ShowInstanceStatus. */
const STATUS_NEEDS = { grant: "the IAM action clouddc:instance:get", codes: clouddc.permissionCodes };

/** What the state of one instance is; undefined: there is none. */
function readStatus(client: CloudClient, id: string, signal: AbortSignal): Promise<Standing | undefined> {
    return readIfThere(
        client,
        {
            operation: "ShowInstanceStatus",
            method: "GET",
            path: ["v1", client.place.projectId, "instances", id, "status"],
            effect: "reads",
            answer: instanceStatus,
        },
        (refusal) => refusal.code === NOT_FOUND || saysNotFound(refusal),
        signal,
    );
}

/**
 * At most 100 instances by their ids. Whether the list leaves unknown ids out or answers 404 for their sake is not
 * documented: both are understood. Those missing in the answer are in no list.
 */
async function readByIds(
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
            // What such an answer leaves out is not gone for that.
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

/** ShowInstanceStatus. One of its examples prints `status` for `state`. */
const instanceStatus = z
    .object({ state: text, status: text, operation_state: text, error: instanceError })
    .refine(({ state, status }) => state !== undefined || status !== undefined, "no state")
    .transform(
        (shown): Standing => ({
            state: shown.state ?? shown.status,
            operationState: shown.operation_state,
            error: shown.error,
        }),
    );

/** What a deletion needs to know of an instance. */
type Standing = Pick<Instance, "state" | "operationState" | "error"> & Partial<Pick<Instance, "name" | "updatedAt">>;

/** ListInstances: the columns that matter. */
const instance = z
    .object({
        id: z.string(),
        name: text,
        description: text,
        state: text,
        operation_state: text,
        server_id: text,
        vpc_id: text,
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

/** All instances that the filters let through. Throws ApiFailure. */
export async function listInstances(
    client: CloudClient,
    filters: InstanceFilters,
    signal: AbortSignal,
): Promise<readonly Instance[]> {
    const found = new Map<string, Instance>();
    let marker: string | undefined;
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
            found.set(shown.id, shown);
        }
        if (found.size === known && page.instances.length > 0) {
            throw new ApiFailure({ code: "ListRepeats", message: "the list of instances shows the same twice" }, false);
        }
        // A page that shows nothing is the last one, whatever its marker.
        marker = page.instances.length === 0 ? undefined : page.nextMarker;
        if (marker === undefined && (page.count ?? (page.nextMarker === undefined ? 0 : Infinity)) > found.size) {
            const message = `the list of instances shows ${found.size} of ${page.count ?? "unknown"} and does not go on`;
            throw new ApiFailure({ code: "ListIncomplete", message }, false);
        }
        if (found.size > LONGEST_LIST) {
            throw tooLong("instances");
        }
    } while (marker !== undefined);
    return [...found.values()];
}
