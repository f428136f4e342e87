import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Instance, InstanceFilters } from "../services/clouddc/types";
import type { DeletionArgs } from "./shared/arguments";
import type { FiltersOrAll, ListArgs } from "./shared/list-types";
import { listFunctions } from "./shared/lists";
import { DeletionResource } from "./shared/target-set";

export type { Instance, InstanceFilters };

export interface InstanceBatchDeletionArgs extends DeletionArgs {
    /** A set: order and duplicates do not matter. */
    instanceIds: Input<readonly Input<string>[]>;
}

/**
 * Deletes CloudDC (iMetal) instances, 50 per request, and waits until each is `terminated` or gone.
 * Fails if the cloud refuses a target (beyond `allowedFailures`) or the deadline comes first; the next `up` or `destroy` goes on from there.
 *
 * API: POST /v1/{project_id}/instances/batch-delete, https://support.huaweicloud.com/intl/en-us/api-clouddc/DeleteInstances.html
 *
 * @example
 * ```ts
 * import { clouddc } from "pulumi-huaweicloud-batch";
 *
 * const drained = new clouddc.InstanceBatchDeletion("drained", {
 *     when: "create",
 *     region: "cn-east-3",
 *     instanceIds: ["5a1e7b1c-0000-4000-8000-000000000001"],
 *     maxItems: 10,
 * });
 * export const stillThere = drained.remaining;
 * ```
 */
export class InstanceBatchDeletion extends DeletionResource {
    declare readonly instanceIds: Output<string[]>;

    constructor(name: string, args: InstanceBatchDeletionArgs, options?: CustomResourceOptions) {
        super("clouddc", "InstanceBatchDeletion", { ids: { instanceIds: undefined } }, name, args, options);
    }
}

export type ListInstancesArgs = ListArgs & FiltersOrAll<InstanceFilters>;

const instances = listFunctions<ListInstancesArgs, InstanceFilters, Instance>({
    name: "clouddc.listInstances",
    service: () => loadService().clouddc,
    rules: () => loadListRules().listsInstances,
    read: (client, filters, signal) => loadService().listInstances(client, filters, signal),
});

/**
 * Lists the instances that the caller may see, filtered by the API; `all: true` for all of them. API: GET /v1/{project_id}/instances
 *
 * @example
 * ```ts
 * import { clouddc } from "pulumi-huaweicloud-batch";
 *
 * const stopped = clouddc.listInstances({ instanceState: "stopped" }).then((found) => found.map(({ id }) => id));
 * new clouddc.InstanceBatchDeletion("stopped", { when: "create", instanceIds: stopped, maxItems: 10 });
 * ```
 */
export const listInstances = instances.list;

/** {@link listInstances} for inputs: unknown in a preview if an input is unknown, secret if an input is secret. */
export const listInstancesOutput = instances.listOutput;

function loadService(): typeof import("../services/clouddc") {
    return require("../services/clouddc");
}

function loadListRules(): typeof import("../services/clouddc/lists") {
    return require("../services/clouddc/lists");
}
