import type { Seed } from "../../emulator/src";

/** The condition of a thing when a schedule begins, or that somebody else brings it into. */
export type Condition = "idle" | "busy" | "deleting";

type Edits = Extract<NonNullable<Seed["faults"]>[number], { fault: "edit" }>["edits"];

export interface Lie {
    readonly name: string;
    readonly operation: string;
    readonly edits: Edits;
    /** It hides that a deletion is in progress: then a second submit is not the client's fault. */
    readonly hidesDeletion: boolean;
    /**
     * "absence": it says that a thing is gone that is there. "success": it says that something was done that was not. Each is found out
     * by what else the service says; where a service tells both lies nothing shows the truth.
     */
    readonly about: "absence" | "success" | "something else";
}

/** Where targets of one kind are. */
export interface TargetKind {
    /** In the emulator. */
    readonly kind: string;
    readonly idField: string;
    readonly nameField: string;
    /** What it is called in a rule, where one resource has several kinds. */
    readonly group?: string;
    /** What a seed says of a thing that no list shows to the caller, and that can be read by its id; missing where there is no such read. */
    readonly unlisted?: object;
    /** The input that holds the ids. */
    readonly input: string;
    /** What stands before the id in the key of a target: "app:". */
    readonly prefix: string;
}

type Stored = Readonly<Record<string, unknown>>;

/** One batch API as the schedules know it: where its things are in the emulator, and how it can lie. */
export interface TortureService {
    /** Of this row. */
    readonly name: string;
    /** In the emulator. */
    readonly service: string;
    readonly kinds: readonly [TargetKind, ...TargetKind[]];
    readonly resource: string;
    /** Tells rows of one resource apart, as its act does. */
    readonly variant?: string;
    /** Inputs that the resource must have beside the targets. */
    readonly properties: Readonly<Record<string, unknown>>;
    readonly id: (n: number) => string;
    /** What a seed says of an object in this condition; missing where the service has no such condition. */
    readonly seeds: Readonly<Partial<Record<Condition, object>>>;
    /** Whether a thing that the emulator still stores is settled. */
    readonly ended: (object: Stored) => boolean;
    readonly deleting: (object: Stored) => boolean;
    /** Whether an inspection shows that a deletion is in progress. */
    readonly showsDeletion: boolean;
    /** Jobs that keep others from beginning, for ever if they are stuck. */
    readonly jobs?: { readonly kind: string; readonly running: (job: Stored) => boolean };
    /** The process that outcome faults spoil. */
    readonly process: string;
    readonly submits: readonly string[];
    readonly reads: readonly string[];
    readonly lies: readonly Lie[];
    /** What the documentation leaves open: one of these is taken. */
    readonly settings: ReadonlyArray<Stored>;
    /** The length of a deletion; missing where it is done at once. */
    readonly duration?: string;
}

const lie = (operation: string, name: string, edits: Edits, hidesDeletion = false): Lie => ({
    name,
    operation,
    edits,
    hidesDeletion,
    about: /page skips one/.test(name) ? "absence" : /SUCC/.test(name) ? "success" : "something else",
});

