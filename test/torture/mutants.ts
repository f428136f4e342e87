import type { BatchApi } from "../../src/batch/api";
import type { Transport } from "../../src/cloud/http/transport";
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

export const mutants: readonly Mutant[] = [
    resubmitsAfterReset,
    trustsSuccess,
    dropsTheUnnamed,
    retriesRefusals,
    ignoresDeadlineInQueue,
    goesOnWhenCancelled,
];
