/** Finds a Pulumi engine, or makes one: PATH, our cache, the official installer, the CLI's Go module. */
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, copyFile, link, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Pin, pinOf } from "./pins.mts";
import { runStep } from "./step.mts";

export interface Engine {
    /** The CLI's file. */
    readonly command: string;
    /** "3.259.0" */
    readonly version: string;
    /** Where it was found, for people. */
    readonly from: string;
    /** What must stand first on PATH for it to work: Node itself, the CLI, and plugins that the CLI came without. */
    readonly path: readonly string[];
}

export type Say = (line: string) => void;

const OLDEST = [3, 200, 0] as const;
const INSTALLER_MAY_TAKE = 5 * 60_000;
const BUILD_MAY_TAKE = 45 * 60_000;

const here = dirname(fileURLToPath(import.meta.url));
const checkout = join(here, "..", "..");
const nodeSdk = join(checkout, "node_modules", "@pulumi", "pulumi");

/** `named`: which of the pinned engines it has to be; undefined: any that is new enough, and else the first. */
export async function findEngine(say: Say, named = process.env.ENGINE_PIN): Promise<Engine> {
    const pin = await pinOf(named);
    const { version } = pin;
    const cached = join(cacheDirectory(), "engine", version);
    return (
        (await onPath(pin, say)) ??
        (await inCache(cached, version, say)) ??
        (await officiallyInstalled(cached, version, say)) ??
        (await builtFromGoModule(cached, pin, say)) ??
        nothingWorked(pin)
    );
}

export function cacheDirectory(): string {
    return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-huaweicloud-batch");
}

async function onPath(pin: Pin, say: Say): Promise<Engine | undefined> {
    for (const directory of (process.env.PATH ?? "").split(delimiter)) {
        const command = join(directory, "pulumi");
        if (directory === "" || !(await isExecutable(command))) {
            continue;
        }
        const version = await versionOf(command);
        if (version !== undefined && (pin.only ? version === pin.version : isNewEnough(version))) {
            return engine(command, version, `PATH, ${command}`);
        }
        const wanted = pin.only ? `not ${pin.version}` : `older than ${OLDEST.join(".")}`;
        say(`pulumi on the PATH (${command}) is ${version ?? "broken"}, ${wanted}: not used`);
        return undefined;
    }
    say("no pulumi on the PATH");
    return undefined;
}

async function inCache(cached: string, version: string, say: Say): Promise<Engine | undefined> {
    const command = join(cached, "bin", "pulumi");
    if (!(await isExecutable(command))) {
        say(`no pulumi ${version} in our cache (${cached})`);
        return undefined;
    }
    const found = await versionOf(command);
    if (found !== version) {
        say(`pulumi in our cache (${command}) does not say that it is ${version}: thrown away`);
        await rm(cached, { recursive: true, force: true });
        return undefined;
    }
    return engine(command, version, `our cache, ${command}`);
}

async function officiallyInstalled(cached: string, version: string, say: Say): Promise<Engine | undefined> {
    return intoCache(cached, version, "the official installer", say, async (directory) => {
        // In a process of its own, so that it can be stopped when it takes too long.
        const program = `
            const { PulumiCommand } = require(process.argv[1] + "/automation");
            const { SemVer } = require(require.resolve("semver", { paths: [process.argv[1]] }));
            const [, , root, version] = process.argv;
            PulumiCommand.install({ root, version: new SemVer(version), skipVersionCheck: true }).catch((error) => {
                console.error(error.message);
                process.exit(1);
            });`;
        await runStep(`installing pulumi ${version} with its official installer`, say, {
            command: process.execPath,
            args: ["-e", program, nodeSdk, directory, version],
            mayTake: INSTALLER_MAY_TAKE,
        });
    });
}

async function builtFromGoModule(
    cached: string,
    { version, directory: cwd }: Pin,
    say: Say,
): Promise<Engine | undefined> {
    if ((await firstOnPath("go")) === undefined) {
        say("no go on the PATH: pulumi can't be built from its Go module");
        return undefined;
    }
    return intoCache(cached, version, "a build of the CLI's Go module", say, async (directory) => {
        const setVersion = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
        await runStep(`building pulumi ${version} from its Go module (some minutes, once)`, say, {
            command: "go",
            args: [
                ...["build", "-mod=readonly", "-trimpath", "-tags", "osusergo,grpcnotrace"],
                ...["-ldflags", `-w -s ${setVersion}`, "-o", join(directory, "bin", "pulumi")],
                "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
            ],
            cwd,
            env: { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "" },
            mayTake: BUILD_MAY_TAKE,
        });
    });
}

