/** Stacks on the real engine, for rows that measure its runs. */
import { execFileSync, fork, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { localState, pathFor } from "../../tools/engine/environment.mts";
import type { Engine } from "../../tools/engine/find.mts";
import { median } from "./cost.ts";
import { variables } from "./first-request.mts";
import { checkout } from "./project.mts";

/** The classes, in a program: of the package, and of an SDK over the plugin. */
export const DYNAMIC_CLASSES = 'require("pulumi-huaweicloud-batch")';
export const PLUGIN_CLASSES = `require(${JSON.stringify(join(checkout, "test/e2e/plugin-sdk.cjs"))})(require("@pulumi/pulumi"))`;
/** In the Pulumi.yaml of a program of the latter. */
export const PLUGIN_PROJECT = {
    plugins: { providers: [{ name: "huaweicloud-batch", path: join(checkout, "plugin") }] },
} as const;

/** One run of the CLI: resolves with how many milliseconds it took, rejects unless it exits with 0. */
export type Run = (args: readonly string[], more?: Readonly<Record<string, string>>) => Promise<number>;

/** For a first up, which is not measured: with one write of the state for each resource it would take longer than all else. */
export const WITHOUT_CHECKPOINTS = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" } as const;

/** An emulated cloud in a process of its own. */
export interface EmulatedCloud {
    readonly url: string;
    /** How many requests it has had, those for projects and tokens left out. */
    readonly requests: () => Promise<number>;
}

/** Lends an emulated cloud that has so many of each. */
export async function withEmulator<T>(
    { assets = 0, instances = 0 }: { readonly assets?: number; readonly instances?: number },
    use: (cloud: EmulatedCloud) => Promise<T>,
): Promise<T> {
    const emulator = fork(join(import.meta.dirname, "emulator.mts"), [String(assets), String(instances)]);
    const message = () =>
        new Promise<string>((resolve, reject) => {
            const ended = (code: number | null) => reject(new Error(`the emulator exited with ${code}`));
            emulator.once("exit", ended);
            emulator.once("message", (said) => {
                emulator.off("exit", ended);
                resolve(String(said));
            });
        });
    try {
        const url = await message();
        return await use({
            url,
            requests: async () => {
                const counted = message();
                emulator.send("requests");
                return Number(await counted);
            },
        });
    } finally {
        emulator.disconnect();
    }
}

export function filesOf(
    name: string,
    program: string,
    project: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, string>> {
    const runtime = { name: "nodejs", options: { typescript: false } };
    return {
        "Pulumi.yaml": JSON.stringify({ name, runtime, ...project }),
        "package.json": JSON.stringify({ name, main: "index.js" }),
        "index.js": program,
    };
}

export interface BenchStack {
    readonly run: Run;
    /** What the CLI prints on stdout. */
    readonly printed: (args: readonly string[]) => string;
}

/** A stack with a backend of its own. */
export async function stackIn(engine: Engine, directory: string): Promise<BenchStack> {
    const temporary = join(directory, "tmp");
    mkdirSync(temporary);
    const env = {
        HOME: directory,
        TMPDIR: temporary,
        ...(await localState(directory)),
        // Nothing is sent: with `when: "destroy"` an update has nothing to do.
        ...variables("http://127.0.0.1:9"),
        HW_PROJECT_ID: "0123456789abcdef0123456789abcdef",
        // A preview that asks the cloud has a row of its own.
        HUAWEICLOUD_BATCH_PREVIEW: "off",
        PATH: pathFor(engine),
    };
    const flags = ["--non-interactive", "--color", "never"];
    const printed = (args: readonly string[]) =>
        execFileSync(engine.command, [...args, ...flags], {
            cwd: directory,
            env,
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
            maxBuffer: LARGEST_OUTPUT,
        });
    printed(["stack", "init", "dev"]);
    const run: Run = (args, more = {}) =>
        new Promise((resolve, reject) => {
            const began = performance.now();
            let said = "";
            const child = spawn(engine.command, [...args, ...flags], { cwd: directory, env: { ...env, ...more } });
            for (const stream of [child.stdout, child.stderr]) {
                stream.setEncoding("utf8").on("data", (text: string) => {
                    said += text;
                });
            }
            child.once("error", reject);
            child.once("exit", (code) =>
                code === 0
                    ? resolve(performance.now() - began)
                    : reject(new Error(`pulumi ${args.join(" ")} exited with ${code}:\n${said.slice(-2_000)}`)),
            );
        });
    return { run, printed };
}

/** Bytes. */
const LARGEST_OUTPUT = 256 * 1024 * 1024;

/** The same of both, one after the other, so that they are measured under the same load. */
export async function inTurns(
    times: number,
    runs: readonly [Run, Run],
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
): Promise<[number, number]> {
    const took: [number[], number[]] = [[], []];
    for (let n = 0; n < times; n++) {
        took[0].push(await runs[0](args, more));
        took[1].push(await runs[1](args, more));
    }
    return [median(took[0]), median(took[1])];
}
