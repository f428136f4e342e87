import { withNearest } from "../../util/nearest";
import type { RowRules } from "./list-answers";

/** The rule for one argument of a list. `problem` returns what is wrong with a value, or undefined. */
export interface Rule {
    readonly problem: (value: unknown) => string | undefined;
    /** Whether this value leaves anything out of the list. A sort order does not. */
    readonly narrows: (value: unknown) => boolean;
    /** Must be given and narrows nothing, such as the instance that is listed. */
    readonly mandatory?: true;
    /** No value narrows the list. */
    readonly neverNarrows?: true;
}

export interface ListRules<Filters, Row> {
    /** Has an entry for each filter of the list, so that none is forgotten. */
    readonly filters: { readonly [Name in keyof Required<Filters>]: Rule };
    /** How the rows of an answer show each filter's effect. */
    readonly rows: RowRules<Filters, Row>;
    /** Filters that have no effect, or match everything, without another filter. */
    readonly needs?: ReadonlyArray<readonly [name: string, needed: string]>;
    /** Filters that the service does not accept together. */
    readonly exclusive?: readonly string[];
    /** An environment variable that other tools read for one of these filters, and this list does not. */
    readonly variable?: { readonly name: string; readonly argument: string };
}

/** Where to read, and with which credentials. They may be undefined, have defaults, and narrow nothing. */
export interface PlaceOfList {
    readonly region?: string | undefined;
    readonly projectId?: string | undefined;
    readonly profile?: string | undefined;
}

/** A rule for the rows, beside the filters of the API. */
export interface Matching {
    readonly matching?: unknown;
}

const PLACE = ["region", "projectId", "profile"];

const EVERYTHING = "for everything say all: true";

export interface ListOptions {
    /** Whether a list that nothing narrows is everything. Default: then `all: true` must be given. */
    readonly mayBeWhole?: boolean;
}

/**
 * Checks the arguments of a list function. Programs delete what a list shows, so a misspelt, empty or undefined filter must never mean
 * everything. `matching`: how that argument is judged. Throws an error that names all problems.
 */
export function listArguments<Filters, Row>(
    rules: ListRules<Filters, Row>,
    given: unknown,
    matching: Rule,
    options: ListOptions = {},
): Filters & PlaceOfList & Matching {
    const problems: string[] = [];
    if (isValid(rules, given, { matching, options }, problems)) {
        return given;
    }
    throw new Error(problems.join("; "));
}

/** The environment variable to refuse: other tools read it for a filter, and that filter is left out. */
export function refusedVariable<Filters, Row>(
    { variable }: Pick<ListRules<Filters, Row>, "variable">,
    args: object,
): { readonly variable: string; readonly argument: string } | undefined {
    return variable === undefined || Object.hasOwn(args, variable.argument)
        ? undefined
        : { variable: variable.name, argument: variable.argument };
}

function isValid<Filters, Row>(
    rules: ListRules<Filters, Row>,
    given: unknown,
    { matching, options }: { readonly matching: Rule; readonly options: ListOptions },
    problems: string[],
): given is Filters & PlaceOfList & Matching {
    problems.push(...problemsOf({ ...rules, filters: { ...rules.filters, matching } }, given, options));
    return problems.length === 0;
}

function problemsOf(
    {
        filters,
        needs = [],
        exclusive = [],
    }: Pick<ListRules<unknown, unknown>, "needs" | "exclusive"> & {
        readonly filters: Readonly<Record<string, Rule>>;
    },
    given: unknown,
    { mayBeWhole = false }: ListOptions,
): readonly string[] {
    const known = [...Object.keys(filters), "all", ...PLACE];
    const narrowing = Object.keys(filters).filter(
        (name) => filters[name]?.mandatory !== true && filters[name]?.neverNarrows !== true,
    );
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
        return [`takes an object with ${known.join(", ")}; ${EVERYTHING}`];
    }
    const values = new Map<string, unknown>(Object.entries(given));
    const problems = [...values].flatMap(([name, value]) => {
        const found = Object.hasOwn(filters, name)
            ? filters[name]?.problem(value)
            : otherArgumentProblem(name, value, known);
        return found === undefined ? [] : [found.startsWith("there is") ? found : `${name} ${found}`];
    });
    for (const [name, { mandatory }] of Object.entries(filters)) {
        if (mandatory && !values.has(name)) {
            problems.push(`${name} must be given`);
        }
    }
    for (const [name, needed] of needs) {
        if (values.has(name) && !values.has(needed)) {
            problems.push(`${name} means nothing without ${needed}: give both`);
        }
    }
    if (exclusive.filter((name) => values.has(name)).length > 1) {
        problems.push(`${exclusive.join(" and ")} can't be given together`);
    }
    if (problems.length > 0) {
        return problems;
    }
    const narrowed = narrowing.find((name) => values.has(name) && filters[name]?.narrows(values.get(name)));
    if (narrowed === undefined && !values.has("all") && !mayBeWhole) {
        return [`nothing narrows the list: there are ${narrowing.join(", ")}; ${EVERYTHING}`];
    }
    return narrowed !== undefined && values.has("all")
        ? [`all: true asks for everything, and ${narrowed} narrows it: give one of them`]
        : [];
}

