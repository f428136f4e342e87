import { task as plainTask } from "./batch-task-program";
import { VideoTenant } from "./batch-task-tenant";

const SECRET = "bearer-Zq83/x+7 f";
/** With a secret in its body. */
const task = {
    ...plainTask,
    output: { webhook: { url: "http://127.0.0.1/hook", headers: { Authorization: SECRET } } },
};
const started = { ...task, desiredState: "started" };
const stopped = { ...task, desiredState: "stopped" };

let tenant: VideoTenant;
beforeEach(() => {
    tenant = new VideoTenant();
});
afterEach(() => {
    expect(tenant.clock.sleepers).toBe(0);
});

describe("delete", () => {
    test("while children run: stopped, waited for, deleted, waited for", async () => {
        const stack = await tenant.create(started);
        await tenant.destroy(stack);
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "DeleteBatchTask", "stop", "DeleteBatchTask"]);
        expect(await tenant.batches()).toEqual([]);
        expect(await tenant.children()).toEqual([]);
        expect((await tenant.control.auditLog()).doubleSubmissions).toEqual([]);
        expect(tenant.lines.join()).toMatch(/have to stop first/);
    });

    test("while a child is unwell: stopped as well", async () => {
        const stack = await tenant.create(stopped);
        const [child] = await tenant.children();
        await tenant.change("tasks", child?.id, { state: "ABNORMAL" });
        await tenant.destroy(stack);
        expect(await tenant.batches()).toEqual([]);
    });

    test("of one that is gone, or being deleted already", async () => {
        const stack = await tenant.create(stopped);
        tenant.newProcess();
        await Promise.all([tenant.deleteInSameOperation(stack), tenant.deleteInSameOperation(stack)]);
        await tenant.destroy(stack);
        expect((await tenant.sent()).filter((sent) => sent === "DeleteBatchTask")).toHaveLength(1);
        expect((await tenant.control.auditLog()).doubleSubmissions).toEqual([]);
    });

    test("failing for some children: the cloud's words, and the next destroy goes on", async () => {
        const stack = await tenant.create(stopped);
        const [child] = await tenant.children();
        await tenant.outcomes({
            service: "vias",
            process: "delete-task",
            outcome: "fail",
            ids: [String(child?.id)],
            message: `locked by ${SECRET}`,
            times: 1,
        });
        await expect(tenant.destroy(stack)).rejects.toThrow(
            /1 failed; run the same command again.*\n.*deletion failed for 1 of 2 tasks of the batch task: .*locked by \[redacted\]/,
        );
        await tenant.destroy(stack);
        expect(await tenant.batches()).toEqual([]);
    });

    test("HUAWEICLOUD_BATCH_TIMEOUT bounds it", async () => {
        const stack = await tenant.create(started);
        await tenant.outcomes({ service: "vias", process: "stop-task", outcome: "stuck" });
        tenant.env = { HUAWEICLOUD_BATCH_TIMEOUT: "30s" };
        tenant.newProcess();
        const began = tenant.clock.now();
        await expect(tenant.destroy(stack)).rejects.toThrow(
            /Timeout not settled within 30s \(the environment variable HUAWEICLOUD_BATCH_TIMEOUT\)/,
        );
        expect(tenant.clock.now() - began).toBeLessThan(31_000);
    });
});
