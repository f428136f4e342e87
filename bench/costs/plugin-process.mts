/** The plugin's process beside the dynamic face's, in turns. */
import { join } from "node:path";
import { type Cost, median } from "./cost.ts";
import { oneDeletion, untilFirstRequest } from "./first-request.mts";
import { type FaceName, ourText, type ProviderProcess } from "./provider-process.mts";

const RUNS = 9;
const MOST_START = 0.3;
const MOST_MEMORY = 0.75;
const MB = 2 ** 20;

/** Medians of what is measured of both. */
async function ofBoth(measure: (face: FaceName, inputs: Inputs) => Promise<number>) {
    const code = await ourText();
    const figures = { plugin: [] as number[], dynamic: [] as number[] };
    for (let run = 0; run < RUNS; run++) {
        figures.dynamic.push(await measure("dynamic", () => oneDeletion(code)));
        figures.plugin.push(await measure("plugin", () => oneDeletion()));
    }
    return { plugin: median(figures.plugin), dynamic: median(figures.dynamic) };
}

type Inputs = Parameters<typeof untilFirstRequest>[0];

const start: Cost = {
    name: "plugin-start",
    measure: async () => {
        const { plugin, dynamic } = await ofBoth(
            async (face, inputs) => (await untilFirstRequest(inputs, { face, launched: true })).sinceStart,
        );
        return {
            name: "plugin-start",
            what: "from the start of the plugin, as the engine starts it, to its first request",
            runs: RUNS,
            unit: "ms",
            ours: plugin,
            beside: { what: "the dynamic face", figure: dynamic },
            judged: { what: "times the dynamic face's", figure: plugin / dynamic, most: MOST_START },
        };
    },
};

const memory: Cost = {
    name: "plugin-memory",
    measure: async () => {
        const flags = ["--require", join(import.meta.dirname, "memory.cjs")];
        const { plugin, dynamic } = await ofBoth(async (face, inputs) => {
            let seen = 0;
            await untilFirstRequest(inputs, { face, flags }, async (provider) => {
                seen = await memoryOf(provider);
            });
            return seen / MB;
        });
        return {
            name: "plugin-memory",
            what: "memory of the plugin's process at its first request",
            runs: RUNS,
            unit: "MB",
            ours: plugin,
            beside: { what: "the dynamic face", figure: dynamic },
            judged: { what: "times the dynamic face's", figure: plugin / dynamic, most: MOST_MEMORY },
        };
    },
};

function memoryOf({ child }: ProviderProcess): Promise<number> {
    return new Promise((resolve) => {
        child.once("message", (message) => resolve(Number(message)));
        child.send("look");
    });
}

export const pluginProcess: readonly Cost[] = [start, memory];
