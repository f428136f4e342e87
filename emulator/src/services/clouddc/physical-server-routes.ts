import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import type { AgendaEvent } from "../../world/agenda";
import type { World } from "../../world/world";
import { planStep, stillMeant } from "../steps";
import { instancesOf } from "./instance-routes";
import { setState } from "./lifecycle";
import { pageAfter, pageSize } from "./markers";
import {
    type Instance,
    instances,
    MANAGE_STATES,
    type PhysicalServer,
    POWER_OPERATIONS,
    physicalServers,
    type Tag,
} from "./model";
import { durations, invalid, SERVICE_NAME, serversNotFound } from "./rules";
import { serverStatus } from "./server-status";

const BASE = "/v1/:project_id/physicalservers";
const view = ({ instance_id: _, step: __, ...server }: PhysicalServer) => server;

function serversOf(call: Call, ids: readonly string[]): PhysicalServer[] {
    const store = physicalServers.in(call.world, call.project);
    const missing = ids.filter((id) => store.get(id) === undefined);
    if (missing.length > 0) {
        throw serversNotFound(missing);
    }
    return [...new Set(ids)].map((id) => store.get(id)).filter((server) => server !== undefined);
}

interface PowerChange {
    readonly operation: (typeof POWER_OPERATIONS)[number];
    /** What the instance on the server shows before and meanwhile. */
    readonly from: Instance["state"];
    readonly state: Instance["state"];
}
const changing: Record<"power on" | "power off" | "rebooting", PowerChange> = {
    "power on": { operation: "power-on", from: "stopped", state: "stopped" },
    "power off": { operation: "power-off", from: "running", state: "stopping" },
    rebooting: { operation: "reboot", from: "running", state: "stopped" },
};

/** The server shows its new power state only now; the operation state has told of the change since it was asked for. */
export function powerChanged(world: World, { project, subject }: AgendaEvent): void {
    const servers = physicalServers.in(world, project);
    const server = stillMeant(subject, (id) => servers.get(id));
    const operation = POWER_OPERATIONS.find((name) => server?.operation_state === `${name}-processing`);
    if (server === undefined || operation === undefined) {
        return;
    }
    const isOff = operation === "power-off";
    server.power_state = isOff ? "off" : "on";
    server.operation_state = `${operation}-succeed`;
    const instance = instances.in(world, project).get(server.instance_id ?? "");
    if (instance?.state === "stopping" && isOff) {
        setState(world, instance, "stopped");
    }
    if (instance?.state === "stopped" && !isOff) {
        setState(world, instance, "running");
    }
}

const tagBody = z.object({
    tags: z
        .array(z.object({ key: z.string().min(1).max(128), value: z.string().max(255).default("") }))
        .min(1)
        .max(20),
});
function tagged(call: Call, params: Readonly<Record<string, string>>): { tags: Tag[] } {
    const id = params.resource_id ?? "";
    const found =
        params.resource_type === "physicalservers"
            ? serversOf(call, [id])
            : params.resource_type === "instances"
              ? instancesOf(call, [id])
              : [];
    const [object] = found;
    if (object === undefined) {
        throw invalid(`resource_type: ${params.resource_type}`);
    }
    return object;
}

export const physicalServerRoutes: readonly Route[] = [
    route({
        operation: "ListServers",
        method: "GET",
        path: BASE,
        query: z.object({
            manage_state: z.enum(MANAGE_STATES).optional(),
            marker: z.string().optional(),
            limit: pageSize,
        }),
        handle(call, { query }) {
            const { manage_state, marker, limit } = query;
            const all = physicalServers.in(call.world, call.project).list("arbitrary");
            const found =
                manage_state === undefined ? all : all.filter((server) => server.manage_state === manage_state);
            const { page, page_info } = pageAfter(call.world, found, marker, limit);
            return ok({ servers: page.map(view), page_info, count: found.length });
        },
    }),
    route({
        operation: "ShowServerStatus",
        method: "GET",
        path: `${BASE}/status`,
        handle: (call) => ok(serverStatus(physicalServers.in(call.world, call.project).list("insertion"))),
    }),
    route({
        operation: "ShowServer",
        method: "GET",
        path: `${BASE}/:id`,
        handle: (call, { params }) => ok(serversOf(call, [params.id ?? ""]).map(view)[0]),
    }),
    route({
        operation: "ChangeServerPowerState",
        method: "PUT",
        path: `${BASE}/power-state`,
        body: z.object({
            action: z.enum(["power on", "power off", "rebooting"]),
            server_id_set: z.array(z.string().min(1).max(64)).min(1).max(100),
        }),
        handle(call, { body }) {
            const { world, project } = call;
            const found = serversOf(call, body.server_id_set);
            const { operation, from, state } = changing[body.action];
            for (const server of found) {
                server.operation_state = `${operation}-processing`;
                server.step += 1;
                const inMs = durations.draw(world, "power-change");
                planStep(world, server, inMs, {
                    service: SERVICE_NAME,
                    event: "power-changed",
                    project,
                    id: server.id,
                });
                const instance = instances.in(world, project).get(server.instance_id ?? "");
                if (instance?.state === from) {
                    setState(world, instance, state);
                }
            }
            return { status: 202, body: { physical_servers: found.map(({ id }) => ({ id })) } };
        },
    }),
    route({
        operation: "BatchCreateTags",
        method: "POST",
        path: "/v1/:project_id/:resource_type/:resource_id/tags/create",
        body: tagBody,
        handle(call, { params, body }) {
            const object = tagged(call, params);
            const keys = new Set(body.tags.map(({ key }) => key));
            object.tags = [...object.tags.filter(({ key }) => !keys.has(key)), ...body.tags];
            return { status: 204 };
        },
    }),
    route({
        operation: "BatchDeleteTags",
        method: "POST",
        path: "/v1/:project_id/:resource_type/:resource_id/tags/delete",
        body: tagBody,
        handle(call, { params, body }) {
            const object = tagged(call, params);
            const keys = new Set(body.tags.map(({ key }) => key));
            object.tags = object.tags.filter(({ key }) => !keys.has(key));
            return { status: 204 };
        },
    }),
];
