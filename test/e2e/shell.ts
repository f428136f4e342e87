/** Command lines as a user types them. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./stack";

const LINE_MAY_TAKE = 8 * 60_000;

const running = new Set<ChildProcessWithoutNullStreams>();

export interface ShellOptions {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
}

/** One line in a shell, in a process group of its own. */
export class Line {
    output = "";
    readonly ended: Promise<number | null>;
    private readonly child: ChildProcessWithoutNullStreams;

    constructor(
        readonly text: string,
        { cwd, env }: ShellOptions,
    ) {
        const child = spawn("sh", ["-c", text], { cwd, env, detached: true });
        this.child = child;
        running.add(child);
        child.stdin.end();
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8").on("data", (chunk: string) => {
                this.output += chunk;
            });
        }
        this.ended = new Promise((resolve, reject) => {
            const limit = setTimeout(() => {
                kill(child, "SIGKILL");
                reject(new Error(`${text} hangs; it said:\n${this.output}`));
            }, LINE_MAY_TAKE);
            child.once("error", reject);
            child.once("close", (code) => {
                clearTimeout(limit);
                running.delete(child);
                resolve(code);
            });
        });
    }

    /** Resolves as soon as the output matches. */
    async seen(pattern: RegExp): Promise<RegExpExecArray> {
        for (;;) {
            const found = pattern.exec(this.output);
            if (found !== null) {
                return found;
            }
            const more = new Promise<"more">((resolve) => this.child.stdout.once("data", () => resolve("more")));
            if ((await Promise.race([this.ended, more])) !== "more") {
                throw new Error(`${this.text} ended without ${pattern}:\n${this.output}`);
            }
        }
    }

    /** As a service manager stops it: SIGTERM to all of the group. */
    terminate(): void {
        kill(this.child, "SIGTERM");
    }
}

/** Runs one line to its end; fails with all its output unless it exits with 0. */
export async function shell(text: string, options: ShellOptions): Promise<string> {
    const line = new Line(text, options);
    const code = await line.ended;
    if (code !== 0) {
        throw new Error(`${text} exited with ${code}:\n${line.output}`);
    }
    return line.output;
}

/** Makes the tarball of a package as it is published; its path. */
export async function pack(folder: string, into: string, options: ShellOptions): Promise<string> {
    const output = await shell(`npm pack --ignore-scripts --silent --pack-destination ${into} ${folder}`, options);
    return join(into, output.trim().split("\n").at(-1) ?? "");
}

/** Where the packages lie that the emulator installs with it: packed, they are installed without a network. */
export const EMULATOR_NEEDS = ["hono", "@hono/node-server", "zod"].map((name) => `./node_modules/${name}`);

/** For afterEach. */
export function stopLines(): void {
    for (const child of running) {
        kill(child, "SIGKILL");
    }
}

/** The code blocks of one language in a page of this repository, without their fences. */
export function blocksOf(page: string, language: string): string[] {
    const text = readFileSync(join(checkout, page), "utf8");
    return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, fence, block]) =>
        fence === language && block !== undefined ? [block] : [],
    );
}

function kill(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
        return;
    }
    try {
        process.kill(-child.pid, signal);
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) {
            throw error;
        }
    }
}
