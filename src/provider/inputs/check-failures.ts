import * as z from "zod";
import { nearest } from "../../util/nearest";
import type { CheckFailure, Properties } from "../hooks";
import { secretInputs } from "./secret-inputs";

const FAILURES_SHOWN = 20;
const VALUE_SHOWN = 60;

/** The parts of a zod issue that are used here. */
export interface Issue {
    readonly code?: string | undefined;
    readonly message: string;
    readonly path: readonly PropertyKey[];
    readonly expected?: unknown;
    readonly keys?: readonly string[] | undefined;
}

export interface Refused {
    /** The argument. */
    readonly property: string;
    /** The path to the value inside the argument. */
    readonly at?: readonly PropertyKey[];
    readonly value: unknown;
    /** Whether the value must not be shown. */
    readonly secret: boolean;
    /** The schema that refused the value; it holds the valid names. */
    readonly schema: z.ZodType;
}

/** The failures of a refused value. Each names the property and the wrong value there. */
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
    if (secret && message.startsWith('"')) {
        // Such a message begins with the value.
        return message.replace(/^"(?:[^"\\]|\\.)*"/, shown);
    }
    // For a list or an object the message of the rule is enough.
    return typeof value === "object" || message.includes(shown) ? message : `${message}, not ${shown}`;
}

function article(type: string): string {
    return type === "array"
        ? "a list"
        : type === "record"
          ? "an object"
          : `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

/** The value for a message: a string in quotes, at most sixty characters, control and invisible characters escaped. */
export function shownValue(value: unknown): string {
    if (typeof value === "string") {
        // A character has at most two code units.
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

/** Escapes control and format characters, lone surrogates, and every white space but U+0020. */
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

/** The name of an argument. A program in JavaScript may use any text as a name. */
export function nameText(name: string): string {
    return isPlainName(name) ? name : shownValue(name);
}

function isPlainName(name: string): boolean {
    return /^[A-Za-z_$][\w$-]{0,60}$/.test(name);
}

/** The value at the path; undefined if there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>(
        (at, step) =>
            typeof at === "object" && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined,
        value,
    );
}

/**
 * The first twenty failures, and how many more there are. For a failure with a property the engine prints the argument's whole value.
 * Where that value is long, secret or not printable, the property stays empty and the reason names the argument.
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
