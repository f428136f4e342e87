/** The five batch deletions, for tests that are run with each of them. */
import type { Declared } from "./programs";
import type { Tenant } from "./tenant";

/** Every emulator starts with it. */
export const ROMA_INSTANCE = "01234567-89ab-4cde-8f01-23456789abcd";

export interface Deletion {
    readonly service: string;
    /** Of the emulator's objects. */
    readonly kind: string;
    readonly type: string;
    readonly perRequest: number;
    /** Of the batch request, as the emulator's log has it. */
    readonly operation: string;
    /** The fields that each of its targets has. */
    readonly template: Readonly<Record<string, unknown>>;
    args(ids: readonly string[]): Readonly<Record<string, unknown>>;
}

export const roma: Deletion = {
    service: "roma",
    kind: "apps",
    type: "roma.AssetBatchDeletion",
    perRequest: 100,
    operation: "DeleteAsset",
    template: { name: "app-{n}" },
    args: (appIds) => ({ instanceId: ROMA_INSTANCE, appIds, taskIds: [] }),
};

export const workspaceapp: Deletion = {
    service: "workspaceapp",
    kind: "imageServers",
    type: "workspaceapp.ImageServerBatchDeletion",
    perRequest: 20,
    operation: "BatchDeleteImageServers",
    template: { name: "server-{n}" },
    args: (imageServerIds) => ({ imageServerIds, recursive: false }),
};

export const clouddc: Deletion = {
    service: "clouddc",
    kind: "instances",
    type: "clouddc.InstanceBatchDeletion",
    perRequest: 50,
    operation: "DeleteInstances",
    template: { name: "instance-{n}" },
    args: (instanceIds) => ({ instanceIds }),
};

export const metastudio: Deletion = {
    service: "metastudio",
    kind: "assets",
    type: "metastudio.AssetBatchDeletion",
    perRequest: 100,
    operation: "BatchExecuteAssetAction",
    template: { asset_name: "asset-{n}" },
    args: (assetIds) => ({ assetIds, permanently: false }),
};

export const vias: Deletion = {
    service: "vias",
    kind: "batchTasks",
    type: "vias.BatchTaskDeletion",
    perRequest: 1,
    operation: "DeleteBatchTask",
    template: { batch_task_name: "batch-{n}", task_state: "STOPPED" },
    args: (batchTaskIds) => ({ batchTaskIds }),
};

export const deletions: readonly Deletion[] = [roma, workspaceapp, clouddc, metastudio, vias];

export function declared(
    deletion: Deletion,
    when: "create" | "destroy",
    ids: readonly string[],
    {
        name = `${deletion.service}-targets`,
        ...more
    }: { readonly name?: string; readonly [argument: string]: unknown } = {},
): Declared {
    return { type: deletion.type, name, args: { when, ...deletion.args(ids), ...more } };
}

/** Their ids, in order. */
export async function addTargets(
    tenant: Tenant,
    deletion: Deletion,
    count: number,
    template: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
    const ids = await tenant.add(deletion.service, deletion.kind, count, { ...deletion.template, ...template });
    return ids.sort();
}

/** Ids of what is there and not deleted, in order. A recycle bin's content and what is only a record count as deleted. */
export async function alive(tenant: Tenant, { service, kind }: Deletion, project?: string): Promise<string[]> {
    const objects = await tenant.control.objects(service, kind, project);
    return objects
        .filter(({ object }) => !["DELETING", "DELETED", "terminated"].includes(stateOf(object)))
        .map(({ object }) => String(object.id ?? object.asset_id))
        .sort();
}

function stateOf({ asset_state, state }: Record<string, unknown>): string {
    return String(asset_state ?? state);
}

/** Operations that only read, some of them by POST. */
const READS = /^(List|Show|Check|Keystone)/;

/** The requests so far that change something. */
export async function changesOf(tenant: Tenant): Promise<readonly string[]> {
    const requests = await tenant.requests();
    return requests
        .map(({ operation, method, path, body }) => `${operation ?? `${method} ${path}`} ${JSON.stringify(body)}`)
        .filter((request) => !READS.test(request));
}
