/**
 * A field that is null counts as left out: the services read bodies into objects whose fields are null to begin with, and
 * official clients send null for what has no value. An element of a list that is null stays one.
 */

type Path = readonly PropertyKey[];

/** Whether the field at `path` of a JSON body is null. */
export function isNullField(body: unknown, path: Path): boolean {
    const name = path.at(-1);
    let parent: unknown = body;
    for (const step of path.slice(0, -1)) {
        parent = member(parent, step);
    }
    return name !== undefined && isRecord(parent) && member(parent, name) === null;
}

/** A copy without the field at `path`. */
export function withoutField(body: unknown, [step, ...rest]: Path): unknown {
    if (step === undefined) {
        return body;
    }
    if (Array.isArray(body)) {
        return body.map((element, at) => (at === step ? withoutField(element, rest) : element));
    }
    if (!isRecord(body)) {
        return body;
    }
    const name = String(step);
    const { [name]: inner, ...others } = body;
    return rest.length === 0 ? others : { ...others, [name]: withoutField(inner, rest) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);

function member(value: unknown, step: PropertyKey): unknown {
    if (Array.isArray(value)) {
        return typeof step === "number" ? value[step] : undefined;
    }
    return isRecord(value) ? value[String(step)] : undefined;
}
