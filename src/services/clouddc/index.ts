import * as z from "zod";
import type { Service } from "../../cloud/call";
import type { TargetSetDefinition } from "../definition";
import { type ListDefinition, listDefinition } from "../shared/list-definition";
import { listInstances, PERMISSION_CODES } from "./api";
import { instanceDeletion } from "./deletion";
import { listedInstance, listedInstances } from "./listed";
import { listsInstances } from "./lists";

/** ErrorCode: 401 iMetal.0003 unauthorized. */
export const clouddc: Service = {
    name: "clouddc",
    title: "CloudDC",
    hostLabels: { default: "clouddc" },
    authenticationCodes: ["iMetal.0003"],
    permissionCodes: PERMISSION_CODES,
    busyCodes: [],
};

const instanceId = z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, "must be an instance id: 1 to 64 letters, digits and hyphens");

export const instanceBatchDeletion: TargetSetDefinition = {
    resource: "clouddc:InstanceBatchDeletion",
    service: clouddc,
    noun: ["instance", "instances"],
    targets: [{ input: "instanceIds", id: instanceId, listed: listedInstances }],
    inputs: {},
    placeInputs: [],
    goalInputs: [],
    hasWhen: true,
    hasEnterpriseProject: false,
    acts: () => {
        const act = { variant: "DELETE", api: instanceDeletion };
        return { onCreate: act, onDestroy: act };
    },
};

export { instanceDeletion } from "./deletion";

export const definitions: readonly TargetSetDefinition[] = [instanceBatchDeletion];

export const instanceList = listDefinition({
    name: "listInstances",
    rows: "instances",
    service: clouddc,
    resources: ["clouddc:InstanceBatchDeletion"],
    listed: listedInstances,
    thingOf: listedInstance,
    rules: listsInstances,
    read: listInstances,
});

export const lists: readonly ListDefinition[] = [instanceList];
