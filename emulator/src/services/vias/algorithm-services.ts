import * as z from "zod";
import { ok, type Route, type RouteReply, route } from "../../gateway/route";
import { Kind } from "../../world/kind";
import { hex32 } from "../../world/random";
import { queryInteger } from "../paging";
import { notFound, SERVICE_NAME } from "./model";
import { pagedOf, paging, several } from "./video-queries";

/** States of an algorithm that is deployed, or not. */
const ALGORITHM_STATES = [
    "service_running",
    "service_deploying",
    "service_failed",
    "service_stopping",
    "service_stopped",
    "service_upgrading",
    "service_finished",
    "service_concerning",
    "not_deployed",
] as const;

const serviceSchema = z.object({
    service_id: z.string(),
    service_name: z.string(),
    /** What a task names as its service's version. */
    function_version: z.string(),
    alg_id: z.string(),
    alg_name: z.string(),
    alg_version: z.string(),
    package_id: z.string(),
    package_name: z.string(),
    company: z.string(),
    description: z.string(),
    tags: z.array(z.string()),
    alg_status: z.enum(ALGORITHM_STATES),
    deploy_type: z.enum(["cloud", "edge"]),
    alg_class: z.enum(["self", "partner"]),
    request_mode: z.enum(["sync", "async"]),
    error_msg: z.string(),
    /** Needs a resource_order_id; no call shows it. */
    commercial: z.boolean(),
    created_at: z.number(),
});
export type AlgorithmService = z.infer<typeof serviceSchema>;
export const algorithmServices = new Kind<AlgorithmService>(SERVICE_NAME, "services", {
    schema: serviceSchema,
    id: (service) => service.service_id,
    defaults: ({ world, index }) => ({
        service_id: hex32(world.random),
        service_name: `service-${index}`,
        function_version: "1.0.0",
        alg_id: hex32(world.random),
        alg_name: `service-${index}`,
        alg_version: "1.0.0",
        package_id: hex32(world.random),
        package_name: `service-${index}`,
        company: "emulator",
        description: "",
        tags: [],
        alg_status: "service_running",
        deploy_type: "cloud",
        alg_class: "self",
        request_mode: "async",
        error_msg: "",
        commercial: false,
        created_at: Math.floor(world.now()),
    }),
});

/** What is shown of it wherever it is; a description and an error only where there is one. */
function seen(service: AlgorithmService) {
    const { alg_name: _, commercial: __, description, error_msg, ...shown } = service;
    return { ...shown, ...(description === "" ? {} : { description }), ...(error_msg === "" ? {} : { error_msg }) };
}

function detail(service: AlgorithmService): RouteReply {
    const { alg_name, alg_version, request_mode, created_at } = service;
    return ok({
        ...seen(service),
        alg_name,
        logo: "",
        diagram: "",
        release_flag: true,
        updated_at: created_at,
        release_at: created_at,
        api: "",
        pool_id: "",
        alg_versions: [alg_version],
        service_api_list: [],
        deployment_constraints: {
            request_mode,
            cpu_type: "x86_64",
            accelerators: [],
            input_types: ["OBS", "URL"],
            output_types: ["OBS", "DIS", "Webhook"],
            service_config: "",
            task_config: "",
        },
    });
}

export const algorithmServiceRoutes: readonly Route[] = [
    route({
        operation: "ListAlgorithmServices",
        method: "GET",
        path: "/v2/:project_id/algorithm/services/user",
        query: z.object({
            ...paging(queryInteger(1, 10_000)),
            name_like: z.string().optional(),
            order_by: z.enum(["asc", "desc"]).default("desc"),
            sort_name: z.enum(["created_at", "function_version"]).default("created_at"),
            alg_status: several(z.enum(ALGORITHM_STATES)).optional(),
        }),
        handle({ world, project }, { query }) {
            const { name_like = "", alg_status, sort_name, order_by } = query;
            const sign = order_by === "asc" ? 1 : -1;
            const found = algorithmServices
                .in(world, project)
                .list("insertion")
                .filter((service) => service.service_name.includes(name_like))
                .filter((service) => alg_status?.includes(service.alg_status) ?? true)
                .toSorted((a, b) => sign * (a[sort_name] < b[sort_name] ? -1 : a[sort_name] > b[sort_name] ? 1 : 0));
            const page = pagedOf(found, query);
            return ok({ count: page.length, service_list: page.map(seen), total: found.length });
        },
    }),
    route({
        operation: "ShowAlgorithmService",
        method: "GET",
        path: "/v2/:project_id/algorithm/services/:service_id",
        handle({ world, project }, { params }) {
            const service = algorithmServices.in(world, project).get(params.service_id ?? "");
            if (service === undefined) {
                throw notFound("service", params.service_id);
            }
            return detail(service);
        },
    }),
];
