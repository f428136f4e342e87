/**
 * Things that others make while the stack lives, and that must go with it: recorded by `pulumi up`, deleted by
 * `pulumi destroy`. What stands in `dependsOn` is deleted after them.
 */
import * as pulumi from "@pulumi/pulumi";
import { workspaceapp } from "pulumi-huaweicloud-batch";

const config = new pulumi.Config();

const imageServers = new workspaceapp.ImageServerBatchDeletion("image-servers", {
    imageServerIds: config.requireObject<string[]>("imageServerIds"),
    recursive: true, // their server groups and app groups too
    when: "destroy",
    timeout: "2h",
    allowedFailures: 0,
});

export const stillThere = imageServers.remaining;
