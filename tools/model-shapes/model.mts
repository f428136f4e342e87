/** What is recorded of an official SDK: names, types, what is mandatory, which values there are. No text of it. */

/** "string", "integer", "number", "boolean", "any", the name of a model, "list<...>" or "map<...>". */
export type FieldType = string;

export interface Field {
    readonly type: FieldType;
    readonly mandatory?: true;
    readonly values?: readonly string[];
}

export interface Model {
    readonly fields: Readonly<Record<string, Field>>;
}

/** A type of its own that has nothing but values. */
export interface Enumeration {
    readonly type: "string" | "integer";
    readonly values: readonly string[];
}

export interface Call {
    /** As the SDK names it. */
    readonly name: string;
    readonly query: Readonly<Record<string, Field>>;
    /** The body's type; null without one. */
    readonly request: FieldType | null;
    /** The type of the answer's body: "any" where the model does not say, null where it has none. */
    readonly answer: FieldType | null;
}

/** All of one package, by "METHOD /path/{}". */
export interface Sdk {
    readonly calls: ReadonlyMap<string, readonly Call[]>;
    readonly models: ReadonlyMap<string, Model | Enumeration>;
}

/** A path with its parameters unnamed: "/v2/{}/batch-tasks". */
export const nameless = (path: string): string => path.replace(/\{[^}]*\}|:[^/]+/g, "{}");

export interface Wanted {
    /** "METHOD /path/{}" */
    readonly key: string;
    /** Tells apart what several calls of an SDK do by one method and path. */
    readonly operation: string;
}

/** The calls asked for, and the models that they need. `enumerations` knows values where the SDK itself has them in words only. */
export function extract(sdks: readonly Sdk[], wanted: readonly Wanted[], enumerations: readonly Sdk[]) {
    const calls: Record<string, Call> = {};
    const models: Record<string, Model | Enumeration> = {};
    for (const { key, operation } of [...wanted].sort((a, b) => (a.key < b.key ? -1 : 1))) {
        const sdk = sdks.find((candidate) => candidate.calls.has(key));
        const known = sdk?.calls.get(key) ?? [];
        const call = known.find(({ name }) => name === operation) ?? known[0];
        if (sdk === undefined || call === undefined) {
            continue;
        }
        const asked = enumerations.map(({ models }) => models.get(`${call.name}Request`));
        calls[key] = { ...call, query: withValues(call.query, asked) };
        for (const type of [call.request, call.answer]) {
            follow(sdk, type, models);
        }
    }
    const complete = Object.entries(models).map(([name, model]): [string, Model | Enumeration] => [
        name,
        "fields" in model
            ? {
                  fields: withValues(
                      model.fields,
                      enumerations.map(({ models }) => models.get(name)),
                  ),
              }
            : model,
    ]);
    return { calls, models: Object.fromEntries(complete.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function withValues(
    fields: Readonly<Record<string, Field>>,
    others: readonly (Model | Enumeration | undefined)[],
): Record<string, Field> {
    const known = others.filter((other) => other !== undefined && "fields" in other);
    return Object.fromEntries(
        Object.entries(fields).map(([name, field]) => {
            const values =
                field.values ?? known.map((model) => model.fields[name]?.values).find((some) => some !== undefined);
            return [name, { ...field, ...(values === undefined ? {} : { values }) }];
        }),
    );
}

function follow(sdk: Sdk, type: FieldType | null, models: Record<string, Model | Enumeration>): void {
    for (const name of type?.match(/\w+/g) ?? []) {
        const model = sdk.models.get(name);
        if (model === undefined || name in models) {
            continue;
        }
        models[name] = model;
        for (const field of "fields" in model ? Object.values(model.fields) : []) {
            follow(sdk, field.type, models);
        }
    }
}

/** The body of an answer: its model, less what comes in headers; some models say with one field "body" that it is that field's. */
export function answerType(name: string, model: Model | Enumeration | undefined): FieldType | null {
    const fields = model !== undefined && "fields" in model ? Object.keys(model.fields) : [];
    if (model === undefined || !("fields" in model) || fields.length === 0) {
        return null;
    }
    return fields.length === 1 && model.fields.body !== undefined ? model.fields.body.type : name;
}
