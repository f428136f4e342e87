/**
 * What the users of a stack leave behind goes with it: found by its name when the stack is destroyed, whoever made it, and whenever.
 */
import * as pulumi from "@pulumi/pulumi";
import { workspaceapp } from "pulumi-huaweicloud-batch";

const leftovers = new workspaceapp.ImageServerBatchDeletion("leftovers", {
    when: "destroy",
    matching: { names: [`${pulumi.getStack()}-*`], except: ["*-golden"] },
    recursive: true, // their server groups and app groups too
    maxItems: 50, // no more than so many; if there are more, the destroy fails
});

export const region = leftovers.place.region;
