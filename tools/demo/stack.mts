/** A stack of examples/clean-up in a temporary directory: nothing is written into the checkout or anybody's Pulumi home. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localState, pathFor } from "../engine/environment.mts";
import type { Engine } from "../engine/find.mts";

const FOREIGN = /^(HW|OS|HUAWEICLOUD|PULUMI)_/;

export class DemoStack {
    private readonly engine: Engine;
    private readonly directory: string;
    private readonly env: Readonly<Record<string, string | undefined>>;
    private running: ChildProcess | undefined;

    private constructor(engine: Engine, directory: string, env: Readonly<Record<string, string | undefined>>) {
        this.engine = engine;
        this.directory = directory;
        this.env = env;
    }

    static async create(engine: Engine, program: string, cloud: Readonly<Record<string, string>>): Promise<DemoStack> {
        const directory = await mkdtemp(join(tmpdir(), "pulumi-huaweicloud-batch-demo-"));
        await writeFile(
            join(directory, "Pulumi.yaml"),
            JSON.stringify({ name: "clean-up", runtime: "nodejs", main: program }),
        );
        const own = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
        const env = {
            ...Object.fromEntries(own),
            ...(await localState(join(directory, "pulumi"))),
            ...cloud,
            PATH: pathFor(engine),
        };
        const stack = new DemoStack(engine, directory, env);
        try {
            await stack.run(["stack", "init", "demo"], "pipe");
        } catch (error) {
            await stack.remove();
            throw error;
        }
        return stack;
    }

    /** Stack configuration as a user would set it, list by list. */
    async configure(values: Readonly<Record<string, string | readonly string[]>>): Promise<void> {
        const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`clean-up:${key}`, value]));
        await writeFile(join(this.directory, "Pulumi.demo.yaml"), JSON.stringify({ config }));
    }

    /** Shows what the CLI shows. */
    async show(...args: string[]): Promise<void> {
        console.log(`\n$ pulumi ${args.join(" ")}`);
        await this.run([...args], "inherit");
    }

    async exported(): Promise<unknown> {
        return JSON.parse(await this.run(["stack", "export"], "pipe"));
    }

    /** Passes a signal on; Ctrl-C reaches the CLI by itself. */
    terminate(): void {
        this.running?.kill("SIGTERM");
    }

    async remove(): Promise<void> {
        await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
    }

    private run(args: readonly string[], output: "inherit" | "pipe"): Promise<string> {
        const child = spawn(this.engine.command, [...args, "--non-interactive"], {
            cwd: this.directory,
            env: this.env,
            stdio: ["ignore", output, output === "pipe" ? "pipe" : "inherit"],
        });
        this.running = child;
        let out = "";
        let all = "";
        child.stdout?.setEncoding("utf8").on("data", (text: string) => {
            out += text;
            all += text;
        });
        child.stderr?.setEncoding("utf8").on("data", (text: string) => {
            all += text;
        });
        return new Promise((resolve, reject) => {
            child.once("error", reject);
            child.once("close", (code) => {
                this.running = undefined;
                if (code === 0) {
                    resolve(out);
                } else {
                    reject(new Error(`pulumi ${args.join(" ")} exited with ${code}${all === "" ? "" : `:\n${all}`}`));
                }
            });
        });
    }
}
