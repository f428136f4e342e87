import { z } from "zod";
import { SCHEMA_VERSION } from "../../src/provider/state";

import { Cloud } from "./things-cloud";

describe('when: "create"', () => {
    test("deletes what is there, and says so", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b", "c", "d");
        const { id, outs } = await cloud.create({ thingIds: ["a", "b", "c", "d", "x"], when: "create" });
        expect(id).toBe("cn-north-4/p1/0001");
        expect(outs).toMatchObject({
            counts: { deleted: 4, alreadyGone: 1, failed: 0, unknown: 0 },
            remaining: 0,
            open: [],
            place: { region: "cn-north-4", projectId: "p1" },
            schemaVersion: SCHEMA_VERSION,
            thingIds: ["a", "b", "c", "d", "x"],
            __provider: "code",
        });
        expect(cloud.submits.map((keys) => keys.length)).toEqual([3, 1]);
        expect(cloud.things.size).toBe(0);
    });

    test("a partial failure keeps the resource; the next up finishes with what is open", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "c");
        cloud.things.set("b", "stuck");
        const inputs = await cloud.inputs({ thingIds: ["a", "b", "c"], when: "create" });
        const error = await cloud.run(cloud.lifecycle.create(inputs)).catch((failure: unknown) => failure);
        expect(error).toMatchObject({
            id: "cn-north-4/p1/0001",
            stack: "",
            reasons: [
                "Test service things: 2 of 3 deleted, 0 already gone, 1 failed; run the same command again to go on with what is left",
                "1 thing failed: X.1 stuck fast: b",
            ],
            properties: {
                __provider: "code",
                remaining: 1,
                open: ["b"],
                failed: [{ code: "X.1", message: "stuck fast", count: 1, ids: ["b"] }],
            },
        });
        const kept = z.object({ properties: z.record(z.string(), z.unknown()) }).parse(error).properties;
        cloud.fill("a", "b");
        cloud.submits.length = 0;
        expect(await cloud.up(kept, { thingIds: ["a", "b", "c"], when: "create" })).toMatchObject({ remaining: 0 });
        // "a" exists again, but only a refresh would find it.
        expect(cloud.submits).toEqual([["b"]]);
    });

    test("allowed failures are a warning and do not fail the resource", async () => {
        const cloud = new Cloud();
        cloud.things.set("b", "stuck");
        const { outs } = await cloud.create({ thingIds: ["b"], when: "create", allowedFailures: 1 });
        expect(outs).toMatchObject({ remaining: 0, open: [], allowedToFail: ["b"], counts: { failed: 1 } });
        expect(cloud.notes.join()).toContain("1 thing failed: X.1 stuck fast: b");
        expect(cloud.notes.join()).not.toContain("run the same command again");
    });

    test("update acts only on new ids; targets that a refresh finds again are deleted again", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { outs } = await cloud.create({ thingIds: ["a"], when: "create" });
        cloud.fill("a");
        const second = await cloud.up(outs, { thingIds: ["a", "b"], when: "create" });
        expect(cloud.submits).toEqual([["a"], ["b"]]);
        if (second === "no changes") {
            throw new Error("the set has changed");
        }
        const { props } = await cloud.run(cloud.lifecycle.read("id", second));
        expect(props).toMatchObject({ remaining: 1, open: ["a"] });
        expect(await cloud.up(props, { thingIds: ["a", "b"], when: "create" })).toMatchObject({ remaining: 0 });
        expect(cloud.submits).toEqual([["a"], ["b"], ["a"]]);
    });

    test("a change of only the behaviour calls no cloud, and delete touches nothing", async () => {
        const cloud = new Cloud();
        const { outs } = await cloud.create({ thingIds: ["a"], when: "create" });
        const calls = [cloud.inspections, cloud.connects.length];
        const changed = await cloud.up(outs, { thingIds: ["a"], when: "create", timeout: "5m" });
        expect(changed).toMatchObject({ timeout: "5m", remaining: 0 });
        cloud.fill("a");
        await cloud.lifecycle.remove("id", changed === "no changes" ? {} : changed);
        expect([cloud.inspections, cloud.connects.length]).toEqual(calls);
        expect(cloud.things.has("a")).toBe(true);
    });

    test.each(["create", "destroy"])(
        "a new URN after a rename changes the outputs and calls no cloud, when: %s",
        async (when) => {
            const cloud = new Cloud();
            cloud.fill("a");
            const { outs } = await cloud.create({ thingIds: ["a"], when, __urn: "urn:before" });
            const calls = [cloud.inspections, cloud.connects.length];
            const news = { thingIds: ["a"], when, __urn: "urn:after" };
            const changed = await cloud.up(outs, news);
            expect(changed).toMatchObject({ __urn: "urn:after", remaining: when === "create" ? 0 : 1 });
            expect(await cloud.up(changed === "no changes" ? {} : changed, news)).toBe("no changes");
            expect([cloud.inspections, cloud.connects.length]).toEqual(calls);
        },
    );

    test("another goal acts on all", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        const { outs } = await cloud.create({ thingIds: ["a", "b"], when: "create" });
        cloud.fill("a", "b");
        await cloud.up(outs, { thingIds: ["a", "b"], when: "create", force: true });
        expect(cloud.submits).toEqual([["a"], ["a", "b"]]);
    });

    test('onMissing "fail": nothing is sent, nothing is recorded', async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        const inputs = await cloud.inputs({ thingIds: ["a", "x"], when: "create", onMissing: "fail" });
        const error = await cloud.run(cloud.lifecycle.create(inputs)).catch((failure: unknown) => failure);
        expect(error).not.toHaveProperty("id");
        expect(error).toMatchObject({
            message: expect.stringContaining("not found in region cn-north-4, project p1: x"),
        });
        expect(cloud.submits).toEqual([]);
    });
});
