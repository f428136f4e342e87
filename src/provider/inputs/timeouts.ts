import type { Properties } from "../hooks";
import { parseDuration } from "./duration";

const DEFAULT_TIMEOUT = "60m";
const OVERRIDE = "HUAWEICLOUD_BATCH_TIMEOUT";

export interface Limit {
    readonly ms: number;
    /** As the user wrote it. */
    readonly text: string;
    /** What to change for another limit. */
    readonly source: string;
}

export interface Limits extends Limit {
    /** No limit without progress unless one is asked for. */
    readonly stallMs: number | undefined;
}

/** The deadline of one hook; `override` is what the environment says at destroy, where inputs can't be changed any more. */
export function timeoutOf(properties: Properties, override?: string): Limits {
    const { timeout, stallTimeout } = properties;
    const { text, name, source } =
        override !== undefined
            ? { text: override, name: OVERRIDE, source: `the environment variable ${OVERRIDE}` }
            : typeof timeout === "string"
              ? { text: timeout, name: "timeout", source: "the argument timeout" }
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
