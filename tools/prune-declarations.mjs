/**
 * Keeps of the compiled package's declarations those that its entries lead to: the others describe its inside, and name packages
 * (zod) whose declarations a user's compiler settings may not read.
 */
import { globSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import ts from "typescript";

/** Of the compiled package. */
const [dist = "dist"] = process.argv.slice(2);
const ENTRIES = ["index.d.ts", "provider/dynamic/index.d.ts"];

const program = ts.createProgram(
    ENTRIES.map((entry) => resolve(dist, entry)),
    { module: ts.ModuleKind.Node20, types: [], noEmit: true },
);
const reached = new Set(program.getSourceFiles().map(({ fileName }) => resolve(fileName)));
for (const file of globSync(`${dist}/**/*.d.{ts,cts}`)) {
    if (!reached.has(resolve(file))) {
        rmSync(file);
    }
}
