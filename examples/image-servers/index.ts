import * as pulumi from "@pulumi/pulumi";
import { workspaceapp } from "pulumi-huaweicloud-batch";

const config = new pulumi.Config();

const old = new workspaceapp.ImageServerBatchDeletion("old", {
    imageServerIds: config.requireObject<string[]>("imageServerIds"),
    recursive: false, // the image servers alone, not their server groups
    when: "create", // gone after `pulumi up`; "destroy": gone with the stack
});

export const remaining = old.remaining;
