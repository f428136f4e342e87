import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { ImageServer, ImageServerFilters, ImageServerState } from "../services/workspaceapp/types";
import type { DeletionArgs } from "./shared/arguments";
import type { ByMatching, FiltersOrAll, ListArgs } from "./shared/list-types";
import { listFunctions } from "./shared/lists";
import type { ByRule, CommonCriteria, Texts } from "./shared/matching";
import { DeletionResource } from "./shared/target-set";

export type { ImageServer, ImageServerFilters, ImageServerState };

export interface ImageServersByIds {
    /** A set: order and duplicates do not matter. */
    imageServerIds: Input<readonly Input<string>[]>;
    matching?: undefined;
}

export interface ImageServersByRule extends ByRule<ImageServerMatching> {
    imageServerIds?: undefined;
}

/** The image servers by their ids, or by a rule. */
export type ImageServerBatchDeletionArgs = ImageServerDeletionArgs & (ImageServersByIds | ImageServersByRule);

export interface ImageServerDeletionArgs extends DeletionArgs {
    /** true: also deletes the APS server group, its servers and the application group (the image product is kept). Default false: only the image server. */
    recursive?: Input<boolean> | undefined;
    /**
     * The enterprise project that the image servers belong to. With `matching`: the one whose list is read, "all_granted_eps" for all that the
     * identity is granted; without it the cloud lists the default one alone.
     */
    enterpriseProjectId?: Input<string> | undefined;
}

/**
 * Which image servers match, by what the list of image servers shows.
 *
 * @example
 * ```ts
 * import { workspaceapp } from "pulumi-huaweicloud-batch";
 *
 * new workspaceapp.ImageServerBatchDeletion("left-over", {
 *     when: "destroy",
 *     matching: { names: ["nightly-*"], olderThan: "1d", except: ["nightly-golden"] },
 *     maxItems: 40,
 * });
 * ```
 */
export interface ImageServerMatching extends CommonCriteria {
    states?: Texts<ImageServerState>;
    /** It is in one of these enterprise projects, whose lists are read one by one; "0" is the default one. */
    enterpriseProjectIds?: Texts;
    /** The APS server group that was made for it is one of these. */
    serverGroupIds?: Texts;
    /** The image that it was made from is one of these. */
    imageIds?: Texts;
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
    declare readonly imageServerIds: Output<string[] | undefined>;
    /** The rule, its sets in order and the values of pairs as lists. */
    declare readonly matching: Output<object | undefined>;
    declare readonly recursive: Output<boolean | undefined>;
    declare readonly enterpriseProjectId: Output<string | undefined>;

    constructor(name: string, args: ImageServerBatchDeletionArgs, options?: CustomResourceOptions) {
        const targets = { ids: { imageServerIds: undefined } };
        super("workspaceapp", "ImageServerBatchDeletion", targets, name, args, options);
    }
}

export type ListImageServersArgs = ListArgs & FiltersOrAll<ImageServerFilters & ByMatching<ImageServerMatching>>;

const imageServers = listFunctions<ListImageServersArgs, ImageServer>(
    "workspaceapp.listImageServers",
    () => loadService().imageServerList,
);

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
