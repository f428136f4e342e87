import { parseDuration } from "./duration";
import type { Properties } from "./hooks";

const DEFAULT_TIMEOUT = "60m";

export interface Limits {
    readonly ms: number;
    /** As the user wrote it. */
    readonly text: string;
    /** No limit without progress unless one is asked for. */
    readonly stallMs: number | undefined;
}

/** The deadline of one hook; `override` is what the environment says at destroy, where inputs can't be changed any more. */
export function timeoutOf(properties: Properties, override?: string): Limits {
    const text = override ?? (typeof properties.timeout === "string" ? properties.timeout : DEFAULT_TIMEOUT);
    const { stallTimeout } = properties;
    return {
        ms: durationOf(text, override === undefined ? "timeout" : "HUAWEICLOUD_BATCH_TIMEOUT"),
        text,
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
