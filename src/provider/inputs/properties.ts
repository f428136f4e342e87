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

/** Inputs have been normalised by check, so that equal sets are equal lists. An unknown value differs from every other. */
export function sameValue(old: unknown, value: unknown): boolean {
    return !holdsUnknown(value) && equal(old ?? null, value ?? null);
}

/** As JSON has it; the order of an object's properties is nobody's intention. */
function equal(one: unknown, other: unknown): boolean {
    if (Array.isArray(one) && Array.isArray(other)) {
        return one.length === other.length && one.every((each, n) => equal(each, other[n]));
    }
    if (!isObject(one) || !isObject(other)) {
        return one === other;
    }
    const [names, others] = [namesIn(one), namesIn(other)];
    return names.length === others.length && names.every((name) => equal(one[name], other[name]));
}

function namesIn(object: Properties): readonly string[] {
    return Object.keys(object).filter((name) => object[name] !== undefined);
}

function isObject(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
