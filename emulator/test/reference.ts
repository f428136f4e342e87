import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type * as z from "zod";
import { seededRandom } from "../src";
import { gatewaySettings } from "../src/gateway/authentication";
import { faultSchema } from "../src/gateway/faults";
import { throttleSchema } from "../src/gateway/throttle";
import { HOME_PROJECT_ID } from "../src/identity/places";
import { services } from "../src/services";
import { WorldClock } from "../src/world/clock";
import { durationSchema } from "../src/world/duration";
import type { Birth, SeedableKind } from "../src/world/kind";
import { outcomeFaultSchema } from "../src/world/outcomes";
import { type JsonSchema, jsonSchemaOf } from "../src/world/problems";
import type { ChangeableSettings } from "../src/world/settings";
import { World } from "../src/world/world";

const sources = join(__dirname, "../src");

/** The doc comments of the properties that a schema is written with, by variable: `roma/model.ts` `appSchema` → `owner` → text. */
class DocComments {
    private readonly initializers = new Map<string, ts.Expression>();
    readonly kinds = new Map<string, string>();
    readonly settings = new Map<string, ts.Expression>();
    readonly durations = new Map<string, ts.Expression>();

    constructor() {
        for (const file of ts.sys.readDirectory(sources, [".ts"])) {
            const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
            const folder = /services\/(\w+)\//.exec(file)?.[1] ?? /gateway|identity/.exec(file)?.[0] ?? "world";
            const service = folder === "identity" ? "iam" : folder;
            const visit = (node: ts.Node): void => {
                if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined) {
                    this.initializers.set(`${service} ${node.name.text}`, node.initializer);
                }
                if (ts.isNewExpression(node)) {
                    this.note(service, node);
                }
                ts.forEachChild(node, visit);
            };
            visit(source);
        }
    }

    /** Of a variable, by property. */
    of(service: string, variable: string): ReadonlyMap<string, string> {
        return this.in(service, this.initializers.get(`${service} ${variable}`));
    }

    in(service: string, expression: ts.Expression | undefined): Map<string, string> {
        const docs = new Map<string, string>();
        const visit = (node: ts.Node): void => {
            if (ts.isObjectLiteralExpression(node)) {
                for (const property of node.properties) {
                    const text = ts
                        .getJSDocCommentsAndTags(property)
                        .map(({ comment }) => ts.getTextOfJSDocComment(comment));
                    if (property.name !== undefined && text[0] !== undefined) {
                        docs.set(property.name.getText().replaceAll('"', ""), text[0].replace(/\s+/g, " "));
                    }
                }
                return;
            }
            // What is extended, or named.
            if (ts.isIdentifier(node) && this.initializers.has(`${service} ${node.text}`)) {
                for (const [name, text] of this.of(service, node.text)) {
                    docs.set(name, text);
                }
                return;
            }
            ts.forEachChild(node, visit);
        };
        if (expression !== undefined) {
            visit(expression);
        }
        return docs;
    }

    private note(
        service: string,
        { expression, arguments: given = ts.factory.createNodeArray() }: ts.NewExpression,
    ): void {
        const [, second, third] = given;
        switch (expression.getText()) {
            case "Kind": {
                const schema = /\bschema: (\w+)/.exec(third?.getText() ?? "")?.[1];
                this.kinds.set(`${service} ${second?.getText().replaceAll('"', "")}`, schema ?? "");
                return;
            }
            case "Settings":
                if (second !== undefined) {
                    this.settings.set(service, second);
                }
                return;
            case "Durations":
                if (second !== undefined) {
                    this.durations.set(service, second);
                }
        }
    }
}

const docs = new DocComments();

/** Everything that a seed may hold, as README.md shows it. */
export function reference(): string {
    return [...general(), ...part(gatewaySettings), ...services.flatMap((service) => [...sectionOf(service)])].join(
        "\n",
    );
}

function general(): string[] {
    return [
        "### Throttles",
        "",
        ...table(["field", "value", "if left out", ""], fieldsOf(throttleSchema, docs.of("gateway", "throttleSchema"))),
        "### Faults",
        "",
        ...alternativesOf(faultSchema, "fault", docs.of("gateway", "match")),
        "### Outcomes",
        "",
        ...alternativesOf(outcomeFaultSchema, "outcome", docs.of("world", "target")),
        "### Durations",
        "",
        ...alternativesOf(durationSchema, "kind", new Map()),
    ];
}

