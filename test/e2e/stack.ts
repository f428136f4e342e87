/** A Pulumi project and stack of its own in a temporary directory, run by the real CLI. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

export const checkout = join(__dirname, "../..");

const engineSchema = z.object({ command: z.string(), version: z.string(), path: z.array(z.string()) });

/** What the CLI said and how it ended. `output` is both streams as they came. */
export interface Ended {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
    readonly output: string;
}

const resourceSchema = z.object({
    urn: z.string(),
    type: z.string(),
    id: z.string().optional(),
    inputs: z.record(z.string(), z.unknown()).default({}),
    outputs: z.record(z.string(), z.unknown()).default({}),
    initErrors: z.array(z.string()).default([]),
});
const exportSchema = z.object({
    deployment: z.object({
        resources: z.array(resourceSchema).default([]),
        pending_operations: z.array(z.unknown()).default([]),
    }),
});
export type StateResource = z.infer<typeof resourceSchema>;

export interface StackOptions {
    /** The program, CommonJS. */
    readonly program: string;
    /** Added to what the CLI and all that it starts see. Nothing of the environment of the tests gets through but PATH. */
    readonly env?: Readonly<Record<string, string>>;
    /** Plain stack configuration: `namespace:name` to value. */
    readonly config?: Readonly<Record<string, string>>;
    /** What serves the program's resources. Default: the dynamic provider. */
    readonly face?: Face;
    /** Called after each run, with its arguments. */
    readonly onRun?: (args: readonly string[]) => Promise<void>;
}

export type Face = "dynamic" | "plugin";

/** Longest that one run of the CLI may take before the test calls it hung. */
const RUN_MAY_TAKE = 240_000;

const open = new Set<Stack>();

/** For afterEach: ends everything that the stacks of a test started, and removes their directories. */
export async function closeStacks(): Promise<void> {
    await Promise.all([...open].map((stack) => stack.close()));
}

export class Stack {
    readonly name = "dev";
    private readonly runs = new Set<Run>();

    private constructor(
        readonly directory: string,
        private env: Readonly<Record<string, string>>,
        readonly project = "e2e",
        private readonly onRun: StackOptions["onRun"] = undefined,
    ) {}

    static async create(options: StackOptions): Promise<Stack> {
        const directory = await directoryOfAStack();
        const stack = new Stack(directory, options.env ?? {}, undefined, options.onRun);
        open.add(stack);
        await mkdir(join(directory, "program/node_modules"));
        await symlink(join(checkout, "node_modules/@pulumi"), join(directory, "program/node_modules/@pulumi"));
        await stack.setFace(options.face ?? "dynamic");
        await stack.write("package.json", JSON.stringify({ name: stack.project, main: "index.js" }));
        await stack.setProgram(options.program);
        await stack.must("stack", "init", stack.name);
        for (const [key, value] of Object.entries(options.config ?? {})) {
            await stack.must("config", "set", "--plaintext", key, value);
        }
        return stack;
    }

    /** A project of the repository as it is, copied: an example. */
    static async ofProject(folder: string, env: Readonly<Record<string, string>>): Promise<Stack> {
        const directory = await directoryOfAStack();
        await cp(join(checkout, folder), join(directory, "program"), { recursive: true });
        const project = /^name: (\S+)/m.exec(await readFile(join(directory, "program/Pulumi.yaml"), "utf8"))?.[1];
        const stack = new Stack(directory, env, project);
        open.add(stack);
        await stack.must("stack", "init", stack.name);
        return stack;
    }

    /**
     * Replaces what serves the resources: the same program then declares those of the other face. A stack that comes from the plugin
     * needs it for one more up: `knowsPlugin`.
     */
    async setFace(face: Face, { knowsPlugin = face === "plugin" } = {}): Promise<void> {
        const project = { name: this.project, runtime: { name: "nodejs", options: { typescript: false } } };
        const plugins = { providers: [{ name: "huaweicloud-batch", path: join(checkout, "plugin") }] };
        await this.write("Pulumi.yaml", JSON.stringify(knowsPlugin ? { ...project, plugins } : project));
        const installed = join(this.directory, "program/node_modules/pulumi-huaweicloud-batch");
        await rm(installed, { recursive: true, force: true });
        if (face === "dynamic") {
            await symlink(checkout, installed);
        } else {
            await mkdir(installed);
            await writeFile(
                join(installed, "index.js"),
                `module.exports = require(${JSON.stringify(join(__dirname, "plugin-sdk.cjs"))})(require("@pulumi/pulumi"));`,
            );
        }
    }

    /** Replaces the program. */
    setProgram(source: string): Promise<void> {
        return this.write("index.js", source);
    }

    /** A file beside the program. */
    writeProgram(name: string, text: string): Promise<void> {
        return this.write(name, text);
    }

