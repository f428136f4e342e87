#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ControlProblem, readSeed, type Seed, type ServedEmulator, type ServedEmulatorOptions, startEmulator } from ".";
import { nearest } from "./world/nearest";

const HELP = `usage: huaweicloud-batch-emulator [options]

Serves the emulated cloud on this machine until SIGINT or SIGTERM, and prints the
export lines that point a shell at it. README.md says what it can do.

  --port N               the port; any free one if left out
  --host ADDRESS         the address to listen on (127.0.0.1)
  --seed FILE            JSON: objects, settings, faults and outcomes to begin with
  --speed FACTOR         how many times faster than the clock jobs and states move (1)
  --control-token TOKEN  what the control API demands; made up on another host than loopback
  -h, --help             prints this
  --version              prints the version`;
const HINT = "see --help";

/** A mistake in the command line, told in one line. */
class UsageError extends Error {}

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;
const OPTIONS = {
    port: TEXT,
    host: TEXT,
    seed: TEXT,
    speed: TEXT,
    "control-token": TEXT,
    help: { ...FLAG, short: "h" },
    version: FLAG,
} as const;

function parsed(args: readonly string[]) {
    try {
        return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    } catch (error) {
        throw new UsageError(unknownOption(error, args) ?? `${oneLine(error)}; ${HINT}`);
    }
}

function unknownOption(error: unknown, args: readonly string[]): string | undefined {
    const isUnknown = error instanceof Error && "code" in error && error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION";
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    const given = args.map((arg) => arg.split("=")[0] ?? arg);
    const option = given.find((arg) => arg.startsWith("-") && arg !== "-h" && !known.includes(arg));
    if (!isUnknown || option === undefined) {
        return undefined;
    }
    const meant = nearest(option, known);
    return `${option}: no such option; ${meant === undefined ? HINT : `did you mean ${meant}?`}`;
}

function optionsOf(values: ReturnType<typeof parsed>["values"]): ServedEmulatorOptions {
    const port = Number(values.port ?? "0");
    if (!/^\d{1,5}$/.test(values.port ?? "0") || port > 65_535) {
        throw new UsageError(`--port ${values.port}: not a port (0 to 65535)`);
    }
    const speed = Number(values.speed ?? "1");
    if (!(speed > 0 && Number.isFinite(speed))) {
        throw new UsageError(`--speed ${values.speed}: not a number above 0`);
    }
    return {
        port,
        speed,
        host: values.host ?? "127.0.0.1",
        ...(values.seed === undefined ? {} : { seed: seedOf(values.seed) }),
        ...(values["control-token"] === undefined ? {} : { controlToken: values["control-token"] }),
    };
}

function seedOf(file: string): Seed {
    try {
        return readSeed(JSON.parse(readFileSync(file, "utf8")));
    } catch (error) {
        throw new UsageError(`--seed ${file}: ${oneLine(error)}`);
    }
}

const oneLine = (error: unknown): string =>
    (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");

function announce(emulator: ServedEmulator): void {
    const variables = {
        HW_ACCESS_KEY: "emulator",
        HW_SECRET_KEY: "emulator",
        HW_REGION_NAME: "cn-north-4",
        HUAWEICLOUD_BATCH_ENDPOINT: emulator.url,
        ...emulator.variables(),
    };
    const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}`);
    if (emulator.controlToken !== undefined) {
        lines.push(`# control token: ${emulator.controlToken}`);
    }
    print(`listening on ${emulator.url}\n${lines.join("\n")}`);
}

const print = (lines: string): boolean => process.stdout.write(`${lines}\n`);

async function serve(options: ServedEmulatorOptions): Promise<void> {
    const emulator = await startEmulator(options);
    const stop = () => {
        emulator.close().then(
            () => process.exit(0),
            (error: unknown) => fail(oneLine(error), 1),
        );
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    announce(emulator);
}

function fail(message: string, exitCode: number): never {
    process.stderr.write(`huaweicloud-batch-emulator: ${message}\n`);
    process.exit(exitCode);
}

function versionOfPackage(): string {
    const { version }: { version: string } = JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8"));
    return version;
}

async function main(args: readonly string[]): Promise<void> {
    const { positionals, values } = parsed(args);
    if (values.help === true) {
        print(HELP);
        return;
    }
    if (values.version === true) {
        print(versionOfPackage());
        return;
    }
    if (positionals.length > 0) {
        throw new UsageError(`${positionals[0]}: takes options only; ${HINT}`);
    }
    const options = optionsOf(values);
    try {
        await serve(options);
    } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        if (code === "EADDRINUSE") {
            fail(`port ${options.port} of ${options.host} is in use: choose another --port`, 1);
        }
        if (typeof code === "string") {
            fail(`can't listen on ${options.host}: ${oneLine(error)}`, 1);
        }
        throw error instanceof ControlProblem ? new UsageError(`--seed ${values.seed}: ${oneLine(error)}`) : error;
    }
}

main(process.argv.slice(2)).catch((error: unknown) => fail(oneLine(error), error instanceof UsageError ? 2 : 1));
