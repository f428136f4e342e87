import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../hooks";
import { secretInputs } from "./secret-inputs";
import { holdsUnknown } from "./unknowns";

/** The resource's own URN, which its constructor put among the hidden inputs: the engine tells it to no hook. */
export function urnOf({ __urn }: Properties): string {
    return typeof __urn === "string" ? __urn : "";
}

/** `<region>/<project>/<random>`, for people; the engine stores ids in clear, so that a secret part is left out. */
export function resourceId(
    inputs: Properties,
    { region, projectId }: { readonly region: string; readonly projectId: string },
    random: string,
): string {
    const secret = secretInputs(inputs);
    return [secret.has("region") ? "secret" : region, secret.has("projectId") ? "secret" : projectId, random].join("/");
}

/**
 * Inputs have been normalised by check, so that equal sets are equal lists; both values come from JSON. An unknown value differs from every
 * other.
 */
export function sameValue(old: unknown, value: unknown): boolean {
    return !holdsUnknown(value) && isDeepStrictEqual(old ?? null, value ?? null);
}