    /** A file below the home directory that its runs see. */
    async writeHome(path: string, text: string): Promise<void> {
        const file = join(this.directory, "home", path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
    }

    /** Moves the package into one that wraps it, where the program finds it and nothing else does. */
    async wrap(): Promise<void> {
        const modules = join(this.directory, "program/node_modules");
        await mkdir(join(modules, "wrapper/node_modules"), { recursive: true });
        await rename(
            join(modules, "pulumi-huaweicloud-batch"),
            join(modules, "wrapper/node_modules/pulumi-huaweicloud-batch"),
        );
        const program = await readFile(join(this.directory, "program/index.js"), "utf8");
        await writeFile(join(modules, "wrapper/index.js"), 'module.exports = require("pulumi-huaweicloud-batch");');
        await this.setProgram(program.replaceAll('"pulumi-huaweicloud-batch"', '"wrapper"'));
    }

    /** Replaces what is added to the environment. */
    setEnv(env: Readonly<Record<string, string>>): void {
        this.env = env;
    }

    up(...flags: string[]): Promise<Ended> {
        return this.run("up", "--yes", "--skip-preview", ...flags);
    }

    preview(...flags: string[]): Promise<Ended> {
        return this.run("preview", ...flags);
    }

    refresh(...flags: string[]): Promise<Ended> {
        return this.run("refresh", "--yes", "--skip-preview", ...flags);
    }

    destroy(...flags: string[]): Promise<Ended> {
        return this.run("destroy", "--yes", "--skip-preview", ...flags);
    }

    /** Frees the lock that a killed CLI left. */
    cancel(): Promise<Ended> {
        return this.run("cancel", "--yes");
    }

    async run(...args: string[]): Promise<Ended> {
        const ended = await this.start(...args).ended;
        await this.onRun?.(args);
        return ended;
    }

    /** Like `run`, and fails with all that the CLI said unless it exits with 0. */
    async must(...args: string[]): Promise<Ended> {
        const ended = await this.run(...args);
        if (ended.code !== 0) {
            throw new Error(`pulumi ${args.join(" ")} exited with ${ended.code}:\n${ended.output}`);
        }
        return ended;
    }

    /** Runs the package's own command in the program's directory. */
    async command(...args: string[]): Promise<Ended> {
        const cli = join(checkout, "dist/cli.js");
        const options = { cwd: join(this.directory, "program"), env: this.environment(), timeout: RUN_MAY_TAKE };
        return new Promise((resolve) => {
            execFile(process.execPath, [cli, ...args], options, (error, stdout, stderr) => {
                const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
                resolve({ code, stdout, stderr, output: stdout + stderr });
            });
        });
    }

    start(...args: string[]): Run {
        const run = new Run(args, join(this.directory, "program"), this.environment());
        this.runs.add(run);
        return run;
    }

    /**
     * A run in an empty directory that holds only the project's name and runtime, with a home of its own: as an operator does that
     * destroys a stack without its code.
     */
    async withoutCode(env: Readonly<Record<string, string>>, runtime: string, ...args: string[]): Promise<Ended> {
        const directory = await mkdtemp(join(this.directory, "empty-"));
        await mkdir(join(directory, "pulumi-home"));
        await writeFile(join(directory, "Pulumi.yaml"), `name: ${this.project}\nruntime: ${runtime}\n`);
        const { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: _, ...inherited } = this.environment();
        const run = new Run(["--stack", this.name, ...args], directory, {
            ...inherited,
            PULUMI_HOME: join(directory, "pulumi-home"),
            ...env,
        });
        this.runs.add(run);
        return run.ended;
    }

    /** The exported state, word for word: to look for what must not be in it. */
    async exportText(): Promise<string> {
        return (await this.must("stack", "export")).stdout;
    }

    /** Replaces the state by an exported one, changed or not. */
    async importState(text: string): Promise<void> {
        await this.write("imported.json", text);
        await this.must("stack", "import", "--file", "imported.json");
    }

    /** The stack's own resources, as exported: all but the stack and its providers. */
    async resources(): Promise<StateResource[]> {
        const { deployment } = exportSchema.parse(JSON.parse(await this.exportText()));
        return deployment.resources.filter(({ type }) => !type.startsWith("pulumi:"));
    }

    /** The one resource of that name; fails when there is none or more. */
    async resource(name: string): Promise<StateResource> {
        const all = await this.resources();
        const [found, ...others] = all.filter(({ urn }) => urn.endsWith(`::${name}`));
        if (found === undefined || others.length > 0) {
            throw new Error(`not one resource ${name} in ${all.map(({ urn }) => urn).join(", ") || "an empty state"}`);
        }
        return found;
    }

    /** Ids of processes that this stack's runs started and that are alive still (Linux; elsewhere none are seen). */
    async processes(): Promise<number[]> {
        const marker = `PULUMI_HOME=${join(this.directory, "pulumi-home")}\0`;
        const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
        const ours = await Promise.all(
            pids.map(async (pid) => {
                const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
                return `${environment}\0`.includes(marker);
            }),
        );
        return pids.filter((_, index) => ours[index]).map(Number);
    }

    /** Ids of the provider processes among them: those that serve the hooks, not the scripts that started them. */
    async providers(): Promise<number[]> {
        const providers: number[] = [];
        for (const pid of await this.processes()) {
            const [command = "", script = ""] = (
                await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "")
            ).split("\0");
            if (/(^|\/)node$/.test(command) && /dynamic-provider|pulumi-resource-huaweicloud-batch/.test(script)) {
                providers.push(pid);
            }
        }
        return providers;
    }

