import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Asset, AssetFilters } from "../services/metastudio/types";
import type { DeletionArgs, RunArgs } from "./shared/arguments";
import type { FiltersOrAll, ListArgs } from "./shared/list-types";
import { listFunctions } from "./shared/lists";
import { DeletionResource, TargetSetResource } from "./shared/target-set";

export type { Asset, AssetFilters };

export interface AssetBatchDeletionArgs extends DeletionArgs {
    /** A set: order and duplicates do not matter. */
    assetIds: Input<readonly Input<string>[]>;
    /** true: at once and for good (DELETE_FORCE). Default false: into the recycle bin (DELETE). A change acts on every asset anew. */
    permanently?: Input<boolean> | undefined;
}

/**
 * Deletes MetaStudio digital assets, 100 per request, into the recycle bin or for good.
 * Fails if the cloud refuses a target (beyond `allowedFailures`) or the deadline comes first; the next `up` or `destroy` goes on from there.
 *
 * API: POST /v1/{project_id}/digital-assets/batch-action,
 * https://support.huaweicloud.com/intl/en-us/api-metastudio/BatchExecuteAssetAction.html
 *
 * @example
 * ```ts
 * import { metastudio } from "pulumi-huaweicloud-batch";
 *
 * new metastudio.AssetBatchDeletion("drafts", {
 *     when: "destroy",
 *     assetIds: ["a0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5"],
 *     permanently: true,
 * });
 * ```
 */
export class AssetBatchDeletion extends DeletionResource {
    declare readonly assetIds: Output<string[]>;
    declare readonly permanently: Output<boolean | undefined>;

    constructor(name: string, args: AssetBatchDeletionArgs, options?: CustomResourceOptions) {
        super("metastudio", "AssetBatchDeletion", { ids: { assetIds: undefined } }, name, args, options);
    }
}

/** What can be done to assets: DELETE is the recycle bin, RESTORE takes out of it, DELETE_FORCE is for good. */
export type AssetAction = "DELETE" | "DELETE_FORCE" | "RESTORE" | "ACTIVE" | "UNACTIVE" | "SHARE" | "UNSHARE";

export interface AssetBatchActionArgs extends RunArgs {
    /** A set: order and duplicates do not matter. */
    assetIds: Input<readonly Input<string>[]>;
    /** Done at create, and at update to ids that are new; another action is done to all. Default: nothing. */
    onCreate?: Input<AssetAction> | undefined;
    /** Done when the resource is deleted. Default: nothing. */
    onDestroy?: Input<AssetAction> | undefined;
}

/**
 * Does an action to MetaStudio digital assets at create, another at delete, or only one of them; 100 per request. A refresh finds no drift.
 * Fails if the cloud refuses a target (beyond `allowedFailures`) or the deadline comes first; the next `up` or `destroy` goes on from there.
 *
 * API: POST /v1/{project_id}/digital-assets/batch-action,
 * https://support.huaweicloud.com/intl/en-us/api-metastudio/BatchExecuteAssetAction.html
 *
 * @example
 * ```ts
 * import { metastudio } from "pulumi-huaweicloud-batch";
 *
 * new metastudio.AssetBatchAction("on-air", {
 *     assetIds: ["a0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5"],
 *     onCreate: "ACTIVE",
 *     onDestroy: "UNACTIVE",
 * });
 * ```
 */
export class AssetBatchAction extends TargetSetResource {
    declare readonly assetIds: Output<string[]>;
    declare readonly onCreate: Output<AssetAction | undefined>;
    declare readonly onDestroy: Output<AssetAction | undefined>;

    constructor(name: string, args: AssetBatchActionArgs, options?: CustomResourceOptions) {
        const moments = { acts: "both", destroyInput: "onDestroy" } as const;
        super("metastudio", "AssetBatchAction", moments, { ids: { assetIds: undefined } }, name, args, options);
    }
}

export type ListAssetsArgs = ListArgs &
    FiltersOrAll<AssetFilters, "tagCombinationType" | "sortKey" | "sortDir" | "assetSource">;

const assets = listFunctions<ListAssetsArgs, AssetFilters, Asset>({
    name: "metastudio.listAssets",
    service: () => loadService().metastudio,
    rules: () => loadListRules().listsAssets,
    read: (client, filters, signal) => loadService().listAssets(client, filters, signal),
});

/**
 * Assets that the list shows to the caller (the tenant's own unless `assetSource` says otherwise), filtered as the API does it, without `assetStates` those in the recycle bin too; `all: true` for all of them. API: GET /v1/{project_id}/digital-assets
 *
 * @example
 * ```ts
 * import { metastudio } from "pulumi-huaweicloud-batch";
 *
 * const binned = metastudio.listAssets({ assetStates: ["DELETING"] }).then((assets) => assets.map(({ id }) => id));
 * new metastudio.AssetBatchDeletion("binned", { when: "create", assetIds: binned, permanently: true, maxItems: 500 });
 * ```
 */
export const listAssets = assets.list;

/** {@link listAssets} over inputs: unknown in a preview in which one of them is, secret if one of them is. */
export const listAssetsOutput = assets.listOutput;

function loadService(): typeof import("../services/metastudio") {
    return require("../services/metastudio");
}

function loadListRules(): typeof import("../services/metastudio/lists") {
    return require("../services/metastudio/lists");
}
