import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { begin } from "./lifecycle";
import { inMarkerOrder, pageAfter, pageSize } from "./markers";
import { type Instance, instances, physicalServers } from "./model";
import { instancesNotFound, invalid, inWrongState, serversNotFound, settings } from "./rules";

const BASE = "/v1/:project_id/instances";

const view = ({ step: _, previous_state: __, deleted_by: ___, unlisted: ____, ...instance }: Instance) => instance;

export function instancesOf(call: Call, ids: readonly string[]): Instance[] {
    const store = instances.in(call.world, call.project);
    const wanted = [...new Set(ids)];
    const found = wanted.map((id) => store.get(id)).filter((instance) => instance !== undefined);
    const missing = wanted.filter((id) => store.get(id) === undefined);
    if (missing.length > 0) {
        throw instancesNotFound(missing);
    }
    return found;
}

function demandState(call: Call, found: readonly Instance[], allowed: readonly Instance["state"][]): void {
    const refused = found.filter(({ state }) => !allowed.includes(state));
    if (refused.length > 0) {
        throw inWrongState(refused, settings.in(call.world).stateConflictCode);
    }
}

const idList = z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.string().min(1).max(64)).max(100))
    .optional();
const listQuery = z.object({
    limit: pageSize,
    marker: z.string().optional(),
    instance_state: z
        .enum(["pending", "running", "stopping", "stopped", "reinstalling", "shutting-down", "terminated", "failed"])
        .optional(),
    instance_id: idList,
    server_id: idList,
});

/** Everything a list call is about, in the order of markers. What is not listed to the caller is not there. */
function listed(call: Call, query: z.infer<typeof listQuery>): readonly Instance[] {
    const { world, project } = call;
    const all = instances.in(world, project);
    const store = {
        get(id: string) {
            const instance = all.get(id);
            return instance?.unlisted === true ? undefined : instance;
        },
        list() {
            const list = all.list("arbitrary");
            return list.some(({ unlisted }) => unlisted) ? list.filter(({ unlisted }) => !unlisted) : list;
        },
    };
    const { missingInList } = settings.in(world);
    const { instance_id, server_id } = query;
    if (instance_id !== undefined && server_id !== undefined) {
        throw invalid("instance_id and server_id cannot be given together");
    }
    if (instance_id !== undefined) {
        const missing = [...new Set(instance_id)].filter((id) => store.get(id) === undefined);
        if (missingInList === "not-found" && missing.length > 0) {
            throw instancesNotFound(missing);
        }
        const found = [...new Set(instance_id)].map((id) => store.get(id));
        return inMarkerOrder(found.filter((instance) => instance !== undefined));
    }
    if (server_id !== undefined) {
        const servers = physicalServers.in(world, project);
        const missing = server_id.filter((id) => servers.get(id) === undefined);
        if (missing.length > 0 && missingInList === "not-found") {
            throw serversNotFound(missing);
        }
        const found = [...new Set(server_id)].map((id) => store.get(servers.get(id)?.instance_id ?? ""));
        return inMarkerOrder(found.filter((instance) => instance !== undefined));
    }
    return store.list();
}

/** The filter has no `error`: `failed` shows both. */
const isIn = (state: Instance["state"], wanted: Instance["state"]): boolean =>
    state === wanted || (wanted === "failed" && state === "error");

const instanceIdSet = (max: number) => z.array(z.string().min(1).max(64)).min(1).max(max);
const accepted = (found: readonly Instance[]) => ({
    status: 202,
    body: { instances: found.map(({ id }) => ({ id })) },
});

/** An address that no other instance of the project has. */
export function freeAddress({ world, project }: Call, nic: number): string {
    const taken = new Set<string>();
    for (const { network_interfaces } of instances.in(world, project).list("insertion")) {
        for (const { ipv4_address } of network_interfaces) {
            taken.add(ipv4_address);
        }
    }
    for (let index = taken.size; ; index++) {
        const address = `10.${200 + nic}.${(index >> 8) & 255}.${index & 255}`;
        if (!taken.has(address)) {
            return address;
        }
    }
}

export const instanceRoutes: readonly Route[] = [
    route({
        operation: "ListInstances",
        method: "GET",
        path: BASE,
        query: listQuery,
        handle(call, { query }) {
            const { instance_state, limit, marker } = query;
            let found = listed(call, query);
            if (instance_state !== undefined) {
                found = found.filter(({ state }) => isIn(state, instance_state));
            }
            const { page, page_info } = pageAfter(call.world, found, marker, limit);
            return ok({ instances: page.map(view), page_info, count: found.length });
        },
    }),
    route({
        operation: "ShowInstanceStatus",
        method: "GET",
        path: `${BASE}/:id/status`,
        handle(call, { params }) {
            const instance = instances.in(call.world, call.project).get(params.id ?? "");
            if (instance === undefined) {
                throw instancesNotFound([params.id ?? ""]);
            }
            const { state, operation_state, error } = instance;
            return ok({ state, operation_state, error });
        },
    }),
    route({
        operation: "ReinstallOs",
        method: "PUT",
        path: `${BASE}/reinstall`,
        body: z.object({
            instance_id_set: instanceIdSet(10),
            password: z.string().min(1),
            image_id: z.string().min(1).optional(),
        }),
        handle(call, { body }) {
            const found = instancesOf(call, body.instance_id_set);
            demandState(call, found, ["running", "stopped", "error", "failed"]);
            const { stateWhileReinstalling } = settings.in(call.world);
            for (const instance of found) {
                if (body.image_id !== undefined) {
                    instance.image = { ...instance.image, id: body.image_id };
                }
                begin(call.world, call.project, instance, "reinstalled", stateWhileReinstalling);
            }
            return accepted(found);
        },
    }),
    route({
        operation: "ModifyInstanceIp",
        method: "PUT",
        path: `${BASE}/:id/ip`,
        body: z.object({
            vpc_id: z.string().min(1).optional(),
            nics: z
                .array(
                    z.object({
                        subnet_id: z.string().min(1),
                        // Left out or empty: any free address of the subnet.
                        ip_address: z.ipv4().or(z.literal("")).optional(),
                    }),
                )
                .min(1)
                .max(2)
                .optional(),
        }),
        handle(call, { params, body }) {
            const found = instancesOf(call, [params.id ?? ""]);
            demandState(call, found, ["running", "stopped"]);
            for (const instance of found) {
                instance.vpc_id = body.vpc_id ?? instance.vpc_id;
                instance.network_interfaces =
                    body.nics?.map(({ subnet_id, ip_address = "" }, n) => ({
                        subnet_id,
                        ipv4_address: ip_address === "" ? freeAddress(call, n) : ip_address,
                    })) ?? instance.network_interfaces;
                begin(call.world, call.project, instance, "ip-modified", instance.state);
            }
            return { status: 202 };
        },
    }),
    route({
        operation: "ChangeInstancePassword",
        method: "PUT",
        path: `${BASE}/password`,
        body: z.object({ new_password: z.string().min(1), instance_id_set: instanceIdSet(50) }),
        handle(call, { body }) {
            const found = instancesOf(call, body.instance_id_set);
            demandState(call, found, ["running"]);
            return accepted(found);
        },
    }),
];
