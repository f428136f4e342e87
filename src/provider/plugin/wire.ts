import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "../hooks";
import { SECRET, SIGNATURE } from "../report/secret-words";

/** The hidden properties. A dynamic provider's constructor sets them; here the call says the same. */
const HIDDEN = ["__resource", "__urn", "__secrets"] as const;

/** A property bag as the hooks take it: values in clear, and the names of those that hold a secret. */
export interface Unwrapped {
    readonly properties: Properties;
    /** In order. */
    readonly secrets: readonly string[];
}

export function unwrap(struct: Struct | undefined): Unwrapped {
    const properties: Record<string, unknown> = {};
    const secrets: string[] = [];
    for (const [name, value] of Object.entries(struct?.toJavaScript() ?? {})) {
        const seen = { secret: false };
        properties[name] = inClear(value, seen);
        if (seen.secret && !name.startsWith("__")) {
            secrets.push(name);
        }
    }
    return { properties, secrets: secrets.sort() };
}

/** Marks these properties as secret, as a whole: an element of a list that is secret makes the list secret. */
export function wrap(properties: Properties, secrets: Iterable<string> = []): Struct {
    const secret = new Set(secrets);
    const entries = Object.entries(properties).map(([name, value]) =>
        secret.has(name) && value !== undefined && !isMarked(value)
            ? [name, { [SIGNATURE]: SECRET, value: toValue(value) }]
            : [name, toValue(value)],
    );
    return Struct.fromJavaScript(Object.fromEntries(entries.filter(([, value]) => value !== undefined)));
}

export function withoutHidden(properties: Properties): Properties {
    return Object.fromEntries(Object.entries(properties).filter(([name]) => !isHidden(name)));
}

function isHidden(name: string): boolean {
    return HIDDEN.some((each) => each === name);
}

function inClear(value: unknown, seen: { secret: boolean }): unknown {
    if (Array.isArray(value)) {
        return value.map((each: unknown) => inClear(each, seen));
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (isMarked(value)) {
        seen.secret = true;
        return inClear(Object(value).value, seen);
    }
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inClear(each, seen)]));
}

function isMarked(value: unknown): boolean {
    return typeof value === "object" && value !== null && SIGNATURE in value && value[SIGNATURE] === SECRET;
}

type Value = null | number | string | boolean | Value[] | { [name: string]: Value };

/** As JSON has it. Undefined where there is nothing to send. */
function toValue(value: unknown): Value | undefined {
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        return value;
    }
    if (Array.isArray(value)) {
        return value.map((each: unknown) => toValue(each) ?? null);
    }
    if (typeof value === "object") {
        const entries = Object.entries(value).map(([name, each]) => [name, toValue(each)] as const);
        const given: { [name: string]: Value } = {};
        for (const [name, each] of entries) {
            if (each !== undefined) {
                given[name] = each;
            }
        }
        return given;
    }
    return undefined;
}
