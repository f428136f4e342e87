import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { pageOf, queryInteger } from "../paging";
import { INSTANCE_STATES, type Instance, instances, refusal, settings } from "./model";

export const INSTANCE_PATH = "/v2/:project_id/instances/:instance_id";
export const FDI_PATH = "/v2/:project_id/fdi/instances/:instance_id";

/** The resource does not exist, in the words of ROMA's sister components. */
export function notFound({ world }: Call, what: string, id: string | undefined) {
    const { notFoundStatus, notFoundCode } = settings.in(world);
    return refusal(notFoundCode, "The resource does not exist.", `The ${what} ${id} does not exist.`, notFoundStatus);
}

/** The instance in the path, which must be in service. */
export function instanceOf(call: Call, id: string | undefined): Instance {
    const instance = instances.in(call.world, call.project).get(id ?? "");
    if (instance === undefined) {
        throw notFound(call, "instance", id);
    }
    if (instance.status === "RUNNING") {
        return instance;
    }
    throw refusal("ROMA.1006", "No permission.", `The instance is ${instance.status}.`);
}

/** IAM users see what they made; an account's own user, too, sees no more here. */
export function isListedTo({ world, identity }: Call, creator: string): boolean {
    return settings.in(world).listedAssets === "everybody's" || creator === identity?.userId;
}

/** For reading one thing that somebody else made. */
export function refuseOthers({ world, identity }: Call, creator: string, id: string): void {
    const { othersById } = settings.in(world);
    if (othersById === "show" || creator === identity?.userId) {
        return;
    }
    if (othersById === "forbidden") {
        throw refusal("ROMA.1006", "No permission.", id, 403);
    }
    throw refusal("ROMA.12001", "No permission to operate the application.", id);
}

/** A part of a list, as all lists of ROMA show it. */
export function listed<T>(
    { world }: Call,
    field: string,
    found: readonly T[],
    { offset, limit }: { offset: number; limit?: number | undefined },
    view: (object: T) => object,
) {
    const page = pageOf(found, offset, limit ?? settings.in(world).defaultLimit);
    return ok({ total: found.length, size: page.length, [field]: page.map(view) });
}

export const instanceRoutes: readonly Route[] = [
    route({
        operation: "ListInstances",
        method: "GET",
        path: "/v2/:project_id/instances",
        query: z.object({
            status: z.enum(INSTANCE_STATES).optional(),
            offset: queryInteger(0, 100).default(0),
            limit: queryInteger(0, 100).optional(),
        }),
        handle(call, { query }) {
            const all = instances.in(call.world, call.project).list("insertion");
            const found = all.filter(({ status }) => query.status === undefined || status === query.status);
            return listed(call, "instances", found, query, (instance) => instance);
        },
    }),
];
