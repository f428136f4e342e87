import type { TargetSetDefinition } from "./definition";

/** Of five services a stack uses one or two: the others' facts are never loaded. */
const definitions: ReadonlyMap<string, () => TargetSetDefinition> = new Map([
    ["roma:AssetBatchDeletion", () => roma().assetBatchDeletion],
    ["workspaceapp:ImageServerBatchDeletion", () => workspaceapp().imageServerBatchDeletion],
    ["clouddc:InstanceBatchDeletion", () => clouddc().instanceBatchDeletion],
    ["metastudio:AssetBatchDeletion", () => metastudio().assetBatchDeletion],
    ["metastudio:AssetBatchAction", () => metastudio().assetBatchAction],
    ["vias:BatchTaskDeletion", () => vias().batchTaskDeletion],
]);

/** By the hidden input `__resource`; undefined for what this release does not know. */
export function definitionOf(resource: string): TargetSetDefinition | undefined {
    return definitions.get(resource)?.();
}

function roma(): typeof import("./roma") {
    return require("./roma");
}

function workspaceapp(): typeof import("./workspaceapp") {
    return require("./workspaceapp");
}

function clouddc(): typeof import("./clouddc") {
    return require("./clouddc");
}

function metastudio(): typeof import("./metastudio") {
    return require("./metastudio");
}

function vias(): typeof import("./vias") {
    return require("./vias");
}
