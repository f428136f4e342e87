import { run } from "../../src/batch/run";
import { Session } from "../../src/batch/session/session";
import { VirtualClock } from "../virtual-clock";
import { byDeadline } from "./deadline";
import { honest, ModelCloud, type Rules } from "./model-cloud";

const seeds = Array.from({ length: 40 }, (_, i) => i + 1);

function randomFrom(seed: number): () => number {
    let state = Math.imul(seed, 2_654_435_761) >>> 0;
    return () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
    };
}

/** Several runs that begin together, each with that many targets of its own. */
async function operation(counts: readonly number[], rules: Partial<Rules>, random: () => number = () => 0.5) {
    const clock = new VirtualClock({ start: 0, rounds: 3 });
    const cloud = new ModelCloud(clock, { ...honest, ...rules });
    const session = new Session(cloud, clock, random);
    const reports = await clock.run(
        Promise.all(
            counts.map((count, i) =>
                byDeadline(clock, 36_000_000, (signal) =>
                    run(session, cloud.addMany(count, `r${i}t`), { signal, random }),
                ),
            ),
        ),
    );
    for (const report of reports) {
        expect([...report.outcomes.values()].every(({ is }) => is === "deleted")).toBe(true);
    }
    expect(cloud.offences).toEqual([]);
    return { cloud, wall: clock.now() };
}

test.each([
    [1, 1],
    [1, 20],
    [1, 21],
    [1, 1_000],
    [8, 7],
    [50, 20],
    [50, 3],
])("%i resources of %i targets: full requests, and one first inspection for all", async (resources, targets) => {
    const { cloud } = await operation(Array(resources).fill(targets), {});
    const all = resources * targets;
    expect(cloud.submits).toHaveLength(Math.ceil(all / 20));
    expect(cloud.inspections[0]?.keys).toHaveLength(all);
    // The first one; then those that show the ends, several in each.
    expect(cloud.inspections.length).toBeLessThanOrEqual(7);
});

test("resources that begin one after the other, while the first one inspects, share requests", async () => {
    const clock = new VirtualClock({ start: 0, rounds: 3 });
    const cloud = new ModelCloud(clock, honest);
    const session = new Session(cloud, clock, () => 0.5);
    const { signal } = new AbortController();
    await clock.run(
        Promise.all(
            Array.from({ length: 8 }, async (_, i) => {
                await clock.sleep(20 * i);
                return run(session, cloud.addMany(5, `r${i}t`), { signal, random: () => 0.5 });
            }),
        ),
    );
    expect(cloud.submits.map(({ keys }) => keys.length)).toEqual([20, 20]);
    expect(cloud.inspections.length).toBeLessThanOrEqual(2 + 2);
});

test("a lone small resource waits for nothing: inspect, submit, poll, verify, and nothing between", async () => {
    const { cloud, wall } = await operation([1], { duration: () => 100 });
    expect(cloud.submits[0]?.at).toBe(400);
    expect(wall).toBe(200 + 200 + 1_000 + 200 + 200);
});

test("one job at a time: the next submit comes with the poll that shows the end of the last job", async () => {
    const { cloud } = await operation([400], { exclusive: true, duration: () => 8_000, perRequest: 100 });
    expect(cloud.submits.map(({ answer }) => answer)).toEqual(Array(4).fill("accepted"));
    const ends = cloud.submits.map(({ at }) => at - 100 + 8_000);
    cloud.submits.slice(1).forEach(({ at }, i) => {
        const sent = at - 200;
        const lastPoll = cloud.polls.filter((poll) => poll.at <= sent).at(-1);
        expect(sent - (lastPoll?.at ?? 0)).toBeLessThanOrEqual(250);
        expect(sent - (ends[i] ?? 0)).toBeLessThanOrEqual(0.7 * Math.sqrt(8) * 1_000 * 1.1 + 400);
    });
});

test("50 jobs of 60 s: one poll for all, and few polls", async () => {
    const polls = await Promise.all(
        seeds.map(async (seed) => {
            const random = randomFrom(seed);
            const { cloud } = await operation([1_000], { duration: () => 60_000 }, random);
            return cloud.polls.length;
        }),
    );
    expect(Math.max(...polls)).toBeLessThanOrEqual(34);
});

/** Inspect, submit, one poll that shows the end, and the jobs themselves; `concurrentSubmits` submits go out at a time. */
function bound(targets: number, duration: number): number {
    const waves = Math.ceil(targets / honest.perRequest / honest.concurrentSubmits);
    return 200 + waves * 200 + duration + 200;
}

test.each([
    [1_000, 60_000, 1.05],
    [200, 60_000, 1.05],
    [200, 20_000, 1.1],
    [200, 8_000, 1.25],
    [200, 1_000, 1.25],
])("%i targets, jobs of %i ms: wall over bound at most %f in the mean", async (targets, duration, most) => {
    const walls = await Promise.all(
        seeds.map(async (seed) => {
            // Several durations: with one, it would be chance whether a poll falls just before or just after the end.
            const takes = duration * (0.85 + (0.3 * seed) / seeds.length);
            const { wall } = await operation([targets], { duration: () => takes }, randomFrom(seed));
            return wall / bound(targets, takes);
        }),
    );
    const mean = walls.reduce((sum, wall) => sum + wall, 0) / walls.length;
    expect(mean).toBeLessThanOrEqual(most);
});
