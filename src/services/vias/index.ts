import type { Service } from "../../cloud/call";
import type { Act, TargetSetDefinition } from "../definition";
import { batchTaskId } from "./batch-task/calls";
import { BatchTaskDeletion } from "./deletion";
import { listedBatchTasks } from "./listed";

export { listBatchTasks } from "./api";

/** Video Intelligent Analysis Service. https://support.huaweicloud.com/api-vias/DeleteBatchTask.html */
export const vias: Service = {
    name: "vias",
    title: "VIAS",
    hostLabels: { default: "vias" },
    authenticationCodes: ["VIAS.00010005"],
    permissionCodes: [],
    busyCodes: [],
};

/** Deletes batch tasks with their tasks. */
export const batchTaskDeletion: TargetSetDefinition = {
    resource: "vias:BatchTaskDeletion",
    service: vias,
    noun: ["batch task", "batch tasks"],
    targets: [{ input: "batchTaskIds", id: batchTaskId, listed: listedBatchTasks }],
    inputs: {},
    placeInputs: [],
    goalInputs: [],
    hasWhen: true,
    hasEnterpriseProject: false,
    acts() {
        const act: Act = { variant: "", api: (client) => new BatchTaskDeletion(client) };
        return { onCreate: act, onDestroy: act };
    },
};

export const definitions: readonly TargetSetDefinition[] = [batchTaskDeletion];
