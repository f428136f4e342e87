import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { App, AppFilters, FdiTask, FdiTaskFilters } from "../services/roma/types";
import type { DeletionArgs } from "./shared/arguments";
import type { FiltersOrAll, ListArgs } from "./shared/list-types";
import { listFunctions } from "./shared/lists";
import { DeletionResource } from "./shared/target-set";

export type { App, AppFilters, FdiTask, FdiTaskFilters };

export interface AssetBatchDeletionArgs extends DeletionArgs {
    /** The ROMA Connect instance that holds the assets. A change replaces the resource. */
    instanceId: Input<string>;
    /** Integration applications. A set: order and duplicates do not matter. */
    appIds?: Input<readonly Input<string>[]> | undefined;
    /** FDI data-integration tasks. */
    taskIds?: Input<readonly Input<string>[]> | undefined;
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

    constructor(name: string, args: AssetBatchDeletionArgs, options?: CustomResourceOptions) {
        const targets = { ids: { appIds: "app", taskIds: "task" }, placeInputs: ["instanceId"] };
        super("roma", "AssetBatchDeletion", targets, name, args, options);
    }
}

interface OfInstance {
    /** The ROMA Connect instance that is listed. */
    readonly instanceId: string;
}

export type ListAppsArgs = ListArgs & OfInstance & FiltersOrAll<AppFilters>;

const apps = listFunctions<ListAppsArgs, AppFilters & OfInstance, App>({
    name: "roma.listApps",
    service: () => loadService().roma,
    rules: () => loadListRules().listsApps,
    read: (client, { instanceId, ...filters }, signal) => loadService().listApps(client, instanceId, filters, signal),
});

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

export type ListFdiTasksArgs = ListArgs & OfInstance & FiltersOrAll<FdiTaskFilters, "sortField" | "sortType">;

const fdiTasks = listFunctions<ListFdiTasksArgs, FdiTaskFilters & OfInstance, FdiTask>({
    name: "roma.listFdiTasks",
    service: () => loadService().roma,
    rules: () => loadListRules().listsFdiTasks,
    read: (client, { instanceId, ...filters }, signal) =>
        loadService().listFdiTasks(client, instanceId, filters, signal),
});

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

function loadListRules(): typeof import("../services/roma/lists") {
    return require("../services/roma/lists");
}
