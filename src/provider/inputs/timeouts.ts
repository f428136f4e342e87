import type { Limits } from "../call";
import type { Properties } from "../hooks";
import { parseDuration } from "./duration";

const DEFAULT_TIMEOUT = "60m";
const OVERRIDE = "HUAWEICLOUD_BATCH_TIMEOUT";

/**
 * The limits of one hook. `override` comes from the environment: at destroy, inputs can't be changed any more. `option`: seconds, from the
 * option customTimeouts, where the engine tells it.
 */
export function timeoutOf(
    properties: Properties,
    { override, option }: { readonly override?: string | undefined; readonly option?: number | undefined } = {},
): Limits {
    const { timeout, stallTimeout } = properties;
    const { text, name, source } =
        override !== undefined
            ? { text: override, name: OVERRIDE, source: `the environment variable ${OVERRIDE}` }
            : typeof timeout === "string"
              ? { text: timeout, name: "timeout", source: "the argument timeout" }
              : option !== undefined
                ? { text: `${option}s`, name: "customTimeouts", source: "the option customTimeouts" }
                : { text: DEFAULT_TIMEOUT, name: "timeout", source: "the default of the argument timeout" };
    return {
        ms: durationOf(text, name),
        text,
        source,
        stallMs: typeof stallTimeout === "string" ? durationOf(stallTimeout, "stallTimeout") : undefined,
    };
}

function durationOf(text: string, name: string): number {
    try {
        return parseDuration(text);
    } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
}
