import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Cost, median } from "./cost.ts";
import { onTheEngine } from "./engine.mts";
import { firstRequest } from "./first-request.mts";
import { manyTargets } from "./many-targets.mts";
import { pluginProcess } from "./plugin-process.mts";
import { pluginRows } from "./plugin-rows.mts";
import { pluginStacks } from "./plugin-stacks.mts";
import { checkout, inProject } from "./project.mts";
import { state } from "./state.mts";

/** Runs a program in a project that has the built package in its node_modules, and reads what it prints. */
function printedBy(program: string): Promise<string> {
    return inProject({ "program.cjs": program }, (directory) =>
        execFileSync(process.execPath, [join(directory, "program.cjs")], { encoding: "utf8" }),
    );
}

const LOADS = 9;

const loading: Cost = {
    name: "load",
    measure: async () => {
        const runs: number[][] = [];
        for (let run = 0; run < LOADS; run++) {
            const printed = await printedBy(`
                const a = performance.now(); require("@pulumi/pulumi");
                const b = performance.now(); require("pulumi-huaweicloud-batch");
                console.log(b - a, performance.now() - b);`);
            runs.push(printed.trim().split(" ").map(Number));
        }
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
            await printedBy(`
                const { runtime } = require("@pulumi/pulumi");
                const { provider } = require(${JSON.stringify(join(checkout, "dist/provider/dynamic/shim/shim.cjs"))});
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

export const costs: readonly Cost[] = [
    loading,
    serialized,
    firstRequest,
    state,
    ...manyTargets,
    ...onTheEngine,
    ...pluginProcess,
    ...pluginStacks,
    ...pluginRows,
];
