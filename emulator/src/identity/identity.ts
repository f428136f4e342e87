import { createHash } from "node:crypto";
import * as z from "zod";
import { Kind } from "../world/kind";
import { hex32, LETTERS_AND_DIGITS, randomText } from "../world/random";
import type { World } from "../world/world";
import { projectIdOf, REGIONS } from "./places";

/** Who sent a request, once authentication has found it out. Holds no secret. */
export interface Identity {
    readonly userId: string;
    readonly userName: string;
    readonly domainId: string;
    readonly domainName: string;
    /** What the log calls it: the access key, or the user's name for a token. */
    readonly name: string;
    /** The project that a token is scoped to; undefined for keys and for tokens of the domain. */
    readonly tokenProject: string | undefined;
}

/** Identities belong to no project. */
export const NOWHERE = "";
const IAM = "iam";

export const domainIdOf = (name: string): string =>
    createHash("sha256").update(`domain ${name}`).digest("hex").slice(0, 32);
const DEFAULT_DOMAIN = "emulator";
export const defaultDomainId = domainIdOf(DEFAULT_DOMAIN);

const userSchema = z.object({
    id: z.string(),
    name: z.string(),
    password: z.string(),
    domain_id: z.string(),
    domain_name: z.string(),
});
export type User = z.infer<typeof userSchema>;
export const users = new Kind<User>(IAM, "users", {
    schema: userSchema,
    id: (user) => user.id,
    defaults: ({ world, index }) => ({
        id: hex32(world.random),
        name: `user-${index}`,
        password: "emulator",
        domain_id: domainIdOf(DEFAULT_DOMAIN),
        domain_name: DEFAULT_DOMAIN,
    }),
});

const accessKeySchema = z.object({
    access: z.string(),
    secret: z.string(),
    user_id: z.string(),
    /** Temporary keys only: the token that has to come with the signature, and the end of its life. */
    temporary: z.object({ security_token: z.string(), expires_at: z.number() }).nullable(),
    /** Wrong signatures in a row, and until when the key is locked for them (credential time, ms). */
    failures: z.number(),
    locked_until: z.number(),
});
export type AccessKey = z.infer<typeof accessKeySchema>;
export const accessKeys = new Kind<AccessKey>(IAM, "accessKeys", {
    schema: accessKeySchema,
    id: (key) => key.access,
    defaults: ({ world }) => ({
        access: randomText(world.random, 20, LETTERS_AND_DIGITS).toUpperCase(),
        secret: randomText(world.random, 40, LETTERS_AND_DIGITS),
        user_id: defaultUserId,
        temporary: null,
        failures: 0,
        locked_until: 0,
    }),
});

const projectSchema = z.object({
    id: z.string(),
    /** The region, or `{region}_{custom}` for a sub-project. */
    name: z.string(),
    domain_id: z.string(),
    parent_id: z.string(),
    enabled: z.boolean(),
    description: z.string(),
});
export type Project = z.infer<typeof projectSchema>;
export const projects = new Kind<Project>(IAM, "projects", {
    schema: projectSchema,
    id: (project) => project.id,
    defaults: ({ world, index }) => ({
        id: hex32(world.random),
        name: `cn-north-4_sub${index}`,
        domain_id: defaultDomainId,
        parent_id: defaultDomainId,
        enabled: true,
        description: "",
    }),
});

const tokenSchema = z.object({
    token: z.string(),
    user_id: z.string(),
    project_id: z.string().nullable(),
    methods: z.array(z.string()),
    issued_at: z.number(),
    expires_at: z.number(),
});
export type Token = z.infer<typeof tokenSchema>;
export const tokens = new Kind<Token>(IAM, "tokens", {
    schema: tokenSchema,
    id: (token) => token.token,
    defaults: () => ({}),
    hidden: true,
});

export const defaultUserId = createHash("sha256").update("user emulator").digest("hex").slice(0, 32);

/** The account that every emulator has. */
export function openAccount(world: World): void {
    const domain = { domain_id: defaultDomainId, domain_name: DEFAULT_DOMAIN };
    users.in(world, NOWHERE).add({ id: defaultUserId, name: "emulator", password: "emulator", ...domain });
    const key = { access: "emulator", secret: "emulator", user_id: defaultUserId };
    accessKeys.in(world, NOWHERE).add({ ...key, temporary: null, failures: 0, locked_until: 0 });
    for (const region of REGIONS) {
        projects.in(world, NOWHERE).add({
            id: projectIdOf(region),
            name: region,
            domain_id: domain.domain_id,
            parent_id: domain.domain_id,
            enabled: true,
            description: "",
        });
    }
}

export function identityOf(
    world: World,
    userId: string,
    name: string | undefined,
    tokenProject?: string,
): Identity | undefined {
    const user = users.in(world, NOWHERE).get(userId);
    if (user === undefined) {
        return undefined;
    }
    return {
        userId,
        userName: user.name,
        domainId: user.domain_id,
        domainName: user.domain_name,
        name: name ?? user.name,
        tokenProject,
    };
}
