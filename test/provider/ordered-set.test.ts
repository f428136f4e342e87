import fc from "fast-check";
import { orderedSet, without } from "../../src/provider/inputs/ordered-set";
import { Targets } from "../../src/provider/targets";
import { VirtualClock } from "../virtual-clock";

const clock = new VirtualClock();

test("each value once, in order, however many there are", async () => {
    await fc.assert(
        fc.asyncProperty(
            fc.array(fc.integer({ min: 0, max: 20_000 })),
            fc.integer({ min: 1, max: 400 }),
            async (seeds, times) => {
                const values = Array.from({ length: times }, (_, n) =>
                    seeds.map((seed) => String((seed * (n + 1)) % 9_973)),
                ).flat();
                expect(await orderedSet(values, clock)).toEqual([...new Set(values)].sort());
            },
        ),
        { numRuns: 40 },
    );
});

test("a sorted list is not copied", async () => {
    const values = Array.from({ length: 30_000 }, (_, n) => String(n).padStart(6, "0"));
    expect(await orderedSet(values, clock)).toBe(values);
    const { keys } = await Targets.of([{ input: "ids" }], { ids: values }, clock);
    expect(keys).toBe(values);
});

test("the difference of two ordered sets", () => {
    const set = fc.uniqueArray(fc.string({ maxLength: 3 })).map((values) => values.sort());
    fc.assert(
        fc.property(set, set, (values, others) => {
            expect(without(values, others)).toEqual(values.filter((value) => !others.includes(value)));
        }),
    );
});

test("keys distinguish ids of different kinds", async () => {
    const declared = [
        { input: "appIds", kind: "app" },
        { input: "taskIds", kind: "task" },
    ];
    const targets = await Targets.of(declared, { appIds: ["1", "2"], taskIds: ["2", "2"] }, clock);
    expect(targets.keys).toEqual(["app:1", "app:2", "task:2"]);
    expect(targets.keys.map((key) => targets.named(key))).toEqual([
        { id: "1", kind: "app" },
        { id: "2", kind: "app" },
        { id: "2", kind: "task" },
    ]);
});
