import * as z from "zod";
import { Refusal } from "../../gateway/refusal";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { isoSeconds } from "../../world/world";
import { pageOf, queryInteger } from "../paging";
import { deleteServers, setStatus, submitImageJob, submitJob } from "./jobs";
import { conflict, type ImageServer, imageServers, settings } from "./model";

const BASE = "/v1/:project_id/image-servers";

export function serverOf(call: Call, id: string | undefined): ImageServer {
    const server = imageServers.in(call.world, call.project).get(id ?? "");
    if (server !== undefined) {
        return server;
    }
    throw new Refusal(404, settings.in(call.world).serverNotFoundCode, `The image server ${id} does not exist.`);
}

const idText = z.string().min(1).max(64);
const batchDelete = z.object({
    items: z.array(idText).min(1).max(20),
    recursive: z.boolean().optional(),
});

const serverName = z
    .string()
    .regex(/^[\p{Script=Han}A-Za-z0-9_-]{1,64}$/u, "must be 1 to 64 Chinese characters, letters, digits, _ or -");
const imageName = z
    .string()
    .regex(/^(?! )[\p{Script=Han}A-Za-z0-9\-._ ]{1,128}$/u, "must be 1 to 128 letters, digits, - . _ or inner spaces")
    .refine((name) => !name.endsWith(" "), "must not end with a space");
const imageDescription = z
    .string()
    .max(1024)
    .regex(/^(?! )[^<>\r\n]*$/, "must not begin with a space or hold line breaks, < or >");

/** The default project has no id of its own in requests: left out, empty and "0" all mean it. */
const enterpriseProject = z.string().transform((id) => (id === "" ? "0" : id));

const createBody = z.object({
    name: serverName,
    description: z.string().max(255).default(""),
    root_volume: z.object({
        type: z.enum(["ESSD", "SSD", "GPSSD", "SAS", "SATA"]),
        cluster_id: z.string().optional(),
        size: z.number().int().min(10).max(1024).multipleOf(10),
    }),
    image_ref: z
        .object({
            id: z.string(),
            image_type: z.enum(["gold", "public", "private", "shared", "other"]),
            spce_code: z.string().default(""),
            product_id: z.string().default(""),
        })
        .refine(
            ({ image_type, spce_code, product_id }) => image_type !== "gold" || (spce_code !== "" && product_id !== ""),
            "spce_code and product_id are required for a gold image",
        ),
    vpc_id: z.string(),
    subnet_id: z.string(),
    product_id: z.string(),
    flavor_id: z.string().optional(),
    availability_zone: z.string().optional(),
    attach_apps: z.array(z.string()).max(100).optional(),
    authorize_accounts: z
        .array(
            z.object({
                account: z.string(),
                account_type: z.enum(["USER", "USER_GROUP"]).default("USER"),
                domain: z.string().default(""),
            }),
        )
        .length(1),
    ou_name: z.string().optional(),
    is_vdi: z.boolean().optional(),
    scheduler_hints: z.object({ dedicated_host_id: z.string().optional(), tenancy: z.string().optional() }).optional(),
    extra_session_type: z.enum(["GPU", "CPU"]).optional(),
    extra_session_size: z.number().int().min(1).max(10_000).optional(),
    route_policy: z
        .object({
            max_session: z.number().int().min(1).max(1024).optional(),
            cpu_threshold: z.number().int().min(1).max(100).optional(),
            mem_threshold: z.number().int().min(1).max(100).optional(),
        })
        .optional(),
    tags: z
        .array(z.object({ key: z.string().min(1).max(128), value: z.string().max(255).default("") }))
        .max(20)
        .refine((tags) => new Set(tags.map(({ key }) => key)).size === tags.length, "the same key twice")
        .optional(),
    enterprise_project_id: enterpriseProject.default("0"),
});

function refuseSameName(call: Call, name: string, but?: ImageServer): void {
    if (!settings.in(call.world).uniqueNames) {
        return;
    }
    const all = imageServers.in(call.world, call.project).list("insertion");
    if (all.some((other) => other.name === name && other !== but)) {
        throw conflict(`An image server named ${name} exists already.`);
    }
}

