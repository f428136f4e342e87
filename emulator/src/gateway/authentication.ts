import * as z from "zod";
import { type AccessKey, accessKeys, type Identity, identityOf, NOWHERE, tokens } from "../identity/identity";
import { Settings } from "../world/settings";
import type { World } from "../world/world";
import { parseAuthorization, parseSdkDate, type SignedRequest, signatureMatches } from "./signature";

/** What the gateway's documentation leaves open, or what a test wants otherwise. */
export const gatewaySettings = new Settings(
    "gateway",
    z.strictObject({
        /** Added to the server's clock when signatures are judged: makes every client's clock wrong. */
        clockSkewSeconds: z.number().default(0),
        /** How far a signature's date may be from the server's clock. */
        maxSkewSeconds: z.number().min(0).default(900),
        /** More wrong signatures in a row than this lock the key. */
        signatureFailuresAllowed: z.number().int().min(0).default(5),
        /** How long a key stays locked. */
        lockSeconds: z.number().min(0).default(300),
        /** Whether a date out of range counts as a wrong signature. Not documented. */
        skewCountsAsFailure: z.boolean().default(true),
        /** Whether X-Security-Token has to be among the signed headers. */
        securityTokenMustBeSigned: z.boolean().default(true),
        /** Whether a request that was throttled counts towards the limit too. Seen on the real gateway. */
        throttledRequestsCount: z.boolean().default(true),
        /** Seconds in a Retry-After header of a throttled answer; null sends none. Not documented. */
        retryAfterSeconds: z.number().int().min(0).nullable().default(null),
        /** A token of the account (scope.domain, or none) on a service of projects: it is meant for global services only. */
        accountTokens: z.enum(["refuse", "allow"]).default("refuse"),
        /** Whether calls on a sub-project need X-Project-Id with a signature. */
        subProjectNeedsHeader: z.boolean().default(true),
    }),
);

/** Nobody that the gateway knows sent this; `message` is the gateway's wording. */
export class NotAuthenticated extends Error {}

/** Finds out who sent a request. Throws NotAuthenticated if that can't be said. */
export function authenticate(world: World, request: SignedRequest): Identity {
    const token = request.header("x-auth-token");
    if (token !== null) {
        return byToken(world, token);
    }
    const authorization = request.header("authorization");
    if (authorization === null) {
        throw new NotAuthenticated("x-auth-token not found");
    }
    return bySignature(world, request, authorization);
}

function byToken(world: World, value: string): Identity {
    const token = tokens.in(world, NOWHERE).get(value);
    if (token === undefined) {
        throw new NotAuthenticated("decrypt token fail");
    }
    if (token.expires_at <= world.clock.credentialNow()) {
        throw new NotAuthenticated(`token expires, expires_at=${new Date(token.expires_at).toISOString()}`);
    }
    const identity = identityOf(world, token.user_id, undefined, token.project_id ?? undefined);
    if (identity === undefined) {
        throw new NotAuthenticated("Unauthorized");
    }
    return identity;
}

function bySignature(world: World, request: SignedRequest, header: string): Identity {
    const authorization = parseAuthorization(header);
    if (authorization === undefined) {
        throw new NotAuthenticated("Unauthorized");
    }
    const key = accessKeys.in(world, NOWHERE).get(authorization.access);
    if (key === undefined) {
        throw new NotAuthenticated("AK access failed, ak not exist");
    }
    const settings = gatewaySettings.in(world);
    const now = world.clock.credentialNow();
    // Locked: not even the right signature helps.
    if (key.locked_until > now) {
        throw new NotAuthenticated("AK access failed to reach the limit,forbidden");
    }

    const date = parseSdkDate(request.header("x-sdk-date") ?? "");
    if (date === undefined) {
        throw wrongSignature(world, key, "verify aksk signature fail, x-sdk-date invalid");
    }
    const skew = Math.abs(world.clock.wallNow() + settings.clockSkewSeconds * 1000 - date);
    if (skew > settings.maxSkewSeconds * 1000) {
        const suffix = "verify aksk signature fail, signature expired";
        throw settings.skewCountsAsFailure ? wrongSignature(world, key, suffix) : new NotAuthenticated(suffix);
    }
    if (!signatureMatches(request, authorization, key.secret)) {
        throw wrongSignature(world, key, "verify aksk signature fail");
    }
    if (key.temporary !== null) {
        if (request.header("x-security-token") !== key.temporary.security_token) {
            throw new NotAuthenticated("verify aksk signature fail, x-security-token invalid");
        }
        if (settings.securityTokenMustBeSigned && !authorization.signedHeaders.includes("x-security-token")) {
            throw new NotAuthenticated("verify aksk signature fail, x-security-token not signed");
        }
        if (key.temporary.expires_at <= now) {
            throw new NotAuthenticated("security token expired");
        }
    }
    key.failures = 0;
    const identity = identityOf(world, key.user_id, key.access);
    if (identity === undefined) {
        throw new NotAuthenticated("Unauthorized");
    }
    return identity;
}

function wrongSignature(world: World, key: AccessKey, suffix: string): NotAuthenticated {
    const settings = gatewaySettings.in(world);
    key.failures += 1;
    if (key.failures > settings.signatureFailuresAllowed) {
        key.failures = 0;
        key.locked_until = world.clock.credentialNow() + settings.lockSeconds * 1000;
    }
    return new NotAuthenticated(suffix);
}