/** One row for each alternative with what it has of its own; then what all of them have. */
function alternativesOf(schema: z.ZodType, tag: string, comments: ReadonlyMap<string, string>): string[] {
    const alternatives = (jsonSchemaOf(schema).oneOf ?? []).filter((each) => typeof each === "object");
    const names = alternatives.map(({ properties = {} }) => Object.keys(properties));
    const shared = (names[0] ?? []).filter((name) => name !== tag && names.every((each) => each.includes(name)));
    const own = alternatives.map(({ properties = {}, required = [] }) => {
        const fields = Object.entries(properties).filter(([name]) => name !== tag && !shared.includes(name));
        const shown = fields.map(([name, value]) => {
            const more = defaultOf(value) ?? (required.includes(name) ? "must be given" : "");
            return `\`${name}\`: ${valuesOf(value)}${more === "" ? "" : ` (${more})`}`;
        });
        return [constOf(properties[tag]), shown.join("; ") || "nothing more"];
    });
    const first = alternatives[0];
    const rows = shared.map((name) => [
        `\`${name}\``,
        valuesOf(first?.properties?.[name]),
        defaultOf(first?.properties?.[name]) ?? (first?.required?.includes(name) ? "must be given" : ""),
        comments.get(name) ?? "",
    ]);
    return [
        ...table([`\`${tag}\``, "with"], own),
        ...(rows.length === 0 ? [] : table(["all of them may have", "value", "if left out", ""], rows)),
    ];
}

type Service = (typeof services)[number];

function* sectionOf(service: Service): Generator<string> {
    const { name, kinds, durations, processes } = service;
    yield* part(service.settings);
    if (durations.names.length > 0) {
        yield* [`#### Durations of \`${name}\``, ""];
        const comments = docs.in(name, docs.durations.get(name));
        const defaults = durations.read(worldWith());
        const rows = durations.names.map((each) => {
            const { [each]: value } = defaults;
            return [
                `\`${each}\``,
                value?.kind === "fixed" ? `${value.ms / 1000} s` : code(value),
                comments.get(each) ?? "",
            ];
        });
        yield* table(["duration", "default", ""], rows);
    }
    const spoilable = Object.entries(processes);
    if (spoilable.length > 0) {
        yield* [`#### Processes of \`${name}\``, ""];
        const rows = spoilable.flatMap(([process, { ids, outcomes, statuses }]) =>
            Object.entries(outcomes).map(([outcome, does], n) => [
                n === 0 ? `\`${process}\`` : "",
                n === 0 ? ids : "",
                `\`${outcome}\``,
                outcome === "fail" && statuses !== undefined ? `${does}; \`status\`: ${listed(statuses)}` : does,
            ]),
        );
        yield* table(["process", "`ids`", "outcome", "what comes of it (defaults in brackets)"], merged(rows));
    }
    for (const kind of kinds.filter(({ hidden }) => !hidden)) {
        yield* [`#### \`${name}\`: \`${kind.name}\``, ""];
        const comments = docs.of(name, docs.kinds.get(`${name} ${kind.name}`) ?? "");
        const rows = Object.entries(jsonSchemaOf(kind.schema).properties ?? {}).map(([field, value]) => [
            `\`${field}\``,
            valuesOf(value),
            ifLeftOut(kind, field),
            comments.get(field) ?? "",
        ]);
        yield* table(["field", "value", "if left out", ""], rows);
    }
}

/** Processes that go wrong in the same ways share their rows. */
function merged(rows: readonly (readonly string[])[]): string[][] {
    const groups: string[][][] = [];
    for (const row of rows) {
        if (row[0] !== "") {
            groups.push([]);
        }
        groups.at(-1)?.push([...row]);
    }
    const found = new Map<string, string[][]>();
    for (const group of groups) {
        const key = JSON.stringify(group.map(([, ...rest]) => rest));
        const first = found.get(key)?.[0];
        if (first === undefined) {
            found.set(key, group);
        } else {
            first[0] = `${first[0]}, ${group[0]?.[0]}`;
        }
    }
    return [...found.values()].flat();
}

