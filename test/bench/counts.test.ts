import { ofExclusivity } from "../../bench/facts";
import { measured, operated, type Scenario } from "../../bench/scenario";
import { SERVICES } from "../../bench/services";

/** Requests that must not grow: the real engine, services and client against the emulator, in virtual time. */
const base: Scenario = {
    service: SERVICES.workspaceapp,
    targets: 1_000,
    work: { distribution: "fixed", seconds: 60 },
    resources: 1,
    others: 0,
    hiddenLimit: undefined,
};

async function counts(change: Partial<Scenario>, seed: number) {
    const scenario = { ...base, ...change };
    const { world, wall } = await operated(scenario, seed);
    return measured(world, scenario, wall);
}

test.each([1, 50])(
    "1,000 image servers in %i resources: 50 submits, and all jobs share the polls",
    async (resources) => {
        const { submits, looks, inspections, throttled } = await counts({ resources }, 1);
        expect(submits).toBe(50);
        // 50 jobs of 60 s: at most 60 status requests are allowed in all.
        expect(looks).toBeLessThanOrEqual(32);
        // Ten pages before, and one that sees that nothing is left.
        expect(inspections).toBeLessThanOrEqual(12);
        expect(throttled).toBe(0);
    },
    60_000,
);

test("200 image servers with jobs of 60 s: 40 requests in the mean, where one id a request takes 800", async () => {
    const seeds = [1, 2, 3, 4, 5, 6];
    const all = await Promise.all(seeds.map((seed) => counts({ targets: 200 }, seed)));
    const mean = all.reduce((sum, { requests }) => sum + requests, 0) / all.length;
    expect(mean).toBeLessThanOrEqual(40);
    expect(Math.max(...all.map(({ wall }) => wall))).toBeLessThanOrEqual(70_000);
}, 60_000);

test.each([
    ["clouddc", 1_000, 20],
    ["metastudio", 1_000, 10],
    ["roma", 300, 3],
    ["vias", 100, 100],
] as const)(
    "%s: %i targets take %i submits",
    async (name, targets, expected) => {
        const { submits } = await counts({ service: SERVICES[name], targets, work: { ...base.work, seconds: 8 } }, 1);
        expect(submits).toBe(expected);
    },
    60_000,
);

test("one job at a time: no submit is refused as busy, and one poll lies between a job's end and the next submit", async () => {
    const scenario = { ...base, service: SERVICES.roma, targets: 500 };
    const { world } = await operated(scenario, 1);
    expect(ofExclusivity(world.network.log, scenario)).toMatchObject({ refusedAsBusy: 0, mostLooksBetween: 1 });
}, 60_000);
