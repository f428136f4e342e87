import type { Properties } from "../hooks";

/** A batch task's output may hold webhook headers: always secret. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = { "vias:BatchTask": ["output"] };

/**
 * The names of the arguments whose values must not be shown. The engine removes the secret mark before it calls a dynamic provider.
 * The constructor therefore lists these names in the hidden input `__secrets`, which the outputs echo.
 */
export function secretInputs({ __secrets, __resource }: Properties): ReadonlySet<string> {
    const named: readonly unknown[] = Array.isArray(__secrets) ? __secrets : [];
    const always = typeof __resource === "string" ? (ALWAYS[__resource] ?? []) : [];
    return new Set([...named.filter((name) => typeof name === "string"), ...always]);
}
