import * as z from "zod";
import { type Call, type Route, route } from "../../gateway/route";
import { uuid } from "../../world/random";
import { begin } from "./lifecycle";
import { instances, type PhysicalServer, physicalServers } from "./model";
import { invalid, serversNotFound, serversNotReady } from "./rules";

const nic = z.object({ subnet_id: z.string().min(1), ipv4_address: z.ipv4().optional() });
const common = {
    name: z.string().regex(/^[\p{Script=Han}A-Za-z0-9_.-]{1,63}$/u, "must be 1 to 63 letters, digits, _ - ."),
    image_id: z.string().min(1),
    vpc_id: z.string().min(1),
    password: z.string().min(1),
    metadata: z
        .record(z.string().regex(/^[A-Za-z0-9_:. -]{1,255}$/), z.string().max(255))
        .refine((pairs) => Object.keys(pairs).length <= 10, "at most 10 pairs")
        .default({}),
    description: z.string().default(""),
    user_data: z.base64().default(""),
};
const one = z.object({
    ...common,
    network_interfaces: z.array(nic).min(1).max(2),
    placement: z.object({ server_id: z.string().optional() }).optional(),
});
const many = z.object({
    ...common,
    network_interfaces: z
        .array(nic.pick({ subnet_id: true }))
        .min(1)
        .max(2),
    placement: z.object({ server_id_set: z.array(z.string()).max(100).optional() }).optional(),
    min_count: z.number().int().min(1).max(100).default(1),
    max_count: z.number().int().min(1).max(100).default(1),
});

/** Servers that are ready: those that were named, or as many as are wanted of any. */
function readyServers({ world, project }: Call, named: readonly string[], wanted: number): PhysicalServer[] {
    const store = physicalServers.in(world, project);
    if (named.length === 0) {
        const ready: PhysicalServer[] = [];
        for (const server of store.list("insertion")) {
            if (server.manage_state === "ready" && ready.push(server) === wanted) {
                break;
            }
        }
        return ready;
    }
    const missing = named.filter((id) => store.get(id) === undefined);
    if (missing.length > 0) {
        throw serversNotFound(missing);
    }
    const found = [...new Set(named)].map((id) => store.get(id)).filter((server) => server !== undefined);
    return found.filter(({ manage_state }) => manage_state === "ready").slice(0, wanted);
}

interface Wish
    extends Pick<z.output<typeof one>, "name" | "image_id" | "vpc_id" | "metadata" | "description" | "user_data"> {
    readonly nics: readonly { subnet_id: string; ipv4_address?: string | undefined }[];
}

function install(call: Call, server: PhysicalServer, wish: Wish): string {
    const { world, project } = call;
    const { name, image_id, vpc_id, nics, metadata, description, user_data } = wish;
    const index = instances.in(world, project).size;
    const address = (n: number) => `10.${200 + n}.${(index >> 8) & 255}.${index & 255}`;
    const instance = instances.create(
        { world, project, index },
        {
            id: uuid(world.random),
            name,
            vpc_id,
            network_interfaces: nics.map((nic, n) => ({
                subnet_id: nic.subnet_id,
                ipv4_address: nic.ipv4_address ?? address(n),
            })),
            image: { id: image_id, name: image_id, os_type: "Linux" },
            metadata,
            description,
            user_data,
            server_id: server.id,
            launched_at: "",
            state: "pending",
        },
    );
    server.manage_state = "in-use";
    server.instance_id = instance.id;
    begin(world, project, instance, "installed", "pending");
    return instance.id;
}

export const creationRoutes: readonly Route[] = [
    route({
        operation: "CreateInstance",
        method: "POST",
        path: "/v1/:project_id/instances",
        body: one,
        handle(call, { body }) {
            const named = body.placement?.server_id === undefined ? [] : [body.placement.server_id];
            const [server] = readyServers(call, named, 1);
            if (server === undefined) {
                throw serversNotReady(named);
            }
            return {
                status: 202,
                body: { instance_id: install(call, server, { ...body, nics: body.network_interfaces }) },
            };
        },
    }),
    route({
        operation: "RunInstances",
        method: "POST",
        path: "/v1/:project_id/instances/batch-create",
        body: many,
        handle(call, { body }) {
            const { name, min_count, max_count } = body;
            if (min_count > max_count) {
                throw invalid("min_count: must not be above max_count");
            }
            const named = body.placement?.server_id_set ?? [];
            const servers = readyServers(call, named, max_count);
            if (servers.length < min_count) {
                throw serversNotReady(named);
            }
            const ids = servers.map((server, n) =>
                install(call, server, {
                    ...body,
                    name: servers.length === 1 ? name : `${name}-${String(n + 1).padStart(4, "0")}`,
                    nics: body.network_interfaces,
                }),
            );
            return { status: 202, body: { instances: ids.map((id) => ({ id })) } };
        },
    }),
];
