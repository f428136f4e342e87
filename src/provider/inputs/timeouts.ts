import type { Limits } from "../call";
import type { Properties } from "../hooks";
import { parseDuration } from "./duration";

const DEFAULT_TIMEOUT = "60m";
const OVERRIDE = "HUAWEICLOUD_BATCH_TIMEOUT";

/** What a resource's option customTimeouts says of one hook, where the engine tells it. */
export interface TimeoutOption {
    /** "create" */
    readonly hook: string;
    readonly seconds: number;
}

/** The limits of one hook. `override` comes from the environment: at destroy, inputs can't be changed any more. */
export function timeoutOf(
    properties: Properties,
    { override, option }: { readonly override?: string | undefined; readonly option?: TimeoutOption | undefined } = {},
): Limits {
    const { timeout, stallTimeout } = properties;
    const { text, name, source } =
        override !== undefined
            ? { text: override, name: OVERRIDE, source: `the environment variable ${OVERRIDE}` }
            : typeof timeout === "string"
              ? { text: timeout, name: "timeout", source: "the argument timeout" }
              : option !== undefined
                ? optionOf(option)
                : { text: DEFAULT_TIMEOUT, name: "timeout", source: "the default of the argument timeout" };
    return {
        ms: durationOf(text, name),
        text,
        source,
        stallMs: typeof stallTimeout === "string" ? durationOf(stallTimeout, "stallTimeout") : undefined,
    };
}

function optionOf({ hook, seconds }: TimeoutOption) {
    const name = `customTimeouts.${hook}`;
    return { text: `${seconds}s`, name, source: `the option ${name}` };
}

function durationOf(text: string, name: string): number {
    try {
        return parseDuration(text);
    } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
}
