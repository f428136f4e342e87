import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { NOWHERE, projects } from "../../identity/identity";
import { REGIONS } from "../../identity/places";
import { type CatalogEntry, catalogOf, wholeCatalog } from "./catalog";
import { known, links, refuse, selfLink } from "./rules";

const version = ({ origin }: Call) => ({
    id: "v3.6",
    status: "stable",
    updated: "2016-04-04T00:00:00Z",
    links: [{ rel: "self", href: `${origin}/v3/` }],
    "media-types": [{ type: "application/vnd.openstack.identity-v3+json", base: "application/json" }],
});

const regionView = (call: Call, id: string) => ({
    id,
    type: "public",
    description: "",
    parent_region_id: null,
    links: selfLink(call, `/v3/regions/${id}`),
    locales: { "zh-cn": id, "en-us": id, "pt-br": id, "es-us": id, "es-es": id },
});

const serviceView = (call: Call, { id, name, type }: CatalogEntry) => ({
    id,
    name,
    type,
    description: "",
    enabled: true,
    links: links(call, `/v3/services/${id}`),
});

function endpointViews(call: Call) {
    return wholeCatalog(call.origin).flatMap(({ id: service_id, endpoints }) =>
        endpoints.map((endpoint) => ({
            ...endpoint,
            service_id,
            enabled: true,
            links: links(call, `/v3/endpoints/${endpoint.id}`),
        })),
    );
}

function found<T>(object: T | undefined, what: string, id: string | undefined): T {
    if (object === undefined) {
        throw refuse(404, `Could not find ${what}: ${id}.`);
    }
    return object;
}

const showVersion = (path: "/v3" | "/v3/"): Route =>
    route({
        operation: "KeystoneShowVersion",
        method: "GET",
        path,
        authentication: "none",
        handle: (call) => ok({ version: version(call) }),
    });

/** What IAM offers, and where: read by clients before they know anything. */
export const catalogRoutes: readonly Route[] = [
    route({
        operation: "KeystoneListVersions",
        method: "GET",
        path: "/",
        authentication: "none",
        handle: (call) => ({ status: 300, body: { versions: { values: [version(call)] } } }),
    }),
    showVersion("/v3"),
    showVersion("/v3/"),
    route({
        operation: "KeystoneShowCatalog",
        method: "GET",
        path: "/v3/auth/catalog",
        handle(call) {
            const { tokenProject } = known(call);
            // Its page wants a token of a project. The SDKs sign the call: then there is none to be scoped.
            if (tokenProject === undefined && call.header("x-auth-token") !== null) {
                throw refuse(403, "The token must be scoped to a project.");
            }
            const project = projects.in(call.world, NOWHERE).get(tokenProject ?? "");
            return ok({ catalog: catalogOf(call.origin, project), links: selfLink(call, "/v3/auth/catalog") });
        },
    }),
    route({
        operation: "KeystoneListRegions",
        method: "GET",
        path: "/v3/regions",
        handle: (call) => ok({ regions: REGIONS.map((id) => regionView(call, id)), links: links(call, "/v3/regions") }),
    }),
    route({
        operation: "KeystoneShowRegion",
        method: "GET",
        path: "/v3/regions/:region_id",
        handle(call, { params }) {
            const id = found(
                REGIONS.find((region) => region === params.region_id),
                "region",
                params.region_id,
            );
            return ok({ region: regionView(call, id) });
        },
    }),
    route({
        operation: "KeystoneListServices",
        method: "GET",
        path: "/v3/services",
        query: z.object({ type: z.string().optional() }),
        handle(call, { query }) {
            const all = wholeCatalog(call.origin).filter(({ type }) => query.type === undefined || type === query.type);
            return ok({
                services: all.map((entry) => serviceView(call, entry)),
                links: links(call, "/v3/services"),
            });
        },
    }),
    route({
        operation: "KeystoneShowService",
        method: "GET",
        path: "/v3/services/:service_id",
        handle(call, { params }) {
            const all = wholeCatalog(call.origin);
            const entry = found(
                all.find(({ id }) => id === params.service_id),
                "service",
                params.service_id,
            );
            return ok({ service: serviceView(call, entry) });
        },
    }),
    route({
        operation: "KeystoneListEndpoints",
        method: "GET",
        path: "/v3/endpoints",
        query: z.object({
            interface: z.enum(["public", "internal", "admin"]).optional(),
            service_id: z.string().optional(),
        }),
        handle(call, { query }) {
            const all = endpointViews(call).filter(
                (endpoint) =>
                    (query.interface === undefined || endpoint.interface === query.interface) &&
                    (query.service_id === undefined || endpoint.service_id === query.service_id),
            );
            return ok({ endpoints: all, links: links(call, "/v3/endpoints") });
        },
    }),
    route({
        operation: "KeystoneShowEndpoint",
        method: "GET",
        path: "/v3/endpoints/:endpoint_id",
        handle(call, { params }) {
            const all = endpointViews(call);
            const endpoint = found(
                all.find(({ id }) => id === params.endpoint_id),
                "endpoint",
                params.endpoint_id,
            );
            return ok({ endpoint });
        },
    }),
];
