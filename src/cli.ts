#!/usr/bin/env node
import { createRequire } from "node:module";
import { join } from "node:path";

const USAGE = `usage: pulumi-huaweicloud-batch emulate [options]

  emulate    starts the emulator, which is a package of its own now: npx --no huaweicloud-batch-emulator
  --version  prints the version
  --help     prints this`;

const MOVED =
    "the emulator is a package of its own now: npm install --save-dev huaweicloud-batch-emulator, then npx --no huaweicloud-batch-emulator";

/** Starts the emulator that the caller's project has installed, for one more release. */
function emulate(args: readonly string[]): number {
    const installed = commandOfEmulator();
    if (installed === undefined) {
        return fail(MOVED, 2);
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

function fail(message: string, exitCode: number): number {
    process.stderr.write(`pulumi-huaweicloud-batch: ${message}\n`);
    return exitCode;
}

function main([command, ...rest]: readonly string[]): number {
    const { version }: { version: string } = require("../package.json");
    switch (command) {
        case "emulate":
            return emulate(rest);
        case "--version":
            process.stdout.write(`${version}\n`);
            return 0;
        case "--help":
        case "-h":
            process.stdout.write(`${USAGE}\n`);
            return 0;
        case undefined:
            return fail(USAGE, 2);
        default:
            return fail(`${command}: not a command\n${USAGE}`, 2);
    }
}

process.exitCode = main(process.argv.slice(2));
