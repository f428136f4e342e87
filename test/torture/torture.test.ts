import { campaign, report } from "./campaign";
import { mutants } from "./mutants";

const RUNS = 500;
const SEED = 20_260_101;

test(`${RUNS} schedules of faults break no promise`, async () => {
    const tally = await campaign({ runs: RUNS, seed: SEED, shrinks: 100, mostBroken: 1 });
    process.stdout.write(`${report(tally)}\n`);
    expect(tally.broken).toEqual([]);
    expect(tally.schedules).toBe(RUNS);
}, 600_000);

// What finds nothing in the right product has to find something in a wrong one.
test.each(mutants)(
    "a product that $name is caught within 200 schedules",
    async (mutant) => {
        const tally = await campaign({ runs: 200, seed: SEED, shrinks: 0, mostBroken: 1, mutant });
        process.stdout.write(
            `${mutant.name}: caught in schedule ${tally.schedules}: ${tally.broken[0]?.what[0] ?? "no"}\n`,
        );
        expect(tally.broken).toHaveLength(1);
    },
    600_000,
);