function otherArgumentProblem(name: string, value: unknown, known: readonly string[]): string | undefined {
    if (!known.includes(name)) {
        return `there is no filter ${withNearest(name, known)}; there are: ${known.join(", ")}`;
    }
    if (name === "all") {
        return value === true ? undefined : `is ${shown(value)}: it can only be true, or be left out`;
    }
    return value === undefined ? undefined : text.problem(value);
}

/** The problem of a value that no rule accepts: undefined, null, an Output or a Promise. */
function missing(value: unknown): string | undefined {
    if (value === undefined || value === null) {
        return `is given and is ${value === null ? "null" : "undefined"}: give it a value or leave it out; ${EVERYTHING}`;
    }
    if (isOutput(value)) {
        return "is an Output, whose value is not known here: use the function whose name ends in Output";
    }
    if (value instanceof Promise) {
        return "is a Promise: await it, or use the function whose name ends in Output";
    }
    return undefined;
}

function isOutput(value: unknown): boolean {
    return typeof value === "object" && value !== null && "__pulumiOutput" in value && value.__pulumiOutput === true;
}

function rule(problem: (value: unknown) => string | undefined, narrows: Rule["narrows"] = () => true): Rule {
    return { problem: (value) => missing(value) ?? problem(value), narrows };
}

function textProblem(value: unknown): string | undefined {
    if (typeof value !== "string") {
        return `is ${shown(value)}: it must be a text`;
    }
    if (value.trim() === "") {
        return `is ${shown(value)}: give it a value or leave it out; ${EVERYTHING}`;
    }
    if (value !== value.trim() || /\p{Cc}/u.test(value) || !value.isWellFormed()) {
        return `is ${shown(value)}: it begins or ends with white space, or holds a control character`;
    }
    return undefined;
}

export const text: Rule = rule(textProblem);

/** A text that the service compares with a part of something. One that may match every text is refused. */
export const partOfText: Rule = rule(
    (value) =>
        textProblem(value) ??
        (/^[%_*?]+$/.test(String(value)) ? `is ${shown(value)}, which may match everything; ${EVERYTHING}` : undefined),
);

/** A text of which one value matches everything, and so narrows nothing. */
export function textButFor(everything: string): Rule {
    return { ...text, narrows: (value) => value !== everything };
}

export const flag: Rule = rule((value) =>
    typeof value === "boolean" ? undefined : `is ${shown(value)}: it must be true or false`,
);

/** A date with a time in RFC 3339 format. */
export const time: Rule = rule((value) => {
    const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
    return typeof value === "string" && rfc3339.test(value) && !Number.isNaN(Date.parse(value))
        ? undefined
        : `is ${shown(value)}: it must be a time such as 2026-11-22T10:00:00Z`;
});

export function oneOf(...values: readonly [string | number, ...(string | number)[]]): Rule {
    return rule((value) =>
        values.some((known) => known === value)
            ? undefined
            : `is ${shown(value)}: it must be one of ${values.map((known) => JSON.stringify(known)).join(", ")}`,
    );
}

/** A list. The service gets it as one value with commas, so no element may contain a comma. */
export function listOf(element: Rule, most = Number.POSITIVE_INFINITY): Rule {
    return rule((value) => {
        if (!Array.isArray(value)) {
            return `is ${shown(value)}: it must be a list`;
        }
        if (value.length === 0) {
            return `is an empty list: give it values or leave it out; ${EVERYTHING}`;
        }
        if (value.length > most) {
            return `holds ${value.length} values, and the service takes ${most}`;
        }
        // Array.from, because every() skips the holes of a sparse array.
        for (const [n, one] of Array.from<unknown>(value).entries()) {
            const problem =
                element.problem(one) ?? (String(one).includes(",") ? `is ${shown(one)}: it holds a comma` : undefined);
            if (problem !== undefined) {
                return `[${n}] ${problem}`;
            }
        }
        return undefined;
    });
}

export function mandatory(one: Rule): Rule {
    return { ...one, narrows: () => false, mandatory: true };
}

/** For an argument that leaves nothing out, such as a sort order. */
export function neverNarrows(one: Rule): Rule {
    return { ...one, narrows: () => false, neverNarrows: true };
}

function shown(value: unknown): string {
    switch (typeof value) {
        case "string":
            return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
        case "number":
        case "boolean":
        case "undefined":
        case "bigint":
            return String(value);
        default:
            return value === null
                ? "null"
                : Array.isArray(value)
                  ? "a list"
                  : typeof value === "object"
                    ? "an object"
                    : `a ${typeof value}`;
    }
}
