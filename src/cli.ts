#!/usr/bin/env node
import { createRequire } from "node:module";
import { join } from "node:path";
import { nearest } from "./util/nearest";

const HELP = `usage: pulumi-huaweicloud-batch emulate [options]

  emulate     starts the emulator, a package of its own by now: npx --no -- huaweicloud-batch-emulator;
              emulate --help prints its options
  -h, --help  prints this
  --version   prints the version`;

const MOVED =
    "the emulator is a package of its own by now: npm install --save-dev huaweicloud-batch-emulator, then npx --no -- huaweicloud-batch-emulator";

/** Starts the emulator that the caller's project has installed, for one more release. */
function emulate(args: readonly string[]): number {
    const installed = commandOfEmulator();
    if (installed === undefined) {
        return fail(MOVED);
    }
    process.stderr.write(`pulumi-huaweicloud-batch: ${MOVED}; \`emulate\` goes with the next release\n`);
    // In this process, so that a signal reaches it.
    process.argv.splice(2, process.argv.length, ...args);
    require(installed);
    return 0;
}

function commandOfEmulator(): string | undefined {
    for (const from of [join(process.cwd(), "package.json"), __filename]) {
        try {
            return createRequire(from).resolve("huaweicloud-batch-emulator/cli");
        } catch {
            // Not installed from there.
        }
    }
    return undefined;
}

const WORDS = ["emulate", "--help", "--version"];

function unknown(word: string): string {
    const what = word.startsWith("-") ? "option" : "command";
    const meant = nearest(word, WORDS);
    return `${word}: no such ${what}; ${meant === undefined ? "see --help" : `did you mean ${meant}?`}`;
}

function fail(line: string): number {
    process.stderr.write(`pulumi-huaweicloud-batch: ${line}\n`);
    return 2;
}

function print(lines: string): number {
    process.stdout.write(`${lines}\n`);
    return 0;
}

function main([command, ...rest]: readonly string[]): number {
    const { version }: { version: string } = require("../package.json");
    switch (command) {
        case "emulate":
            return emulate(rest);
        case "--version":
            return print(version);
        case "--help":
        case "-h":
            return print(HELP);
        case undefined:
            return fail("no command; see --help");
        default:
            return fail(unknown(command));
    }
}

process.exitCode = main(process.argv.slice(2));
