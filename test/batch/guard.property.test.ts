import fc from "fast-check";
import { seededRandom } from "../../emulator/src";
import type { Problem } from "../../src/batch/api";
import type { Guard } from "../../src/batch/guard";
import { run } from "../../src/batch/run";
import { Session } from "../../src/batch/session/session";
import { VirtualClock } from "../virtual-clock";
import { byDeadline } from "./deadline";
import { type Call, type Fault, honest, ModelCloud, type Start, type Temper } from "./model-cloud";

const start: fc.Arbitrary<Start> = fc.oneof(
    { weight: 5, arbitrary: fc.constant({ is: "there" } as const) },
    { weight: 1, arbitrary: fc.constant({ is: "gone" } as const) },
    {
        weight: 1,
        arbitrary: fc.record({
            is: fc.constant("deleting" as const),
            until: fc.nat(60_000),
            comesBack: fc.boolean(),
        }),
    },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("creating" as const), until: fc.nat(60_000) }) },
);

const schedules = fc.record({
    targets: fc.array(
        fc.record({
            start,
            temper: fc.oneof(
                { weight: 8, arbitrary: fc.constant<Temper>("willing") },
                { weight: 1, arbitrary: fc.constantFrom<Temper>("tough", "poison", "impossible") },
            ),
            /** By every guard. */
            isRefused: fc.boolean(),
        }),
        { minLength: 1, maxLength: 30 },
    ),
    /** Each hook has one guard for its two runs: the second one has all targets, the first one a part of them. */
    hooks: fc.array(
        fc.record({
            part: fc.double({ min: 0, max: 1, noNaN: true }),
            at: fc.nat(20_000),
            within: fc.oneof(fc.constant(1_200_000), fc.integer({ min: 1, max: 60_000 })),
            maxItems: fc.option(fc.nat(30), { nil: Number.POSITIVE_INFINITY }),
        }),
        { minLength: 1, maxLength: 4 },
    ),
    perRequest: fc.constantFrom(1, 3, 20),
    exclusive: fc.boolean(),
    jobs: fc.constantFrom("named" as const, "general", "nameless", "none"),
    showsDeleting: fc.boolean(),
    namesCulprits: fc.boolean(),
    faults: fc.array(
        fc.record({
            call: fc.constantFrom<Call>("inspect", "submit", "poll"),
            nth: fc.nat(12),
            fault: fc.constantFrom<Fault>("passing", "lostBefore", "lostAfter", "busy"),
        }),
        { maxLength: 6 },
    ),
    seed: fc.nat(),
});

type Schedule = typeof schedules extends fc.Arbitrary<infer T> ? T : never;

const REFUSED: Problem = { code: "Refused", message: "a guard refuses it" };
const TOO_MANY: Problem = { code: "TooMany", message: "as many were sent" };

/** Refuses these, and what is more than so many different ones. */
class TestGuard implements Guard {
    readonly admitted = new Set<string>();

    constructor(
        private readonly refused: ReadonlySet<string>,
        private readonly maxItems: number,
    ) {}

    refuse(keys: readonly string[]): ReadonlyMap<string, Problem> {
        const problems = new Map<string, Problem>();
        for (const key of keys) {
            if (this.refused.has(key)) {
                problems.set(key, REFUSED);
            } else if (this.admitted.size < this.maxItems || this.admitted.has(key)) {
                this.admitted.add(key);
            } else {
                problems.set(key, TOO_MANY);
            }
        }
        return problems;
    }
}

async function play(schedule: Schedule): Promise<void> {
    const clock = new VirtualClock({ start: 0, rounds: 4 });
    const random = seededRandom(schedule.seed);
    const calls: Record<Call, number> = { inspect: 0, submit: 0, poll: 0 };
    const cloud = new ModelCloud(clock, {
        ...honest,
        perRequest: schedule.perRequest,
        exclusive: schedule.exclusive,
        jobs: schedule.jobs,
        showsDeleting: schedule.showsDeleting,
        namesCulprits: schedule.namesCulprits,
        latency: () => Math.floor(random() * 500),
        duration: () => Math.floor(1_000 + random() * 20_000),
        fault: (call) => {
            const nth = calls[call]++;
            return schedule.faults.find((each) => each.call === call && each.nth === nth)?.fault;
        },
    });
    const keys = schedule.targets.map(({ start, temper }, n) => cloud.add(`t${n}`, temper, start));
    const refused = new Set(keys.filter((_, n) => schedule.targets[n]?.isRefused));
    const session = new Session(cloud, clock, random);

    const guards = await clock.run(
        Promise.all(
            schedule.hooks.map(async ({ part, at, within, maxItems }) => {
                await clock.sleep(at);
                const guard = new TestGuard(refused, maxItems);
                await byDeadline(clock, within, async (signal) => {
                    for (const wanted of [keys.slice(0, Math.ceil(part * keys.length)), keys]) {
                        const report = await run(session, wanted, { signal, guard, random });
                        const failed = [...report.outcomes].filter(
                            ([, outcome]) => outcome.is === "failed" && [REFUSED, TOO_MANY].includes(outcome.problem),
                        );
                        expect(report.refused).toBe(failed.length);
                        for (const [key, outcome] of report.outcomes) {
                            if (refused.has(key)) {
                                expect([key, outcome.is]).not.toEqual([key, "deleted"]);
                            }
                        }
                    }
                });
                return guard;
            }),
        ),
    );

    const sent = new Set(cloud.submits.flatMap(({ keys: together }) => together));
    expect([...sent].filter((key) => refused.has(key))).toEqual([]);
    // Each guard lets pass what its own hook sends; together they have let pass all that was sent.
    expect([...sent].filter((key) => !guards.some(({ admitted }) => admitted.has(key)))).toEqual([]);
    expect(cloud.offences).toEqual([]);
}

test("whatever goes wrong, no request holds a target that the guard refuses, nor more targets than the guards of all runs let pass", async () => {
    await fc.assert(fc.asyncProperty(schedules, play), { numRuns: 300 });
});
