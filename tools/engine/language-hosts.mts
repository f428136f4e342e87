/**
 * Finds the host that runs programs of a language, or builds it from its Go module: a CLI built that way comes without. Prints the
 * folder that holds it, which is to stand on the PATH.
 *
 *   node tools/engine/language-hosts.mts yaml            builds what is not there
 *   node tools/engine/language-hosts.mts yaml --cached   ends with 1 if it is not there
 */
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheDirectory, firstOnPath, isExecutable } from "./find.mts";
import { runStep, stopSteps } from "./step.mts";

/** By language: the Go package, whose version the go.mod in hosts/<language> pins. */
const HOSTS: Readonly<Record<string, string>> = {
    yaml: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
};

const BUILD_MAY_TAKE = 45 * 60_000;

async function findHost(language: string, mayBuild: boolean): Promise<string | undefined> {
    const main = HOSTS[language];
    if (main === undefined) {
        throw new Error(`no host is known for ${language}: one of ${Object.keys(HOSTS).join(", ")}`);
    }
    const name = `pulumi-language-${language}`;
    const onPath = await firstOnPath(name);
    if (onPath !== undefined) {
        return dirname(onPath);
    }
    const module = join(import.meta.dirname, "hosts", language);
    const cached = join(cacheDirectory(), "hosts", `${language}-${await pinnedVersion(module, main)}`);
    if (await isExecutable(join(cached, name))) {
        return cached;
    }
    return mayBuild ? build(name, main, module, cached) : undefined;
}

/** The version that go.mod names of the module that holds the package. */
async function pinnedVersion(module: string, main: string): Promise<string> {
    const required = [...(await readFile(join(module, "go.mod"), "utf8")).matchAll(/(\S+) v(\S+)/g)];
    const version = required.find(([, path]) => path !== undefined && main.startsWith(path))?.[2];
    if (version === undefined) {
        throw new Error(`${module}/go.mod names no version of ${main}`);
    }
    return version;
}

/** Beside the cached place, then moved there in one step: whoever looks meanwhile sees nothing or all of it. */
async function build(name: string, main: string, module: string, cached: string): Promise<string> {
    await mkdir(dirname(cached), { recursive: true });
    const unfinished = await mkdtemp(`${cached}.unfinished-`);
    try {
        await runStep(`building ${name} from its Go module (some minutes, once)`, (line) => console.error(line), {
            command: "go",
            args: ["build", "-mod=readonly", "-trimpath", "-ldflags", "-w -s", "-o", join(unfinished, name), main],
            cwd: module,
            env: { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "" },
            mayTake: BUILD_MAY_TAKE,
        });
        await rename(unfinished, cached).catch((error: NodeJS.ErrnoException) => {
            // Another run was quicker.
            if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") {
                throw error;
            }
        });
        return cached;
    } finally {
        await rm(unfinished, { recursive: true, force: true });
    }
}

process.once("SIGINT", () => stopSteps());
process.once("SIGTERM", () => stopSteps());
const [language = "", option] = process.argv.slice(2);
try {
    const directory = await findHost(language, option !== "--cached");
    if (directory === undefined) {
        console.error(`no host for ${language}: npm run languages builds one`);
        process.exitCode = 1;
    } else {
        console.log(directory);
    }
} catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
}
