import { execFileSync, fork, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { localState, pathFor } from "../../tools/engine/environment.mts";
import { type Engine, findEngine } from "../../tools/engine/find.mts";
import { type Cost, median } from "./cost.ts";
import { variables } from "./first-request.mts";
import { inProject } from "./project.mts";

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
            const stacks = [await stackIn(engine, first), await stackIn(engine, second)] as const;
            const preview = await inTurns(stacks, ["preview"]);
            const looking = await withEmulator(async (url) => {
                const cloud = { HUAWEICLOUD_BATCH_PREVIEW: "on", HUAWEICLOUD_BATCH_ENDPOINT: url };
                const times: number[] = [];
                for (let run = 0; run < RUNS; run++) {
                    times.push(await stacks[0](["preview"], cloud));
                }
                return median(times);
            });
            for (const run of stacks) {
                await run(["up", "--yes", "--skip-preview"], {
                    PULUMI_EXPERIMENTAL: "true",
                    PULUMI_SKIP_CHECKPOINTS: "true",
                });
            }
            const up = await inTurns(stacks, ["up", "--yes", "--skip-preview"]);
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

/** Lends an emulated cloud in a process of its own that has all of the instances. */
async function withEmulator<T>(use: (url: string) => Promise<T>): Promise<T> {
    const emulator = fork(join(import.meta.dirname, "emulator.mts"), ["0", String(RESOURCES)]);
    try {
        const url = await new Promise<string>((resolve, reject) => {
            emulator.once("message", (message) => resolve(String(message)));
            emulator.once("exit", (code) => reject(new Error(`the emulator exited with ${code}`)));
        });
        return await use(url);
    } finally {
        emulator.disconnect();
    }
}

export const onTheEngine: readonly Cost[] = [
    cost("preview", "preview of", "preview"),
    looking,
    cost("nothing-to-do", "up with nothing to do for", "nothingToDo"),
];

type Run = (args: readonly string[], more?: Readonly<Record<string, string>>) => Promise<number>;

function filesOf(name: string, program: string): Readonly<Record<string, string>> {
    return {
        "Pulumi.yaml": JSON.stringify({ name, runtime: { name: "nodejs", options: { typescript: false } } }),
        "package.json": JSON.stringify({ name, main: "index.js" }),
        "index.js": program,
    };
}

/** A stack with a backend of its own; each run tells how many milliseconds it took. */
async function stackIn(engine: Engine, directory: string): Promise<Run> {
    const temporary = join(directory, "tmp");
    mkdirSync(temporary);
    const env = {
        HOME: directory,
        TMPDIR: temporary,
        ...(await localState(directory)),
        // Nothing is sent: with `when: "destroy"` an update has nothing to do.
        ...variables("http://127.0.0.1:9"),
        HW_PROJECT_ID: "0123456789abcdef0123456789abcdef",
        // A preview that asks the cloud has a row of its own.
        HUAWEICLOUD_BATCH_PREVIEW: "off",
        PATH: pathFor(engine),
    };
    const flags = ["--non-interactive", "--color", "never"];
    execFileSync(engine.command, ["stack", "init", "dev", ...flags], { cwd: directory, env, stdio: "ignore" });
    return (args, more = {}) =>
        new Promise((resolve, reject) => {
            const began = performance.now();
            let said = "";
            const child = spawn(engine.command, [...args, ...flags], { cwd: directory, env: { ...env, ...more } });
            for (const stream of [child.stdout, child.stderr]) {
                stream.setEncoding("utf8").on("data", (text: string) => {
                    said += text;
                });
            }
            child.once("error", reject);
            child.once("exit", (code) =>
                code === 0
                    ? resolve(performance.now() - began)
                    : reject(new Error(`pulumi ${args.join(" ")} exited with ${code}:\n${said.slice(-2_000)}`)),
            );
        });
}

async function inTurns(runs: readonly [Run, Run], args: readonly string[]): Promise<[number, number]> {
    const times: [number[], number[]] = [[], []];
    for (let n = 0; n < RUNS; n++) {
        times[0].push(await runs[0](args));
        times[1].push(await runs[1](args));
    }
    return [median(times[0]), median(times[1])];
}
