/**
 * Writes the schema of the provider plugin, from the classes and list functions of the public face: their types and doc comments.
 *
 *   node tools/schema.mts           writes src/provider/plugin/schema.json
 *   node tools/schema.mts --check   fails if that file is stale
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageSchema } from "./schema/package-schema.mts";

const root = join(import.meta.dirname, "..");
const file = join(root, "src/provider/plugin/schema.json");
const schema = packageSchema(root);
const toText = (value: unknown) => `${JSON.stringify(value, undefined, 4)}\n`;

if (!process.argv.includes("--check")) {
    writeFileSync(file, toText(schema));
} else if (readFileSync(file, "utf8") !== toText(schema)) {
    console.error("src/provider/plugin/schema.json is stale: run npm run schema");
    process.exitCode = 1;
}
