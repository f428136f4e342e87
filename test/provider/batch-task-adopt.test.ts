import { inputOf, started, task } from "./batch-task-program";
import { VideoTenant } from "./batch-task-tenant";

let tenant: VideoTenant;
beforeEach(() => {
    tenant = new VideoTenant();
});
afterEach(() => {
    expect(tenant.clock.sleepers).toBe(0);
});

describe("adopt", () => {
    const seed = async (state: string) => {
        const [[id = ""] = []] = await tenant.control.seed({
            objects: [
                {
                    service: "vias",
                    kind: "batchTasks",
                    objects: [{ batch_task_name: "before", num_task: 1, task_state: state }],
                },
            ],
        });
        return id;
    };

    test("the body is put, then the state; destroy deletes it", async () => {
        const id = await seed("STOPPED");
        const stack = await tenant.create({ ...started, adopt: id });
        expect(stack).toMatchObject({ id, reasons: undefined, outs: { states: { running: 2 }, adopt: id } });
        expect((await tenant.batches())[0]).toMatchObject({ id, batch_task_name: "counting" });
        expect(await tenant.sent()).toEqual(["UpdateBatchTask", "start"]);
        expect(await tenant.up(stack, { ...started, adopt: id })).toBe(stack);
        expect(await tenant.diff(stack.outs, started)).toMatchObject({ changes: false });
        await tenant.destroy(stack);
        expect(await tenant.batches()).toEqual([]);
    });

    test("one that runs is stopped for it and started again, though nothing says how it is to be", async () => {
        const id = await seed("RUNNING");
        const stack = await tenant.create({ ...task, adopt: id });
        expect(stack.outs).toMatchObject({ states: { running: 2 } });
        expect(await tenant.sent()).toEqual(["UpdateBatchTask", "stop", "UpdateBatchTask", "start"]);
    });

    test("an id that is not there: nothing is changed", async () => {
        await expect(tenant.create({ ...started, adopt: "f".repeat(32) })).rejects.toThrow(
            /VIAS batch task f+ \(adopt\) is not there, in region cn-north-4 \(HW_REGION_NAME\), project \w+ \(the project named cn-north-4\): nothing was changed/,
        );
        expect(await tenant.sent()).toEqual([]);
    });

    test("a body that is refused leaves it alone", async () => {
        const id = await seed("STOPPED");
        await expect(tenant.create({ ...started, adopt: id, batchInput: inputOf(["d".repeat(32)]) })).rejects.toThrow(
            new RegExp(`VIAS batch task ${id} was not updated: .*video source d+`),
        );
        expect((await tenant.batches())[0]).toMatchObject({ batch_task_name: "before" });
    });

    test("renamed without an alias: the new resource adopts it, the old one's deletion leaves it alone", async () => {
        const old = await tenant.create(started);
        tenant.newProcess();
        const renamed = await tenant.create({ ...started, __urn: "urn:renamed", adopt: old.id });
        expect(renamed.reasons).toBeUndefined();
        await tenant.deleteInSameOperation(old);
        expect(await tenant.states()).toEqual(["RUNNING", "RUNNING"]);
        expect(tenant.notes.at(-1)).toMatch(/left alone: this program declares them \(urn:renamed\)/);
        expect(await tenant.sent()).not.toContain("DeleteBatchTask");
    });
});
