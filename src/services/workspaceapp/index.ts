import * as z from "zod";
import type { BatchApi, SubmitReply, TargetState } from "../../batch/api";
import type { Call, CloudClient, Service } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";
import { clean } from "../../util/text";
import type { TargetSetDefinition } from "../definition";
import { failedSubmit, read, readIfThere, saysNotFound } from "../shared/failures";
import { idOf, text } from "../shared/fields";
import { type Collection, findByIds, type Page, unseenState } from "../shared/inspection";
import { listAll, queryOf } from "../shared/listing";
import { jobWatch } from "./jobs";
import type { ImageServer, ImageServerFilters } from "./types";

/** Endpoints: the SDK's region tables; regions in no table as Terraform has them ("appstream"). */
const WORKSPACE_REGIONS = [
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "cn-east-5",
    "cn-north-11",
    "la-south-2",
    "la-north-2",
    "sa-brazil-1",
    "me-east-1",
    "af-south-1",
    "af-north-1",
    "tr-west-1",
];

export const workspaceapp: Service = {
    name: "workspaceapp",
    title: "Workspace APP",
    hostLabels: {
        default: "appstream",
        byRegion: Object.fromEntries(WORKSPACE_REGIONS.map((region) => [region, "workspace"])),
    },
    authenticationCodes: [],
    // ErrorCode_0: 403 "user lacks permission".
    permissionCodes: ["WKS.00081102"],
    busyCodes: [],
};

/** BatchDeleteImageServer: items [1, 20]. */
const PER_REQUEST = 20;
/** ListImageServers: limit 1..100, 10 unless told. */
const PAGE_SIZE = 100;
/** Only to bound what waits: how many really go at once is found out (see cloud/pacing.ts). */
const CONCURRENT_READS = 48;

/** "Resource conflict (create image server / delete server)" and "operation conflict" (ErrorCode_0). */
const CONFLICT_CODES: ReadonlySet<string> = new Set(["WKS.00211103", "WKS.00010032"]);

const serverId = idOf("an image server");

export const imageServerBatchDeletion: TargetSetDefinition = {
    resource: "workspaceapp:ImageServerBatchDeletion",
    service: workspaceapp,
    noun: ["image server", "image servers"],
    targets: [{ input: "imageServerIds", id: serverId }],
    // The page calls `recursive` mandatory: it is always sent, and false unless the user says otherwise.
    inputs: { recursive: z.boolean().default(false) },
    placeInputs: [],
    goalInputs: [],
    hasWhen: true,
    hasEnterpriseProject: true,
    acts: (inputs) => {
        const { recursive, enterpriseProjectId } = actInputs.parse(inputs);
        const act = {
            variant: [recursive ? "DELETE recursive" : "DELETE", enterpriseProjectId ?? ""].join(" ").trim(),
            api: (client: CloudClient) => imageServerDeletion(client, recursive, enterpriseProjectId),
        };
        return { onCreate: act, onDestroy: act };
    },
};

export const definitions: readonly TargetSetDefinition[] = [imageServerBatchDeletion];

const actInputs = z.object({
    recursive: z.boolean().default(false),
    enterpriseProjectId: z.string().optional(),
});

export function imageServerDeletion(client: CloudClient, recursive: boolean, enterpriseProjectId?: string): BatchApi {
    const shown = new Set<string>();
    return {
        name: "Workspace APP image servers",
        effect: "deletes",
        perRequest: PER_REQUEST,
        concurrentSubmits: 48,
        exclusive: false,
        polling: { first: 900, floor: 100, cap: 15_000 },
        settleWithin: 60_000,
        inspect: async (keys, { reportedDone, signal }) => {
            const list = imageServers(client, enterpriseProjectId === undefined ? {} : { enterpriseProjectId }, signal);
            const { things, unseen } = await findByIds(keys, list, { reportedDone: reportedDone, shown });
            return new Map(keys.map((key) => [key, unseenState(unseen, key) ?? state(things.get(key))]));
        },
        submit: (keys, signal) => submit(client, recursive, keys, signal),
        poll: jobWatch(client),
    };
}

