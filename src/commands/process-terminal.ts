import type { Terminal } from "./command";

const CLEAR_LINE = "\r\u001b[2K";

/** The terminal of this process. A reader that ends early (`| head`) ends the output, not with an error. */
export function processTerminal({ stdout, stderr, env, cwd }: NodeJS.Process): Terminal {
    let shown = false;
    for (const stream of [stdout, stderr]) {
        stream.on("error", (error: NodeJS.ErrnoException) => {
            if (error.code !== "EPIPE") {
                throw error;
            }
        });
    }
    const isDumb = env.TERM === "dumb";
    return {
        cwd: cwd(),
        env,
        print: (text) => void stdout.write(text),
        warn: (line) => void stderr.write(`pulumi-huaweicloud-batch: ${line}\n`),
        // https://no-color.org: set, and not empty.
        colours: stdout.isTTY && !isDumb && (env.NO_COLOR ?? "") === "",
        progress: (line) => {
            if (stderr.isTTY && !isDumb && (line !== "" || shown)) {
                shown = line !== "";
                stderr.write(`${CLEAR_LINE}${line.slice(0, Math.max(20, stderr.columns - 1))}`);
            }
        },
    };
}
