import * as z from "zod";
import type { CloudClient } from "../../cloud/call";
import { read, readIfThere, saysNotFound } from "../shared/failures";
import { text } from "../shared/fields";
import type { Collection, Page } from "../shared/inspection";
import { listAll, queryOf } from "../shared/listing";
import type { ImageServer, ImageServerFilters } from "./types";

/** ErrorCode_0: 403 "user lacks permission". */
export const PERMISSION_CODES: readonly string[] = ["WKS.00081102"];
/** ListImageServers: limit 1..100, by default 10. */
const PAGE_SIZE = 100;
/** A bound for what waits: the rate limiter finds out how many requests the service takes at once. */
const CONCURRENT_READS = 48;

/** ListImageServers and ShowImageServer: the columns that matter. */
const imageServer = z
    .object({
        id: z.string(),
        name: text,
        description: text,
        status: text,
        image_ref: z.object({ id: text }).optional().catch(undefined),
        image_id: text,
        server_group_id: text,
        app_group_id: text,
        enterprise_project_id: text,
        create_time: text,
        update_time: text,
    })
    .transform(
        (server): ImageServer => ({
            id: server.id,
            name: server.name,
            description: server.description,
            status: server.status,
            sourceImageId: server.image_ref?.id,
            imageId: server.image_id,
            serverGroupId: server.server_group_id,
            appGroupId: server.app_group_id,
            enterpriseProjectId: server.enterprise_project_id,
            createTime: server.create_time,
            updateTime: server.update_time,
        }),
    );

const imageServerPage = z
    .object({ count: z.int().min(0), items: z.array(imageServer) })
    .transform((body): Page<ImageServer> => ({ total: body.count, items: body.items }));

export function imageServers(
    client: CloudClient,
    filters: ImageServerFilters,
    signal: AbortSignal,
): Collection<ImageServer> {
    const path = ["v1", client.place.projectId, "image-servers"];
    return {
        noun: "image servers",
        pageSize: PAGE_SIZE,
        concurrent: CONCURRENT_READS,
        // "Empty, or 0: the default enterprise project": the list never shows all of them, and there is no way to ask for all.
        getNeeds: { grant: "the IAM action workspace:imageServer:get", codes: PERMISSION_CODES },
        idOf: (server) => server.id,
        get: (id) =>
            readIfThere(
                client,
                {
                    operation: "ShowImageServer",
                    method: "GET",
                    path: [...path, id],
                    effect: "reads",
                    targets: [id],
                    answer: imageServer,
                },
                saysNotFound,
                signal,
            ),
        page: (offset, limit) =>
            read(
                client,
                {
                    operation: "ListImageServers",
                    method: "GET",
                    path,
                    query: queryOf({
                        offset,
                        limit,
                        server_name: filters.serverName,
                        server_id: filters.serverId,
                        enterprise_project_id: filters.enterpriseProjectId,
                    }),
                    effect: "reads",
                    answer: imageServerPage,
                },
                signal,
            ),
    };
}

/** All image servers that the filters let through. Throws ApiFailure. */
export function listImageServers(
    client: CloudClient,
    filters: ImageServerFilters,
    signal: AbortSignal,
): Promise<readonly ImageServer[]> {
    return listAll(imageServers(client, filters, signal));
}
