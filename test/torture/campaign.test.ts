import { add, campaign, nothing } from "./campaign";
import { mutants } from "./mutants";

const SEED = 20_260_101;

test("a campaign in parts plays the same schedules as a whole one", async () => {
    const whole = await campaign({ seed: SEED, runs: 4, shrinks: 0, mostBroken: 1 });
    const halves = await Promise.all(
        [0, 2].map((from) => campaign({ seed: SEED, from, runs: 2, shrinks: 0, mostBroken: 1 })),
    );
    const shared = halves.reduce(add, nothing);
    expect(whole.schedules).toBe(4);
    expect({ ...shared, virtualHours: 0 }).toEqual({ ...whole, virtualHours: 0 });
    expect(shared.virtualHours).toBeCloseTo(whole.virtualHours);
}, 60_000);

test("a broken schedule does not end the campaign, and is found again by its number", async () => {
    const [mutant] = mutants;
    if (mutant === undefined) {
        throw new Error("no mutant");
    }
    const { schedules, broken } = await campaign({ seed: SEED, runs: 40, shrinks: 0, mostBroken: 2, mutant });
    expect(broken).toHaveLength(2);
    const [first, second] = broken.map(({ path }) => Number(path));
    expect(second).toBeGreaterThan(first ?? Number.NaN);
    expect(schedules).toBe((second ?? 0) + 1);
    const again = await campaign({ seed: SEED, from: second ?? 0, runs: 1, shrinks: 0, mostBroken: 1, mutant });
    expect(again.broken).toEqual(broken.slice(1));
}, 60_000);
