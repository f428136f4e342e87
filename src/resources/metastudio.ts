import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Asset, AssetFilters, AssetState, AssetType } from "../services/metastudio/types";
import type { DeletionArgs, RunArgs } from "./shared/arguments";
import type { ByMatching, FiltersOrAll, ListArgs } from "./shared/list-types";
import { listFunctions } from "./shared/lists";
import type { ByRule, CommonCriteria, Pairs, Texts } from "./shared/matching";
import { DeletionResource, TargetSetResource } from "./shared/target-set";

export type { Asset, AssetFilters, AssetState, AssetType };

export interface AssetsByIds {
    /** A set: order and duplicates do not matter. */
    assetIds: Input<readonly Input<string>[]>;
    matching?: undefined;
}

export interface AssetsByRule extends ByRule<AssetMatching> {
    assetIds?: undefined;
}

/**
 * Which of the tenant's own assets match, by what the list of assets shows. Assets in the recycle bin match too: where they are to be left
 * alone, give `states`.
 *
 * @example
 * ```ts
 * import { metastudio } from "pulumi-huaweicloud-batch";
 *
 * new metastudio.AssetBatchDeletion("left-over", {
 *     when: "destroy",
 *     permanently: true,
 *     matching: { types: ["VIDEO"], tags: ["trial"], states: ["ACTIVED", "UNACTIVED"], olderThan: "7d" },
 *     maxItems: 500,
 * });
 * ```
 */
export interface AssetMatching extends CommonCriteria {
    states?: Texts<AssetState>;
    types?: Texts<AssetType>;
    /** The asset has each of these tags. */
    tags?: Texts;
    /** The asset has each of these system properties, with its value or one of its values. */
    systemProperties?: Pairs;
}

/** The assets by their ids, or by a rule. */
export type AssetBatchDeletionArgs = AssetDeletionArgs & (AssetsByIds | AssetsByRule);

export interface AssetDeletionArgs extends DeletionArgs {
    /** true: deletes permanently (DELETE_FORCE). Default false: moves to the recycle bin (DELETE). A change acts on every asset again. */
    permanently?: Input<boolean> | undefined;
}

/**
 * Deletes MetaStudio digital assets, 100 per request: permanently, or into the recycle bin.
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
    declare readonly assetIds: Output<string[] | undefined>;
    /** The rule, its sets in order and the values of pairs as lists. */
    declare readonly matching: Output<object | undefined>;
    declare readonly permanently: Output<boolean | undefined>;

    constructor(name: string, args: AssetBatchDeletionArgs, options?: CustomResourceOptions) {
        super("metastudio", "AssetBatchDeletion", { ids: { assetIds: undefined } }, name, args, options);
    }
}

/** The actions on assets. DELETE moves to the recycle bin, RESTORE takes out of it, DELETE_FORCE deletes permanently. */
export type AssetAction = "DELETE" | "DELETE_FORCE" | "RESTORE" | "ACTIVE" | "UNACTIVE" | "SHARE" | "UNSHARE";

/** The assets by their ids, or by a rule, which is evaluated whenever the action is performed. */
export type AssetBatchActionArgs = AssetActionArgs & (AssetsByIds | AssetsByRule);

export interface AssetActionArgs extends RunArgs {
    /** The action at create. An update does it to new ids; if the action changes, to all ids. Default: none. */
    onCreate?: Input<AssetAction> | undefined;
    /** The action when the resource is deleted. Default: none. */
    onDestroy?: Input<AssetAction> | undefined;
}

/**
 * Performs an action on MetaStudio digital assets at create, at delete, or at both; 100 per request. A refresh detects no drift.
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
    declare readonly assetIds: Output<string[] | undefined>;
    /** The rule, its sets in order and the values of pairs as lists. */
    declare readonly matching: Output<object | undefined>;
    declare readonly onCreate: Output<AssetAction | undefined>;
    declare readonly onDestroy: Output<AssetAction | undefined>;

    constructor(name: string, args: AssetBatchActionArgs, options?: CustomResourceOptions) {
        const moments = { acts: "both", destroyInput: "onDestroy" } as const;
        super("metastudio", "AssetBatchAction", moments, { ids: { assetIds: undefined } }, name, args, options);
    }
}

export type ListAssetsArgs = ListArgs &
    FiltersOrAll<
        AssetFilters & ByMatching<AssetMatching>,
        "tagCombinationType" | "sortKey" | "sortDir" | "assetSource"
    >;

const assets = listFunctions<ListAssetsArgs, Asset>("metastudio.listAssets", () => loadService().assetList);

/**
 * Lists the assets that the caller may see (the tenant's own unless `assetSource` says otherwise), filtered by the API; `all: true` for all of them. Without `assetStates` the list also shows assets in the recycle bin. API: GET /v1/{project_id}/digital-assets
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

/** {@link listAssets} for inputs: unknown in a preview if an input is unknown, secret if an input is secret. */
export const listAssetsOutput = assets.listOutput;

function loadService(): typeof import("../services/metastudio") {
    return require("../services/metastudio");
}
