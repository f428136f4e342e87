import type { BatchApi } from "../../src/batch/api";
import type { Transport } from "../../src/cloud/http/transport";
import type { ListedKind, ListedThing } from "../../src/services/listed-kind";
import type { Mutant } from "../world/world";

/** Wrong products, each made from the right one from outside, which the schedules must find. */

const resubmitsAfterReset: Mutant = {
    name: "submits again after a reset, without an inspection",
    api: (api) => ({
        ...api,
        submit: async (keys, signal) => {
            const first = await api.submit(keys, signal);
            return first.is === "uncertain" ? await api.submit(keys, signal) : first;
        },
    }),
};

const trustsSuccess: Mutant = {
    name: "trusts a job's SUCCESS",
    api: (api) => ({
        ...api,
        inspect: async (keys, options) => {
            const unsure = keys.filter((key) => !options.reportedDone.has(key));
            const seen = unsure.length === 0 ? new Map() : await api.inspect(unsure, options);
            return new Map(keys.map((key) => [key, seen.get(key) ?? { is: "settled" }]));
        },
    }),
};

const dropsTheUnnamed: Mutant = {
    name: "drops a target whose result is missing",
    api: (api) => {
        const dropped = new Set<string>();
        const { poll } = api;
        if (poll === undefined) {
            return api;
        }
        const dropping: BatchApi = {
            ...api,
            poll: async (jobs, signal) => {
                const states = await poll(jobs, signal);
                for (const job of jobs) {
                    const state = states.get(job.id);
                    if (state?.is === "ended") {
                        for (const key of job.targets) {
                            if (!state.reportedDone.has(key) && !state.failed.has(key)) {
                                dropped.add(key);
                            }
                        }
                    }
                }
                return states;
            },
            inspect: async (keys, options) => {
                const seen = await api.inspect(keys, options);
                return new Map([...seen].map(([key, is]) => [key, dropped.has(key) ? { is: "settled" } : is]));
            },
        };
        return dropping;
    },
};

const retriesRefusals: Mutant = {
    name: "sends again what was refused with 400",
    transport: (transport): Transport => ({
        send: async (request) => {
            const first = await transport.send(request);
            return first.status === 400 && request.method !== "GET" ? await transport.send(request) : first;
        },
    }),
};

const ignoresDeadlineInQueue: Mutant = {
    name: "ignores the deadline in a queue",
    session: (session) => {
        const { batcher: submits } = session;
        const ask = submits.request.bind(submits);
        submits.request = (keys, deliver) => ask(keys, deliver, new AbortController().signal);
    },
};

const goesOnWhenCancelled: Mutant = { name: "goes on when it is cancelled", isDeaf: true };

/** A product that reads the lists of its rules in another way. */
function listing(name: string, list: (listed: ListedKind, process: number) => ListedKind["list"]): Mutant {
    return {
        name,
        definition: (definition, process) => ({
            ...definition,
            targets: definition.targets.map((target) => ({
                ...target,
                listed: {
                    ...target.listed,
                    readBy: withRule(target.listed.readBy),
                    list: list(target.listed, process),
                },
            })),
        }),
    };
}

/** A mutant's list is read for each rule by itself, and hears of it. */
function withRule({ inputs, criteria }: ListedKind["readBy"] = { inputs: [], criteria: [] }) {
    return { inputs: [...inputs, "matching"], criteria };
}

const ignoresNames = listing("takes whatever a list shows for what its rule matches", ({ list }) => (query, show) => {
    const [name = ""] = /pool-[^"]*/.exec(JSON.stringify(query.inputs.matching)) ?? [];
    return list(query, (thing) => show({ ...thing, name: name.replace("*", "0") }));
});

/** What the lists of one schedule have shown. */
const remembered = new Map<string, readonly ListedThing[]>();

/** `scope`: what is remembered for which processes. */
const remembering =
    (scope: (process: number) => string) =>
    ({ list, noun }: ListedKind, process: number): ListedKind["list"] =>
    async (query, show) => {
        const key = [scope(process), noun, JSON.stringify(query.inputs.matching)].join(" ");
        const shown: ListedThing[] = [...(remembered.get(key) ?? [])];
        if (!remembered.has(key)) {
            await list(query, (thing) => shown.push(thing));
            remembered.set(key, shown);
        }
        shown.forEach(show);
    };

/** The first process of a schedule has seen nothing. */
function forgetful(mutant: Mutant): Mutant {
    return {
        ...mutant,
        definition: (definition, process) => {
            if (process === 1) {
                remembered.clear();
            }
            return mutant.definition?.(definition, process) ?? definition;
        },
    };
}

const trustsOldLooks = forgetful(
    listing(
        "takes for what a rule matches what an earlier operation was shown",
        remembering(() => "all processes"),
    ),
);

const looksOnce = forgetful(
    listing(
        "does not look again for what appears while it runs",
        remembering((process) => `process ${process}`),
    ),
);

const ignoresGuards: Mutant = { name: "reads neither keep list nor approved list", isUnguarded: true };

export const mutants: readonly Mutant[] = [
    resubmitsAfterReset,
    trustsSuccess,
    dropsTheUnnamed,
    retriesRefusals,
    ignoresDeadlineInQueue,
    goesOnWhenCancelled,
    ignoresNames,
    trustsOldLooks,
    looksOnce,
    ignoresGuards,
];
