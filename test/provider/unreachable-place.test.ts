import { HOME_PROJECT_ID } from "../../emulator/src/identity/places";
import { EngineModel, type Program } from "../world/engine-model";
import { START, TestWorld } from "../world/world";

const MINUTE = 60_000;
const PARALLEL = 16;

const DECLARED = {
    "workspaceapp:ImageServerBatchDeletion": (n: number) => ({
        imageServerIds: [String(512345678901230000n + BigInt(n))],
    }),
    "clouddc:InstanceBatchDeletion": (n: number) => ({ instanceIds: [uuid(n)] }),
    "metastudio:AssetBatchDeletion": (n: number) => ({ assetIds: [uuid(n).replaceAll("-", "")] }),
    "roma:AssetBatchDeletion": (n: number) => ({ instanceId: uuid(0), appIds: [uuid(n)] }),
    "vias:BatchTaskDeletion": (n: number) => ({ batchTaskIds: [uuid(n)] }),
} as const;

function uuid(n: number): string {
    return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

function programOf(
    resource: keyof typeof DECLARED,
    names: readonly string[],
    more: Readonly<Record<string, unknown>> = {},
): Program {
    const inputs = (n: number) => ({
        ...DECLARED[resource](n),
        __resource: resource,
        when: "destroy",
        region: "cn-north-4",
        projectId: HOME_PROJECT_ID,
        ...more,
    });
    return Object.fromEntries(names.map((name, n) => [name, inputs(n)]));
}

function namesOf(count: number): readonly string[] {
    return Array.from({ length: count }, (_, n) => `r${n}`);
}

function worldWithOutage(ms: number): TestWorld {
    const world = new TestWorld({ seed: 7 });
    world.network.outages = [{ from: 0, to: START + ms }];
    return world;
}

/** One `up` whose place can't be reached. */
async function upOf(program: Program) {
    const world = worldWithOutage(24 * 60 * MINUTE);
    const engine = new EngineModel(world.clock, world.startProcess, PARALLEL);
    const { is, hooks } = await world.run(() => engine.up(program));
    const took = world.clock.now() - START;
    return { is, hooks, took, requests: world.network.log.length, notes: world.notes };
}

describe.each(Object.keys(DECLARED) as ReadonlyArray<keyof typeof DECLARED>)(
    "%s, whose place can't be reached",
    (resource) => {
        test("1,000 creates take about as long as one, and each warns", async () => {
            const one = await upOf(programOf(resource, namesOf(1)));
            const many = await upOf(programOf(resource, namesOf(1_000)));
            expect([one.is, many.is]).toEqual(["succeeded", "succeeded"]);
            expect(one.took).toBeGreaterThan(1_000);
            expect(many.took).toBeLessThan(2 * one.took + 1_000);
            expect(many.requests).toBeLessThanOrEqual(2 * one.requests);
            expect(many.notes).toHaveLength(1_000);
            expect(many.notes.filter((note) => !note.includes("can't be seen"))).toEqual([]);
        });
    },
);

const RESOURCE = "clouddc:InstanceBatchDeletion";

test("onMissing fail: each of 1,000 creates is an error, as soon as one is", async () => {
    const { is, hooks, took } = await upOf(programOf(RESOURCE, namesOf(1_000), { onMissing: "fail" }));
    expect(is).toBe("failed");
    expect(took).toBeLessThan(MINUTE);
    expect(hooks.length).toBeGreaterThanOrEqual(PARALLEL);
    for (const { result } of hooks) {
        expect(result).toEqual({ is: "failed", message: expect.stringContaining("can't be seen") });
    }
});

describe("creates one after another, in one process", () => {
    /** Each is created at that time, in milliseconds from the start; what was noted and sent for it. */
    async function createdAt(outage: number, times: readonly number[], more: Readonly<Record<string, unknown>> = {}) {
        const world = worldWithOutage(outage);
        const { lifecycle } = world.startProcess();
        const created: Array<{
            readonly result: unknown;
            readonly notes: readonly string[];
            readonly requests: number;
        }> = [];
        await world.run(async () => {
            for (const [n, at] of times.entries()) {
                await world.othersSleep(START + at - world.clock.now());
                const requests = world.network.log.length;
                const notes = world.notes.length;
                const given = { ...programOf(RESOURCE, ["r"], more).r, instanceIds: [uuid(n)], __urn: `r${n}` };
                const { inputs } = await lifecycle.check({}, given);
                const result = await lifecycle.create(inputs).then(
                    ({ outs }) => outs.remaining,
                    (error: Error) => error.message,
                );
                created.push({
                    result,
                    notes: world.notes.slice(notes),
                    requests: world.network.log.length - requests,
                });
            }
        });
        return created;
    }

    test("the warning of one that did not look itself says how long ago the place was not reached", async () => {
        const [first, second] = await createdAt(24 * 60 * MINUTE, [0, MINUTE / 2]);
        expect(first?.notes.join()).not.toContain("seen for another resource");
        expect(second).toMatchObject({ result: 1, requests: 0 });
        expect(second?.notes.join()).toMatch(
            /can't be seen: \w+: .* \(seen for another resource, 2\d s before\): recorded/,
        );
    });

    test("after a minute there is another inspection, and what it shows counts", async () => {
        const [first, second, third] = await createdAt(MINUTE / 2, [0, 50_000, 2 * MINUTE]);
        expect([first?.result, second?.result]).toEqual([1, 1]);
        expect(second?.requests).toBe(0);
        expect(third?.requests).toBeGreaterThan(0);
        expect(third?.result).toContain("the one that is declared is not there");
    });
});
