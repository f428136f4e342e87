import { answerType, type Call, type Field, type FieldType, type Model, nameless, type Sdk } from "./model.mts";

const SIMPLE: Readonly<Record<string, FieldType>> = {
    String: "string",
    URI: "string",
    Integer: "integer",
    Long: "integer",
    Float: "number",
    Double: "number",
    Boolean: "boolean",
    Object: "any",
};

/** "List<Map<String, Tag>>" */
function fieldType(type: string): FieldType {
    const list = /^List<(.*)>$/.exec(type)?.[1];
    if (list !== undefined) {
        return `list<${fieldType(list)}>`;
    }
    const values = /^Map<String, (.*)>$/.exec(type)?.[1];
    return values === undefined ? (SIMPLE[type] ?? type) : `map<${fieldType(values)}>`;
}

/**
 * What has no enumeration in this SDK has its values in a comment: after the words for "enumeration", "can be chosen", "one of",
 * "respectively" or "can only be", or in brackets; marks between them, each perhaps with its translation in brackets.
 */
const ANNOUNCED = /(?:枚举值|可选值?类?型?|取值为?|值范围|分别为|只能选择)[：:\s]*([（(“”"A-Za-z0-9][^。]*)/;
const IN_BRACKETS = /（([a-z0-9_]+(?:、[a-z0-9_]+)+)）/;
const VALUE = /^[（(“”"\s]*([A-Za-z][A-Za-z0-9_]*)["“”\s]*(?:（[^（）]*）)?[）)"“”\s]*$/;

function valuesIn(comment: string): string[] {
    const listed = IN_BRACKETS.exec(comment)?.[1] ?? ANNOUNCED.exec(comment)?.[1];
    if (listed === undefined) {
        return [];
    }
    const parts = listed.split(/\||、|，|或者?/).filter((part) => part.trim() !== "");
    const values = parts.map((part) => VALUE.exec(part)?.[1]).filter((value) => value !== undefined);
    return values.length >= 2 && values.length === parts.length ? values : [];
}

/** One file of `model/`. */
function javaModel(source: string): [name: string, model: Model] {
    const name = /^public class (\w+)/m.exec(source)?.[1] ?? "";
    const comments = new Map(
        [
            ...source.matchAll(
                /\/\*\*\s*\n\s*\* ([^\n]*)\n(?:\s*\* (?:minimum|maximum): [^\n]*\n)*\s*\* @return (\w+)/g,
            ),
        ].map(([, comment = "", field = ""]) => [field, comment]),
    );
    const fields: Record<string, Field> = {};
    for (const [, wireName = "", type = "", own = ""] of source.matchAll(
        /@JsonProperty\(value = "([^"]+)"\)\s*private (.+?) (\w+)(?: = null)?;/g,
    )) {
        const [enumeration] = /\w+Enum\b/.exec(type) ?? [];
        const constants = [...source.matchAll(new RegExp(`new ${enumeration}\\((?:"([^"]*)"|(\\d+))\\)`, "g"))];
        const isNumber = constants.some(([, , number]) => number !== undefined);
        const written = enumeration === undefined ? type : type.replace(enumeration, isNumber ? "Integer" : "String");
        const values =
            enumeration === undefined
                ? type === "Boolean"
                    ? []
                    : valuesIn(comments.get(own) ?? "")
                : constants.map(([, text, number]) => text ?? number ?? "");
        fields[wireName] = { type: fieldType(written), ...(values.length === 0 ? {} : { values }) };
    }
    return [name, { fields }];
}

/** A package of the Java SDK: the texts of its models and of its `...Meta`, which has its calls. */
export function javaSdk(sources: readonly string[], meta: string): Sdk {
    const models = new Map(sources.map(javaModel));
    const calls = new Map<string, Call[]>();
    for (const source of meta.split(/HttpRequestDef\s*\.builder\(/).slice(1)) {
        const [, method = "", asking = "", answering = ""] =
            /HttpMethod\.(\w+),\s*(\w+)\.class,\s*(\w+)\.class/.exec(source) ?? [];
        const [, path = ""] = /withUri\("([^"]+)"\)/.exec(source) ?? [];
        const [, name = ""] = /withName\("([^"]+)"\)/.exec(source) ?? [];
        const asked = models.get(asking)?.fields ?? {};
        const query: Record<string, Field> = {};
        for (const [, parameter = "", existence = ""] of source.matchAll(
            /withRequestField\("([^"]+)",\s*LocationType\.Query,\s*FieldExistence\.(\w+)/g,
        )) {
            const known = asked[parameter] ?? { type: "string" };
            query[parameter] = existence.startsWith("NON_NULL") ? { ...known, mandatory: true } : known;
        }
        const key = `${method} ${nameless(path)}`;
        const answer = answerType(answering, models.get(answering));
        calls.set(key, [...(calls.get(key) ?? []), { name, query, request: asked.body?.type ?? null, answer }]);
    }
    return { calls, models };
}
