import { Cloud } from "./things-cloud";

describe('when: "destroy"', () => {
    const properties = { thingIds: ["a", "b"], when: "destroy" };

    test("records at create, and deletes existing targets when the resource is deleted", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { id, outs } = await cloud.create(properties);
        expect(outs).toMatchObject({ remaining: 2, open: ["a", "b"] });
        expect(cloud.inspections).toBe(1);
        cloud.things.delete("a");
        const { props } = await cloud.run(cloud.lifecycle.read(id, outs));
        expect(props).toMatchObject({ remaining: 1, open: ["b"] });
        expect(await cloud.up(props, properties)).toBe("no changes");
        await cloud.destroy(id, props);
        expect(cloud.submits).toEqual([["b"]]);
        expect(cloud.connects.at(-1)).toEqual({ stored: { region: "cn-north-4", projectId: "p1" } });
    });

    test("an id that is dropped from the set is never deleted", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { id, outs } = await cloud.create(properties);
        const dropped = await cloud.up(outs, { thingIds: ["b"], when: "destroy" });
        await cloud.destroy(id, dropped === "no changes" ? {} : dropped);
        expect(cloud.submits).toEqual([["b"]]);
    });

    test("a failing delete names every target and has no stack trace", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        cloud.things.set("b", "stuck");
        const { id, outs } = await cloud.create(properties);
        const error = await cloud.destroy(id, outs).catch((failure: unknown) => failure);
        expect(error).toMatchObject({
            stack: "",
            message: expect.stringContaining("1 thing failed: X.1 stuck fast: b"),
        });
        expect(error).not.toHaveProperty("id");
    });

    test("a target that another resource records in the same operation is left alone: a rename deletes nothing", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b", "c");
        const old = await new Cloud().create({ thingIds: ["a", "b", "c"], when: "destroy", onMissing: "ignore" });
        await cloud.create({ ...properties, __urn: "urn:pulumi:dev::project::type::after" });
        await cloud.run(cloud.lifecycle.remove("cn-north-4/p1/0000", old.outs));
        expect(cloud.submits).toEqual([["c"]]);
        expect(cloud.notes).toEqual(["2 of 3 things left alone: this program declares them (after)"]);
    });

    test("the timeout from the environment applies at destroy", async () => {
        const cloud = new Cloud({ HUAWEICLOUD_BATCH_TIMEOUT: "soon" });
        cloud.fill("a", "b");
        const { id, outs } = await cloud.create(properties);
        await expect(cloud.destroy(id, outs)).rejects.toThrow("HUAWEICLOUD_BATCH_TIMEOUT");
    });

    test("a change to create acts on all, a change back only records", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { outs } = await cloud.create(properties);
        const acted = await cloud.up(outs, { ...properties, when: "create" });
        expect(cloud.submits).toEqual([["a", "b"]]);
        cloud.fill("a");
        expect(await cloud.up(acted === "no changes" ? {} : acted, properties)).toMatchObject({ remaining: 2 });
        expect(cloud.submits).toHaveLength(1);
    });
});
