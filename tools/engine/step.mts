import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Step {
    readonly command: string;
    readonly args: readonly string[];
    readonly cwd?: string;
    /** Added to the environment of this process. */
    readonly env?: Readonly<Record<string, string>>;
    /** Milliseconds; then it is stopped, with all that it started. */
    readonly mayTake: number;
}

const SIGN_OF_LIFE = 15_000;
const running = new Set<ChildProcess>();

/**
 * Runs a command and passes its lines on; one line when it starts and one every fifteen seconds show that it lives.
 * Without a title only the command's own lines are shown. Rejects with its last lines when it fails.
 */
export async function runStep(title: string, say: (line: string) => void, step: Step): Promise<void> {
    const begin = Date.now();
    const seconds = () => Math.round((Date.now() - begin) / 1000);
    if (title !== "") {
        say(`${title} ...`);
    }
    const child = spawn(step.command, step.args, {
        ...(step.cwd === undefined ? {} : { cwd: step.cwd }),
        env: { ...process.env, ...step.env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
    });
    running.add(child);
    let last = "";
    for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
            if (line.trim() !== "") {
                last = line.trim();
                say(title === "" ? last : `    ${last}`);
            }
        });
    }
    let tookTooLong = false;
    const limit = setTimeout(() => {
        tookTooLong = true;
        stopGroup(child);
    }, step.mayTake);
    const signOfLife = setInterval(() => {
        if (title !== "") {
            say(`    ... ${seconds()} s`);
        }
    }, SIGN_OF_LIFE);
    try {
        await new Promise<void>((resolve, reject) => {
            child.once("error", reject);
            child.once("close", (code, signal) => {
                if (tookTooLong) {
                    reject(new Error(`stopped after ${seconds()} s`));
                } else if (code !== 0) {
                    const end = code === null ? `signal ${signal}` : `exit code ${code}`;
                    reject(new Error(`${step.command} ended with ${end}${last === "" ? "" : `: ${last}`}`));
                } else {
                    resolve();
                }
            });
        });
    } finally {
        clearTimeout(limit);
        clearInterval(signOfLife);
        running.delete(child);
    }
}

/** Stops every step that is under way: they run in process groups of their own, which Ctrl-C does not reach. */
export function stopSteps(): void {
    for (const child of running) {
        stopGroup(child);
    }
}

function stopGroup(child: ChildProcess): void {
    if (child.pid === undefined) {
        return;
    }
    try {
        process.kill(-child.pid, "SIGKILL");
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) {
            throw error;
        }
    }
}
