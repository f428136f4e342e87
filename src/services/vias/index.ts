import type { Service } from "../../cloud/call";
import type { Act, TargetSetDefinition } from "../definition";
import { type ListDefinition, listDefinition } from "../shared/list-definition";
import { listBatchTasks } from "./api";
import { batchTaskId } from "./batch-task/calls";
import { BatchTaskDeletion } from "./deletion";
import { listedBatchTask, listedBatchTasks } from "./listed";
import { listsBatchTasks } from "./lists";

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

export const batchTaskList = listDefinition({
    name: "listBatchTasks",
    rows: "batchTasks",
    service: vias,
    resources: ["vias:BatchTaskDeletion", "vias:BatchTask"],
    listed: listedBatchTasks,
    thingOf: listedBatchTask,
    rules: listsBatchTasks,
    read: listBatchTasks,
});

export const lists: readonly ListDefinition[] = [batchTaskList];
