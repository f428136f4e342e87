import * as z from "zod";
import { Refusal } from "../gateway/refusal";
import { type Call, ok, route } from "../gateway/route";
import {
    accessKeys,
    type Identity,
    nowhere,
    type Project,
    projects,
    tokens,
    type User,
    users,
} from "../identity/identity";
import type { EmulatedService, ErrorShape } from "../service";
import { lettersAndDigits, randomText } from "../world/random";
import { Durations, Settings } from "../world/settings";
import { queryInteger } from "./paging";

const titles: Record<number, string> = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
};

const errors: ErrorShape = {
    body: (refusal) => ({
        error: {
            code: Number(refusal.code) || refusal.status,
            message: refusal.message,
            title: titles[refusal.status] ?? "Error",
        },
    }),
    invalid: (problem) => refuse(400, `Request parameter '${problem}' is invalid.`),
    methodNotAllowed: () => refuse(405, "The method is not allowed for the requested URL."),
    notAuthenticated: () => refuse(401, "The request you have made requires authentication."),
};

const refuse = (status: number, message: string): Refusal => new Refusal(status, String(status), message);

const settings = new Settings(
    "iam",
    z.strictObject({
        tokenLifeSeconds: z.number().positive().default(86_400),
        /** Characters of a token; real ones are long. */
        tokenLength: z.number().int().min(32).max(8000).default(2000),
    }),
);

const passwordUser = z.object({
    name: z.string().optional(),
    id: z.string().optional(),
    password: z.string(),
    domain: z.object({ name: z.string().optional(), id: z.string().optional() }).optional(),
});
const tokenBody = z.object({
    auth: z.object({
        identity: z.object({
            methods: z.tuple([z.literal("password")]),
            password: z.object({ user: passwordUser }),
        }),
        scope: z
            .object({
                project: z.object({ name: z.string().optional(), id: z.string().optional() }).optional(),
                domain: z.object({ name: z.string().optional(), id: z.string().optional() }).optional(),
            })
            .optional(),
    }),
});

function userOf(call: Call, given: z.infer<typeof passwordUser>): User {
    const user = users
        .in(call.world, nowhere)
        .list("insertion")
        .find((candidate) =>
            given.id === undefined
                ? candidate.name === given.name &&
                  (candidate.domain_name === given.domain?.name || candidate.domain_id === given.domain?.id)
                : candidate.id === given.id,
        );
    if (user === undefined || user.password !== given.password) {
        throw refuse(401, "The username or password is wrong.");
    }
    return user;
}

function projectsOf(call: Call, domainId: string): Project[] {
    const all = projects.in(call.world, nowhere).list("insertion");
    return all.filter((project) => project.domain_id === domainId);
}

const credentialIso = (ms: number): string => new Date(ms).toISOString().replace("Z", "000Z");

const createToken = route({
    operation: "KeystoneCreateUserTokenByPassword",
    method: "POST",
    path: "/v3/auth/tokens",
    authentication: "none",
    secrets: ["*"],
    body: tokenBody,
    handle(call, { body }) {
        const user = userOf(call, body.auth.identity.password.user);
        const wanted = body.auth.scope?.project;
        const project =
            wanted &&
            projectsOf(call, user.domain_id).find((candidate) =>
                wanted.id === undefined ? candidate.name === wanted.name : candidate.id === wanted.id,
            );
        if (wanted !== undefined && project === undefined) {
            throw refuse(404, `Could not find project: ${wanted.id ?? wanted.name ?? ""}.`);
        }
        const domainWanted = body.auth.scope?.domain;
        const isForeign =
            domainWanted !== undefined &&
            (domainWanted.id === undefined
                ? domainWanted.name !== user.domain_name
                : domainWanted.id !== user.domain_id);
        if (isForeign) throw refuse(404, `Could not find domain: ${domainWanted.id ?? domainWanted.name ?? ""}.`);
        const { tokenLifeSeconds, tokenLength } = settings.in(call.world);
        const now = call.world.clock.credentialNow();
        const token = `MII${randomText(call.world.random, tokenLength - 3, lettersAndDigits)}`;
        const expires = now + tokenLifeSeconds * 1000;
        tokens.in(call.world, nowhere).add({
            token,
            user_id: user.id,
            project_id: project?.id ?? null,
            issued_at: now,
            expires_at: expires,
        });
        const domain = { id: user.domain_id, name: user.domain_name };
        return {
            status: 201,
            headers: { "X-Subject-Token": token },
            body: {
                token: {
                    methods: ["password"],
                    issued_at: credentialIso(now),
                    expires_at: credentialIso(expires),
                    user: { id: user.id, name: user.name, domain, password_expires_at: "" },
                    roles: [{ id: "0", name: "te_admin" }],
                    catalog: [],
                    ...(project ? { project: { id: project.id, name: project.name, domain } } : { domain }),
                },
            },
        };
    },
});

