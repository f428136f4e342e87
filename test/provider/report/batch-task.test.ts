import { readReports } from "../../../src/provider/report/summary/read-directory";
import { VideoTenant } from "../batch-task-tenant";
import { newDirectory, removeDirectories } from "./reports-of-a-world";

afterAll(removeDirectories);

const batchInput = {
    videoSourceGroup: [
        {
            videoSourceGroupId: "b0000000000000000000000000000001",
            videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }],
        },
    ],
};
const task = {
    __resource: "vias:BatchTask",
    __urn: "urn:pulumi:dev::shop::x::counting",
    __provider: "code",
    name: "gate",
    batchInput,
    output: { webhook: { url: "http://127.0.0.1/hook", headers: { Authorization: "bearer-0123456789" } } },
    serviceName: "people-counting",
    serviceVersion: "1.0.0",
};

async function reporting() {
    const tenant = new VideoTenant();
    tenant.reports = newDirectory();
    tenant.newProcess();
    const rows = async () => (await readReports(tenant.reports ?? "")).summary.targets;
    return { tenant, rows };
}

test("a batch task that is made, started, changed and deleted has one row, with its id, name and requests", async () => {
    const { tenant, rows } = await reporting();
    const stack = await tenant.create({ ...task, desiredState: "started" });
    const same = { resource: "counting", kind: "batch task", id: stack.id, name: "gate" };
    const sent = async () => (await tenant.sent()).length;
    expect(await rows()).toMatchObject([{ ...same, outcome: "done", attempts: await sent() }]);
    const changed = await tenant.up(stack, { ...task, desiredState: "stopped" });
    expect(await rows()).toMatchObject([{ ...same, outcome: "done", attempts: await sent() }]);
    await tenant.destroy(changed);
    expect(await rows()).toMatchObject([{ ...same, outcome: "deleted", attempts: await sent() }]);
    const [row] = await rows();
    expect(row?.requestId).toEqual(expect.any(String));
    expect(Date.parse(row?.settledAt ?? "")).toBeGreaterThan(Date.parse(row?.submittedAt ?? ""));
});

test("a stop that a deletion needs is one of its attempts", async () => {
    const { tenant, rows } = await reporting();
    const stack = await tenant.create({ ...task, desiredState: "started" });
    const before = (await tenant.sent()).length;
    await tenant.destroy(stack);
    expect((await tenant.sent()).slice(before)).toContain("stop");
    expect(await rows()).toMatchObject([{ outcome: "deleted", attempts: (await tenant.sent()).length }]);
});

test("one that the cloud refuses is failed, with the code; it never had an id", async () => {
    const { tenant, rows } = await reporting();
    await tenant.faults({
        fault: "respond",
        service: "vias",
        operation: "CreateBatchTask",
        status: 400,
        code: "VIAS.00010001",
        message: "wrong body",
    });
    await expect(tenant.create(task)).rejects.toThrow("was not created");
    expect(await rows()).toMatchObject([
        {
            id: "(new)",
            name: "gate",
            outcome: "failed",
            message: expect.stringContaining("VIAS.00010001"),
            attempts: 1,
        },
    ]);
});

test("one whose creation was perhaps done is unknown", async () => {
    const { tenant, rows } = await reporting();
    await tenant.faults(
        { fault: "respond", service: "vias", operation: "CreateBatchTask", status: 502, message: "bad gateway" },
        { fault: "respond", service: "vias", operation: "ListBatchTasks", status: 500, message: "broken" },
    );
    await expect(tenant.create(task)).rejects.toThrow("may have been created");
    expect(await rows()).toMatchObject([{ id: "(new)", outcome: "unknown", attempts: 1 }]);
});

test("an update that changes nothing, and a refresh, act on nothing", async () => {
    const { tenant, rows } = await reporting();
    const stack = await tenant.create(task);
    tenant.reports = newDirectory();
    tenant.newProcess();
    await tenant.refresh(stack);
    await tenant.up(stack, { ...task, timeout: "30m" });
    expect(await rows()).toEqual([]);
});
