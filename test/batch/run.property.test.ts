import fc from "fast-check";
import type { Outcome, RunReport } from "../../src/batch/outcome";
import { run } from "../../src/batch/run";
import { Session } from "../../src/batch/session/session";
import { VirtualClock } from "../virtual-clock";
import { byDeadline } from "./deadline";
import { leftInLedger } from "./left-in-ledger";
import { type Call, type Fault, honest, ModelCloud, type Rules, type Start, type Temper } from "./model-cloud";

/** Longest latency of one call in these schedules. */
const SLOWEST = 5_000;

const start: fc.Arbitrary<Start> = fc.oneof(
    { weight: 6, arbitrary: fc.constant({ is: "there" } as const) },
    { weight: 1, arbitrary: fc.constant({ is: "gone" } as const) },
    {
        weight: 1,
        arbitrary: fc.record({
            is: fc.constant("deleting" as const),
            until: fc.integer({ min: 0, max: 60_000 }),
            comesBack: fc.boolean(),
        }),
    },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("creating" as const), until: fc.nat(60_000) }) },
);

const temper: fc.Arbitrary<Temper> = fc.oneof(
    { weight: 12, arbitrary: fc.constant("willing" as const) },
    { weight: 1, arbitrary: fc.constantFrom("tough" as const, "poison", "impossible", "immortal") },
);

const schedules = fc.record({
    targets: fc.array(fc.record({ start, temper }), { minLength: 1, maxLength: 40 }),
    /** Which targets each run wants (by part of the whole), when it begins, and for how long it may take. */
    runs: fc.array(
        fc.record({
            from: fc.double({ min: 0, max: 1, noNaN: true }),
            to: fc.double({ min: 0, max: 1, noNaN: true }),
            at: fc.oneof(fc.constant(0), fc.nat(30_000)),
            within: fc.oneof(fc.constant(1_200_000), fc.integer({ min: 1, max: 120_000 })),
            stallTimeout: fc.option(fc.integer({ min: 1_000, max: 300_000 }), { nil: undefined }),
        }),
        { minLength: 1, maxLength: 5 },
    ),
    perRequest: fc.constantFrom(1, 3, 20),
    concurrentSubmits: fc.integer({ min: 1, max: 4 }),
    exclusive: fc.boolean(),
    jobs: fc.constantFrom("named" as const, "general", "nameless", "none"),
    showsDeleting: fc.boolean(),
    namesCulprits: fc.boolean(),
    faults: fc.array(
        fc.record({
            call: fc.constantFrom<Call>("inspect", "submit", "poll"),
            nth: fc.nat(12),
            times: fc.integer({ min: 1, max: 3 }),
            fault: fc.oneof(
                { weight: 8, arbitrary: fc.constantFrom<Fault>("passing", "lostBefore", "lostAfter", "busy") },
                { weight: 1, arbitrary: fc.constantFrom<Fault>("final", "bug") },
            ),
        }),
        { maxLength: 8 },
    ),
    natures: fc.array(
        fc.constantFrom<ReturnType<Rules["job"]>>("honest", "honest", "vanishes", "stuck", "early", "backwards"),
        { maxLength: 6 },
    ),
    seed: fc.integer(),
});

type Schedule = typeof schedules extends fc.Arbitrary<infer T> ? T : never;

function randomFrom(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
    };
}

function rulesOf(schedule: Schedule, random: () => number, faultsEnd: { reached: boolean }): Rules {
    const calls: Record<Call, number> = { inspect: 0, submit: 0, poll: 0 };
    return {
        ...honest,
        ...schedule,
        latency: () => Math.floor(random() * (random() < 0.05 ? SLOWEST : 500)),
        duration: () => Math.floor(1_000 + random() ** 3 * 50_000),
        fault: (call) => {
            const nth = calls[call]++;
            const hit = schedule.faults.find((f) => f.call === call && f.nth <= nth && nth < f.nth + f.times);
            return faultsEnd.reached ? undefined : hit?.fault;
        },
        job: (number) => (faultsEnd.reached ? "honest" : (schedule.natures[number] ?? "honest")),
    };
}

