import { oldNode } from "../util/node-version";
import { columns, help, parse, unknownWord } from "./arguments";
import type { Command, ForwardedCommand, Terminal } from "./command";

type AnyCommand = Command | ForwardedCommand;

/** Runs one of these commands. Returns the exit code; every failure is one line on standard error. */
export async function main(
    commands: readonly AnyCommand[],
    [word, ...args]: readonly string[],
    terminal: Terminal,
): Promise<number> {
    const { version }: { version: string } = require("../../package.json");
    const old = oldNode(process.versions.node);
    if (old !== undefined) {
        return failed(terminal, old, 2);
    }
    if (word === "--version") {
        terminal.print(`${version}\n`);
        return 0;
    }
    if (word === "--help" || word === "-h") {
        terminal.print(`${helpOfAll(commands)}\n`);
        return 0;
    }
    if (word === undefined) {
        return failed(terminal, "no command; see --help", 2);
    }
    const command = commands.find(({ name }) => name === word);
    if (command === undefined) {
        const words = [...commands.map(({ name }) => name), "--help", "--version"];
        return failed(terminal, unknownWord(word, words), 2);
    }
    return "forward" in command ? command.forward(args, terminal) : runCommand(command, args, terminal, version);
}

async function runCommand(
    command: Command,
    args: readonly string[],
    terminal: Terminal,
    version: string,
): Promise<number> {
    try {
        const parsed = parse(command, args);
        switch (parsed.is) {
            case "help":
                terminal.print(`${help(command)}\n`);
                return 0;
            case "version":
                terminal.print(`${version}\n`);
                return 0;
            case "given":
                return await command.run(parsed.given, terminal);
        }
    } catch (error) {
        terminal.progress("");
        return failed(terminal, error instanceof Error ? error.message : String(error), 1);
    }
}

function failed(terminal: Terminal, line: string, exitCode: number): number {
    terminal.warn(line.trim().replaceAll(/\s*\n\s*/g, " "));
    return exitCode;
}

function helpOfAll(commands: readonly AnyCommand[]): string {
    return [
        "usage: pulumi-huaweicloud-batch COMMAND [options]",
        "",
        ...columns([
            ...commands.map(({ name, summary }) => [name, summary] as const),
            ["-h, --help", "prints this; after a command, its options"],
            ["--version", "prints the version"],
        ]),
    ].join("\n");
}
