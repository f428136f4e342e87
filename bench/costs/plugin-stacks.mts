/** Stacks of many resources on the real engine: the plugin's beside the dynamic face's. */
import { findEngine } from "../../tools/engine/find.mts";
import { type Cost, median } from "./cost.ts";
import { inProject } from "./project.mts";
import {
    DYNAMIC_CLASSES,
    filesOf,
    inTurns,
    PLUGIN_CLASSES,
    PLUGIN_PROJECT,
    stackIn,
    WITHOUT_CHECKPOINTS,
    withEmulator,
} from "./stack.mts";

const RESOURCES = 1_000;
const RUNS = 3;
/** ListInstances by ids shows 100 at most. */
const LISTS_BOUND = RESOURCES / 100;
const UP = ["up", "--yes", "--skip-preview"];

const program = (classes: string) => `
const cloud = ${classes};
for (let n = 0; n < ${RESOURCES}; n++) {
    const id = "00000000-0000-4000-8000-" + String(n).padStart(12, "0");
    new cloud.clouddc.InstanceBatchDeletion("resource-" + n, { instanceIds: [id], when: "destroy", onMissing: "ignore" });
}`;

interface Figures {
    readonly preview: { readonly plugin: number; readonly dynamic: number };
    readonly idle: { readonly plugin: number; readonly refreshed: number };
    /** Of an idle up of the plugin's stack. */
    readonly requests: number;
}

let measured: Promise<Figures> | undefined;

function figures(): Promise<Figures> {
    measured ??= inProject(filesOf("plugin", program(PLUGIN_CLASSES), PLUGIN_PROJECT), (first) =>
        inProject(filesOf("dynamic", program(DYNAMIC_CLASSES)), async (second) => {
            const engine = await findEngine((line) => console.error(line));
            const { run: plugin } = await stackIn(engine, first);
            const { run: dynamic } = await stackIn(engine, second);
            return withEmulator({ instances: RESOURCES }, async ({ url, requests }) => {
                const cloud = { HUAWEICLOUD_BATCH_PREVIEW: "on", HUAWEICLOUD_BATCH_ENDPOINT: url };
                const previews = await inTurns(RUNS, [plugin, dynamic], ["preview"], cloud);
                for (const run of [plugin, dynamic]) {
                    await run(UP, { ...cloud, ...WITHOUT_CHECKPOINTS });
                }
                const took = { plugin: [] as number[], refreshed: [] as number[] };
                for (let n = 0; n < RUNS; n++) {
                    took.plugin.push(await plugin(UP, cloud));
                    took.refreshed.push(await dynamic([...UP, "--refresh"], cloud));
                }
                const before = await requests();
                await plugin(UP, cloud);
                return {
                    preview: { plugin: previews[0], dynamic: previews[1] },
                    idle: { plugin: median(took.plugin), refreshed: median(took.refreshed) },
                    requests: (await requests()) - before,
                };
            });
        }),
    );
    return measured;
}

const MANY = `${RESOURCES.toLocaleString("en")} resources of the plugin, on the real engine`;

const preview: Cost = {
    name: "plugin-preview",
    measure: async () => {
        const { plugin, dynamic } = (await figures()).preview;
        return {
            name: "plugin-preview",
            what: `preview of ${MANY}, a row for each target`,
            runs: RUNS,
            unit: "ms",
            ours: plugin,
            beside: { what: "the dynamic face, which looks as well", figure: dynamic },
            judged: { what: "times the dynamic face's", figure: plugin / dynamic, most: 1.3 },
        };
    },
};

const idle: Cost = {
    name: "plugin-idle",
    measure: async () => {
        const { plugin, refreshed } = (await figures()).idle;
        return {
            name: "plugin-idle",
            what: `up with nothing to do for ${MANY}, each of them read`,
            runs: RUNS,
            unit: "ms",
            ours: plugin,
            beside: { what: "the dynamic face with --refresh", figure: refreshed },
            judged: { what: "times the dynamic face's", figure: plugin / refreshed, most: 1.2 },
        };
    },
};

const idleRequests: Cost = {
    name: "plugin-idle-requests",
    measure: async () => {
        const { requests } = await figures();
        return {
            name: "plugin-idle-requests",
            what: `up with nothing to do for ${MANY}, which reads as many at once as four times its processors: requests`,
            runs: 1,
            unit: "requests",
            ours: requests,
            beside: { what: "lists that show all of them once", figure: LISTS_BOUND },
            judged: { what: "times those lists", figure: requests / LISTS_BOUND, most: 1.2 },
        };
    },
};

export const pluginStacks: readonly Cost[] = [preview, idle, idleRequests];
