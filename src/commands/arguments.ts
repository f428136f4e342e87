import { type ParseArgsOptionDescriptor, parseArgs } from "node:util";
import { nearest } from "../util/nearest";
import type { Command, Given } from "./command";

/** What a command was called with: itself, or for one of the options that all commands have. */
export type Parsed = { readonly is: "help" | "version" } | { readonly is: "given"; readonly given: Given };

/** Throws an error of one line. */
export function parse(command: Command, args: readonly string[]): Parsed {
    const { options } = command;
    const config: Record<string, ParseArgsOptionDescriptor> = {
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
    };
    for (const [name, { is }] of Object.entries(options)) {
        config[name] = { type: is === "flag" ? "boolean" : "string" };
    }
    // Not strict: node:util's own messages speak of its interface, not of the command.
    const { tokens } = parseArgs({ args: [...args], options: config, strict: false, tokens: true });
    const positionals: string[] = [];
    const given = new Map<string, string | undefined>();
    for (const token of tokens) {
        if (token.kind === "positional") {
            positionals.push(token.value);
        } else if (token.kind === "option") {
            if (!Object.hasOwn(config, token.name)) {
                throw new Error(unknownWord(token.rawName, [...Object.keys(config).map((name) => `--${name}`)]));
            }
            requireValue(token.rawName, options[token.name]?.value, token.value);
            if (given.has(token.name) && options[token.name]?.is === "text") {
                throw new Error(`${token.rawName} is given twice`);
            }
            given.set(token.name, token.value);
        }
    }
    if (given.has("help")) {
        return { is: "help" };
    }
    if (given.has("version")) {
        return { is: "version" };
    }
    requirePositionals(command, positionals);
    for (const names of command.exclusive ?? []) {
        const both = names.filter((name) => given.has(name));
        if (both.length > 1) {
            throw new Error(`${both.map((name) => `--${name}`).join(" and ")} exclude each other`);
        }
    }
    return {
        is: "given",
        given: { positionals, has: (flag) => given.has(flag), text: (option) => given.get(option) },
    };
}

/** `emulat: no such command; did you mean emulate?` */
export function unknownWord(word: string, known: readonly string[]): string {
    const what = word.startsWith("-") ? "option" : "command";
    const meant = nearest(word, known);
    return `${word}: no such ${what}; ${meant === undefined ? "see --help" : `did you mean ${meant}?`}`;
}

export function usage({ name, positionals, options, exclusive = [] }: Command): string {
    const shown = (option: string) =>
        `--${option}${options[option]?.is === "text" ? ` ${options[option]?.value}` : ""}`;
    const together = new Set(exclusive.flat());
    const choices = exclusive.map((names) => `[${names.map(shown).join(" | ")}]`);
    const others = Object.keys(options)
        .filter((option) => !together.has(option))
        .map((option) => `[${shown(option)}]`);
    return [`pulumi-huaweicloud-batch ${name}`, ...positionals, ...choices, ...others].join(" ");
}

export function help(command: Command): string {
    const options = Object.entries(command.options).map(
        ([name, { value, help }]) => [`--${name}${value === undefined ? "" : ` ${value}`}`, help] as const,
    );
    const all = [...options, ["-h, --help", "prints this"], ["--version", "prints the version"]] as const;
    return [
        `usage: ${usage(command)}`,
        "",
        command.summary,
        "",
        ...columns(all),
        ...(command.notes.length === 0 ? [] : ["", ...command.notes]),
    ].join("\n");
}

/** Two columns, the first as wide as its longest entry. */
export function columns(rows: ReadonlyArray<readonly [name: string, text: string]>): string[] {
    const width = Math.max(...rows.map(([name]) => name.length));
    return rows.map(
        ([name, text]) => `  ${name.padEnd(width)}  ${text.replaceAll("\n", `\n${" ".repeat(width + 4)}`)}`,
    );
}

function requireValue(name: string, value: string | undefined, given: string | undefined): void {
    if (value !== undefined && (given === undefined || given === "")) {
        throw new Error(`${name} needs a value: ${name} ${value}`);
    }
    if (value === undefined && given !== undefined) {
        throw new Error(`${name} takes no value`);
    }
}

function requirePositionals(command: Command, given: readonly string[]): void {
    const { positionals } = command;
    const missing = positionals[given.length];
    if (missing !== undefined) {
        throw new Error(`${missing} is missing; usage: ${usage(command)}`);
    }
    const more = given[positionals.length];
    if (more !== undefined) {
        throw new Error(`${JSON.stringify(more)} is one argument too many; usage: ${usage(command)}`);
    }
}
