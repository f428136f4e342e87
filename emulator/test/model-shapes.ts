import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/*
 * How calls look by the models of the official SDKs: recorded by tools/record-model-shapes.mts, held against what the
 * emulator answers and takes.
 */

const field = z.strictObject({
    type: z.string(),
    mandatory: z.literal(true).optional(),
    values: z.array(z.string()).optional(),
});
const model = z.union([
    z.strictObject({ fields: z.record(z.string(), field) }),
    z.strictObject({ type: z.enum(["string", "integer"]), values: z.array(z.string()) }),
]);
const source = z.strictObject({ registry: z.string(), name: z.string(), version: z.string() });
const shapesSchema = z.strictObject({
    source,
    enumerations: source.optional(),
    calls: z.record(
        z.string(),
        z.strictObject({
            name: z.string(),
            query: z.record(z.string(), field),
            request: z.string().nullable(),
            answer: z.string().nullable(),
        }),
    ),
    models: z.record(z.string(), model),
});
export type Shapes = z.output<typeof shapesSchema>;

export function shapesOf(service: string): Shapes {
    const file = join(__dirname, "shapes", `${service}.json`);
    return shapesSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** A path with its parameters unnamed, as the recording names calls. */
export const nameless = (path: string): string => path.replace(/:[^/]+/g, "{}");

const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);

const inner = (type: string): string | undefined => /^(?:list|map)<(.*)>$/.exec(type)?.[1];

const simple: Readonly<Record<string, (value: unknown) => boolean>> = {
    string: (value) => typeof value === "string",
    integer: Number.isInteger,
    number: (value) => typeof value === "number",
    boolean: (value) => typeof value === "boolean",
    any: () => true,
};

/** What a value has that its type does not allow, each as "where: what". `values`: of the field that holds it. */
export function problemsIn(
    shapes: Shapes,
    type: string,
    value: unknown,
    at: string,
    values?: readonly string[],
): string[] {
    const element = inner(type);
    if (element !== undefined) {
        if (type.startsWith("list<")) {
            return Array.isArray(value)
                ? value.flatMap((one) => problemsIn(shapes, element, one, `${at}[]`, values))
                : [`${at}: ${shown(value)} is no list`];
        }
        return isObject(value)
            ? Object.values(value).flatMap((one) => problemsIn(shapes, element, one, `${at}{}`, values))
            : [`${at}: ${shown(value)} is no map`];
    }
    const check = simple[type];
    if (check !== undefined) {
        if (!check(value)) {
            return [`${at}: ${shown(value)} is no ${type}`];
        }
        const unknown = values !== undefined && !values.includes(String(value));
        return unknown ? [`${at}: ${shown(value)} is none of its values`] : [];
    }
    const known = shapes.models[type];
    if (known === undefined) {
        return [`${at}: the type ${type} is not recorded`];
    }
    if ("values" in known) {
        return problemsIn(shapes, known.type, value, at, known.values);
    }
    if (!isObject(value)) {
        return [`${at}: ${shown(value)} is no ${type}`];
    }
    const missing = Object.entries(known.fields)
        .filter(([name, { mandatory }]) => mandatory === true && value[name] === undefined)
        .map(([name]) => `${at}.${name}: is missing`);
    const wrong = Object.entries(value).flatMap(([name, one]) => {
        const expected = known.fields[name];
        if (expected === undefined) {
            return [`${at}.${name}: the model has no such field`];
        }
        return one === null ? [] : problemsIn(shapes, expected.type, one, `${at}.${name}`, expected.values);
    });
    return [...missing, ...wrong];
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 60);

/** Every field of the types below `type`, as "Model.field". */
export function fieldsBelow(shapes: Shapes, type: string, found = new Set<string>()): ReadonlySet<string> {
    for (const name of type.match(/\w+/g) ?? []) {
        const known = shapes.models[name];
        if (known === undefined || !("fields" in known)) {
            continue;
        }
        for (const [own, { type: next }] of Object.entries(known.fields)) {
            if (!found.has(`${name}.${own}`)) {
                found.add(`${name}.${own}`);
                fieldsBelow(shapes, next, found);
            }
        }
    }
    return found;
}

/** The fields of models that a value has, as "Model.field". */
export function fieldsIn(shapes: Shapes, type: string, value: unknown): string[] {
    const element = inner(type);
    if (element !== undefined) {
        const all = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
        return all.flatMap((one) => fieldsIn(shapes, element, one));
    }
    const known = shapes.models[type];
    if (known === undefined || !("fields" in known) || !isObject(value)) {
        return [];
    }
    return Object.entries(value).flatMap(([name, one]) => {
        const next = known.fields[name];
        return next === undefined || one === null ? [] : [`${type}.${name}`, ...fieldsIn(shapes, next.type, one)];
    });
}

/** The same, with null for each field that may be left out and is: what some clients send. */
export function withNulls(shapes: Shapes, type: string, value: unknown): unknown {
    const element = inner(type);
    if (element !== undefined) {
        return Array.isArray(value) ? value.map((one) => withNulls(shapes, element, one)) : value;
    }
    const known = shapes.models[type];
    if (known === undefined || !("fields" in known) || !isObject(value)) {
        return value;
    }
    const all = Object.entries(known.fields).map(([name, { type: next, mandatory }]) => {
        const one = value[name];
        return [name, one !== undefined ? withNulls(shapes, next, one) : mandatory === true ? undefined : null];
    });
    return { ...value, ...Object.fromEntries(all) };
}

/** Copies, each with one field set to a value that its enumeration does not have; with the field's place. */
export function withWrongValues(shapes: Shapes, type: string, value: unknown): [at: string, changed: unknown][] {
    const element = inner(type);
    if (element !== undefined) {
        return Array.isArray(value)
            ? value.flatMap((one, index) =>
                  withWrongValues(shapes, element, one).map(([at, changed]): [string, unknown] => [
                      `[]${at}`,
                      value.with(index, changed),
                  ]),
              )
            : [];
    }
    const known = shapes.models[type];
    if (known === undefined) {
        return [];
    }
    if ("values" in known) {
        return [["", NO_VALUE]];
    }
    if (!isObject(value)) {
        return [];
    }
    return Object.entries(value).flatMap(([name, one]) => {
        const next = known.fields[name];
        if (next === undefined) {
            return [];
        }
        const wrong: [string, unknown][] =
            next.values === undefined
                ? withWrongValues(shapes, next.type, one)
                : [["", next.type.startsWith("list<") ? [NO_VALUE] : NO_VALUE]];
        return wrong.map(([at, changed]): [string, unknown] => [`.${name}${at}`, { ...value, [name]: changed }]);
    });
}

/** In no enumeration. */
export const NO_VALUE = "no-such-value";
