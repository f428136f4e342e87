/**
 * Keeps of the compiled package's declarations those that its index leads to: the others describe its inside, and name packages
 * (zod) whose declarations a user's compiler settings may not read.
 */
import { globSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import ts from "typescript";

/** Of the compiled package. */
const [dist = "dist"] = process.argv.slice(2);

const program = ts.createProgram([resolve(dist, "index.d.ts")], {
    module: ts.ModuleKind.Node20,
    types: [],
    noEmit: true,
});
const reached = new Set(program.getSourceFiles().map(({ fileName }) => resolve(fileName)));
for (const file of globSync(`${dist}/**/*.d.{ts,cts}`)) {
    if (!reached.has(resolve(file))) {
        rmSync(file);
    }
}
