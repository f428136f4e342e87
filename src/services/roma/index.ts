import type { Service } from "../../cloud/call";
import type { Act, TargetSetDefinition } from "../definition";
import { idOf } from "../shared/fields";
import { type ListDefinition, listDefinition } from "../shared/list-definition";
import { listApps, listFdiTasks, NO_PERMISSION_CODES, NOT_YOURS_CODES } from "./api";
import { assetDeletion } from "./deletion";
import { listedApp, listedApps, listedTask, listedTasks } from "./listed";
import { listsApps, listsFdiTasks } from "./lists";

/** Integration applications and FDI tasks. https://support.huaweicloud.com/intl/en-us/api-roma/DeleteAsset.html */
export const roma: Service = {
    name: "roma",
    title: "ROMA Connect",
    hostLabels: { default: "roma" },
    // HTTP 400, as all of this service's refusals.
    authenticationCodes: ["ROMA.1000", "ROMA.1002"],
    permissionCodes: [...NO_PERMISSION_CODES, ...NOT_YOURS_CODES],
    busyCodes: ["ROMA.10012"],
};

const instanceId = idOf("a ROMA instance");

/** The apps and FDI tasks of one instance that must be gone. */
export const assetBatchDeletion: TargetSetDefinition = {
    resource: "roma:AssetBatchDeletion",
    service: roma,
    noun: ["asset", "assets"],
    targets: [
        { input: "appIds", kind: "app", id: idOf("an application"), listed: listedApps },
        { input: "taskIds", kind: "task", id: idOf("an FDI task", 32), listed: listedTasks },
    ],
    inputs: { instanceId },
    placeInputs: ["instanceId"],
    goalInputs: [],
    hasWhen: true,
    hasEnterpriseProject: false,
    acts(inputs) {
        const instance = instanceId.parse(inputs.instanceId);
        const act: Act = { variant: instance, api: (client) => assetDeletion(client, instance) };
        return { onCreate: act, onDestroy: act };
    },
};

export const definitions: readonly TargetSetDefinition[] = [assetBatchDeletion];

export const appList = listDefinition({
    name: "listApps",
    rows: "apps",
    service: roma,
    resources: ["roma:AssetBatchDeletion"],
    listed: listedApps,
    thingOf: listedApp,
    rules: listsApps,
    read: (client, { instanceId, ...filters }, signal) => listApps(client, instanceId, filters, signal),
});

export const fdiTaskList = listDefinition({
    name: "listFdiTasks",
    rows: "fdiTasks",
    service: roma,
    resources: ["roma:AssetBatchDeletion"],
    listed: listedTasks,
    thingOf: listedTask,
    rules: listsFdiTasks,
    read: (client, { instanceId, ...filters }, signal) => listFdiTasks(client, instanceId, filters, signal),
});

export const lists: readonly ListDefinition[] = [appList, fdiTaskList];
