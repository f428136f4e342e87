import { Cloud, UNKNOWN } from "./things-cloud";

describe("check", () => {
    const cloud = new Cloud();
    const failures = async (properties: Record<string, unknown>) =>
        (await cloud.lifecycle.check({}, { __resource: "test:Deletion", ...properties })).failures;

    test("sorts the targets and removes duplicates", async () => {
        expect((await cloud.inputs({ thingIds: ["b", "a", "b"], when: "create" })).thingIds).toEqual(["a", "b"]);
    });
    test("refuses a missing list, which is no empty list", async () => {
        expect(await failures({ when: "destroy" })).toEqual([
            { property: "thingIds", reason: "must be given, or matching; for no targets at all give an empty list" },
        ]);
        expect(await failures({ when: "destroy", thingIds: null })).toHaveLength(1);
        expect(await failures({ when: "destroy", thingIds: [] })).toEqual([]);
    });

    test("reports every problem at once, with its path", async () => {
        expect(
            await failures({
                thingIds: ["a", "b/../c", 7],
                timeout: "1 hour",
                when: "later",
                allowedFailures: -1,
                forse: true,
            }),
        ).toEqual([
            expect.objectContaining({ property: "forse" }),
            expect.objectContaining({ property: "timeout" }),
            expect.objectContaining({ property: "allowedFailures" }),
            expect.objectContaining({ property: "when" }),
            { property: "thingIds[1]", reason: 'a thing\'s id has letters and digits, not "b/../c"' },
            expect.objectContaining({ property: "thingIds[2]" }),
        ]);
    });
    test("requires the argument when", async () => {
        expect(await failures({ thingIds: [] })).toEqual([expect.objectContaining({ property: "when" })]);
    });
    test("refuses more than maxItems", async () => {
        expect(await failures({ thingIds: ["a", "b"], when: "create", maxItems: 1 })).toEqual([
            { property: "maxItems", reason: "2 targets are declared, and maxItems allows 1" },
        ]);
    });
    test("lets unknown values pass, and still validates the known ids beside them", async () => {
        expect(await failures({ thingIds: UNKNOWN, when: "create", instanceId: UNKNOWN })).toEqual([]);
        expect(await failures({ thingIds: ["A!", UNKNOWN], when: "create" })).toHaveLength(1);
    });
});

describe("diff", () => {
    const base = { thingIds: ["a"], when: "create", region: "cn-north-4" };
    const diffOf = async (change: Record<string, unknown>, properties: Record<string, unknown> = base) => {
        const cloud = new Cloud();
        const { outs } = await cloud.create(properties);
        const { inputs: news } = await cloud.lifecycle.check(
            {},
            { __resource: "test:Deletion", ...properties, ...change },
        );
        return cloud.lifecycle.diff("id", outs, news);
    };
    const none = { changes: false, replaces: [], deleteBeforeReplace: false };

    test("nothing changed", async () => expect(await diffOf({})).toEqual(none));
    test("another order is no change", async () =>
        expect(await diffOf({ thingIds: ["b", "a"] }, { ...base, thingIds: ["a", "b"] })).toEqual(none));
    test("another region replaces", async () =>
        expect((await diffOf({ region: "cn-east-3" })).replaces).toEqual(["region"]));
    test("an unknown region replaces", async () =>
        expect((await diffOf({ region: UNKNOWN })).replaces).toEqual(["region"]));
    test("leaving the region out keeps the stored place", async () =>
        expect(await diffOf({ region: undefined })).toEqual(none));
    test("naming the stored project is no change", async () => expect(await diffOf({ projectId: "p1" })).toEqual(none));
    test("an unknown target list updates", async () =>
        expect(await diffOf({ thingIds: UNKNOWN })).toEqual({ ...none, changes: true }));
    test("another instance replaces", async () =>
        expect((await diffOf({ instanceId: "i" })).replaces).toEqual(["instanceId"]));
    test("another timeout updates", async () =>
        expect(await diffOf({ timeout: "5m" })).toEqual({ ...none, changes: true }));
});
