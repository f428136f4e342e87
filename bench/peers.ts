import { seededRandom } from "../emulator/src";
import { signedRequest } from "../emulator/test/harness";
import type { Clock } from "../src/util/clock";
import { ProcessLife } from "../test/world/life";
import type { Bound, Measured } from "./measured";
import { furnished, idsOf, measured, type Scenario } from "./scenario";
import type { Ask, Reply } from "./services";

/** What another client of the same cloud does for the same work. */
export interface Policy {
    readonly name: "one id a request" | "fixed polls" | "exponential back-off";
    readonly perRequest: (most: number) => number;
    /** Requests or jobs under way at once. */
    readonly parallel: number;
    /** Milliseconds until the n-th poll, counted from 0. */
    readonly gap: (n: number, random: () => number) => number;
    /** Milliseconds of sleep after the n-th 429 of a request. */
    readonly afterThrottle: (n: number, random: () => number) => number;
    /** Milliseconds of sleep while another job excludes this one. */
    readonly afterConflict: number;
}

const between = (random: () => number, least: number, most: number) => least + random() * (most - least);

export const policies: readonly Policy[] = [
    {
        // The Terraform provider's image server: first poll at 10 s, then every 30 s; 2^n minutes after a 429.
        name: "one id a request",
        perRequest: () => 1,
        parallel: 10,
        gap: (n) => (n === 0 ? 10_000 : 30_000),
        afterThrottle: (n) => 60_000 * 2 ** Math.min(n, 4),
        afterConflict: 30_000,
    },
    {
        name: "fixed polls",
        perRequest: (most) => most,
        parallel: 10,
        gap: () => 10_000,
        afterThrottle: () => 10_000,
        afterConflict: 10_000,
    },
    {
        // A common waiter: at random between 2 s and 2·2ⁿ s, at most 120 s.
        name: "exponential back-off",
        perRequest: (most) => most,
        parallel: 10,
        gap: (n, random) => between(random, 2_000, Math.min(120_000, 2_000 * 2 ** n)),
        afterThrottle: (n, random) => between(random, 1_000, Math.min(20_000, 1_000 * 2 ** n)),
        afterConflict: 10_000,
    },
];

/** Peers beyond this many targets are computed, not played. */
export const MOST_PLAYED = 1_000;

export async function played(policy: Policy, scenario: Scenario, seed: number): Promise<Measured> {
    const world = await furnished(scenario, seed);
    const random = seededRandom(seed + 7);
    const transport = world.network.transportOf(new ProcessLife(1));
    const send = async ({ method, path, body }: Ask): Promise<Reply> => {
        const { headers } = signedRequest(method, path, world.clock.now(), body === undefined ? {} : { body });
        const answer = await transport.send({
            method,
            url: `http://cloud.example.com${path}`,
            headers: Object.fromEntries(headers),
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            signal: new AbortController().signal,
        });
        const json = answer.body.startsWith("{");
        return { status: answer.status, body: json ? JSON.parse(answer.body) : answer.body };
    };
    const began = world.clock.now();
    await world.run(() => deleteAll(policy, scenario, send, world.clock, random));
    return measured(world, scenario, world.clock.now() - began);
}

async function deleteAll(
    policy: Policy,
    scenario: Scenario,
    send: (ask: Ask) => Promise<Reply>,
    clock: Clock,
    random: () => number,
): Promise<void> {
    const { service } = scenario;
    const ids = idsOf(scenario);
    const size = policy.perRequest(service.perRequest);
    const chunks = Array.from({ length: Math.ceil(ids.length / size) }, (_, n) => ids.slice(n * size, (n + 1) * size));

    const patiently = async (ask: Ask): Promise<Reply> => {
        for (let throttled = 0; ; ) {
            const reply = await send(ask);
            if (reply.status === 429) {
                await clock.sleep(policy.afterThrottle(throttled, random));
                throttled += 1;
            } else if (JSON.stringify(reply.body).includes("ROMA.10012")) {
                await clock.sleep(policy.afterConflict);
            } else if (reply.status >= 400) {
                throw new Error(`${ask.method} ${ask.path}: ${reply.status} ${JSON.stringify(reply.body)}`);
            } else {
                return reply;
            }
        }
    };
    const one = async (chunk: readonly string[]) => {
        const { submit, jobOf, look, ended } = service.peer;
        const job = jobOf(await patiently(submit(chunk)));
        if (look === undefined) {
            return;
        }
        for (let n = 0; ; n += 1) {
            await clock.sleep(policy.gap(n, random));
            if (ended(await patiently(look(job, chunk)), chunk)) {
                return;
            }
        }
    };
    let next = 0;
    const lane = async () => {
        for (let chunk = chunks[next++]; chunk !== undefined; chunk = chunks[next++]) {
            await one(chunk);
        }
    };
    await Promise.all(Array.from({ length: Math.min(policy.parallel, chunks.length) }, lane));
}

/** From what was played with fewer targets: waves and requests grow in proportion, as none of these policies shares anything. */
export function computed(policy: Policy, scenario: Scenario, few: Measured, fewTargets: number): Measured {
    const chunksOf = (targets: number) => Math.ceil(targets / policy.perRequest(scenario.service.perRequest));
    const lanes = scenario.service.work === "job" ? 1 : policy.parallel;
    const waves = (targets: number) => Math.ceil(chunksOf(targets) / lanes);
    const longer = waves(scenario.targets) / waves(fewTargets);
    const more = chunksOf(scenario.targets) / chunksOf(fewTargets);
    return {
        wall: few.wall * longer,
        requests: few.requests * more,
        submits: few.submits * more,
        looks: few.looks * more,
        inspections: few.inspections * more,
        throttled: few.throttled * more,
    };
}

export const over = (measure: Measured, bound: Bound) => ({
    wall: measure.wall / bound.wall,
    requests: measure.requests / bound.requests,
    submits: measure.submits / bound.submits,
});
