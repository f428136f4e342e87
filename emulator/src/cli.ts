#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as z from "zod";
import { type ServedEmulator, type ServedEmulatorOptions, seedSchema, startEmulator } from "./index";

const USAGE = `usage: huaweicloud-batch-emulator [--port N] [--host 127.0.0.1] [--seed FILE] [--speed FACTOR] [--control-token TOKEN]`;

/** A mistake in the command line, told in one line. */
class UsageError extends Error {}

function optionsOf(args: readonly string[]): ServedEmulatorOptions {
    const { positionals, values } = parsed(args);
    if (positionals.length > 0) {
        throw new UsageError(USAGE);
    }
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

function parsed(args: readonly string[]) {
    const text = { type: "string" } as const;
    const options = { port: text, host: text, seed: text, speed: text, "control-token": text };
    try {
        return parseArgs({ args: [...args], options, allowPositionals: true });
    } catch (error) {
        throw new UsageError(`${oneLine(error)} ${USAGE}`);
    }
}

function seedOf(file: string) {
    try {
        const seed = seedSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
        if (seed.success) {
            return seed.data;
        }
        throw new Error(z.prettifyError(seed.error));
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
    process.stdout.write(`listening on ${emulator.url}\n${lines.join("\n")}\n`);
}

async function emulate(options: ServedEmulatorOptions): Promise<void> {
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

async function main(args: readonly string[]): Promise<void> {
    const options = optionsOf(args);
    try {
        await emulate(options);
    } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        if (code === "EADDRINUSE") {
            fail(`port ${options.port} of ${options.host} is in use: choose another --port`, 1);
        }
        if (typeof code === "string") {
            fail(`can't listen on ${options.host}: ${oneLine(error)}`, 1);
        }
        // What is left is a seed that names what does not exist.
        throw new UsageError(
            `--seed: ${error instanceof z.ZodError ? z.prettifyError(error).replace(/\s+/g, " ") : oneLine(error)}`,
        );
    }
}

main(process.argv.slice(2)).catch((error: unknown) => fail(oneLine(error), error instanceof UsageError ? 2 : 1));