/**
 * Makes an engine in a directory of its own beside the cached one, then moves it there in one step: whoever reads the
 * cache meanwhile sees either nothing or all of it, and of two that work at once the first to end wins.
 */
async function intoCache(
    cached: string,
    version: string,
    from: string,
    say: Say,
    make: (directory: string) => Promise<void>,
): Promise<Engine | undefined> {
    await mkdir(dirname(cached), { recursive: true });
    const unfinished = await mkdtemp(`${cached}.unfinished-`);
    try {
        await make(unfinished);
        const found = await versionOf(join(unfinished, "bin", "pulumi"));
        if (found !== version) {
            throw new Error(`what came is ${found === undefined ? "no working pulumi" : `pulumi ${found}`}`);
        }
        await rename(unfinished, cached).catch(async (error: NodeJS.ErrnoException) => {
            if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") {
                throw error;
            }
            say("another run was quicker: its engine is used");
        });
        return await engine(join(cached, "bin", "pulumi"), version, from);
    } catch (error) {
        say(`${from}: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
    } finally {
        await rm(unfinished, { recursive: true, force: true });
    }
}

function nothingWorked({ version, only }: Pin): never {
    throw new Error(
        `No Pulumi engine was found, and none could be made. Install either the Pulumi CLI ${only ? version : `${OLDEST.join(".")} or newer`}, ` +
            `so that \`pulumi version\` works (https://www.pulumi.com/docs/install/), or Go (https://go.dev/dl/), ` +
            `from which pulumi ${version} is then built. What was tried is above.`,
    );
}

async function engine(command: string, version: string, from: string): Promise<Engine> {
    const runs = (await isComplete(command)) ? command : await completed(command, version);
    return { command: runs, version, from, path: [dirname(process.execPath), dirname(runs)] };
}

async function isComplete(command: string): Promise<boolean> {
    const plugins = ["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];
    const there = await Promise.all(plugins.map((plugin) => isExecutable(join(dirname(command), plugin))));
    return there.every((is) => is) || (await Promise.all(plugins.map(firstOnPath))).every((path) => path !== undefined);
}

/**
 * A CLI built from its Go module comes without the plugins that run Node programs. They go beside it (on the PATH alone the
 * CLI warns of them at every run), in a directory of this checkout: they need its node_modules.
 */
async function completed(command: string, version: string): Promise<string> {
    const directory = join(checkout, "node_modules", ".cache", "pulumi-huaweicloud-batch", `engine-${version}`);
    await mkdir(directory, { recursive: true });
    await put(directory, "pulumi", (file) => link(command, file).catch(() => copyFile(command, file)));
    await put(directory, "pulumi-resource-pulumi-nodejs", (file) =>
        copyFile(join(nodeSdk, "pulumi-resource-pulumi-nodejs"), file),
    );
    const host = `#!/bin/sh\nexec node '${join(here, "language-host.mts")}' "$@"\n`;
    await put(directory, "pulumi-language-nodejs", (file) => writeFile(file, host, { mode: 0o755 }));
    return join(directory, "pulumi");
}

/** In one step, for another run may be using what stands there. */
async function put(directory: string, name: string, make: (file: string) => Promise<void>): Promise<void> {
    const unfinished = join(directory, `.${name}-${randomUUID()}`);
    await make(unfinished);
    await rename(unfinished, join(directory, name));
    // Two names of one file: then rename does nothing.
    await rm(unfinished, { force: true });
}

export async function firstOnPath(name: string): Promise<string | undefined> {
    for (const directory of (process.env.PATH ?? "").split(delimiter)) {
        if (directory !== "" && (await isExecutable(join(directory, name)))) {
            return join(directory, name);
        }
    }
    return undefined;
}

export async function isExecutable(file: string): Promise<boolean> {
    return access(file, constants.X_OK).then(
        () => true,
        () => false,
    );
}

async function versionOf(command: string): Promise<string | undefined> {
    const lines: string[] = [];
    await runStep("", (line) => lines.push(line), {
        command,
        args: ["version"],
        env: { PULUMI_SKIP_UPDATE_CHECK: "1" },
        mayTake: 60_000,
    }).catch(() => undefined);
    return lines.map((line) => /^v?(\d+\.\d+\.\d+\S*)$/.exec(line)?.[1]).find((version) => version !== undefined);
}

function isNewEnough(version: string): boolean {
    const parts = version.split(/[.+-]/).map(Number);
    for (const [index, oldest] of OLDEST.entries()) {
        const part = parts[index] ?? 0;
        if (part !== oldest) {
            // Another major version is another program.
            return part > oldest && index > 0;
        }
    }
    return true;
}
