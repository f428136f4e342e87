import type { Properties } from "./hooks";
import { holdsUnknown } from "./unknowns";

/** The resource's own URN, which its constructor put among the hidden inputs: the engine tells it to no hook. */
export function urnOf({ __urn }: Properties): string {
    return typeof __urn === "string" ? __urn : "";
}

/** Inputs have been normalised by check, so that equal sets are equal lists. An unknown value differs from every other. */
export function sameValue(old: unknown, value: unknown): boolean {
    return !holdsUnknown(value) && canonical(old) === canonical(value);
}

/** The order of an object's properties is nobody's intention. */
function canonical(value: unknown): string {
    return JSON.stringify(value ?? null, (_key, inner: unknown) =>
        typeof inner === "object" && inner !== null && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
            : inner,
    );
}
