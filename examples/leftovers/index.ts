/**
 * What the users of a stack leave behind goes with it: found by its name when the stack is destroyed, whoever made it, and whenever.
 */
import * as pulumi from "@pulumi/pulumi";
import { workspaceapp } from "pulumi-huaweicloud-batch";

const leftovers = new workspaceapp.ImageServerBatchDeletion("leftovers", {
    when: "destroy",
    matching: { names: [`${pulumi.getStack()}-*`], except: ["*-golden"] },
    recursive: true, // their server groups and app groups too
    maxItems: 50, // of more than that, nothing more is deleted
});

export const region = leftovers.place.region;
