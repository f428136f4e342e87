import * as z from "zod";
import { route } from "../../gateway/route";
import { accessKeys, NOWHERE, projects, tokens, users } from "../../identity/identity";
import type { EmulatedService, ErrorShape } from "../../service";
import { LETTERS_AND_DIGITS, randomText } from "../../world/random";
import { Durations } from "../../world/settings";
import { catalogRoutes } from "./catalog-routes";
import { projectRoutes } from "./project-routes";
import { credentialIso, known, notAuthenticated, refuse, settings } from "./rules";
import { tokenRoutes } from "./token-routes";

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
    notAuthenticated,
};

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
        const access = `HST${randomText(random, 17, LETTERS_AND_DIGITS).toUpperCase()}`;
        const secret = randomText(random, 40, LETTERS_AND_DIGITS);
        const securityToken = randomText(random, 400, LETTERS_AND_DIGITS);
        accessKeys.in(call.world, NOWHERE).add({
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

export const iam: EmulatedService = {
    name: "iam",
    errors,
    routes: [...tokenRoutes, ...projectRoutes, ...catalogRoutes, createTemporaryKey],
    kinds: [users, accessKeys, projects, tokens],
    settings,
    durations: new Durations<string>("iam", {}),
    processes: {},
    events: {},
};
