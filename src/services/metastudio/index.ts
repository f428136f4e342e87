import * as z from "zod";
import type { Service } from "../../cloud/call";
import type { Act, TargetSetDefinition } from "../definition";
import { idOf } from "../shared/fields";
import { type ListDefinition, listDefinition } from "../shared/list-definition";
import { type AssetAction, assetAction, assetBatch, deletes } from "./action";
import { listAssets, TENANT_CODES } from "./api";
import { listedAsset, listedAssets } from "./listed";
import { listsAssets } from "./lists";

export { type AssetAction, assetBatch } from "./action";

/** All errors are HTTP 400, also a refused token (error codes page). */
export const metastudio: Service = {
    name: "metastudio",
    title: "MetaStudio",
    hostLabels: { default: "metastudio" },
    authenticationCodes: ["MSS.00000001", "MSS.00010008"],
    permissionCodes: TENANT_CODES,
    busyCodes: [],
};

const assetId = idOf("an asset");

const SHARED = {
    service: metastudio,
    noun: ["asset", "assets"],
    targets: [{ input: "assetIds", id: assetId, listed: listedAssets }],
    placeInputs: [],
    hasEnterpriseProject: false,
} as const;

const deletionInputs = z.object({ permanently: z.boolean().default(false) });

export const assetBatchDeletion: TargetSetDefinition = {
    ...SHARED,
    resource: "metastudio:AssetBatchDeletion",
    inputs: deletionInputs.shape,
    goalInputs: ["permanently"],
    hasWhen: true,
    acts: (inputs) => {
        const act = actOf(deletionInputs.parse(inputs).permanently ? "DELETE_FORCE" : "DELETE");
        return { onCreate: act, onDestroy: act };
    },
};

const actionInputs = z.object({ onCreate: assetAction.optional(), onDestroy: assetAction.optional() });

export const assetBatchAction: TargetSetDefinition = {
    ...SHARED,
    resource: "metastudio:AssetBatchAction",
    inputs: actionInputs.shape,
    goalInputs: ["onCreate"],
    hasWhen: false,
    takesAway: (inputs) => deletes(actionInputs.parse(inputs).onDestroy),
    problems: (inputs) => {
        const { onCreate, onDestroy } = actionInputs.parse(inputs);
        return onCreate === undefined && onDestroy === undefined
            ? [
                  {
                      property: "onCreate",
                      reason: "onCreate, onDestroy or both must be given: without them nothing is done",
                  },
              ]
            : [];
    },
    acts: (inputs) => {
        const { onCreate, onDestroy } = actionInputs.parse(inputs);
        return {
            ...(onCreate === undefined ? {} : { onCreate: actOf(onCreate) }),
            ...(onDestroy === undefined ? {} : { onDestroy: actOf(onDestroy) }),
        };
    },
};

export const definitions: readonly TargetSetDefinition[] = [assetBatchDeletion, assetBatchAction];

function actOf(action: AssetAction): Act {
    return { variant: action, api: (client) => assetBatch(client, action) };
}

export const assetList = listDefinition({
    name: "listAssets",
    rows: "assets",
    service: metastudio,
    resources: ["metastudio:AssetBatchDeletion", "metastudio:AssetBatchAction"],
    listed: listedAssets,
    thingOf: listedAsset,
    rules: listsAssets,
    read: listAssets,
});

export const lists: readonly ListDefinition[] = [assetList];
