import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import type { Project } from "../../identity/identity";
import { queryInteger } from "../paging";
import { known, links, projectsOf, refuse, selfLink } from "./rules";

const projectView = (call: Call, project: Project) => ({
    ...project,
    is_domain: false,
    links: links(call, `/v3/projects/${project.id}`),
});

const truth = z.enum(["true", "false", "True", "False"]).transform((text) => text.toLowerCase() === "true");

export const projectRoutes: readonly Route[] = [
    route({
        operation: "KeystoneListProjects",
        method: "GET",
        path: "/v3/projects",
        query: z.object({
            name: z.string().optional(),
            domain_id: z.string().optional(),
            parent_id: z.string().optional(),
            enabled: truth.optional(),
            page: queryInteger(1, 999_999_999).default(1),
            per_page: queryInteger(1, 5000).default(5000),
        }),
        handle(call, { query }) {
            const identity = known(call);
            const found = projectsOf(call, identity.domainId).filter(
                (project) =>
                    (query.name === undefined || project.name === query.name) &&
                    (query.domain_id === undefined || project.domain_id === query.domain_id) &&
                    (query.parent_id === undefined || project.parent_id === query.parent_id) &&
                    (query.enabled === undefined || project.enabled === query.enabled),
            );
            const from = (query.page - 1) * query.per_page;
            return ok({
                projects: found.slice(from, from + query.per_page).map((project) => projectView(call, project)),
                links: links(call, "/v3/projects"),
            });
        },
    }),
    route({
        operation: "KeystoneShowProject",
        method: "GET",
        path: "/v3/projects/:id",
        handle(call, { params }) {
            const project = projectsOf(call, known(call).domainId).find(({ id }) => id === params.id);
            if (project === undefined) {
                throw refuse(404, `Could not find project: ${params.id}.`);
            }
            return ok({ project: projectView(call, project) });
        },
    }),
    route({
        operation: "KeystoneListProjectsForUser",
        method: "GET",
        path: "/v3/users/:user_id/projects",
        handle(call, { params }) {
            const { userId, domainId } = known(call);
            if (params.user_id !== userId) {
                throw refuse(403, "You are not authorized to perform the requested action.");
            }
            return ok({
                projects: projectsOf(call, domainId).map((project) => projectView(call, project)),
                links: links(call, `/v3/users/${userId}/projects`),
            });
        },
    }),
    route({
        /** The official SDKs ask it for the account of a key. */
        operation: "KeystoneListAuthDomains",
        method: "GET",
        path: "/v3/auth/domains",
        handle(call) {
            const { domainId, domainName } = known(call);
            const domain = { id: domainId, name: domainName, enabled: true, description: "" };
            return ok({
                domains: [{ ...domain, links: selfLink(call, `/v3/domains/${domainId}`) }],
                links: selfLink(call, "/v3/auth/domains"),
            });
        },
    }),
    route({
        operation: "KeystoneListAuthProjects",
        method: "GET",
        path: "/v3/auth/projects",
        handle: (call) =>
            ok({
                projects: projectsOf(call, known(call).domainId).map((project) => ({
                    ...projectView(call, project),
                    links: selfLink(call, `/v3/projects/${project.id}`),
                })),
                links: selfLink(call, "/v3/auth/projects"),
            }),
    }),
];
