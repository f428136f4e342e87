import { HOME_PROJECT_ID } from "../emulator/src";

/** One request as a peer sends it. */
export interface Ask {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
}

export interface Reply {
    readonly status: number;
    // biome-ignore lint/suspicious/noExplicitAny: peers read answers of every shape
    readonly body: any;
}

/** One batch API, as the bench seeds it, counts its requests, and lets peers use it. */
export interface BenchService {
    /** As in the emulator. */
    readonly name: "workspaceapp" | "roma" | "clouddc" | "metastudio" | "vias";
    readonly title: string;
    readonly kind: string;
    readonly resource: string;
    /** The input that holds the ids. */
    readonly input: string;
    readonly properties: Readonly<Record<string, unknown>>;
    readonly id: (n: number) => string;
    /** The seed's object with this id. */
    readonly seed: (id: string) => Readonly<Record<string, unknown>>;
    readonly idOf: (object: Readonly<Record<string, unknown>>) => string;
    /** Whether it is in the goal state, though the emulator still has it. */
    readonly ended: (object: Readonly<Record<string, unknown>>) => boolean;
    /** The duration of the work, by its name in the emulator; missing where the API answers at once. */
    readonly duration?: string;
    /** Durations that are not part of the work itself. */
    readonly atOnce: readonly string[];
    readonly perRequest: number;
    /** Most targets that one call of inspection shows. */
    readonly perInspection: number;
    /** "each": every target has a duration of its own, all at once. "job": one for each job, one job after the other. */
    readonly work: "each" | "job" | "none";
    /** The calls of one inspection that shows the end of everything. */
    readonly lastLook: (targets: number) => number;
    readonly submitOperations: readonly string[];
    readonly lookOperations: readonly string[];
    readonly peer: {
        readonly submit: (ids: readonly string[]) => Ask;
        readonly jobOf: (reply: Reply) => string;
        /** Missing: the answer to the submit is believed. */
        readonly look?: (job: string, ids: readonly string[]) => Ask;
        readonly ended: (reply: Reply, ids: readonly string[]) => boolean;
    };
}

const project = HOME_PROJECT_ID;
const number = (n: number, digits: number) => String(n).padStart(digits, "0");
const uuidOf = (n: number) => `00000000-0000-4000-8000-${number(n, 12)}`;

const workspaceapp: BenchService = {
    name: "workspaceapp",
    title: "Workspace APP image servers",
    kind: "imageServers",
    resource: "workspaceapp:ImageServerBatchDeletion",
    input: "imageServerIds",
    properties: {},
    id: (n) => `5000000000000${number(n, 7)}`,
    seed: (id) => ({ id }),
    idOf: ({ id }) => String(id),
    ended: () => false,
    duration: "delete-image-server",
    atOnce: ["job-waits"],
    perRequest: 20,
    perInspection: 100,
    work: "each",
    lastLook: (targets) => Math.ceil(Math.ceil(targets / 20) / 100),
    submitOperations: ["BatchDeleteImageServers"],
    lookOperations: ["ListImageJobs", "ShowImageJob", "ListImageSubJobs"],
    peer: {
        submit: (ids) => ({
            method: "PATCH",
            path: `/v1/${project}/image-servers/actions/batch-delete`,
            body: { items: ids, recursive: false },
        }),
        jobOf: ({ body }) => body.job_id,
        look: (job) => ({ method: "GET", path: `/v1/${project}/image-server-jobs/${job}` }),
        ended: ({ body }) => body.status === "SUCCESS" || body.status === "FAILED",
    },
};

const ROMA_INSTANCE = "01234567-89ab-4cde-8f01-23456789abcd";
const ROMA_PATH = `/v2/${project}/instances/${ROMA_INSTANCE}/assets`;

