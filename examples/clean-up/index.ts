/**
 * What must be gone from a tenant, service by service, as the stack's configuration names it; for instance
 * `pulumi config set --path 'imageServerIds[0]' <id>`. What is not configured is left alone.
 */
import * as pulumi from "@pulumi/pulumi";
import { clouddc, metastudio, roma, vias, workspaceapp } from "pulumi-huaweicloud-batch";

const config = new pulumi.Config();
const ids = (name: string): string[] => config.getObject<string[]>(name) ?? [];

const romaInstanceId = config.get("romaInstanceId");
if (romaInstanceId !== undefined) {
    new roma.AssetBatchDeletion("old-integrations", {
        instanceId: romaInstanceId,
        appIds: ids("romaAppIds"),
        taskIds: ids("romaTaskIds"),
        when: "create",
    });
}

const imageServerIds = ids("imageServerIds");
if (imageServerIds.length > 0) {
    new workspaceapp.ImageServerBatchDeletion("old-image-servers", {
        imageServerIds,
        recursive: false,
        when: "create",
    });
}

const assetIds = ids("digitalAssetIds");
if (assetIds.length > 0) {
    new metastudio.AssetBatchDeletion("old-assets", { assetIds, permanently: true, when: "create" });
}

const batchTaskIds = ids("videoBatchTaskIds");
if (batchTaskIds.length > 0) {
    new vias.BatchTaskDeletion("old-video-tasks", { batchTaskIds, when: "create" });
}

// These live as long as the stack does: `pulumi up` only writes them down, `pulumi destroy` deletes them.
const instanceIds = ids("leasedServerIds");
if (instanceIds.length > 0) {
    new clouddc.InstanceBatchDeletion("leased-servers", { instanceIds, when: "destroy" });
}
