import { inputOf, task as plainTask, SOURCES } from "./batch-task-program";
import { VideoTenant } from "./batch-task-tenant";

const [FIRST = "", SECOND = ""] = SOURCES;
const SECRET = "bearer-Zq83/x+7 f";
/** With a secret in its body. */
const task = {
    ...plainTask,
    output: { webhook: { url: "http://127.0.0.1/hook", headers: { Authorization: SECRET } } },
};
const started = { ...task, desiredState: "started" };
const stopped = { ...task, desiredState: "stopped" };
const BROKEN = { fault: "respond", service: "vias", status: 500, message: `broken by ${SECRET}` } as const;

let tenant: VideoTenant;
beforeEach(() => {
    tenant = new VideoTenant();
});
afterEach(() => {
    expect(tenant.clock.sleepers).toBe(0);
});

const reasonsOf = ({ reasons }: { reasons: readonly string[] | undefined }) => (reasons ?? []).join("\n");

describe("update", () => {
    test("in place, where the cloud allows it while children run: nothing is stopped", async () => {
        await tenant.settings({ updateActive: "allow" });
        const stack = await tenant.create(started);
        const renamed = await tenant.up(stack, { ...started, name: "renamed", description: "by night" });
        expect(renamed.outs).toMatchObject({ name: "renamed", batchTaskId: stack.id, inDesiredState: true });
        expect((await tenant.batches())[0]).toMatchObject({ batch_task_name: "renamed", description: "by night" });
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "UpdateBatchTask"]);
    });

    test.each([started, task])(
        "refused while children run: they are stopped, the body is put, they are started again, and it says so",
        async (declared) => {
            const stack = await tenant.create(declared);
            const updated = await tenant.up(stack, { ...declared, name: "renamed" });
            expect(updated).toMatchObject({ reasons: undefined, outs: { states: { running: 2 } } });
            expect(await tenant.sent()).toEqual([
                "CreateBatchTask",
                "UpdateBatchTask",
                "stop",
                "UpdateBatchTask",
                "start",
            ]);
            expect(tenant.notes.join()).toMatch(/are stopped for the update, and started again after it/);
            expect((await tenant.batches())[0]).toMatchObject({ batch_task_name: "renamed" });
        },
    );

    test("refused while children run that are to be stopped: they stay stopped", async () => {
        const stack = await tenant.create(started);
        const updated = await tenant.up(stack, { ...stopped, name: "renamed" });
        expect(updated.outs).toMatchObject({ states: { stopped: 2 }, name: "renamed", inDesiredState: true });
        expect((await tenant.sent()).filter((sent) => sent === "start")).toEqual([]);
    });

    test("stopped and left out: the update starts nothing", async () => {
        const stack = await tenant.create(stopped);
        const updated = await tenant.up(stack, { ...task, description: "changed" });
        expect(updated.outs).toMatchObject({ states: { stopped: 2 } });
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "stop", "UpdateBatchTask"]);
    });

    test("a wrong body while children run: refused, nothing is stopped, and it is not called gone", async () => {
        const stack = await tenant.create(started);
        await tenant.settings({ updateActive: "allow" });
        await expect(tenant.up(stack, { ...started, batchInput: inputOf(["d".repeat(32)]) })).rejects.toThrow(
            /was not updated: VIAS.00010002: .*video source/,
        );
        await tenant.control.seed({
            objects: [{ service: "vias", kind: "batchTasks", objects: [{ batch_task_name: "taken" }] }],
        });
        await expect(tenant.up(stack, { ...started, name: "taken" })).rejects.toThrow(
            /was not updated: .*VIAS.00010011/,
        );
        expect(await tenant.sent()).not.toContain("stop");
    });

    test("refused even at rest: what was stopped runs again, and the next up sends the body once more", async () => {
        const stack = await tenant.create(started);
        await tenant.faults({
            fault: "respond",
            service: "vias",
            operation: "UpdateBatchTask",
            status: 400,
            code: "VIAS.00010077",
            message: `no ${SECRET}`,
            skip: 1,
        });
        const failed = await tenant.up(stack, { ...started, name: "renamed" });
        expect(reasonsOf(failed)).toMatch(/VIAS.00010077: no \[redacted\].*are started again; run the same command/);
        expect(failed.outs).toMatchObject({ bodyApplied: false, inDesiredState: true });
        expect(await tenant.states()).toEqual(["RUNNING", "RUNNING"]);
        await tenant.control.clearFaults();
        const seen = await tenant.refresh(failed);
        const mended = await tenant.up({ ...seen, reasons: undefined }, { ...started, name: "renamed" });
        expect(mended.outs).toMatchObject({ bodyApplied: true });
        expect((await tenant.batches())[0]).toMatchObject({ batch_task_name: "renamed" });
    });

    test("the deadline comes while children stop for it: the next up puts the body and starts them again", async () => {
        const stack = await tenant.create(task);
        await tenant.clock.run(() => tenant.clock.sleep(60_000));
        await tenant.outcomes({ service: "vias", process: "stop-task", outcome: "stuck", times: 1 });
        const declared = { ...task, name: "renamed", timeout: "60s" };
        const failed = await tenant.up(stack, declared);
        expect(reasonsOf(failed)).toMatch(/to be stopped for the update: Timeout/);
        expect(failed.outs).toMatchObject({ bodyApplied: false, inDesiredState: false });
        const [stuck] = (await tenant.children()).filter(({ state }) => state === "STOPPING");
        await tenant.change("tasks", stuck?.id, { state: "STOPPED" });
        const mended = await tenant.up(failed, declared);
        expect(mended).toMatchObject({ reasons: undefined, outs: { states: { running: 2 }, name: "renamed" } });
    });

    test("failed for some children: kept, and the next up sends it again", async () => {
        const stack = await tenant.create({ ...stopped, batchInput: inputOf([FIRST]) });
        await tenant.outcomes({
            service: "vias",
            process: "create-task",
            outcome: "fail",
            ids: [SECOND],
            message: "no licence",
            times: 1,
        });
        const failed = await tenant.up(stack, stopped);
        expect(reasonsOf(failed)).toMatch(/update failed for 1 of 2 tasks of the batch task: .*no licence/);
        expect(failed.outs).toMatchObject({ bodyApplied: false });
        const mended = await tenant.up(failed, stopped);
        expect(mended.outs).toMatchObject({ bodyApplied: true });
    });

    test("lost answers and server errors: the whole is put again", async () => {
        const stack = await tenant.create(stopped);
        await tenant.faults(
            { fault: "reset", service: "vias", operation: "UpdateBatchTask", when: "after", times: 1 },
            { ...BROKEN, operation: "UpdateBatchTask", times: 1 },
        );
        const updated = await tenant.up(stack, { ...stopped, name: "renamed" });
        expect(updated.outs).toMatchObject({ name: "renamed" });
        await tenant.faults({ ...BROKEN, operation: "UpdateBatchTask" });
        const failed = await tenant.up(updated, { ...stopped, name: "again" });
        expect(reasonsOf(failed)).toMatch(/HTTP 500 .*broken by \[redacted\]/);
        expect(failed.outs).toMatchObject({ bodyApplied: false });
    });

    test("gone meanwhile: says so", async () => {
        const stack = await tenant.create(stopped);
        await tenant.control.remove({ service: "vias", kind: "batchTasks", id: stack.id });
        for (const { id } of await tenant.children()) {
            await tenant.control.remove({ service: "vias", kind: "tasks", id: String(id) });
        }
        await expect(tenant.up(stack, { ...stopped, name: "renamed" })).rejects.toThrow(/is gone .*run pulumi refresh/);
        expect(reasonsOf(await tenant.up(stack, started))).toMatch(/VIAS.00010008/);
        expect(await tenant.refresh(stack)).toMatchObject({ id: "" });
        await tenant.destroy(stack);
        expect((await tenant.sent()).filter((sent) => sent === "DeleteBatchTask")).toEqual([]);
    });
});
