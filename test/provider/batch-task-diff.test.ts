import { inputOf, started, stopped } from "./batch-task-program";
import { VideoTenant } from "./batch-task-tenant";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let tenant: VideoTenant;
beforeEach(() => {
    tenant = new VideoTenant();
});
afterEach(() => {
    expect(tenant.clock.sleepers).toBe(0);
});

describe("diff", () => {
    test("another service or place replaces, the old one first; what is left out or the same does not", async () => {
        const stack = await tenant.create(stopped);
        const diff = (change: object) => tenant.diff(stack.outs, { ...stopped, ...change });
        for (const [input, value] of [
            ["serviceName", "vehicle-detection"],
            ["serviceVersion", "2.1.0"],
            ["region", "cn-east-3"],
            ["adopt", "e".repeat(32)],
            ["serviceName", UNKNOWN],
            ["region", UNKNOWN],
        ] as const) {
            expect(await diff({ [input]: value })).toEqual({
                changes: true,
                replaces: [input],
                deleteBeforeReplace: true,
            });
        }
        const none = { replaces: [], deleteBeforeReplace: true };
        expect(await diff({ region: "cn-north-4", adopt: stack.id })).toEqual({ changes: false, ...none });
        expect(await diff({ description: UNKNOWN })).toEqual({ changes: true, ...none });
        expect(await diff({ batchInput: inputOf([UNKNOWN]) })).toEqual({ changes: true, ...none });
        expect(await diff({ output: UNKNOWN })).toEqual({ changes: true, ...none });
        expect(await diff({ desiredState: UNKNOWN })).toEqual({ changes: true, ...none });
        await expect(diff({ serviceName: "vehicle-detection", adopt: stack.id })).rejects.toThrow(/Leave adopt out/);
    });

    test("replaced: the name is free for the new one", async () => {
        const stack = await tenant.create(started);
        await tenant.destroy(stack);
        const other = { ...started, serviceName: "vehicle-detection", serviceVersion: "2.1.0" };
        expect(await tenant.create(other)).toMatchObject({ reasons: undefined });
        expect((await tenant.batches()).map(({ service_name }) => service_name)).toEqual(["vehicle-detection"]);
    });

    test("unknown values pass check", async () => {
        const lifecycle = tenant.newProcess();
        const { failures } = await lifecycle.check(
            {},
            { ...started, name: UNKNOWN, batchInput: inputOf([UNKNOWN]), output: UNKNOWN },
        );
        expect(failures).toEqual([]);
    });

    test("another URN, for stack, project or resource was renamed: the outputs follow, no call to the cloud", async () => {
        const stack = await tenant.create(stopped);
        await tenant.control.clearRequests();
        const renamed = await tenant.up(stack, { ...stopped, __urn: "urn:renamed" });
        expect(renamed.outs).toMatchObject({ __urn: "urn:renamed", batchTaskId: stack.id });
        expect(await tenant.up(renamed, { ...stopped, __urn: "urn:renamed" })).toBe(renamed);
        expect(await tenant.control.requests()).toEqual([]);
    });

    test("only the timeout: recorded, no call to the cloud", async () => {
        const stack = await tenant.create(stopped);
        await tenant.control.clearRequests();
        expect((await tenant.up(stack, { ...stopped, timeout: "5m" })).outs).toMatchObject({ timeout: "5m" });
        expect(await tenant.control.requests()).toEqual([]);
    });
});
