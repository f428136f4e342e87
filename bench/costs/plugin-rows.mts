/** What the plugin's rows cost on the real engine: runs with them and runs without, in turns. */
import { findEngine } from "../../tools/engine/find.mts";
import { type Cost, type CostResult, median } from "./cost.ts";
import { inProject } from "./project.mts";
import { type BenchStack, filesOf, PLUGIN_CLASSES, PLUGIN_PROJECT, stackIn, withEmulator } from "./stack.mts";

const RUNS = 3;
/** As the plugin has it where nothing else is asked for. */
const CAP = 200;
const FEW = 500;
const MANY = 5_000;
const MOST = 1.3;

/** Assets: they are deleted at once, so that no waiting hides what the rows cost. */
const program = (targets: number) => `
const cloud = ${PLUGIN_CLASSES};
const assetIds = Array.from({ length: ${targets} }, (_, n) => String(n).padStart(32, "0"));
new cloud.metastudio.AssetBatchDeletion("assets", { assetIds, permanently: true, when: "create", maxItems: ${targets} });`;

interface Figures {
    /** Preview and up together. Milliseconds. */
    readonly withRows: number;
    readonly without: number;
    /** Bytes. */
    readonly stateWithRows: number;
    readonly stateWithout: number;
}

const measured = new Map<string, Promise<Figures>>();

function figures(targets: number, rows: number): Promise<Figures> {
    const name = `${targets} ${rows}`;
    const known = measured.get(name) ?? measure(targets, rows);
    measured.set(name, known);
    return known;
}

function measure(targets: number, rows: number): Promise<Figures> {
    return inProject(filesOf("rows", program(targets), PLUGIN_PROJECT), async (directory) => {
        const stack = await stackIn(await findEngine((line) => console.error(line)), directory);
        const took = { withRows: [] as number[], without: [] as number[] };
        const state = { withRows: 0, without: 0 };
        for (let run = 0; run < RUNS; run++) {
            for (const [which, most] of [
                ["withRows", rows],
                ["without", 0],
            ] as const) {
                const { ms, bytes } = await deletion(stack, targets, most);
                took[which].push(ms);
                state[which] = bytes;
            }
        }
        return {
            withRows: median(took.withRows),
            without: median(took.without),
            stateWithRows: state.withRows,
            stateWithout: state.without,
        };
    });
}

async function deletion({ run, printed }: BenchStack, targets: number, rows: number) {
    return withEmulator({ assets: targets }, async ({ url }) => {
        const env = {
            HUAWEICLOUD_BATCH_PREVIEW: "on",
            HUAWEICLOUD_BATCH_ENDPOINT: url,
            HUAWEICLOUD_BATCH_ROWS: String(rows),
        };
        const ms = (await run(["preview"], env)) + (await run(["up", "--yes", "--skip-preview"], env));
        const bytes = stateSize(printed(["stack", "export"]));
        // Its targets are gone already: nothing is sent.
        await run(["destroy", "--yes", "--skip-preview"], env);
        return { ms, bytes };
    });
}

/** Without the engine's times, whose last digits are left out where they are zeros. */
function stateSize(exported: string): number {
    const withoutTimes = (name: string, value: unknown) =>
        ["created", "modified", "time"].includes(name) ? undefined : value;
    return Buffer.byteLength(JSON.stringify(JSON.parse(exported, withoutTimes)));
}

function cost(name: string, targets: number, rows: number): Cost {
    return {
        name,
        measure: async (): Promise<CostResult> => {
            const { withRows, without } = await figures(targets, rows);
            return {
                name,
                what: `preview and up of ${targets.toLocaleString("en")} targets in one resource of the plugin with at most ${rows} rows`,
                runs: RUNS,
                unit: "ms",
                ours: withRows,
                beside: { what: "without rows", figure: without },
                judged: { what: "times that without rows", figure: withRows / without, most: MOST },
            };
        },
    };
}

const state: Cost = {
    name: "plugin-rows-state",
    measure: async () => {
        const { stateWithRows, stateWithout } = await figures(FEW, FEW);
        return {
            name: "plugin-rows-state",
            what: `state after ${FEW} targets with a row each`,
            runs: 1,
            unit: "bytes",
            ours: stateWithRows,
            beside: { what: "without rows", figure: stateWithout },
            judged: { what: "above it", figure: stateWithRows - stateWithout, most: 0 },
        };
    },
};

export const pluginRows: readonly Cost[] = [cost("plugin-rows", FEW, FEW), cost("plugin-rows-cap", MANY, CAP), state];