function state(server: ImageServer | undefined): TargetState {
    if (server === undefined) {
        return { is: "settled" };
    }
    switch (server.status) {
        case "DELETING":
            return { is: "inProgress" };
        // "Instances that are being created or creating images are not supported" (BatchDeleteImageServer).
        case "CREATING":
        case "BUILDING":
            return { is: "blocked", reason: `the image server is ${server.status}` };
        default:
            return { is: "ready", ...(server.name ? { name: clean(server.name) } : {}) };
    }
}

async function submit(
    client: CloudClient,
    recursive: boolean,
    keys: readonly string[],
    signal: AbortSignal,
): Promise<SubmitReply> {
    const call: Call<z.infer<typeof submitted>> = {
        operation: "BatchDeleteImageServer",
        method: "PATCH",
        path: ["v1", client.place.projectId, "image-servers", "actions", "batch-delete"],
        body: { items: keys, recursive },
        effect: "changes",
        answer: submitted,
    };
    try {
        const { body, requestId } = await client.send(call, signal);
        const job = body === "" ? undefined : body?.job_id;
        return {
            is: "accepted",
            failed: new Map(),
            ...(job ? { job } : {}),
            ...(requestId === undefined ? {} : { requestId }),
        };
    } catch (error) {
        // Among many, halves find the one in conflict; alone, it is waited for.
        if (
            error instanceof CloudError &&
            error.kind === "refused" &&
            CONFLICT_CODES.has(error.code) &&
            keys.length === 1
        ) {
            return { is: "blocked", reason: `${error.code}: ${error.detail}` };
        }
        return failedSubmit(error, keys, { permissionCodes: workspaceapp.permissionCodes });
    }
}

/** It becomes a path segment: what looks otherwise is an answer that can't be read. */
const jobId = z.string().regex(/^[A-Za-z0-9_-]{0,128}$/);

/** The page says "the response is empty" and shows a job_id; ids that do not exist are ignored "with a normal response". */
const submitted = z.union([z.object({ job_id: jobId.nullish() }), z.literal(""), z.null(), z.undefined()]);

/** ListImageServers and ShowImageServer: the columns that matter. */
const imageServer = z
    .object({
        id: z.string(),
        name: text,
        description: text,
        status: text,
        image_id: text,
        server_group_id: text,
        app_group_id: text,
        enterprise_project_id: text,
        create_time: text,
        update_time: text,
    })
    .transform(
        (server): ImageServer => ({
            id: server.id,
            name: server.name,
            description: server.description,
            status: server.status,
            imageId: server.image_id,
            serverGroupId: server.server_group_id,
            appGroupId: server.app_group_id,
            enterpriseProjectId: server.enterprise_project_id,
            createTime: server.create_time,
            updateTime: server.update_time,
        }),
    );

const imageServerPage = z
    .object({ count: z.int().min(0), items: z.array(imageServer) })
    .transform((body): Page<ImageServer> => ({ total: body.count, items: body.items }));

function imageServers(client: CloudClient, filters: ImageServerFilters, signal: AbortSignal): Collection<ImageServer> {
    const path = ["v1", client.place.projectId, "image-servers"];
    return {
        noun: "image servers",
        pageSize: PAGE_SIZE,
        concurrent: CONCURRENT_READS,
        // "Empty, or 0: the default enterprise project": the list never shows all of them, and there is no way to ask for all.
        getNeeds: { grant: "the IAM action workspace:imageServer:get", codes: workspaceapp.permissionCodes },
        idOf: (server) => server.id,
        get: (id) =>
            readIfThere(
                client,
                {
                    operation: "ShowImageServer",
                    method: "GET",
                    path: [...path, id],
                    effect: "reads",
                    answer: imageServer,
                },
                saysNotFound,
                signal,
            ),
        page: (offset, limit) =>
            read(
                client,
                {
                    operation: "ListImageServers",
                    method: "GET",
                    path,
                    query: queryOf({
                        offset,
                        limit,
                        server_name: filters.serverName,
                        server_id: filters.serverId,
                        enterprise_project_id: filters.enterpriseProjectId,
                    }),
                    effect: "reads",
                    answer: imageServerPage,
                },
                signal,
            ),
    };
}

/** All image servers that the filters let through. Throws ApiFailure. */
export function listImageServers(
    client: CloudClient,
    filters: ImageServerFilters,
    signal: AbortSignal,
): Promise<readonly ImageServer[]> {
    return listAll(imageServers(client, filters, signal));
}
