import { instanceBatchDeletion } from "./clouddc";
import type { TargetSetDefinition } from "./definition";
import { assetBatchAction, assetBatchDeletion as metastudioAssetBatchDeletion } from "./metastudio";
import { assetBatchDeletion as romaAssetBatchDeletion } from "./roma";
import { batchTaskDeletion } from "./vias";
import { imageServerBatchDeletion } from "./workspaceapp";

const definitions: readonly TargetSetDefinition[] = [
    romaAssetBatchDeletion,
    imageServerBatchDeletion,
    instanceBatchDeletion,
    metastudioAssetBatchDeletion,
    assetBatchAction,
    batchTaskDeletion,
];

/** By the hidden input `__resource`; undefined for what this release does not know. */
export function definitionOf(resource: string): TargetSetDefinition | undefined {
    return definitions.find((definition) => definition.resource === resource);
}