function part(settings: ChangeableSettings): string[] {
    const { service } = settings;
    const comments = docs.in(service, docs.settings.get(service));
    return [
        `### \`${service}\``,
        "",
        `#### Settings of \`${service}\``,
        "",
        ...table(["setting", "value", "default", ""], fieldsOf(settings.schema, comments)),
    ];
}

function fieldsOf(schema: z.ZodType, comments: ReadonlyMap<string, string>): string[][] {
    const { properties = {}, required = [] } = jsonSchemaOf(schema);
    return Object.entries(properties).map(([name, value]) => [
        `\`${name}\``,
        valuesOf(value),
        defaultOf(value) ?? (required.includes(name) ? "must be given" : ""),
        comments.get(name) ?? "",
    ]);
}

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;
const listed = (values: readonly unknown[]): string => values.map((value) => code(value)).join(", ");

type Property = JsonSchema | boolean | undefined;

const constOf = (property: Property): string => (typeof property === "object" ? code(property.const) : "");

const defaultOf = (property: Property): string | undefined =>
    typeof property === "object" && property.default !== undefined ? code(property.default) : undefined;

function valuesOf(property: Property): string {
    if (typeof property !== "object") {
        return "anything";
    }
    const { anyOf, oneOf, enum: values, const: only, type, items, properties } = property;
    const inner = anyOf ?? oneOf;
    if (inner !== undefined) {
        return [...new Set(inner.map((each) => valuesOf(each)))].join(" or ");
    }
    if (values !== undefined) {
        return listed(values);
    }
    if (only !== undefined) {
        return code(only);
    }
    if (Array.isArray(type)) {
        return type.map((each) => valuesOf({ ...property, type: each })).join(" or ");
    }
    switch (type) {
        case "array":
            return `list of ${valuesOf(Array.isArray(items) ? items[0] : items)}`;
        case "object":
            return properties === undefined ? "an object" : `{ ${objectOf(properties)} }`;
        case "null":
            return "`null`";
        case "number":
        case "integer":
            return `${type === "integer" ? "whole number" : "number"}${rangeOf(property)}`;
        case "boolean":
            return "`true`, `false`";
        case "string":
            return property.maxLength === undefined ? "text" : `text, ${property.maxLength} at most`;
        default:
            return "anything";
    }
}

const objectOf = (properties: NonNullable<JsonSchema["properties"]>): string =>
    Object.entries(properties)
        .map(([name, value]) => `\`${name}\`: ${valuesOf(value)}`)
        .join("; ");

function rangeOf({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
    const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
    const least = minimum !== undefined && minimum > -Number.MAX_SAFE_INTEGER ? minimum : undefined;
    if (least !== undefined && most !== undefined) {
        return `, ${least} to ${most}`;
    }
    if (exclusiveMinimum !== undefined) {
        return ` above ${exclusiveMinimum}`;
    }
    return least === undefined ? "" : `, ${least} or more`;
}

const worldWith = ({ now = 1_767_225_600_000, seed = 1 } = {}): World =>
    new World(new WorldClock({ now: () => now }), seededRandom(seed), () => {});

const BIRTH = { project: HOME_PROJECT_ID, index: 0 };
const births: Readonly<Record<string, () => Birth>> = {
    plain: () => ({ ...BIRTH, world: worldWith() }),
    index: () => ({ ...BIRTH, world: worldWith(), index: 7 }),
    random: () => ({ ...BIRTH, world: worldWith({ seed: 2 }) }),
    time: () => ({ ...BIRTH, world: worldWith({ now: 0 }) }),
    project: () => ({ ...BIRTH, world: worldWith(), project: "another" }),
};

/** What a kind completes an object with, and on what that depends. */
function ifLeftOut(kind: SeedableKind, field: string): string {
    const given = new Map(
        Object.entries(births).map(([name, birth]) => {
            const defaults: Readonly<Record<string, unknown>> = { ...kind.defaults(birth()) };
            return [name, JSON.stringify(defaults[field])];
        }),
    );
    const plain = given.get("plain");
    if (plain === undefined) {
        return "must be given";
    }
    const differs = (name: string) => given.get(name) !== plain;
    if (differs("index")) {
        return `\`${given.get("index")?.replaceAll("7", "{n}")}\``;
    }
    if (differs("random")) {
        return "made up";
    }
    if (differs("time")) {
        return "the time of the seed";
    }
    return differs("project") ? "of its project" : `\`${plain}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
    const line = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}
