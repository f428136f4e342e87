import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { App, AppFilters, FdiExecuteState, FdiTask, FdiTaskFilters } from "../services/roma/types";
import type { DeletionArgs } from "./shared/arguments";
import type { ByMatching, FiltersOrAll, ListArgs } from "./shared/list-types";
import { listFunctions } from "./shared/lists";
import type { ByRule, CommonCriteria, Texts } from "./shared/matching";
import { DeletionResource } from "./shared/target-set";

export type { App, AppFilters, FdiExecuteState, FdiTask, FdiTaskFilters };

export interface AssetDeletionArgs extends DeletionArgs {
    /** The ROMA Connect instance that holds the assets. A change replaces the resource. */
    instanceId: Input<string>;
}

export interface AssetsByIds {
    /** Integration applications. A set: order and duplicates do not matter. */
    appIds?: Input<readonly Input<string>[]> | undefined;
    /** FDI data-integration tasks. */
    taskIds?: Input<readonly Input<string>[]> | undefined;
    matching?: undefined;
}

export interface AssetsByRule extends ByRule<AssetMatching> {
    appIds?: undefined;
    taskIds?: undefined;
}

/** The apps and FDI tasks by their ids, or by a rule for each kind. */
export type AssetBatchDeletionArgs = AssetDeletionArgs & (AssetsByIds | AssetsByRule);

/**
 * Which apps and which FDI tasks match, by what the lists of the instance show. A kind that is left out is left alone.
 *
 * @example
 * ```ts
 * import { roma } from "pulumi-huaweicloud-batch";
 *
 * new roma.AssetBatchDeletion("left-over", {
 *     when: "destroy",
 *     instanceId: "7e1b2c3d-0000-4000-8000-000000000001",
 *     matching: { apps: { names: ["load-test-*"] }, tasks: { states: ["stopped"], olderThan: "30d" } },
 *     maxItems: 200,
 * });
 * ```
 */
export interface AssetMatching {
    apps?: Input<AppMatching>;
    tasks?: Input<FdiTaskMatching>;
}

/** The list of apps shows no state. */
export interface AppMatching extends CommonCriteria {
    /** The name of the user who made it is one of these. */
    createdBy?: Texts;
}

export interface FdiTaskMatching extends CommonCriteria {
    /** Whether it is switched on. */
    states?: Texts<"stopped" | "running">;
    types?: Texts<"REALTIME" | "TIMING">;
    /** How its last run ended, or goes on. */
    executeStates?: Texts<FdiExecuteState>;
    sourceAppIds?: Texts;
    targetAppIds?: Texts;
    /** Its tag is one of these. */
    tags?: Texts;
}

/**
 * Deletes applications and FDI tasks of one ROMA Connect instance: 100 of both together per request, one job at a time per user.
 * Fails if the cloud refuses a target (beyond `allowedFailures`) or the deadline comes first; the next `up` or `destroy` goes on from there.
 *
 * API: POST /v2/{project_id}/instances/{instance_id}/assets/delete, https://support.huaweicloud.com/intl/en-us/api-roma/DeleteAsset.html
 *
 * @example
 * ```ts
 * import { roma } from "pulumi-huaweicloud-batch";
 *
 * const retired = new roma.AssetBatchDeletion("retired", {
 *     when: "create",
 *     instanceId: "7e1b2c3d-0000-4000-8000-000000000001",
 *     appIds: ["3f0f2f7e-0000-4000-8000-000000000001"],
 * });
 * export const deleted = retired.counts.deleted;
 * ```
 */
export class AssetBatchDeletion extends DeletionResource {
    declare readonly instanceId: Output<string>;
    declare readonly appIds: Output<string[] | undefined>;
    declare readonly taskIds: Output<string[] | undefined>;
    /** The rule, its sets in order and the values of pairs as lists. */
    declare readonly matching: Output<object | undefined>;

    constructor(name: string, args: AssetBatchDeletionArgs, options?: CustomResourceOptions) {
        const targets = { ids: { appIds: "app", taskIds: "task" }, placeInputs: ["instanceId"] };
        super("roma", "AssetBatchDeletion", targets, name, args, options);
    }
}

interface OfInstance {
    /** The ROMA Connect instance that is listed. */
    readonly instanceId: string;
}

export type ListAppsArgs = ListArgs & OfInstance & FiltersOrAll<AppFilters & ByMatching<AppMatching>>;

const apps = listFunctions<ListAppsArgs, App>("roma.listApps", () => loadService().appList);

/**
 * Lists the integration applications of one instance that the caller may see (IAM users: their own, and those they have a role on), filtered by the API; `all: true` for all of them.
 * Fails beyond the 10,500 that the API lists. API: GET /v2/{project_id}/instances/{instance_id}/apps
 *
 * @example
 * ```ts
 * import { roma } from "pulumi-huaweicloud-batch";
 *
 * const instanceId = "7e1b2c3d-0000-4000-8000-000000000001";
 * const stale = roma.listApps({ instanceId, name: "load-test" }).then((apps) => apps.map((app) => app.id));
 * new roma.AssetBatchDeletion("stale", { when: "create", instanceId, appIds: stale, maxItems: 50 });
 * ```
 */
export const listApps = apps.list;

/** {@link listApps} for inputs: unknown in a preview if an input is unknown, secret if an input is secret. */
export const listAppsOutput = apps.listOutput;

export type ListFdiTasksArgs = ListArgs &
    OfInstance &
    FiltersOrAll<FdiTaskFilters & ByMatching<FdiTaskMatching>, "sortField" | "sortType">;

const fdiTasks = listFunctions<ListFdiTasksArgs, FdiTask>("roma.listFdiTasks", () => loadService().fdiTaskList);

/**
 * Lists the FDI tasks of one instance that the caller may see (IAM users may see only their own), filtered by the API; `all: true` for all of them. API: GET /v2/{project_id}/fdi/instances/{instance_id}/tasks
 *
 * @example
 * ```ts
 * import { roma } from "pulumi-huaweicloud-batch";
 *
 * const instanceId = "7e1b2c3d-0000-4000-8000-000000000001";
 * const failing = roma.listFdiTasks({ instanceId, executeStatus: "ERROR" }).then((tasks) => tasks.map((task) => task.id));
 * new roma.AssetBatchDeletion("failing", { when: "create", instanceId, taskIds: failing, maxItems: 50 });
 * ```
 */
export const listFdiTasks = fdiTasks.list;

/** {@link listFdiTasks} for inputs: unknown in a preview if an input is unknown, secret if an input is secret. */
export const listFdiTasksOutput = fdiTasks.listOutput;

function loadService(): typeof import("../services/roma") {
    return require("../services/roma");
}
