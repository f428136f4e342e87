import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../hooks";
import { secretInputs } from "./secret-inputs";
import { holdsUnknown } from "./unknowns";

/** The resource's own URN. The constructor puts it into the hidden inputs, because the engine passes it to no hook. */
export function urnOf({ __urn }: Properties): string {
    return typeof __urn === "string" ? __urn : "";
}

/** `<region>/<project>/<random>`, for people. A secret part is left out: the engine stores ids in clear. */
export function resourceId(
    inputs: Properties,
    { region, projectId }: { readonly region: string; readonly projectId: string },
    random: string,
): string {
    const secret = secretInputs(inputs);
    return [secret.has("region") ? "secret" : region, secret.has("projectId") ? "secret" : projectId, random].join("/");
}

/**
 * Whether two inputs are equal. Both come from JSON, and check has sorted them, so that equal sets are equal lists. An unknown value
 * equals nothing.
 */
export function sameValue(old: unknown, value: unknown): boolean {
    return !holdsUnknown(value) && isDeepStrictEqual(old ?? null, value ?? null);
}
