import { execFile } from "node:child_process";

export interface CommandOptions {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string | undefined>>;
}

const MAY_TAKE = 10 * 60_000;

/** Runs a command to its end and returns what it said; fails with all of that unless it exits with 0. */
export function must(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
    return new Promise((resolve, reject) => {
        execFile(
            command,
            args,
            { timeout: MAY_TAKE, maxBuffer: 64 * 1024 * 1024, ...options },
            (error, stdout, stderr) => {
                if (error === null) {
                    resolve(stdout + stderr);
                } else {
                    reject(new Error(`${command} ${args.join(" ")}: ${error.message}\n${stdout}${stderr}`));
                }
            },
        );
    });
}
