import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Instance, InstanceFilters, InstanceState } from "../services/clouddc/types";
import type { DeletionArgs } from "./shared/arguments";
import type { ByMatching, FiltersOrAll, ListArgs } from "./shared/list-types";
import { listFunctions } from "./shared/lists";
import type { ByRule, CommonCriteria, Pairs, Texts } from "./shared/matching";
import { DeletionResource } from "./shared/target-set";

export type { Instance, InstanceFilters, InstanceState };

export interface InstancesByIds {
    /** A set: order and duplicates do not matter. */
    instanceIds: Input<readonly Input<string>[]>;
    matching?: undefined;
}

export interface InstancesByRule extends ByRule<InstanceMatching> {
    instanceIds?: undefined;
}

/** The instances by their ids, or by a rule. */
export type InstanceBatchDeletionArgs = DeletionArgs & (InstancesByIds | InstancesByRule);

/**
 * Which instances match, by what the list of instances shows. An instance that is terminated already matches too, and counts as gone.
 *
 * @example
 * ```ts
 * import { clouddc } from "pulumi-huaweicloud-batch";
 *
 * new clouddc.InstanceBatchDeletion("left-over", {
 *     when: "destroy",
 *     matching: { tags: { team: "render", stage: ["test", "trial"] }, olderThan: "2h", except: ["*-keep"] },
 *     maxItems: 50,
 * });
 * ```
 */
export interface InstanceMatching extends CommonCriteria {
    states?: Texts<InstanceState>;
    /** The instance has each of these tags, with its value or one of its values. */
    tags?: Pairs;
    /** The image that it was made from is one of these. */
    imageIds?: Texts;
    vpcIds?: Texts;
    /** The physical server that it runs on is one of these. */
    serverIds?: Texts;
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
    declare readonly instanceIds: Output<string[] | undefined>;
    /** The rule, its sets in order and the values of pairs as lists. */
    declare readonly matching: Output<object | undefined>;

    constructor(name: string, args: InstanceBatchDeletionArgs, options?: CustomResourceOptions) {
        super("clouddc", "InstanceBatchDeletion", { ids: { instanceIds: undefined } }, name, args, options);
    }
}

export type ListInstancesArgs = ListArgs & FiltersOrAll<InstanceFilters & ByMatching<InstanceMatching>>;

const instances = listFunctions<ListInstancesArgs, Instance>("clouddc.listInstances", () => loadService().instanceList);

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