/** What an outcome says must be true at that moment. */
function checkTruth(cloud: ModelCloud, key: string, outcome: Outcome, now: number, stopped: () => boolean): string[] {
    const gone = cloud.goneSince(key);
    switch (outcome.is) {
        case "deleted":
        case "alreadyGone":
            return gone === undefined ? [`${key} is ${outcome.is}, but it is there`] : [];
        case "failed":
            // An answer is as old as its way back is long. A run that was stopped says why it was, whatever is there.
            return gone !== undefined && now - gone > SLOWEST && !stopped() ? [`${key} failed, but it is gone`] : [];
        case "unknown":
            return [];
        default:
            return [`${key} is ${outcome.is}`];
    }
}

async function play(schedule: Schedule): Promise<void> {
    const clock = new VirtualClock({ start: 0, rounds: 4 });
    const random = randomFrom(schedule.seed);
    const faultsEnd = { reached: false };
    const cloud = new ModelCloud(clock, rulesOf(schedule, random, faultsEnd));
    const keys = schedule.targets.map(({ start, temper }, i) => cloud.add(`t${i}`, temper, start));
    const lies: string[] = [];

    const act = async (session: Session, wanted: readonly string[], within: number, stallTimeout?: number) => {
        const began = clock.now();
        const settled = new Map<string, Outcome>();
        let stopped = false;
        const later: Array<() => void> = [];
        const report = await byDeadline(clock, within, (signal) =>
            run(session, wanted, {
                signal,
                random,
                ...(stallTimeout === undefined ? {} : { stallTimeout }),
                onEvent: (event) => {
                    if (event.is === "settled") {
                        expect(settled.has(event.key)).toBe(false);
                        settled.set(event.key, event.outcome);
                        const now = clock.now();
                        const gone = checkTruth(cloud, event.key, event.outcome, now, () => false);
                        later.push(() => {
                            if (!stopped || event.outcome.is !== "failed") {
                                lies.push(...gone);
                            }
                        });
                    }
                },
            }),
        );
        stopped = report.stopped !== undefined;
        for (const check of later) {
            check();
        }
        expect([...report.outcomes.keys()].sort()).toEqual([...new Set(wanted)].sort());
        expect(settled).toEqual(new Map(report.outcomes));
        // The deadline, plus one request.
        expect(clock.now() - began).toBeLessThanOrEqual(within + SLOWEST);
        return report;
    };
    const expectQuiet = async (session: Session) => {
        await clock.run(clock.sleep(SLOWEST));
        await clock.run(clock.sleep(1));
        expect(clock.sleepers).toBe(0);
        expect(cloud.underWay).toBe(0);
        expect(leftInLedger(session)).toEqual([]);
    };

    const first = new Session(cloud, clock, random);
    const reports = await clock.run(
        Promise.all(
            schedule.runs.map(async ({ from, to, at, within, stallTimeout }) => {
                await clock.sleep(at);
                const wanted = keys.slice(Math.floor(from * keys.length), Math.ceil(to * keys.length) || 1);
                return act(first, wanted, within, stallTimeout);
            }),
        ),
    );
    expect(reports).toHaveLength(schedule.runs.length);
    await expectQuiet(first);

    // The faults and their consequences have ended; another process goes on.
    faultsEnd.reached = true;
    await clock.run(clock.sleep(120_000));
    const second = new Session(cloud, clock, random);
    const report: RunReport = await clock.run(act(second, keys, 1_200_000));
    for (const [i, key] of keys.entries()) {
        const willing = schedule.targets[i]?.temper === "willing" || cloud.goneSince(key) !== undefined;
        expect([key, report.outcomes.get(key)?.is]).toEqual([
            key,
            willing ? expect.stringMatching(/^(deleted|alreadyGone)$/) : "failed",
        ]);
    }
    await expectQuiet(second);

    const gone = keys.filter((key) => cloud.goneSince(key) !== undefined);
    const before = cloud.submits.length;
    const third = new Session(cloud, clock, random);
    const last = await clock.run(act(third, gone, 1_200_000));
    expect([...last.outcomes.values()].every(({ is }) => is === "alreadyGone")).toBe(true);
    expect(cloud.submits).toHaveLength(before);
    await expectQuiet(third);

    expect(lies).toEqual([]);
    expect(cloud.offences).toEqual([]);
}

test("whatever goes wrong: one true outcome each, nothing sent twice or undeclared, ends in time, leaves nothing, converges", async () => {
    await fc.assert(fc.asyncProperty(schedules, play), {
        numRuns: Number(process.env.BATCH_RUNS ?? 300),
        ...(process.env.BATCH_SEED === undefined ? {} : { seed: Number(process.env.BATCH_SEED) }),
    });
}, 300_000);
