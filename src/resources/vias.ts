import { type CustomResourceOptions, type Input, mergeOptions, type Output, secret, type Unwrap } from "@pulumi/pulumi";
import type { BatchTaskFilters, BatchTask as BatchTaskSummary } from "../services/vias/types";
import type { BatchTaskBody } from "./batch-task-body";
import type { DeletionArgs, PlaceArgs } from "./shared/arguments";
import { BatchResource } from "./shared/batch-resource";
import type { FiltersOrAll, ListArgs } from "./shared/list-types";
import { listFunctions } from "./shared/lists";
import type { FailureCause, ResolvedPlace } from "./shared/outputs";
import { DeletionResource } from "./shared/target-set";

export type { BatchTaskBody, BatchTaskInput, BatchTaskOutput, BatchTaskSchedule } from "./batch-task-body";
export type { BatchTaskFilters, BatchTaskSummary };

export interface BatchTaskArgs extends BatchTaskBody, PlaceArgs {
    /** "started": every child RUNNING or SUCCEEDED, or its schedule inactive. Waited for. Default: left as it is. */
    desiredState?: Input<"started" | "stopped"> | undefined;
    /** The id of an existing batch task to take over instead of creating one. It becomes the resource's own: destroy deletes it. */
    adopt?: Input<string> | undefined;
    /** Deadline of the whole hook: "1h30m", "90s". Default "60m". `customTimeouts` is another way to say it, its longest counts. */
    timeout?: Input<string> | undefined;
}

type Echoed<Key extends keyof BatchTaskBody> = Output<Unwrap<BatchTaskBody[Key]>>;

/**
 * A VIAS batch task, which fans out into one child task for each video source. All but `serviceName` and `serviceVersion` is updated in place.
 * Fails if the name is taken (it then names the existing id, for `adopt`), or if children fail or the deadline comes first; the next `up` goes on from there.
 * Its id is the cloud's.
 *
 * API: POST /v2/{project_id}/batch-tasks, https://support.huaweicloud.com/intl/en-us/vias-api/CreateBatchTask.html
 *
 * @example
 * ```ts
 * import { vias } from "pulumi-huaweicloud-batch";
 *
 * const counting = new vias.BatchTask("counting", {
 *     name: "people-counting",
 *     serviceName: "people-counting",
 *     serviceVersion: "1.0.0",
 *     batchInput: {
 *         videoSourceGroup: [{ videoSourceGroupId: "north-gate", videoSourceList: [{ videoSourceId: "camera-1" }] }],
 *     },
 *     output: { obs: { bucket: "counts", path: "north-gate" } },
 *     desiredState: "started",
 * });
 * export const children = counting.states;
 * ```
 */
export class BatchTask extends BatchResource {
    declare readonly name: Echoed<"name">;
    declare readonly description: Echoed<"description">;
    declare readonly schedule: Echoed<"schedule">;
    declare readonly batchInput: Echoed<"batchInput">;
    /** Secret. */
    declare readonly output: Echoed<"output">;
    declare readonly config: Echoed<"config">;
    declare readonly serviceName: Echoed<"serviceName">;
    declare readonly serviceVersion: Echoed<"serviceVersion">;
    declare readonly isSavedAsTemplate: Echoed<"isSavedAsTemplate">;
    declare readonly resourceOrderId: Echoed<"resourceOrderId">;
    declare readonly desiredState: Output<"started" | "stopped" | undefined>;
    declare readonly adopt: Output<string | undefined>;
    declare readonly timeout: Output<string | undefined>;
    declare readonly region: Output<string | undefined>;
    declare readonly projectId: Output<string | undefined>;
    declare readonly profile: Output<string | undefined>;

