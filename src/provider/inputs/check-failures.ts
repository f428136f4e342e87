import * as z from "zod";
import { nearest } from "../../util/nearest";
import type { CheckFailure, Properties } from "../hooks";
import { secretInputs } from "./secret-inputs";

const FAILURES_SHOWN = 20;
const VALUE_SHOWN = 60;

/** What zod tells of a value that it refuses, as far as it is used here. */
export interface Issue {
    readonly code?: string | undefined;
    readonly message: string;
    readonly path: readonly PropertyKey[];
    readonly expected?: unknown;
    readonly keys?: readonly string[] | undefined;
}

export interface Refused {
    /** The argument, and where in it the value stands. */
    readonly property: string;
    readonly at?: readonly PropertyKey[];
    readonly value: unknown;
    /** Then the value is not shown. */
    readonly secret: boolean;
    /** What refused it: it knows the names that there are. */
    readonly schema: z.ZodType;
}

/** The failures of a refused value, each at its own property and with the value that is wrong there. */
export function failuresOf(
    { property, at = [], value, secret, schema }: Refused,
    issue: Issue,
): readonly CheckFailure[] {
    const path = [...at, ...issue.path];
    if (issue.code === "unrecognized_keys") {
        const known = namesAt(schema, issue.path);
        return (issue.keys ?? []).map((key) => ({
            property: pathText(property, [...path, key]),
            reason: noSuchName("property", key, known),
        }));
    }
    return [{ property: pathText(property, path), reason: reasonOf(valueAt(value, issue.path), issue, secret) }];
}

/** `there is no such property (did you mean bucket?); there are: bucket, path` */
export function noSuchName(what: "argument" | "property", name: string, known: readonly string[]): string {
    const meant = nearest(name, known);
    return `there is no such ${what}${meant === undefined ? "" : ` (did you mean ${meant}?)`}; there are: ${known.join(", ")}`;
}

/** The names that the object at the path may have. */
function namesAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
    if (schema instanceof z.ZodOptional) {
        return namesAt(schema.unwrap(), path);
    }
    const [step, ...rest] = path;
    if (schema instanceof z.ZodObject) {
        const { shape } = schema;
        return step === undefined ? Object.keys(shape) : namesAt(shape[String(step)], rest);
    }
    return schema instanceof z.ZodArray ? namesAt(schema.element, rest) : [];
}

function reasonOf(value: unknown, { code, message, expected }: Issue, secret: boolean): string {
    if (value === undefined) {
        return code === "invalid_type" ? "must be given" : message;
    }
    const shown = secret ? "a secret value" : shownValue(value);
    if (code === "invalid_type" && expected === "string" && typeof value === "number") {
        const lost =
            Number.isInteger(value) && !Number.isSafeInteger(value) ? ", and as one has lost its last digits" : "";
        return (
            `${shown} is a number${lost}; what is asked for is a string. \`pulumi config set --path\` makes numbers of most ids of digits: ` +
            "set it with `--type string`, and write it in quotes in a program or a YAML file"
        );
    }
    if (code === "invalid_type" && typeof expected === "string") {
        return `must be ${article(expected)}, not ${shown}`;
    }
    // Of a list or an object the rule says what is wrong, and of what.
    return typeof value === "object" || message.includes(shown) ? message : `${message}, not ${shown}`;
}

function article(type: string): string {
    return type === "array"
        ? "a list"
        : type === "record"
          ? "an object"
          : `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

/** As it can be read: strings in quotes, at most sixty characters of them, with what a terminal would hide or act on spelt out. */
export function shownValue(value: unknown): string {
    if (typeof value === "string") {
        // Twice as many code units hold so many characters at least.
        const characters = Array.from(value.slice(0, 2 * VALUE_SHOWN + 2));
        const shown = characters.slice(0, VALUE_SHOWN).join("");
        return `"${visible(shown)}${characters.length > VALUE_SHOWN ? "…" : ""}"`;
    }
    if (Array.isArray(value)) {
        return `a list of ${value.length}`;
    }
    return typeof value === "object" && value !== null ? "an object" : String(value);
}

const shortEscapes: Readonly<Record<string, string>> = {
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    '"': '\\"',
    "\\": "\\\\",
};

/** Control and format characters, half a surrogate pair, and spaces that are not the space bar's, as escapes. */
function visible(text: string): string {
    return text.replace(
        /["\\]|[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
        (character) =>
            shortEscapes[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}}`,
    );
}

/** `imageServerIds[3]`, `output.webhook.headers["X Y"]` */
export function pathText(property: string, path: readonly PropertyKey[]): string {
    return path.reduce<string>((text, step) => {
        if (typeof step === "number") {
            return `${text}[${step}]`;
        }
        const name = String(step);
        return isPlainName(name) ? `${text}.${name}` : `${text}[${shownValue(name)}]`;
    }, nameText(property));
}

/** The name of an argument, which a program in JavaScript may have made of anything. */
export function nameText(name: string): string {
    return isPlainName(name) ? name : shownValue(name);
}

function isPlainName(name: string): boolean {
    return /^[A-Za-z_$][\w$-]{0,60}$/.test(name);
}

/** What stands at the path; undefined where there is nothing. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>(
        (at, step) =>
            typeof at === "object" && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined,
        value,
    );
}

/**
 * As the engine shows them: the first twenty, then how many more. Of a failure that names an argument the engine prints the whole value
 * beside it: a list of thousands, an object, a secret, control characters. Of such an argument the name goes into the words.
 */
export function shownFailures(news: Properties, failures: readonly CheckFailure[]): CheckFailure[] {
    const secret = secretInputs(news);
    const shown = failures
        .slice(0, FAILURES_SHOWN)
        .map(({ property, reason }) =>
            Object.hasOwn(news, property) && (secret.has(property) || !isShort(news[property]))
                ? { property: "", reason: `${nameText(property)}: ${reason}` }
                : { property, reason },
        );
    const more = failures.length - shown.length;
    return more > 0
        ? [...shown, { property: "", reason: `and ${more} more ${more === 1 ? "problem" : "problems"}` }]
        : shown;
}

function isShort(value: unknown): boolean {
    return typeof value === "string"
        ? value.length <= VALUE_SHOWN && visible(value) === value
        : typeof value !== "object" || value === null;
}