const workspaceapp: TortureService = {
    name: "workspaceapp",
    service: "workspaceapp",
    kinds: [
        {
            kind: "imageServers",
            idField: "id",
            nameField: "name",
            input: "imageServerIds",
            prefix: "",
            unlisted: { enterprise_project_id: "ep-1" },
        },
    ],
    resource: "workspaceapp:ImageServerBatchDeletion",
    properties: {},
    id: (n) => `5000000000000000${String(n).padStart(4, "0")}`,
    seeds: { idle: {}, busy: { status: "BUILDING" }, deleting: { status: "DELETING" } },
    ended: () => false,
    deleting: ({ status }) => status === "DELETING",
    showsDeletion: true,
    process: "delete-image-server",
    submits: ["BatchDeleteImageServers"],
    reads: ["ListImageServers", "ShowImageServer", "ListImageJobs", "ShowImageJob"],
    duration: "delete-image-server",
    settings: [
        {},
        { busyServers: "fail-sub-job", deletingServers: "fail-sub-job" },
        { deletingServers: "ignore", jobIdWhenNothingToDo: "present" },
        { afterFailedDeletion: "ERROR", jobRetentionSeconds: 20 },
        { serverOrder: "shuffled", jobOrder: "shuffled" },
    ],
    lies: [
        lie("ShowImageJob", "job says SUCCESS", [{ do: "set", at: "/status", value: "SUCCESS" }]),
        lie("ShowImageJob", "job says FAILED", [{ do: "set", at: "/status", value: "FAILED" }]),
        lie("ShowImageJob", "job in unknown state", [{ do: "set", at: "/status", value: "FROBNICATED" }]),
        lie("ShowImageJob", "job back to WAITING", [{ do: "set", at: "/status", value: "WAITING" }]),
        lie("ShowImageJob", "result leaves one out", [{ do: "drop-first", at: "/sub_jobs" }]),
        lie("ShowImageJob", "result leaves all out", [{ do: "remove", at: "/sub_jobs" }]),
        lie("ShowImageJob", "result says FAILED", [
            { do: "set", at: "/status", value: "FAILED" },
            { do: "set", at: "/sub_jobs/*/status", value: "FAILED" },
        ]),
        lie("ShowImageJob", "result names a stranger", [
            {
                do: "append",
                at: "/sub_jobs",
                value: { job_resource_info: { resource_id: "stranger" }, status: "FAILED" },
            },
        ]),
        lie("ListImageJobs", "page skips a job", [{ do: "drop-first", at: "/items" }]),
        lie("ListImageJobs", "page repeats a job", [{ do: "repeat-first", at: "/items" }]),
        lie("ListImageJobs", "jobs say SUCCESS", [{ do: "set", at: "/items/*/status", value: "SUCCESS" }]),
        lie("ListImageServers", "page skips one", [{ do: "drop-first", at: "/items" }]),
        lie("ListImageServers", "page repeats one", [{ do: "repeat-first", at: "/items" }]),
        lie("ListImageServers", "page turned round", [{ do: "reverse", at: "/items" }]),
        lie("ListImageServers", "unknown states", [{ do: "set", at: "/items/*/status", value: "FROBNICATED" }], true),
        lie("ShowImageServer", "unknown state", [{ do: "set", at: "/status", value: "FROBNICATED" }], true),
        lie("BatchDeleteImageServers", "answer without a job", [{ do: "remove", at: "/job_id" }]),
        lie("BatchDeleteImageServers", "answer names a stranger", [{ do: "set", at: "/job_id", value: "stranger" }]),
    ],
};

