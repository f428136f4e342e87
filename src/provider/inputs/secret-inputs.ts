import type { Properties } from "../hooks";

/** A batch task's output may hold webhook headers: secret whether the program says so or not. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = { "vias:BatchTask": ["output"] };

/**
 * The arguments whose values are not to be shown. The engine takes the mark off a secret before a dynamic provider sees it, so that the
 * constructor names them in the hidden input `__secrets`, which the outputs echo.
 */
export function secretInputs({ __secrets, __resource }: Properties): ReadonlySet<string> {
    const named: readonly unknown[] = Array.isArray(__secrets) ? __secrets : [];
    const always = typeof __resource === "string" ? (ALWAYS[__resource] ?? []) : [];
    return new Set([...named.filter((name) => typeof name === "string"), ...always]);
}
