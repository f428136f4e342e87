/**
 * `npm run pulumi -- <arguments>`: the CLI that the tests use, on a state of this checkout (.pulumi/, not in git)
 * unless PULUMI_BACKEND_URL names another.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { localState, pathFor } from "./engine/environment.mts";
import { findEngine } from "./engine/find.mts";
import { stopSteps } from "./engine/step.mts";

// Ctrl-C reaches the CLI too, and the CLI decides what it means.
process.on("SIGINT", () => stopSteps());

const steps: string[] = [];
try {
    const engine = await findEngine((line) => {
        steps.push(line);
        // Prints nothing where an engine is installed already.
        if (line.includes("...")) {
            console.error(line);
        }
    });
    const state = process.env.PULUMI_BACKEND_URL ? {} : await localState(join(import.meta.dirname, "..", ".pulumi"));
    const child = spawn(engine.command, process.argv.slice(2), {
        stdio: "inherit",
        env: { ...process.env, ...state, PATH: pathFor(engine) },
    });
    child.once("error", (error) => {
        console.error(error.message);
        process.exitCode = 1;
    });
    child.once("exit", (code) => {
        process.exitCode = code ?? 1;
    });
} catch (error) {
    console.error(steps.join("\n"));
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
}
