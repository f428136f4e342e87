import * as z from "zod";
import { ok, type Route, route } from "../../gateway/route";
import { Kind } from "../../world/kind";
import { digits } from "../../world/random";
import { serverOf } from "./image-server-routes";
import { conflict, SERVICE_NAME } from "./model";

const attachedAppsSchema = z.object({
    server_id: z.string(),
    /** Of the last call that attached any: the versions of applications, with the applications' own ids. */
    items: z.array(z.object({ id: z.string(), app_id: z.string() })),
});
export const attachedApps = new Kind<z.infer<typeof attachedAppsSchema>>(SERVICE_NAME, "attachedApps", {
    schema: attachedAppsSchema,
    id: (attached) => attached.server_id,
    defaults: () => ({ items: [] }),
});

export const attachedAppRoutes: readonly Route[] = [
    route({
        operation: "AttachImageServerApp",
        method: "POST",
        path: "/v1/:project_id/image-servers/:server_id/actions/attach-app",
        body: z.object({
            items: z
                .array(z.string().min(1).max(128))
                .min(1)
                .max(100)
                .refine((ids) => new Set(ids).size === ids.length, "contains duplicates"),
        }),
        handle(call, { params, body }) {
            const { world, project } = call;
            const server = serverOf(call, params.server_id);
            if (server.status !== "ACTIVE" && server.status !== "BUILT") {
                throw conflict(`The image server is ${server.status}.`);
            }
            const items = body.items.map((id) => ({ id, app_id: digits(world.random, 18) }));
            attachedApps.in(world, project).add({ server_id: server.id, items });
            return ok({ uri: `file:///C:/apps/${server.id}.json` });
        },
    }),
    route({
        operation: "ListLatestAttachedServerApp",
        method: "GET",
        path: "/v1/:project_id/image-servers/:server_id/actions/latest-attached-app",
        handle(call, { params }) {
            const server = serverOf(call, params.server_id);
            return ok({ items: attachedApps.in(call.world, call.project).get(server.id)?.items ?? [] });
        },
    }),
];