    async close(): Promise<void> {
        for (const run of this.runs) {
            run.kill();
        }
        // One that was being started when the others were killed is killed in the next round.
        for (let left = await this.processes(); left.length > 0; left = await this.processes()) {
            for (const pid of left) {
                signalTo(pid, "SIGKILL");
            }
            await sleep(20);
        }
        await Promise.allSettled([...this.runs].map((run) => run.ended));
        await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
        open.delete(this);
    }

    private write(name: string, text: string): Promise<void> {
        return writeFile(join(this.directory, "program", name), text);
    }

    private environment(): Record<string, string> {
        return { ...environmentIn(this.directory), ...this.env };
    }
}

async function directoryOfAStack(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "pulumi-huaweicloud-batch-e2e-"));
    for (const name of ["home", "pulumi-home", "state", "tmp", "program"]) {
        await mkdir(join(directory, name));
    }
    return directory;
}

/** What a shell sees in which Pulumi keeps all that it writes below `directory`; nothing else of this process but PATH. */
export function environmentIn(directory: string) {
    return {
        PATH: [...engine().path, process.env.PATH ?? ""].join(delimiter),
        HOME: join(directory, "home"),
        TMPDIR: join(directory, "tmp"),
        PULUMI_HOME: join(directory, "pulumi-home"),
        PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_SKIP_UPDATE_CHECK: "1",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
        PULUMI_DISABLE_REGISTRY_RESOLVE: "1",
        // Each run starts two processes of Node or three; compiling the SDK takes half of their start.
        NODE_COMPILE_CACHE: join(checkout, "node_modules/.cache/pulumi-huaweicloud-batch/compiled"),
    };
}

/** One run of the CLI, in a process group of its own, as a shell would start it. */
export class Run {
    readonly ended: Promise<Ended>;
    private readonly child: ChildProcess;
    private said = "";
    private readonly watchers = new Set<() => void>();

    constructor(args: readonly string[], cwd: string, env: Record<string, string>) {
        const child = spawn(engine().command, [...args, "--non-interactive", "--color", "never"], {
            cwd,
            env,
            detached: true,
            stdio: ["ignore", "pipe", "pipe"],
        });
        this.child = child;
        const stdout = this.collect(child.stdout);
        const stderr = this.collect(child.stderr);
        this.ended = new Promise((resolve, reject) => {
            const limit = setTimeout(() => {
                this.kill();
                reject(new Error(`pulumi ${args.join(" ")} hangs; it said:\n${this.said}`));
            }, RUN_MAY_TAKE);
            child.once("error", reject);
            // "exit", not "close": a provider process that outlives a killed CLI keeps the streams open.
            child.once("exit", (code) => {
                clearTimeout(limit);
                setImmediate(() => {
                    resolve({ code, stdout: stdout.join(""), stderr: stderr.join(""), output: this.said });
                    for (const watcher of this.watchers) {
                        watcher();
                    }
                });
            });
        });
    }

    get output(): string {
        return this.said;
    }

    /** Resolves as soon as the output matches; rejects when the run ends without. */
    seen(pattern: RegExp): Promise<void> {
        return new Promise((resolve, reject) => {
            const look = () => {
                if (pattern.test(this.said)) {
                    this.watchers.delete(look);
                    resolve();
                } else if (this.child.exitCode !== null || this.child.signalCode !== null) {
                    this.watchers.delete(look);
                    reject(new Error(`the run ended without ${pattern}:\n${this.said}`));
                }
            };
            this.watchers.add(look);
            look();
        });
    }

    /** Ctrl-C. */
    interrupt(): void {
        this.signal("SIGINT");
    }

    /** As a build server stops it. */
    terminate(): void {
        this.signal("SIGTERM");
    }

    /** kill -9 of the CLI alone: what it started stays behind. */
    kill(): void {
        this.signal("SIGKILL");
    }

    private signal(signal: NodeJS.Signals): void {
        if (this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null) {
            signalTo(this.child.pid, signal);
        }
    }

    private collect(stream: NodeJS.ReadableStream): string[] {
        const chunks: string[] = [];
        stream.setEncoding("utf8");
        stream.on("data", (chunk: string) => {
            chunks.push(chunk);
            this.said += chunk;
            for (const watcher of this.watchers) {
                watcher();
            }
        });
        return chunks;
    }
}

function engine(): z.infer<typeof engineSchema> {
    return engineSchema.parse(JSON.parse(process.env.E2E_ENGINE ?? "null"));
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
    try {
        process.kill(pid, signal);
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) {
            throw error;
        }
    }
}