const projectView = ({ origin }: Call, project: Project) => ({
    ...project,
    is_domain: false,
    links: { self: `${origin}/v3/projects/${project.id}` },
});

const listProjects = route({
    operation: "KeystoneListProjects",
    method: "GET",
    path: "/v3/projects",
    query: z.object({
        name: z.string().optional(),
        domain_id: z.string().optional(),
        parent_id: z.string().optional(),
        enabled: z.enum(["true", "false"]).optional(),
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
                (query.enabled === undefined || String(project.enabled) === query.enabled),
        );
        const from = (query.page - 1) * query.per_page;
        return ok({
            projects: found.slice(from, from + query.per_page).map((project) => projectView(call, project)),
            links: { self: `${call.origin}/v3/projects`, previous: null, next: null },
        });
    },
});

/** The official SDKs ask it for the account of a key. */
const listAuthDomains = route({
    operation: "KeystoneListAuthDomains",
    method: "GET",
    path: "/v3/auth/domains",
    handle(call) {
        const { domainId, domainName } = known(call);
        const links = { self: `${call.origin}/v3/domains/${domainId}` };
        return ok({
            domains: [{ id: domainId, name: domainName, enabled: true, description: "", links }],
            links: { self: `${call.origin}/v3/auth/domains`, previous: null, next: null },
        });
    },
});

const listAuthProjects = route({
    operation: "KeystoneListAuthProjects",
    method: "GET",
    path: "/v3/auth/projects",
    handle: (call) =>
        ok({
            projects: projectsOf(call, known(call).domainId).map((project) => projectView(call, project)),
            links: { self: `${call.origin}/v3/auth/projects`, previous: null, next: null },
        }),
});

const createTemporaryKey = route({
    operation: "CreateTemporaryAccessKeyByToken",
    method: "POST",
    path: "/v3.0/OS-CREDENTIAL/securitytokens",
    secrets: ["*"],
    body: z.object({
        auth: z.object({
            identity: z.object({
                methods: z.tuple([z.literal("token")]),
                token: z.object({ duration_seconds: z.number().int().min(900).max(86_400).default(900) }).optional(),
            }),
        }),
    }),
    handle(call, { body }) {
        const identity = known(call);
        const life = body.auth.identity.token?.duration_seconds ?? 900;
        const expires = call.world.clock.credentialNow() + life * 1000;
        const { random } = call.world;
        const access = `HST${randomText(random, 17, lettersAndDigits).toUpperCase()}`;
        const secret = randomText(random, 40, lettersAndDigits);
        const securityToken = randomText(random, 400, lettersAndDigits);
        accessKeys.in(call.world, nowhere).add({
            access,
            secret,
            user_id: identity.userId,
            temporary: { security_token: securityToken, expires_at: expires },
            failures: 0,
            locked_until: 0,
        });
        const expires_at = credentialIso(expires);
        return { status: 201, body: { credential: { access, secret, securitytoken: securityToken, expires_at } } };
    },
});

function known(call: Call): Identity {
    if (call.identity === undefined) throw refuse(401, "The request you have made requires authentication.");
    return call.identity;
}

export const iam: EmulatedService = {
    name: "iam",
    errors,
    routes: [createToken, listProjects, listAuthDomains, listAuthProjects, createTemporaryKey],
    kinds: [users, accessKeys, projects, tokens],
    settings,
    durations: new Durations<string>("iam", {}),
    processes: {},
    events: {},
};