    /** The cloud's id, as is the resource's. */
    declare readonly batchTaskId: Output<string>;
    /** Resolved once, at create, and kept. */
    declare readonly place: Output<ResolvedPlace>;
    /** Children by state, as the list of batch tasks counts them: {"running": 3}. */
    declare readonly states: Output<Record<string, number>>;
    /** Whether the children are as `desiredState` wants them; without it: unless some are still to be started again after an update. false makes the next `up` go on. */
    declare readonly inDesiredState: Output<boolean>;
    /** Whether the cloud took the declared body over for all children. false makes the next `up` send it again. */
    declare readonly bodyApplied: Output<boolean>;
    /** While the creation is not settled: how many children there must be. */
    declare readonly expectedChildren: Output<number | undefined>;
    /** Why children failed, when they were last to be brought somewhere: each cause, with its count and first ids; `kind` is a child's state. */
    declare readonly failed: Output<FailureCause[]>;
    /** How many children failed of other causes than those, of which 50 are kept. */
    declare readonly failedMore: Output<number>;
    declare readonly schemaVersion: Output<number>;

    constructor(name: string, args: BatchTaskArgs, options?: CustomResourceOptions) {
        const guarded = { ...args, output: secret(args?.output) };
        super(
            {
                namespace: "vias",
                resource: "BatchTask",
                outputs: [
                    "batchTaskId",
                    "place",
                    "states",
                    "inDesiredState",
                    "bodyApplied",
                    "expectedChildren",
                    "failed",
                    "failedMore",
                    "schemaVersion",
                ],
                acts: "both",
                insteadOfImport: 'take an existing batch task over with the argument "adopt": its id',
                // To keep a batch task is what the option is for.
                retainingMatters: false,
                holds: {
                    ids: {},
                    placeInputs: [],
                    owned: { output: "batchTaskId", adoptedBy: "adopt" },
                    decidedBy: [],
                    actsAtDestroy: () => true,
                },
                deleteBeforeReplace: true,
            },
            name,
            guarded,
            mergeOptions(options, { additionalSecretOutputs: ["output"] }),
        );
    }
}

export interface BatchTaskDeletionArgs extends DeletionArgs {
    /** A set: order and duplicates do not matter. */
    batchTaskIds: Input<readonly Input<string>[]>;
}

/**
 * Deletes VIAS batch tasks with all their children, one per request; where children run they are stopped first.
 * Fails if the cloud refuses a target (beyond `allowedFailures`) or the deadline comes first; the next `up` or `destroy` goes on from there.
 *
 * API: DELETE /v2/{project_id}/batch-tasks/{id}, https://support.huaweicloud.com/intl/en-us/vias-api/DeleteBatchTask.html
 *
 * @example
 * ```ts
 * import { vias } from "pulumi-huaweicloud-batch";
 *
 * const finished = vias.listBatchTasks({ taskState: "succeeded" }).then((tasks) => tasks.map(({ id }) => id));
 * new vias.BatchTaskDeletion("finished", { when: "create", batchTaskIds: finished, maxItems: 20 });
 * ```
 */
export class BatchTaskDeletion extends DeletionResource {
    declare readonly batchTaskIds: Output<string[]>;

    constructor(name: string, args: BatchTaskDeletionArgs, options?: CustomResourceOptions) {
        super("vias", "BatchTaskDeletion", { ids: { batchTaskIds: undefined } }, name, args, options);
    }
}

export type ListBatchTasksArgs = ListArgs & FiltersOrAll<BatchTaskFilters, "typeLike">;

const batchTasks = listFunctions<ListBatchTasksArgs, BatchTaskFilters, BatchTaskSummary>({
    name: "vias.listBatchTasks",
    service: () => loadService().vias,
    rules: () => loadListRules().listsBatchTasks,
    read: (client, filters, signal) => loadService().listBatchTasks(client, filters, signal),
});

/**
 * Batch tasks that the list shows to the caller, filtered as the API does it; `all: true` for all of them. API: GET /v2/{project_id}/batch-tasks
 *
 * @example
 * ```ts
 * import { vias } from "pulumi-huaweicloud-batch";
 *
 * export const trials = vias.listBatchTasks({ typeLike: "batch_task_name", nameLike: "trial-" }).then((tasks) => tasks.length);
 * ```
 */
export const listBatchTasks = batchTasks.list;

/** {@link listBatchTasks} over inputs: unknown in a preview in which one of them is, secret if one of them is. */
export const listBatchTasksOutput = batchTasks.listOutput;

function loadService(): typeof import("../services/vias") {
    return require("../services/vias");
}

function loadListRules(): typeof import("../services/vias/lists") {
    return require("../services/vias/lists");
}
