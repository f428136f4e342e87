import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { ImageServer, ImageServerFilters } from "../services/workspaceapp/types";
import type { DeletionArgs } from "./shared/arguments";
import type { FiltersOrAll, ListArgs } from "./shared/list-types";
import { listFunctions } from "./shared/lists";
import { DeletionResource } from "./shared/target-set";

export type { ImageServer, ImageServerFilters };

export interface ImageServerBatchDeletionArgs extends DeletionArgs {
    /** A set: order and duplicates do not matter. */
    imageServerIds: Input<readonly Input<string>[]>;
    /** true: also deletes the APS server group, its servers and the application group (the image product is kept). Default false: only the image server. */
    recursive?: Input<boolean> | undefined;
    /** The enterprise project that the image servers belong to. */
    enterpriseProjectId?: Input<string> | undefined;
}

/**
 * Deletes Workspace APP image servers, 20 per request. A server that is CREATING or BUILDING is deleted once it no longer is, within `timeout`.
 * Fails if the cloud refuses a target (beyond `allowedFailures`) or the deadline comes first; the next `up` or `destroy` goes on from there.
 *
 * API: PATCH /v1/{project_id}/image-servers/actions/batch-delete,
 * https://support.huaweicloud.com/intl/en-us/api-workspace/BatchDeleteImageServer.html
 *
 * @example
 * ```ts
 * import { workspaceapp } from "pulumi-huaweicloud-batch";
 *
 * new workspaceapp.ImageServerBatchDeletion("build-images", {
 *     when: "destroy",
 *     imageServerIds: ["0f6e2a4c-0000-4000-8000-000000000001", "0f6e2a4c-0000-4000-8000-000000000002"],
 *     recursive: true,
 *     timeout: "1h30m",
 * });
 * ```
 */
export class ImageServerBatchDeletion extends DeletionResource {
    declare readonly imageServerIds: Output<string[]>;
    declare readonly recursive: Output<boolean | undefined>;
    declare readonly enterpriseProjectId: Output<string | undefined>;

    constructor(name: string, args: ImageServerBatchDeletionArgs, options?: CustomResourceOptions) {
        const targets = { ids: { imageServerIds: undefined } };
        super("workspaceapp", "ImageServerBatchDeletion", targets, name, args, options);
    }
}

export type ListImageServersArgs = ListArgs & FiltersOrAll<ImageServerFilters>;

const imageServers = listFunctions<ListImageServersArgs, ImageServerFilters, ImageServer>({
    name: "workspaceapp.listImageServers",
    service: () => loadService().workspaceapp,
    rules: () => loadListRules().listsImageServers,
    read: (client, filters, signal) => loadService().listImageServers(client, filters, signal),
});

/**
 * Lists the image servers of one enterprise project, filtered by the API; `all: true` for all of them. Without `enterpriseProjectId` it is the default one: the cloud has no call for all enterprise projects. API: GET /v1/{project_id}/image-servers
 *
 * @example
 * ```ts
 * import { workspaceapp } from "pulumi-huaweicloud-batch";
 *
 * const broken = workspaceapp
 *     .listImageServers({ serverName: "nightly-" })
 *     .then((servers) => servers.filter(({ status }) => status === "ERROR").map(({ id }) => id));
 * new workspaceapp.ImageServerBatchDeletion("broken", { when: "create", imageServerIds: broken, maxItems: 40 });
 * ```
 */
export const listImageServers = imageServers.list;

/** {@link listImageServers} for inputs: unknown in a preview if an input is unknown, secret if an input is secret. */
export const listImageServersOutput = imageServers.listOutput;

function loadService(): typeof import("../services/workspaceapp") {
    return require("../services/workspaceapp");
}

function loadListRules(): typeof import("../services/workspaceapp/lists") {
    return require("../services/workspaceapp/lists");
}
