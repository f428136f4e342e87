import { execFile } from "node:child_process";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { systemError } from "../../cloud/http/system-error";
import { clean } from "../../util/text";

export interface StateSource {
    /** Undefined: the stack that is selected. */
    readonly stack: string | undefined;
    /** Instead of a stack. */
    readonly file: string | undefined;
    readonly showSecrets: boolean;
}

interface Shell {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
}

const MOST_BYTES = 1024 ** 3;
const SAID_SHOWN = 500;

/** A stack's state, as `pulumi stack export` prints it. Secrets that it holds stay in memory. Rejects with an error of one line. */
export async function readState({ stack, file, showSecrets }: StateSource, shell: Shell): Promise<string> {
    if (file !== undefined) {
        return readStateFile(resolve(shell.cwd, file));
    }
    const named = stack === undefined ? [] : ["--stack", stack];
    return exportStack([...named, ...(showSecrets ? ["--show-secrets"] : [])], shell);
}

async function readStateFile(path: string): Promise<string> {
    try {
        return await readFile(path, "utf8");
    } catch (error) {
        throw new Error(`${path} can't be read (${systemError(error).code})`);
    }
}

function exportStack(options: readonly string[], { cwd, env }: Shell): Promise<string> {
    const args = ["stack", "export", "--non-interactive", ...options];
    return new Promise((done, fail) => {
        execFile("pulumi", args, { cwd, env: { ...env }, maxBuffer: MOST_BYTES }, (error, stdout, stderr) => {
            if (error === null) {
                done(stdout);
            } else if (error.code === "ENOENT") {
                fail(new Error("there is no pulumi on the PATH: install the Pulumi CLI, or give --file"));
            } else {
                const said = clean(stderr.trim() === "" ? error.message : stderr, SAID_SHOWN);
                fail(new Error(`pulumi stack export failed: ${said}`));
            }
        });
    });
}

/** Writes a file as a whole: a reader sees the old text or the new one. A relative path counts from `cwd`. */
export async function writeWhole(path: string, text: string, cwd: string): Promise<void> {
    const file = resolve(cwd, path);
    const temporary = `${file}.${process.pid}.tmp`;
    try {
        await writeFile(temporary, text);
        await rename(temporary, file);
    } catch (error) {
        await rm(temporary, { force: true });
        throw new Error(`${file} can't be written (${systemError(error).code}): nothing was approved`);
    }
}
