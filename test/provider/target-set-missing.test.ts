import { ApiFailure } from "../../src/batch/api";

import { Cloud } from "./things-cloud";

describe("missing targets", () => {
    const place = "in region cn-north-4, project p1";
    const refused = new ApiFailure({ code: "X.403", message: "no permission" }, true);
    const failing = (cloud: Cloud) => {
        cloud.inspectionFailure = refused;
        return cloud;
    };
    const failureOf = (work: Promise<unknown>) =>
        work.then(
            () => "no failure",
            (error: Error) => error.message,
        );

    test("when destroy, none exists at create: an error, and nothing is recorded", async () => {
        const cloud = new Cloud();
        const message = await failureOf(cloud.create({ thingIds: ["a", "b"], when: "destroy" }));
        expect(message).toContain(`Test service things: none of the 2 is there, ${place} (a, b): nothing was recorded`);
        expect(message).toContain('set onMissing to "ignore"');
        expect(cloud.notes).toEqual([]);
    });

    test("when destroy, some exist: a warning counts and names the missing ones, and all are recorded", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { outs } = await cloud.create({ thingIds: ["a", "b", "x", "y"], when: "destroy" });
        expect(outs).toMatchObject({ remaining: 4 });
        expect(cloud.notes).toEqual([expect.stringContaining(`2 of 4 are not there, ${place} (x, y): recorded`)]);
    });

    test("when destroy, all exist or there are no ids: no warning, and without ids no inspection", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        await cloud.create({ thingIds: ["a"], when: "destroy" });
        await cloud.create({ thingIds: [], when: "destroy" });
        expect({ notes: cloud.notes, inspections: cloud.inspections }).toEqual({ notes: [], inspections: 1 });
    });

    test("when destroy, a failed inspection is a warning, and the ids are recorded", async () => {
        const cloud = failing(new Cloud());
        const { outs } = await cloud.create({ thingIds: ["a", "b"], when: "destroy" });
        expect(outs).toMatchObject({ remaining: 2 });
        expect(cloud.notes).toEqual([expect.stringContaining("can't be seen: X.403: no permission")]);
    });

    test("when destroy, missing ids that are added later are a warning, and dropped ids are not inspected", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        const { outs } = await cloud.create({ thingIds: ["a"], when: "destroy" });
        const more = await cloud.up(outs, { thingIds: ["a", "x", "y"], when: "destroy" });
        expect(more).toMatchObject({ remaining: 3 });
        expect(cloud.notes).toEqual([expect.stringContaining(`none of the 2 is there, ${place} (x, y): recorded`)]);
        const looks = cloud.inspections;
        await cloud.up(more === "no changes" ? {} : more, { thingIds: ["a"], when: "destroy" });
        expect(cloud.inspections).toBe(looks);
    });

    test("when destroy, none exists when the resource is deleted: a warning and no failure", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { id, outs } = await cloud.create({ thingIds: ["a", "b"], when: "destroy" });
        cloud.things.clear();
        await cloud.destroy(id, outs);
        expect(cloud.notes).toEqual([
            expect.stringContaining(`none of the 2 is there, ${place} (a, b): they count as already gone`),
        ]);
    });

    test("when create, none exists: it goes on with a warning", async () => {
        const cloud = new Cloud();
        const { outs } = await cloud.create({ thingIds: ["a", "b"], when: "create" });
        expect(outs).toMatchObject({ counts: { alreadyGone: 2, deleted: 0 }, remaining: 0 });
        expect(cloud.notes).toEqual([
            expect.stringContaining(`none of the 2 is there, ${place} (a, b): they count as already gone`),
        ]);
    });

    test("changed to create, none of the recorded targets exists: a warning", async () => {
        const cloud = new Cloud();
        const { outs } = await cloud.create({ thingIds: ["a", "b"], when: "destroy", onMissing: "ignore" });
        expect(await cloud.up(outs, { thingIds: ["a", "b"], when: "create" })).toMatchObject({ remaining: 0 });
        expect(cloud.notes).toEqual([
            expect.stringContaining(`none of the 2 is there, ${place} (a, b): they count as already gone`),
        ]);
    });

    test("when create, one exists: no warning about those that are already gone", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        await cloud.create({ thingIds: ["a", "b"], when: "create" });
        expect(cloud.notes).toEqual([]);
    });

    test.each(["create", "destroy"] as const)(
        'onMissing "ignore" silences each warning and sends no request for it: %s',
        async (when) => {
            const cloud = new Cloud();
            const { id, outs } = await cloud.create({ thingIds: ["a", "b"], when, onMissing: "ignore" });
            const looks = cloud.inspections;
            expect(looks).toBe(when === "create" ? 1 : 0);
            await cloud.up(outs, { thingIds: ["a", "b", "c"], when, onMissing: "ignore" });
            await cloud.destroy(id, outs);
            expect(cloud.notes).toEqual([]);
        },
    );

    test('onMissing "fail": a missing target and a failed inspection are errors; at destroy they stay warnings', async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        const fails = { when: "destroy", onMissing: "fail" };
        expect(await failureOf(cloud.create({ thingIds: ["a", "x"], ...fails }))).toContain("nothing was recorded");
        expect(await failureOf(failing(new Cloud()).create({ thingIds: ["a"], ...fails }))).toContain("X.403");
        const { id, outs } = await cloud.create({ thingIds: ["a"], ...fails });
        expect(await failureOf(cloud.up(outs, { thingIds: ["a", "x"], ...fails }))).toContain("nothing was changed");
        cloud.things.clear();
        await cloud.destroy(id, outs);
        expect(cloud.notes).toEqual([expect.stringContaining("counts as already gone")]);
    });
});
