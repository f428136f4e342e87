import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Cost, median } from "./cost.ts";

const checkout = join(import.meta.dirname, "..", "..");

/** Runs a program in a project that has the built package in its node_modules, and reads what it prints. */
function inProject(program: string): string {
    const project = mkdtempSync(join(tmpdir(), "bench-"));
    try {
        mkdirSync(join(project, "node_modules"));
        symlinkSync(checkout, join(project, "node_modules/pulumi-huaweicloud-batch"));
        symlinkSync(join(checkout, "node_modules/@pulumi"), join(project, "node_modules/@pulumi"));
        const file = join(project, "program.cjs");
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, program);
        return execFileSync(process.execPath, [file], { encoding: "utf8" });
    } finally {
        rmSync(project, { recursive: true });
    }
}

const LOADS = 9;

const loading: Cost = {
    name: "load",
    measure: async () => {
        const runs = Array.from({ length: LOADS }, () =>
            inProject(`
                const a = performance.now(); require("@pulumi/pulumi");
                const b = performance.now(); require("pulumi-huaweicloud-batch");
                console.log(b - a, performance.now() - b);`)
                .trim()
                .split(" ")
                .map(Number),
        );
        const sdk = median(runs.map(([first = Number.NaN]) => first));
        const own = median(runs.map(([, second = Number.NaN]) => second));
        return {
            name: "load",
            what: "loading the package in a program",
            runs: LOADS,
            unit: "ms",
            ours: own,
            beside: { what: "@pulumi/pulumi itself", figure: sdk },
            judged: { what: "above @pulumi/pulumi", figure: own, most: 30 },
        };
    },
};

const serialized: Cost = {
    name: "serialized",
    measure: async () => {
        const bytes = Number(
            inProject(`
                const { runtime } = require("@pulumi/pulumi");
                const { provider } = require(${JSON.stringify(join(checkout, "dist/provider/shim.cjs"))});
                runtime.serializeFunction(() => provider, { allowSecrets: true })
                    .then(({ text }) => console.log(Buffer.byteLength(text)));`),
        );
        return {
            name: "serialized",
            what: "our code in a stack's state, one copy",
            runs: 1,
            unit: "bytes",
            ours: bytes,
            beside: undefined,
            judged: { what: "bytes", figure: bytes, most: 2_048 },
        };
    },
};

export const costs: readonly Cost[] = [loading, serialized];
