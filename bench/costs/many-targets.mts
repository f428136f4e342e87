import { fork } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { type Cost, type CostResult, median } from "./cost.ts";
import { variables } from "./first-request.mts";
import { inProject } from "./project.mts";
import { emptyText, ourText, ProviderProcess } from "./provider-process.mts";

const MANY = 100_000;
const HALF = MANY / 2;
/** Of what is judged by a longest stretch or a peak: one run alone may be a third above the next. */
const RUNS = 3;

/** The aim, in MB above idle. */
const MOST_MEMORY = 150;

const seen = z.object({
    ours: z.number(),
    oursAlone: z.number(),
    sdk: z.number(),
    idle: z.number(),
    peak: z.number(),
    used: z.number(),
    usedWhenIdle: z.number(),
    cpu: z.number(),
});
type Seen = z.output<typeof seen>;

interface Figures {
    /** Of the process at its peak, with garbage that is not collected yet. */
    readonly memory: number;
    /** Of what is in use at its most; only where garbage is collected all the time. */
    readonly used: number;
    readonly cpu: number;
    readonly ours: number;
    readonly oursAlone: number;
    readonly sdk: number;
}

interface AllFigures {
    readonly half: Figures;
    readonly all: Figures;
    /** An empty dynamic provider with as many ids. */
    readonly empty: Figures;
    /** Both again, with all garbage collected twice a second. */
    readonly collected: { readonly all: Figures; readonly empty: Figures };
}

let measured: Promise<AllFigures> | undefined;

/** Measured once: several rows show parts of it. */
function figures(): Promise<AllFigures> {
    measured ??= (async () => ({
        half: await mediansOf(HALF, "ours"),
        all: await mediansOf(MANY, "ours"),
        empty: await mediansOf(MANY, "empty"),
        collected: {
            all: await deletionOf(MANY, "ours", { COLLECT: "yes" }),
            empty: await deletionOf(MANY, "empty", { COLLECT: "yes" }),
        },
    }))();
    return measured;
}

function cost(name: string, from: (figures: AllFigures) => Omit<CostResult, "name" | "runs">, runs = RUNS): Cost {
    return { name, measure: async () => ({ name, runs, ...from(await figures()) }) };
}

const WHAT = `${MANY.toLocaleString("en")} targets in one resource`;

export const manyTargets: readonly Cost[] = [
    cost("many-memory", ({ all, empty }) => ({
        what: `${WHAT}: memory of the provider process at its peak, garbage not collected yet included, above idle`,
        unit: "MB",
        ours: all.memory,
        beside: { what: "an empty dynamic provider that is handed as many ids", figure: empty.memory },
        judged:
            empty.memory > MOST_MEMORY
                ? {
                      what: `above the empty one, for that alone takes more than ${MOST_MEMORY}`,
                      figure: all.memory - empty.memory,
                      most: MOST_MEMORY,
                  }
                : { what: "above idle", figure: all.memory, most: MOST_MEMORY },
    })),
    cost(
        "many-in-use",
        ({ collected: { all, empty } }) => ({
            what: `${WHAT}: memory in use at its most, all garbage collected twice a second, above idle`,
            unit: "MB",
            ours: all.used,
            beside: { what: "an empty dynamic provider that is handed as many ids", figure: empty.used },
            judged: { what: "above idle", figure: all.used, most: MOST_MEMORY },
        }),
        1,
    ),
    cost("many-linear", ({ half, all }) => ({
        what: `${WHAT}: CPU time against half as many`,
        unit: "ms",
        ours: all.cpu,
        beside: { what: "with half as many", figure: half.cpu },
        judged: { what: "times that of half as many", figure: all.cpu / half.cpu, most: 2.3 },
    })),
    cost("many-blocked", ({ all }) => ({
        what: `${WHAT}: longest stretch without a turn for others in our check and create, in CPU time, garbage collection included`,
        unit: "ms",
        ours: all.ours,
        beside: { what: "in the SDK's own conversion", figure: all.sdk },
        judged: { what: "of our own code, without the collection of garbage", figure: all.oursAlone, most: 50 },
    })),
];

async function mediansOf(targets: number, whose: "ours" | "empty"): Promise<Figures> {
    const runs: Figures[] = [];
    for (let run = 0; run < RUNS; run++) {
        runs.push(await deletionOf(targets, whose));
    }
    const of = (figure: keyof Figures) => median(runs.map((each) => each[figure]));
    return {
        memory: of("memory"),
        used: of("used"),
        cpu: of("cpu"),
        ours: of("ours"),
        oursAlone: of("oursAlone"),
        sdk: of("sdk"),
    };
}

async function deletionOf(
    targets: number,
    whose: "ours" | "empty",
    more: Readonly<Record<string, string>> = {},
): Promise<Figures> {
    const empty = whose === "empty";
    const code = await (empty ? emptyText() : ourText());
    const emulator = fork(join(import.meta.dirname, "emulator.mts"), [String(targets)]);
    try {
        const url = await new Promise<string>((resolve, reject) => {
            emulator.once("message", (address) => resolve(String(address)));
            emulator.once("exit", (code) => reject(new Error(`the emulator ended with ${code}`)));
        });
        return await inProject({}, async (directory) => {
            const flags = ["--expose-gc", "--require", join(import.meta.dirname, "watched.cjs")];
            const provider = await ProviderProcess.start(directory, { ...variables(url), ...more }, { flags });
            try {
                const deletion = async (ids: readonly string[]) => {
                    const inputs = { __provider: code, __resource: "metastudio:AssetBatchDeletion", assetIds: ids };
                    const args = {
                        ...(empty ? { url } : {}),
                        permanently: true,
                        when: "create",
                        maxItems: MANY,
                        timeout: "1h",
                    };
                    await provider.create(await provider.check({ ...inputs, ...args }));
                };
                // Idle: loaded, connected, and one small deletion done.
                await deletion(["f".repeat(32)]);
                const before = await look(provider);
                await deletion(Array.from({ length: targets }, (_, n) => String(n).padStart(32, "0")));
                const after = await look(provider);
                return {
                    memory: (after.peak - before.idle) / 2 ** 20,
                    cpu: after.cpu - before.cpu,
                    used: (after.used - before.usedWhenIdle) / 2 ** 20,
                    ours: after.ours,
                    oursAlone: after.oursAlone,
                    sdk: after.sdk,
                };
            } finally {
                provider.stop();
            }
        });
    } finally {
        emulator.kill("SIGKILL");
    }
}

function look({ child }: ProviderProcess): Promise<Seen> {
    return new Promise((resolve) => {
        child.once("message", (message) => resolve(seen.parse(message)));
        child.send("look");
    });
}
