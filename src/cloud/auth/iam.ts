import * as z from "zod";
import type { Clock } from "../../util/clock";
import { ID } from "../../util/patterns";
import { SingleFlight } from "../../util/single-flight";
import type { Call, Service } from "../call";
import type { Client } from "../client/client";
import { CloudError } from "../errors";
import { misconfigured } from "../settings/settings";
import type { PasswordCredentials } from "./credentials";
import type { TokenSource } from "./identity";
import { Secret } from "./secret";

export const iam: Service = {
    name: "iam",
    title: "IAM",
    hostLabels: { default: "iam" },
    authenticationCodes: [],
    permissionCodes: [],
    busyCodes: [],
};

/** What a token is for. */
export type Scope = { readonly id: string } | { readonly name: string };

const EARLIEST_RENEWAL = 5 * 60 * 1000;

/** Tokens for one project, from a user and password. They are fetched when needed and renewed before they expire. */
export class PasswordTokens implements TokenSource {
    private readonly shared: SingleFlight<Secret>;
    private refusals = 0;
    private current: { readonly token: Secret; readonly renewAt: number } | undefined;

    constructor(
        client: Client,
        credentials: PasswordCredentials,
        scope: Scope,
        private readonly clock: Clock,
    ) {
        this.shared = new SingleFlight(async (signal) => {
            const fetched = await fetchToken(client, credentials, scope, signal);
            const life = Math.max(0, fetched.expiresAt - clock.now());
            // With a wrong clock or a short-lived token, not every request may fetch a new token.
            this.current = { token: fetched.token, renewAt: fetched.expiresAt - Math.min(EARLIEST_RENEWAL, life / 2) };
            return fetched.token;
        });
    }

    async token(signal: AbortSignal): Promise<string> {
        const current = this.current;
        if (current !== undefined && this.clock.now() < current.renewAt) {
            return current.token.reveal();
        }
        return (await this.shared.get(signal)).reveal();
    }

    accepted(): void {
        this.refusals = 0;
    }

    /** A second refusal in a row, of any request, is final: another token would be refused too. */
    refused(token: string): "renewed" | "stale" | "final" {
        if (this.current?.token.reveal() !== token) {
            return "stale";
        }
        this.current = undefined;
        this.refusals++;
        return this.refusals > 1 ? "final" : "renewed";
    }
}

const tokenAnswer = z.object({ token: z.object({ expires_at: z.string() }) });

/** POST /v3/auth/tokens; the token is in the header X-Subject-Token. The request can be repeated. */
async function fetchToken(
    client: Client,
    credentials: PasswordCredentials,
    scope: Scope,
    signal: AbortSignal,
): Promise<{ token: Secret; expiresAt: number }> {
    const domain = credentials.domain === undefined ? {} : { domain: credentials.domain };
    const user = { ...credentials.user, password: credentials.password.reveal(), ...domain };
    const call: Call<z.infer<typeof tokenAnswer>> = {
        operation: "KeystoneCreateUserTokenByPassword",
        method: "POST",
        path: ["v3", "auth", "tokens"],
        query: [["nocatalog", "true"]],
        body: { auth: { identity: { methods: ["password"], password: { user } }, scope: { project: scope } } },
        effect: "reads",
        answer: tokenAnswer,
    };
    const { result, headers } = await client.sendForHeaders(call, signal);
    const token = headers["x-subject-token"] ?? "";
    const expiresAt = Date.parse(result.body.token.expires_at);
    if (!/^[\x21-\x7e]+$/.test(token) || Number.isNaN(expiresAt)) {
        throw new CloudError({
            kind: "unusable",
            service: iam.title,
            operation: call.operation,
            status: result.status,
            code: "UnreadableAnswer",
            detail: "the answer holds no token or no time of expiry",
            ...(result.requestId === undefined ? {} : { requestId: result.requestId }),
        });
    }
    return { token: new Secret(token), expiresAt };
}

const projectsAnswer = z.object({
    projects: z.array(z.object({ id: z.string().regex(ID), name: z.string(), enabled: z.boolean().optional() })),
});

/** The id of the project of this name. It never creates a project: a mistyped region must not make one. */
export async function lookUpProject(
    client: Client,
    name: string,
    source: string,
    signal: AbortSignal,
): Promise<string> {
    const { body } = await client.send(
        {
            operation: "KeystoneListProjects",
            method: "GET",
            path: ["v3", "projects"],
            query: [["name", name]],
            effect: "reads",
            answer: projectsAnswer,
        },
        signal,
    );
    const found = body.projects.filter((project) => project.name === name && project.enabled !== false);
    const [only, ...others] = found;
    if (only === undefined) {
        throw misconfigured(
            "ProjectNotFound",
            `IAM shows no project named ${name} to the credentials from ${source}: check the region's name, or give projectId`,
        );
    }
    if (others.length > 0) {
        throw misconfigured("ProjectAmbiguous", `IAM shows ${found.length} projects named ${name}: give projectId`);
    }
    return only.id;
}