export const imageServerRoutes: readonly Route[] = [
    route({
        operation: "BatchDeleteImageServers",
        method: "PATCH",
        path: `${BASE}/actions/batch-delete`,
        body: batchDelete,
        handle(call, { body }) {
            const submission = call.world.auditLog.open(call, body.items);
            if (body.recursive === undefined && settings.in(call.world).recursiveRequired) {
                throw new Refusal(400, "WKS.00211102", "Invalid parameter: recursive is required");
            }
            const job = deleteServers(call, body.items);
            submission.accepted = true;
            submission.job = job?.id ?? null;
            return ok(job === undefined ? {} : { job_id: job.id });
        },
    }),
    route({
        operation: "ListImageServers",
        method: "GET",
        path: BASE,
        query: z.object({
            offset: queryInteger(0, 2_147_483_647).default(0),
            limit: queryInteger(1, 100).default(10),
            server_name: z.string().optional(),
            server_id: z.string().optional(),
            enterprise_project_id: enterpriseProject.optional(),
        }),
        handle(call, { query }) {
            const { serverOrder, listWithoutEnterpriseProject } = settings.in(call.world);
            let found = imageServers.in(call.world, call.project).list(serverOrder);
            const { server_name, server_id, enterprise_project_id } = query;
            if (server_name !== undefined) {
                found = found.filter(({ name }) => name.includes(server_name));
            }
            if (server_id !== undefined) {
                found = found.filter(({ id }) => id === server_id);
            }
            // "Left empty, or 0: the default enterprise project" (ListImageServers).
            if (enterprise_project_id !== undefined || listWithoutEnterpriseProject === "default-only") {
                const shown = enterprise_project_id ?? "0";
                found = found.filter((server) => (server.enterprise_project_id || "0") === shown);
            }
            return ok({ count: found.length, items: pageOf(found, query.offset, query.limit) });
        },
    }),
    route({
        operation: "ShowImageServer",
        method: "GET",
        path: `${BASE}/:server_id`,
        handle: (call, { params }) => ok(serverOf(call, params.server_id)),
    }),
    route({
        operation: "CreateImageServer",
        method: "POST",
        path: BASE,
        body: createBody,
        handle(call, { body }) {
            const { world, project } = call;
            refuseSameName(call, body.name);
            const { name, description, image_ref, authorize_accounts, enterprise_project_id } = body;
            const given = { name, description, image_ref, authorize_accounts, enterprise_project_id };
            const server = imageServers.create({ world, project, index: 0 }, { ...given, status: "CREATING" });
            return ok({ job_id: submitJob(world, project, "CREATE_SERVER", [server]).id });
        },
    }),
    route({
        operation: "UpdateImageServer",
        method: "PATCH",
        path: `${BASE}/:server_id`,
        body: z.object({ name: serverName.optional(), description: z.string().max(255).optional() }),
        handle(call, { params, body }) {
            const server = serverOf(call, params.server_id);
            if (body.name !== undefined) {
                refuseSameName(call, body.name, server);
                server.name = body.name;
            }
            if (body.description !== undefined) {
                server.description = body.description;
            }
            server.update_time = isoSeconds(call.world.now());
            return ok();
        },
    }),
    route({
        operation: "RecreateServerImage",
        method: "POST",
        path: `${BASE}/:server_id/actions/recreate-image`,
        body: z.object({
            name: imageName,
            description: imageDescription.optional(),
            enterprise_project_id: z.string().optional(),
            execute_sysprep: z.boolean().optional(),
        }),
        handle(call, { params, body }) {
            const server = serverOf(call, params.server_id);
            if (server.status !== "ACTIVE" && server.status !== "BUILT") {
                throw conflict(`The image server is ${server.status}.`);
            }
            const job = submitImageJob(call.world, call.project, server, body.name);
            setStatus(call.world, server, "BUILDING");
            return ok({ job_id: job.id });
        },
    }),
];
