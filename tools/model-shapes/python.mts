import {
    answerType,
    type Call,
    type Enumeration,
    type Field,
    type FieldType,
    type Model,
    nameless,
    type Sdk,
} from "./model.mts";

const SIMPLE: Readonly<Record<string, FieldType>> = {
    str: "string",
    datetime: "string",
    date: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    object: "any",
};

/** "list[dict(str, Tag)]" */
function fieldType(type: string): FieldType {
    const list = /^list\[(.*)\]$/.exec(type)?.[1];
    if (list !== undefined) {
        return `list<${fieldType(list)}>`;
    }
    const values = /^dict\(str, (.*)\)$/.exec(type)?.[1];
    return values === undefined ? (SIMPLE[type] ?? type) : `map<${fieldType(values)}>`;
}

/** A dictionary of strings that is an attribute of a class. */
function dictionary(source: string, name: string): [key: string, value: string][] {
    const block = new RegExp(`^ {4}${name} = \\{([^}]*)\\}`, "m").exec(source)?.[1] ?? "";
    return [...block.matchAll(/'([^']*)': '([^']*)'/g)].map(([, key = "", value = ""]) => [key, value]);
}

/** One file of `model/`. */
function pythonModel(source: string): [name: string, model: Model | Enumeration] {
    const name = /^class (\w+)/m.exec(source)?.[1] ?? "";
    const constants = [...source.matchAll(/^ {4}([A-Z_][A-Z0-9_]*) = (?:["'](.*)["']|(\d+))$/gm)].map(
        ([, constant = "", text, number = ""]) => ({ constant, value: text ?? number, isNumber: text === undefined }),
    );
    const wireNames = new Map(dictionary(source, "attribute_map"));
    const types = dictionary(source, "openapi_types");
    if (types.length === 0 && constants.length > 0) {
        const type = constants.every(({ isNumber }) => isNumber) ? "integer" : "string";
        return [name, { type, values: constants.map(({ value }) => value) }];
    }
    const fields: Record<string, Field> = {};
    // STATUS_ACTIVE is a value of `status`, but STATUS_TEXT_SHORT is one of `status_text` where there is such a field.
    const owner = (constant: string) =>
        types
            .map(([attribute]) => attribute)
            .filter((attribute) => constant.startsWith(`${attribute.toUpperCase()}_`))
            .sort((a, b) => b.length - a.length)[0];
    for (const [attribute, type] of types) {
        const values = constants.filter(({ constant }) => owner(constant) === attribute).map(({ value }) => value);
        // What may be left out is set in an `if`.
        const mandatory = new RegExp(`^ {8}self\\.${attribute} = ${attribute}$`, "m").test(source);
        fields[wireNames.get(attribute) ?? attribute] = {
            type: fieldType(type),
            ...(mandatory ? { mandatory } : {}),
            ...(values.length === 0 ? {} : { values }),
        };
    }
    return [name, { fields }];
}

const withoutFields = (model: Model, left: readonly string[]): Model => ({
    fields: Object.fromEntries(Object.entries(model.fields).filter(([name]) => !left.includes(name))),
});

const quoted = (list: string | undefined) => [...(list ?? "").matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);

/** A package of the Python SDK, in one of its versions: the texts of its models and of its client. */
export function pythonSdk(sources: readonly string[], client: string): Sdk {
    const models = new Map(sources.map(pythonModel));
    const calls = new Map<string, Call[]>();
    for (const source of client.split(/^ {4}def (?=_\w+_http_info)/m).slice(1)) {
        const [, method = ""] = /"method": "(\w+)"/.exec(source) ?? [];
        const [, path = ""] = /"resource_path": "([^"]+)"/.exec(source) ?? [];
        const [, response = ""] = /"response_type": "(\w+)"/.exec(source) ?? [];
        const name = response.replace(/Response$/, "");
        const request = models.get(`${name}Request`);
        const asked = request !== undefined && "fields" in request ? request.fields : {};
        const query: Record<string, Field> = {};
        for (const [, parameter = ""] of source.matchAll(/query_params\.append\(\('([^']+)'/g)) {
            query[parameter] = asked[parameter] ?? { type: "string" };
        }
        const inHeaders = quoted(/response_headers = \[([^\]]*)\]/.exec(source)?.[1]);
        const answer = models.get(response);
        if (answer !== undefined && "fields" in answer) {
            models.set(response, withoutFields(answer, inHeaders));
        }
        const key = `${method} ${nameless(path)}`;
        const shape = {
            name,
            query,
            request: asked.body?.type ?? null,
            answer: answerType(response, models.get(response)),
        };
        calls.set(key, [...(calls.get(key) ?? []), shape]);
    }
    return { calls, models };
}
