import { SCHEMA_VERSION } from "../../src/provider/state";
import { CHUNK_SIZE } from "../../src/util/chunks";

import { Cloud, ID } from "./things-cloud";

test("a run that is cancelled before anything was sent fails with one line and names no ids", async () => {
    const cloud = new Cloud();
    const thingIds = Array.from({ length: 30 }, (_, n) => `t${n}`);
    cloud.fill(...thingIds);
    cloud.cancellation.abort({ is: "refused", code: "Cancelled", message: "the operation was cancelled" });
    await expect(cloud.create({ thingIds, when: "create" })).rejects.toThrow("30 things: Cancelled");
    expect({ notes: cloud.notes, submits: cloud.submits }).toEqual({ notes: [], submits: [] });
});

test("the state of a newer release is refused before anything is sent", async () => {
    const cloud = new Cloud();
    cloud.fill("a");
    const { outs } = await cloud.create({ thingIds: ["a"], when: "destroy" });
    const calls = cloud.connects.length;
    for (const hook of [
        () => cloud.lifecycle.remove("id", { ...outs, schemaVersion: SCHEMA_VERSION + 1 }),
        () => cloud.lifecycle.read("id", { ...outs, schemaVersion: SCHEMA_VERSION + 1 }),
        () => cloud.lifecycle.update("id", { ...outs, schemaVersion: SCHEMA_VERSION + 1 }, outs),
    ]) {
        await expect(hook()).rejects.toThrow("written by a newer release");
    }
    expect(cloud.connects.length).toBe(calls);
});

test("100,000 unsorted ids are checked, compared and recorded in chunks", async () => {
    const cloud = new Cloud();
    const turns = jest.spyOn(cloud.clock, "yieldToEventLoop");
    const thingIds = Array.from({ length: 100_000 }, (_, n) => `t${(n * 7_919) % 100_000}`);
    const inputs = await cloud.inputs({ thingIds, when: "destroy", onMissing: "ignore" });
    expect(inputs.thingIds).toEqual([...thingIds].sort());
    // Validated, compared with their neighbours, sorted in chunks, and each taken once.
    expect(turns.mock.calls.length).toBeGreaterThanOrEqual(4 * (100_000 / CHUNK_SIZE - 1));
    turns.mockClear();
    const { outs } = await cloud.run(cloud.lifecycle.create(inputs));
    expect(outs).toMatchObject({ remaining: 100_000 });
    expect(turns.mock.calls.length).toBeGreaterThanOrEqual(100_000 / CHUNK_SIZE - 1);
    expect(await cloud.lifecycle.diff(ID, outs, inputs)).toMatchObject({ changes: false });
    expect(await cloud.lifecycle.diff(ID, outs, { ...inputs, thingIds: thingIds.slice(1) })).toMatchObject({
        changes: true,
    });
});