const roma: BenchService = {
    name: "roma",
    title: "ROMA Connect assets",
    kind: "apps",
    resource: "roma:AssetBatchDeletion",
    input: "appIds",
    properties: { instanceId: ROMA_INSTANCE, taskIds: [] },
    id: uuidOf,
    seed: (id) => ({ id }),
    idOf: ({ id }) => String(id),
    ended: () => false,
    duration: "delete-assets",
    atOnce: [],
    perRequest: 100,
    perInspection: 500,
    work: "job",
    lastLook: () => 1,
    submitOperations: ["DeleteAsset"],
    lookOperations: ["CheckAssetJobStatus"],
    peer: {
        submit: (ids) => ({
            method: "POST",
            path: `${ROMA_PATH}/delete`,
            body: { apps: ids.map((id) => ({ id })), tasks: [] },
        }),
        jobOf: ({ body }) => body.job_id,
        look: (job) => ({ method: "GET", path: `${ROMA_PATH}/jobs/${job}` }),
        ended: ({ body }) => !/^running$/i.test(body.status),
    },
};

const clouddc: BenchService = {
    name: "clouddc",
    title: "CloudDC instances",
    kind: "instances",
    resource: "clouddc:InstanceBatchDeletion",
    input: "instanceIds",
    properties: {},
    id: uuidOf,
    seed: (id) => ({ id, state: "stopped" }),
    idOf: ({ id }) => String(id),
    ended: ({ state }) => state === "terminated",
    duration: "delete-instance",
    atOnce: [],
    perRequest: 50,
    perInspection: 100,
    work: "each",
    lastLook: (targets) => Math.ceil(targets / 100),
    submitOperations: ["DeleteInstances"],
    lookOperations: [],
    peer: {
        submit: (ids) => ({
            method: "POST",
            path: `/v1/${project}/instances/batch-delete`,
            body: { instance_id_set: ids },
        }),
        jobOf: () => "",
        look: (_, ids) => ({
            method: "GET",
            path: `/v1/${project}/instances?instance_id=${ids.join("%2C")}&limit=100`,
        }),
        ended: ({ body }) => body.instances.every((one: { state: string }) => one.state === "terminated"),
    },
};

const metastudio: BenchService = {
    name: "metastudio",
    title: "MetaStudio assets",
    kind: "assets",
    resource: "metastudio:AssetBatchDeletion",
    input: "assetIds",
    properties: { permanently: true },
    id: (n) => `${number(n, 32)}`,
    seed: (id) => ({ asset_id: id }),
    idOf: ({ asset_id }) => String(asset_id),
    ended: ({ asset_state }) => asset_state === "DELETED",
    atOnce: [],
    perRequest: 100,
    perInspection: 100,
    work: "none",
    lastLook: (targets) => Math.ceil(targets / 100),
    submitOperations: ["BatchExecuteAssetAction"],
    lookOperations: [],
    peer: {
        submit: (ids) => ({
            method: "POST",
            path: `/v1/${project}/digital-assets/batch-action`,
            body: { action: "DELETE_FORCE", asset_ids: ids },
        }),
        jobOf: () => "",
        ended: () => true,
    },
};

const vias: BenchService = {
    name: "vias",
    title: "VIAS batch tasks",
    kind: "batchTasks",
    resource: "vias:BatchTaskDeletion",
    input: "batchTaskIds",
    properties: {},
    id: (n) => `${number(n, 32)}`,
    seed: (id) => ({ id, batch_task_name: `batch-of-${id}`, task_state: "STOPPED", num_task: 1 }),
    idOf: ({ id }) => String(id),
    ended: () => false,
    duration: "task-deletes",
    atOnce: [],
    perRequest: 1,
    perInspection: 200,
    work: "each",
    lastLook: () => 1,
    submitOperations: ["DeleteBatchTask"],
    lookOperations: [],
    peer: {
        submit: ([id]) => ({ method: "DELETE", path: `/v2/${project}/batch-tasks/${id}` }),
        jobOf: () => "",
        look: (_, [id]) => ({
            method: "GET",
            path: `/v2/${project}/batch-tasks?name_like=batch-of-${id}&type_like=batch_task_name`,
        }),
        ended: ({ body }) => body.count === 0,
    },
};

export const SERVICES = { workspaceapp, roma, clouddc, metastudio, vias } as const;
export type ServiceName = keyof typeof SERVICES;