const clouddc: TortureService = {
    name: "clouddc",
    service: "clouddc",
    kinds: [
        {
            kind: "instances",
            idField: "id",
            nameField: "name",
            input: "instanceIds",
            prefix: "",
            unlisted: { unlisted: true },
        },
    ],
    resource: "clouddc:InstanceBatchDeletion",
    properties: {},
    id: (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
    seeds: { idle: {}, busy: { state: "reinstalling" }, deleting: { state: "shutting-down" } },
    ended: ({ state }) => state === "terminated",
    deleting: ({ state }) => state === "shutting-down",
    showsDeletion: true,
    process: "delete-instance",
    submits: ["DeleteInstances"],
    reads: ["ListInstances", "ShowInstanceStatus"],
    duration: "delete-instance",
    settings: [
        {},
        { deletingInTransition: "allow", deletingAgain: "accept", deletingTerminated: "accept" },
        { terminatedRetentionSeconds: 0, unknownIds: "ignore" },
        { terminatedRetentionSeconds: null, deletingTerminated: "refuse", lastMarker: "empty" },
        { missingInList: "not-found", lastMarker: "absent", stateWhileReinstalling: "reinstalling" },
    ],
    lies: [
        lie("ListInstances", "page skips one", [{ do: "drop-first", at: "/instances" }]),
        lie("ListInstances", "page repeats one", [{ do: "repeat-first", at: "/instances" }]),
        lie("ListInstances", "page turned round", [{ do: "reverse", at: "/instances" }]),
        lie("ListInstances", "unknown states", [{ do: "set", at: "/instances/*/state", value: "frobnicating" }], true),
        lie("ListInstances", "page without a count", [{ do: "remove", at: "/count" }]),
        lie("DeleteInstances", "answer of another shape", [{ do: "set", at: "", value: ["well", "done"] }]),
    ],
};

const roma: TortureService = {
    name: "roma",
    service: "roma",
    kinds: [
        {
            kind: "apps",
            idField: "id",
            nameField: "name",
            group: "apps",
            input: "appIds",
            prefix: "app:",
            unlisted: { created_user: { user_id: "somebody", user_name: "somebody" } },
        },
        {
            kind: "tasks",
            idField: "task_id",
            nameField: "task_name",
            group: "tasks",
            input: "taskIds",
            prefix: "task:",
            unlisted: { creator_id: "somebody" },
        },
    ],
    resource: "roma:AssetBatchDeletion",
    properties: { instanceId: "01234567-89ab-4cde-8f01-23456789abcd" },
    id: (n) => `0123456789abcdef${String(n).padStart(16, "0")}`,
    seeds: { idle: {} },
    ended: () => false,
    deleting: () => false,
    showsDeletion: false,
    jobs: { kind: "jobs", running: ({ state }) => state === "RUNNING" },
    process: "delete-app",
    submits: ["DeleteAsset"],
    reads: ["ListApps", "ShowApp", "ListTasks", "ShowTask", "CheckAssetJobStatus"],
    duration: "delete-assets",
    settings: [
        {},
        { disappearance: "at-end", unknownIds: "fail-job", jobStatusSpelling: "Running|Success|Failed" },
        { othersOnFailure: "stay", goneDuringJob: "ignore", jobTimes: "milliseconds" },
        { jobRetentionSeconds: 5, unknownIds: "ignore", jobStatusSpelling: "Running|Finished|Failed" },
        { disappearance: "at-end", othersOnFailure: "stay", reasonField: "reason", appOrder: "shuffled" },
    ],
    lies: [
        lie("CheckAssetJobStatus", "job says SUCCEEDED", [{ do: "set", at: "/status", value: "SUCCEEDED" }]),
        lie("CheckAssetJobStatus", "job says FAILED", [{ do: "set", at: "/status", value: "FAILED" }]),
        lie("CheckAssetJobStatus", "job in unknown state", [{ do: "set", at: "/status", value: "FROBNICATED" }]),
        lie("CheckAssetJobStatus", "progress goes backwards", [{ do: "set", at: "/progress_percent", value: 0.1 }]),
        lie("CheckAssetJobStatus", "progress beyond the end", [{ do: "set", at: "/progress_percent", value: 170 }]),
        lie("CheckAssetJobStatus", "result names a stranger", [
            { do: "set", at: "/status", value: "FAILED" },
            {
                do: "set",
                at: "/reasons",
                value: [
                    { resource_type: "application", resource_name: "stranger", error_code: "X.1", error_msg: "no" },
                ],
            },
        ]),
        lie("CheckAssetJobStatus", "result leaves all out", [{ do: "remove", at: "/reasons" }]),
        lie("ListApps", "page skips one", [{ do: "drop-first", at: "/apps" }]),
        lie("ListApps", "page repeats one", [{ do: "repeat-first", at: "/apps" }]),
        lie("ListTasks", "page skips one", [{ do: "drop-first", at: "/entities" }]),
        lie("DeleteAsset", "answer without a job", [{ do: "remove", at: "/job_id" }]),
        lie("DeleteAsset", "answer names a stranger", [{ do: "set", at: "/job_id", value: "stranger" }]),
    ],
};

const assets: TortureService = {
    name: "metastudio for good",
    service: "metastudio",
    kinds: [
        {
            kind: "assets",
            idField: "asset_id",
            nameField: "asset_name",
            input: "assetIds",
            prefix: "",
            unlisted: { unlisted: true },
        },
    ],
    resource: "metastudio:AssetBatchDeletion",
    variant: "DELETE_FORCE",
    properties: { permanently: true },
    id: (n) => `fedcba9876543210${String(n).padStart(16, "0")}`,
    seeds: { idle: {}, busy: { asset_state: "CREATING" }, deleting: { asset_state: "DELETING" } },
    ended: ({ asset_state }) => asset_state === "DELETED",
    deleting: () => false,
    showsDeletion: true,
    process: "delete-force",
    submits: ["BatchExecuteAssetAction"],
    reads: ["ListAssetSummary", "ShowAsset", "ListAssets"],
    settings: [
        {},
        { duplicateIds: "collapse", alreadyDone: "accept", successSpelling: "SUCESS" },
        { unknownIds: "refuse-call", unknownSummaries: "refuse-call" },
        { deletedRecordSeconds: 0 },
        { deletedRecordSeconds: null },
    ],
    lies: [
        lie("BatchExecuteAssetAction", "result leaves one group out", [{ do: "drop-first", at: "/results" }]),
        lie("BatchExecuteAssetAction", "result leaves one out", [{ do: "drop-first", at: "/results/*/asset_ids" }]),
        lie("BatchExecuteAssetAction", "result leaves all out", [{ do: "remove", at: "/results" }]),
        lie("BatchExecuteAssetAction", "result says FAILED", [
            { do: "set", at: "/results/*/ret_status", value: "FAILED" },
        ]),
        lie("BatchExecuteAssetAction", "result says SUCCESS", [
            { do: "set", at: "/results/*/ret_status", value: "SUCCESS" },
        ]),
        lie("BatchExecuteAssetAction", "result names a stranger", [
            { do: "append", at: "/results/*/asset_ids", value: "stranger" },
        ]),
        lie("BatchExecuteAssetAction", "result in unknown state", [
            { do: "set", at: "/results/*/ret_status", value: "FROBNICATED" },
        ]),
        lie("ListAssetSummary", "page skips one", [{ do: "drop-first", at: "/asset_list" }]),
        lie("ListAssetSummary", "page repeats one", [{ do: "repeat-first", at: "/asset_list" }]),
        lie(
            "ListAssetSummary",
            "unknown states",
            [{ do: "set", at: "/asset_list/*/asset_state", value: "FROB" }],
            true,
        ),
    ],
};

const recycled: TortureService = {
    ...assets,
    name: "metastudio to the bin",
    variant: "DELETE",
    properties: { permanently: false },
    id: (n) => `0000cba9876543210${String(n).padStart(15, "0")}`,
    seeds: { idle: {}, busy: { asset_state: "CREATING" } },
    ended: ({ asset_state }) => asset_state === "DELETED" || asset_state === "DELETING",
    process: "delete",
};

const vias: TortureService = {
    name: "vias",
    service: "vias",
    kinds: [{ kind: "batchTasks", idField: "id", nameField: "batch_task_name", input: "batchTaskIds", prefix: "" }],
    resource: "vias:BatchTaskDeletion",
    properties: {},
    id: (n) => `abcdef0123456789${String(n).padStart(16, "0")}`,
    seeds: {
        idle: { task_state: "STOPPED" },
        busy: { task_state: "RUNNING" },
        deleting: { task_state: "DELETING", deleted_by: "somebody else" },
    },
    ended: () => false,
    deleting: ({ deleted_by }) => deleted_by !== null,
    showsDeletion: true,
    process: "delete-task",
    submits: ["DeleteBatchTask"],
    reads: ["ListBatchTasks", "BatchStartStopTask"],
    duration: "task-deletes",
    settings: [{}, { deleteActive: "count-failed" }, { afterDelete: "at-once" }, { idleChildren: "count-succeeded" }],
    lies: [
        lie("ListBatchTasks", "page skips one", [{ do: "drop-first", at: "/batch_task_list" }]),
        lie("ListBatchTasks", "page repeats one", [{ do: "repeat-first", at: "/batch_task_list" }]),
        lie("ListBatchTasks", "page turned round", [{ do: "reverse", at: "/batch_task_list" }]),
    ],
};

/** One more service is its rows here, and nothing else. */
export const services: readonly TortureService[] = [workspaceapp, clouddc, roma, assets, recycled, vias];

export function serviceNamed(name: string): TortureService {
    const found = services.find((service) => service.name === name);
    if (found === undefined) {
        throw new Error(`no service ${name}`);
    }
    return found;
}

/** The row that a resource, and the act that it does, belong to. */
export function serviceOf(resource: string, variant: string): TortureService {
    const found = services.find((service) => service.resource === resource && (service.variant ?? variant) === variant);
    if (found === undefined) {
        throw new Error(`no service for ${resource} (${variant})`);
    }
    return found;
}
