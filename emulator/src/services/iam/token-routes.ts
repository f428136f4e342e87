import * as z from "zod";
import { type Call, ok, type Route, type RouteReply, route } from "../../gateway/route";
import { NOWHERE, type Project, projects, type Token, tokens, type User, users } from "../../identity/identity";
import { LETTERS_AND_DIGITS, randomText } from "../../world/random";
import { catalogOf } from "./catalog";
import { credentialIso, known, notAuthenticated, projectsOf, refuse, settings } from "./rules";

const named = z.object({ name: z.string().optional(), id: z.string().optional() });
const passwordUser = named.extend({ password: z.string(), domain: named.optional() });
const tokenBody = z.object({
    auth: z.object({
        identity: z.object({
            methods: z.array(z.enum(["password", "token"])).length(1),
            password: z.object({ user: passwordUser }).optional(),
            token: z.object({ id: z.string() }).optional(),
        }),
        // Clients of OpenStack that want a token of nothing say so by a word.
        scope: z.preprocess(
            (scope) => (scope === "unscoped" ? {} : scope),
            z
                .object({ project: named.extend({ domain: named.optional() }).optional(), domain: named.optional() })
                .optional(),
        ),
    }),
});
type Scope = z.infer<typeof tokenBody>["auth"]["scope"];
/** Any text that is not empty means true. */
const catalogQuery = z.object({ nocatalog: z.string().optional() });

function userByPassword(call: Call, given: z.infer<typeof passwordUser>): User {
    const user = users
        .in(call.world, NOWHERE)
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

/** A token that lives, and its user. */
function living(call: Call, value: string): { token: Token; user: User } | undefined {
    const token = tokens.in(call.world, NOWHERE).get(value);
    const user = token && users.in(call.world, NOWHERE).get(token.user_id);
    if (token === undefined || user === undefined) {
        return undefined;
    }
    return token.expires_at > call.world.clock.credentialNow() ? { token, user } : undefined;
}

/** The project that a scope names; undefined for the whole account. */
function scopedProject(call: Call, user: User, scope: Scope): Project | undefined {
    const domain = scope?.domain ?? scope?.project?.domain;
    const isForeign =
        domain !== undefined &&
        (domain.id === undefined ? domain.name !== user.domain_name : domain.id !== user.domain_id);
    if (isForeign) {
        throw refuse(404, `Could not find domain: ${domain.id ?? domain.name ?? ""}.`);
    }
    const wanted = scope?.project;
    if (wanted === undefined) {
        return undefined;
    }
    const project = projectsOf(call, user.domain_id).find((candidate) =>
        wanted.id === undefined ? candidate.name === wanted.name : candidate.id === wanted.id,
    );
    if (project === undefined) {
        throw refuse(404, `Could not find project: ${wanted.id ?? wanted.name ?? ""}.`);
    }
    return project;
}

function tokenView(call: Call, token: Token, user: User, nocatalog: string | undefined) {
    const domain = { id: user.domain_id, name: user.domain_name };
    const project = token.project_id === null ? undefined : projects.in(call.world, NOWHERE).get(token.project_id);
    return {
        token: {
            methods: token.methods,
            issued_at: credentialIso(token.issued_at),
            expires_at: credentialIso(token.expires_at),
            user: { id: user.id, name: user.name, domain, password_expires_at: "" },
            roles: [{ id: "0", name: "te_admin" }],
            catalog: (nocatalog ?? "") === "" ? catalogOf(call.origin, project) : [],
            ...(project ? { project: { id: project.id, name: project.name, domain } } : { domain }),
        },
    };
}

interface Issue {
    readonly user: User;
    readonly scope: Scope;
    readonly methods: readonly string[];
    readonly expires: number;
}

function issue(call: Call, { user, scope, methods, expires }: Issue, nocatalog: string | undefined): RouteReply {
    const project = scopedProject(call, user, scope);
    const { tokenLength } = settings.in(call.world);
    const value = `MII${randomText(call.world.random, tokenLength - 3, LETTERS_AND_DIGITS)}`;
    const token: Token = {
        token: value,
        user_id: user.id,
        project_id: project?.id ?? null,
        methods: [...methods],
        issued_at: call.world.clock.credentialNow(),
        expires_at: expires,
    };
    tokens.in(call.world, NOWHERE).add(token);
    return {
        status: 201,
        headers: { "X-Subject-Token": value },
        body: tokenView(call, token, user, nocatalog),
    };
}

function validated(call: Call, nocatalog: string | undefined): RouteReply {
    const value = call.header("x-subject-token");
    if (value === null) {
        throw refuse(400, "Request parameter 'X-Subject-Token' is invalid.");
    }
    const subject = living(call, value);
    if (subject === undefined) {
        throw refuse(404, "Could not find token.");
    }
    if (subject.user.domain_id !== known(call).domainId) {
        throw refuse(403, "You are not authorized to perform the requested action.");
    }
    const body = tokenView(call, subject.token, subject.user, nocatalog);
    return { ...ok(body), headers: { "X-Subject-Token": value } };
}

export const tokenRoutes: readonly Route[] = [
    route({
        operation: "KeystoneCreateUserTokenByPassword",
        method: "POST",
        path: "/v3/auth/tokens",
        authentication: "none",
        secrets: ["*"],
        query: catalogQuery,
        body: tokenBody,
        handle(call, { query, body }) {
            const { identity, scope } = body.auth;
            const [method] = identity.methods;
            if (method === "password") {
                if (identity.password === undefined) {
                    throw refuse(400, "Request parameter 'password' is invalid.");
                }
                const user = userByPassword(call, identity.password.user);
                const expires = call.world.clock.credentialNow() + settings.in(call.world).tokenLifeSeconds * 1000;
                return issue(call, { user, scope, methods: ["password"], expires }, query.nocatalog);
            }
            if (identity.token === undefined) {
                throw refuse(400, "Request parameter 'token' is invalid.");
            }
            const given = living(call, identity.token.id);
            if (given === undefined) {
                throw notAuthenticated();
            }
            // A token made of a token does not outlive it.
            const { methods, expires_at: expires } = given.token;
            const all = [...new Set(["token", ...methods])];
            return issue(call, { user: given.user, scope, methods: all, expires }, query.nocatalog);
        },
    }),
    route({
        operation: "KeystoneValidateToken",
        method: "GET",
        path: "/v3/auth/tokens",
        query: catalogQuery,
        handle: (call, { query }) => validated(call, query.nocatalog),
    }),
    route({
        // Not on IAM's pages; clients of OpenStack ask so whether a token is good.
        operation: "KeystoneCheckToken",
        method: "HEAD",
        path: "/v3/auth/tokens",
        handle(call) {
            const { status, headers } = validated(call, "true");
            return { status, ...(headers === undefined ? {} : { headers }) };
        },
    }),
];
