import * as z from "zod";
import { Refusal } from "../../gateway/refusal";
import type { Call } from "../../gateway/route";
import { type Identity, NOWHERE, type Project, projects } from "../../identity/identity";
import { Settings } from "../../world/settings";

export const settings = new Settings(
    "iam",
    z.strictObject({
        /** How long a token is valid. */
        tokenLifeSeconds: z.number().positive().default(86_400),
        /** Characters of a token; real ones are long. */
        tokenLength: z.number().int().min(32).max(8000).default(2000),
    }),
);

export const refuse = (status: number, message: string): Refusal => new Refusal(status, String(status), message);

const UNAUTHENTICATED = "The request you have made requires authentication.";
export const notAuthenticated = (): Refusal => refuse(401, UNAUTHENTICATED);

export function known(call: Call): Identity {
    if (call.identity === undefined) {
        throw notAuthenticated();
    }
    return call.identity;
}

export function projectsOf(call: Call, domainId: string): Project[] {
    const all = projects.in(call.world, NOWHERE).list("insertion");
    return all.filter((project) => project.domain_id === domainId);
}

export const credentialIso = (ms: number): string => new Date(ms).toISOString().replace("Z", "000Z");

/** What most lists of IAM end with, and most of its objects. */
export const links = (call: Call, path: string) => ({ ...selfLink(call, path), previous: null, next: null });

export const selfLink = (call: Call, path: string) => ({ self: `${call.origin}${path}` });
