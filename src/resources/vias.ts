import { type CustomResourceOptions, type Input, mergeOptions, type Output, secret, type Unwrap } from "@pulumi/pulumi";
import type { BatchTaskFilters, BatchTask as BatchTaskSummary, ChildState } from "../services/vias/types";
import type { BatchTaskBody } from "./batch-task-body";
import type { DeletionArgs, PlaceArgs } from "./shared/arguments";
import { BatchResource } from "./shared/batch-resource";
import type { ByMatching, FiltersOrAll, ListArgs } from "./shared/list-types";
import { listFunctions } from "./shared/lists";
import type { ByRule, CommonCriteria, Texts } from "./shared/matching";
import type { FailureCause, ResolvedPlace } from "./shared/outputs";
import { DeletionResource } from "./shared/target-set";

export type { BatchTaskBody, BatchTaskInput, BatchTaskOutput, BatchTaskSchedule } from "./batch-task-body";
export type { BatchTaskFilters, BatchTaskSummary, ChildState };

export interface BatchTaskArgs extends BatchTaskBody, PlaceArgs {
    /** "started": every child is RUNNING or SUCCEEDED, or its schedule is inactive. The resource waits for it. Default: left as it is. */
    desiredState?: Input<"started" | "stopped"> | undefined;
    /** The id of an existing batch task to adopt instead of creating one. Destroy then deletes it. */
    adopt?: Input<string> | undefined;
    /** Deadline of the whole hook: "1h30m", "90s". Default "60m". Overrides `customTimeouts`, of which the longest counts. */
    timeout?: Input<string> | undefined;
}

type Echoed<Key extends keyof BatchTaskBody> = Output<Unwrap<BatchTaskBody[Key]>>;

/**
 * A VIAS batch task, which has one child task for each video source. A change of `serviceName` or `serviceVersion` replaces it; all else is updated in place.
 * Fails if the name is taken (the error names the existing id, for `adopt`), if children fail, or if the deadline comes first; the next `up` goes on from there.
 * The resource's id is the cloud's id.
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

    /** The cloud's id, which is also the resource's id. */
    declare readonly batchTaskId: Output<string>;
    /** Resolved once, at create, and kept. */
    declare readonly place: Output<ResolvedPlace>;
    /** Children by state, as the list of batch tasks counts them: {"running": 3}. */
    declare readonly states: Output<Record<string, number>>;
    /** Whether the children are in `desiredState`. Without `desiredState`: false while children still have to be restarted after an update. false makes the next `up` go on. */
    declare readonly inDesiredState: Output<boolean>;
    /** Whether the cloud applied the declared body to all children. false makes the next `up` send it again. */
    declare readonly bodyApplied: Output<boolean>;
    /** How many children there must be; only until the creation is settled. */
    declare readonly expectedChildren: Output<number | undefined>;
    /** Why children failed when they were last started or stopped: each cause, with its count and first ids; `kind` is a child's state. */
    declare readonly failed: Output<FailureCause[]>;
    /** How many children failed for other causes: 50 causes are kept. */
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
                // The option is meant for this: it keeps the batch task.
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

export interface BatchTasksByIds {
    /** A set: order and duplicates do not matter. */
    batchTaskIds: Input<readonly Input<string>[]>;
    matching?: undefined;
}

export interface BatchTasksByRule extends ByRule<BatchTaskMatching> {
    batchTaskIds?: undefined;
}

/** The batch tasks by their ids, or by a rule. */
export type BatchTaskDeletionArgs = DeletionArgs & (BatchTasksByIds | BatchTasksByRule);

/**
 * Which batch tasks match, by what the list of batch tasks shows.
 *
 * @example
 * ```ts
 * import { vias } from "pulumi-huaweicloud-batch";
 *
 * new vias.BatchTaskDeletion("left-over", {
 *     when: "destroy",
 *     matching: { names: ["trial-*"], states: ["succeeded", "failed", "stopped"], videoGroups: ["gate-north"] },
 *     maxItems: 20,
 * });
 * ```
 */
export interface BatchTaskMatching extends CommonCriteria {
    /** Each of its tasks is in one of these states. A batch task without tasks has none, and does not match. */
    states?: Texts<ChildState>;
    /** The algorithm of its service has one of these names; the list does not show the name of the service itself. */
    services?: Texts;
    /** The name of its video group is one of these. */
    videoGroups?: Texts;
    /** The maker of the algorithm is one of these. */
    companies?: Texts;
}

/**
 * Deletes VIAS batch tasks with all their children, one per request. Running children are stopped first.
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
    declare readonly batchTaskIds: Output<string[] | undefined>;
    /** The rule, its sets in order and the values of pairs as lists. */
    declare readonly matching: Output<object | undefined>;

    constructor(name: string, args: BatchTaskDeletionArgs, options?: CustomResourceOptions) {
        super("vias", "BatchTaskDeletion", { ids: { batchTaskIds: undefined } }, name, args, options);
    }
}

export type ListBatchTasksArgs = ListArgs & FiltersOrAll<BatchTaskFilters & ByMatching<BatchTaskMatching>, "typeLike">;

const batchTasks = listFunctions<ListBatchTasksArgs, BatchTaskSummary>(
    "vias.listBatchTasks",
    () => loadService().batchTaskList,
);

/**
 * Lists the batch tasks that the caller may see, filtered by the API; `all: true` for all of them. API: GET /v2/{project_id}/batch-tasks
 *
 * @example
 * ```ts
 * import { vias } from "pulumi-huaweicloud-batch";
 *
 * export const trials = vias.listBatchTasks({ typeLike: "batch_task_name", nameLike: "trial-" }).then((tasks) => tasks.length);
 * ```
 */
export const listBatchTasks = batchTasks.list;

/** {@link listBatchTasks} for inputs: unknown in a preview if an input is unknown, secret if an input is secret. */
export const listBatchTasksOutput = batchTasks.listOutput;

function loadService(): typeof import("../services/vias") {
    return require("../services/vias");
}
