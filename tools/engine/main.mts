/** `node tools/engine/main.mts` finds or makes an engine, saying what it does on stderr, and prints it on stdout as one line of JSON. */
import { findEngine } from "./find.mts";
import { stopSteps } from "./step.mts";

process.once("SIGINT", () => stopSteps());
process.once("SIGTERM", () => stopSteps());
try {
    const engine = await findEngine((line) => console.error(line));
    console.error(`engine: pulumi v${engine.version} (from ${engine.from})`);
    console.log(JSON.stringify(engine));
} catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
}
