import * as z from "zod";
import { nearest } from "./nearest";

/** What is wrong with a value that somebody wrote by hand, and where in it. */
export interface Problem {
    readonly path: readonly PropertyKey[];
    readonly text: string;
}

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** More names than this are not listed. */
const NAMES_LISTED = 12;
const MOST_PROBLEMS_SHOWN = 5;

const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

/** What a caller may give, as plain data. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
    let found = jsonSchemas.get(schema);
    if (found === undefined) {
        found = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
        jsonSchemas.set(schema, found);
    }
    return found;
}

/** Everything that does not fit the schema. A name that the schema does not know is a problem, also where the schema would drop it. */
export function problemsOf(schema: z.ZodType, value: unknown): Problem[] {
    const unknown = unknownNames([jsonSchemaOf(schema)], value, []);
    const { error } = schema.safeParse(value);
    const others = (error?.issues ?? []).filter(({ code }) => code !== "unrecognized_keys");
    return [...unknown, ...others.map((issue) => ({ path: issue.path, text: wordsOf(issue) }))];
}

export function unknownName(name: string, known: readonly string[]): string {
    const meant = nearest(name, known);
    if (meant !== undefined) {
        return `unknown; did you mean ${meant}?`;
    }
    return known.length > NAMES_LISTED ? "unknown" : `unknown; there is ${known.join(", ") || "none"}`;
}

export const below = (at: readonly PropertyKey[], problems: readonly Problem[]): Problem[] =>
    problems.map(({ path, text }) => ({ path: [...at, ...path], text }));

/** In one line. */
export function describe(problems: readonly Problem[]): string {
    const lines = problems.slice(0, MOST_PROBLEMS_SHOWN).map(({ path, text }) => `${written(path)}: ${text}`);
    const more = problems.length - lines.length;
    return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** `objects[0].objects[3].name` */
function written(path: readonly PropertyKey[]): string {
    const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
    return text.replace(/^\./, "") || "the whole";
}

function wordsOf(issue: z.core.$ZodIssue): string {
    if (issue.code === "invalid_value") {
        return oneOf(issue.values, issue.input);
    }
    if (issue.code === "invalid_union" && "options" in issue && Array.isArray(issue.options)) {
        return oneOf(issue.options, undefined);
    }
    return issue.message.replace(/\s+/g, " ");
}

function oneOf(values: readonly unknown[], given: unknown): string {
    const meant = typeof given === "string" ? nearest(given, values.map(String)) : undefined;
    const allowed = `must be ${values.map((value) => JSON.stringify(value)).join(" or ")}`;
    return meant === undefined ? allowed : `${allowed}; did you mean ${meant}?`;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value);

const schemasIn = (schemas: readonly unknown[]): JsonSchema[] => schemas.filter((schema) => isRecord(schema));

/** The alternatives of a schema that can be meant by this value. */
function alternatives(schema: JsonSchema, value: unknown): JsonSchema[] {
    const inner = schema.anyOf ?? schema.oneOf;
    if (inner !== undefined) {
        return schemasIn(inner).flatMap((each) => alternatives(each, value));
    }
    const tags = isRecord(value) ? Object.entries(schema.properties ?? {}) : [];
    const isMeant = tags.every(
        ([name, tag]) => !isRecord(tag) || tag.const === undefined || !isRecord(value) || tag.const === value[name],
    );
    return isMeant ? [schema] : [];
}

function unknownNames(schemas: readonly JsonSchema[], value: unknown, path: readonly PropertyKey[]): Problem[] {
    const meant = schemas.flatMap((schema) => alternatives(schema, value));
    if (Array.isArray(value)) {
        const items = schemasIn(meant.map((schema) => schema.items));
        return value.flatMap((item, index) => unknownNames(items, item, [...path, index]));
    }
    if (!isRecord(value)) {
        return [];
    }
    const objects = meant.filter(({ type }) => [type].flat().includes("object"));
    if (objects.length === 0) {
        return [];
    }
    const known = objects.flatMap(({ properties }) => Object.keys(properties ?? {}));
    return Object.entries(value).flatMap(([name, inner]) => {
        const own = schemasIn(objects.map(({ properties }) => properties?.[name]));
        const any = schemasIn(objects.map(({ additionalProperties }) => additionalProperties));
        if (own.length > 0) {
            return unknownNames(own, inner, [...path, name]);
        }
        if (any.length > 0) {
            return unknownNames(any, inner, [...path, name]);
        }
        return [{ path: [...path, name], text: unknownName(name, known) }];
    });
}
