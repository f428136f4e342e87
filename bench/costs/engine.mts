import { findEngine } from "../../tools/engine/find.mts";
import { type Cost, median } from "./cost.ts";
import { inProject } from "./project.mts";
import { filesOf, inTurns, stackIn, WITHOUT_CHECKPOINTS, withEmulator } from "./stack.mts";

const RESOURCES = 1_000;
const RUNS = 3;

const OURS = `
const cloud = require("pulumi-huaweicloud-batch");
for (let n = 0; n < ${RESOURCES}; n++) {
    const id = "00000000-0000-4000-8000-" + String(n).padStart(12, "0");
    new cloud.clouddc.InstanceBatchDeletion("resource-" + n, { instanceIds: [id], when: "destroy", onMissing: "ignore" });
}`;

/**
 * The same inputs and outputs, and hooks that do nothing. The SDK makes an output of each property that a resource has, so the number of
 * properties decides what a resource costs the program: they are read from the class, which is constructed once and not registered.
 */
const EMPTY = `
const { dynamic } = require("@pulumi/pulumi");
const { Resource } = dynamic;
let properties;
dynamic.Resource = class { constructor(_provider, _name, given) { properties = given; } };
const { clouddc } = require("pulumi-huaweicloud-batch");
new clouddc.InstanceBatchDeletion("never registered", {});
const { __provider, __urn, ...others } = properties;
const provider = {
    check: async (olds, news) => ({ inputs: news }),
    diff: async () => ({ changes: false }),
    create: async (inputs) => ({ id: "empty", outs: inputs }),
    delete: async () => {},
};
class Empty extends Resource {
    constructor(name, args) { super(provider, name, { ...others, __urn: name, ...args }); }
}
for (let n = 0; n < ${RESOURCES}; n++) {
    const id = "00000000-0000-4000-8000-" + String(n).padStart(12, "0");
    new Empty("resource-" + n, { instanceIds: [id], when: "destroy", onMissing: "ignore" });
}`;

interface Times {
    readonly preview: number;
    readonly nothingToDo: number;
}

let measured: Promise<{ readonly ours: Times; readonly empty: Times; readonly looking: number }> | undefined;

/** Both in turns, so that they are measured under the same load; once for both rows. */
function figures() {
    measured ??= inProject(filesOf("ours", OURS), (first) =>
        inProject(filesOf("empty", EMPTY), async (second) => {
            const engine = await findEngine((line) => console.error(line));
            const stacks = [(await stackIn(engine, first)).run, (await stackIn(engine, second)).run] as const;
            const preview = await inTurns(RUNS, stacks, ["preview"]);
            const looking = await withEmulator({ instances: RESOURCES }, async ({ url }) => {
                const cloud = { HUAWEICLOUD_BATCH_PREVIEW: "on", HUAWEICLOUD_BATCH_ENDPOINT: url };
                const times: number[] = [];
                for (let run = 0; run < RUNS; run++) {
                    times.push(await stacks[0](["preview"], cloud));
                }
                return median(times);
            });
            for (const run of stacks) {
                await run(["up", "--yes", "--skip-preview"], WITHOUT_CHECKPOINTS);
            }
            const up = await inTurns(RUNS, stacks, ["up", "--yes", "--skip-preview"]);
            return {
                ours: { preview: preview[0], nothingToDo: up[0] },
                empty: { preview: preview[1], nothingToDo: up[1] },
                looking,
            };
        }),
    );
    return measured;
}

function cost(name: string, what: string, part: keyof Times): Cost {
    return {
        name,
        measure: async () => {
            const times = await figures();
            const [own, other] = [times.ours[part], times.empty[part]];
            return {
                name,
                what: `${what} ${RESOURCES.toLocaleString("en")} resources, on the real engine`,
                runs: RUNS,
                unit: "ms",
                ours: own,
                beside: { what: "as many empty dynamic resources with the same properties", figure: other },
                judged: { what: "times the empty ones", figure: own / other, most: 1.2 },
            };
        },
    };
}

/** A preview that looks at the emulated cloud, beside the same one with that switched off. Milliseconds above it. */
const MOST_LOOKING = 5_000;
const looking: Cost = {
    name: "preview-that-looks",
    measure: async () => {
        const times = await figures();
        const above = times.looking - times.ours.preview;
        return {
            name: "preview-that-looks",
            what: `preview of ${RESOURCES.toLocaleString("en")} resources that looks at the cloud, on the real engine`,
            runs: RUNS,
            unit: "ms",
            ours: times.looking,
            beside: { what: "with HUAWEICLOUD_BATCH_PREVIEW=off", figure: times.ours.preview },
            judged: { what: "above it", figure: above, most: MOST_LOOKING },
        };
    },
};

export const onTheEngine: readonly Cost[] = [
    cost("preview", "preview of", "preview"),
    looking,
    cost("nothing-to-do", "up with nothing to do for", "nothingToDo"),
];
