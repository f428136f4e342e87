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

const reasonsOf = ({ reasons }: { reasons: readonly string[] | undefined }) => (reasons ?? []).join("\n");

describe("the declared state", () => {
    test("changes: stopped, started, left out", async () => {
        const stack = await tenant.create(started);
        const rest = await tenant.up(stack, stopped);
        expect(rest.outs).toMatchObject({ states: { stopped: 2 }, inDesiredState: true });
        const runs = await tenant.up(rest, started);
        expect(runs.outs).toMatchObject({ states: { running: 2 } });
        const left = await tenant.up(runs, task);
        expect(left.outs.desiredState).toBeUndefined();
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "stop", "start"]);
    });

    test("a child that somebody stopped is seen by refresh and started by up", async () => {
        const stack = await tenant.create(started);
        const [child] = await tenant.children();
        await tenant.change("tasks", child?.id, { state: "STOPPED" });
        const seen = await tenant.refresh(stack);
        expect(seen.outs).toMatchObject({ states: { running: 1, stopped: 1 }, inDesiredState: false });
        const mended = await tenant.up(seen, started);
        expect(mended.outs).toMatchObject({ states: { running: 2 }, inDesiredState: true });
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "start"]);
    });

    test("stopped was declared, a child runs again, and nothing is declared any more: none is started", async () => {
        const stack = await tenant.create(stopped);
        const [child] = await tenant.children();
        await tenant.change("tasks", child?.id, { state: "RUNNING" });
        const seen = await tenant.refresh(stack);
        expect(seen.outs).toMatchObject({ inDesiredState: false });
        const left = await tenant.up(seen, task);
        expect((await tenant.states()).toSorted()).toEqual(["RUNNING", "STOPPED"]);
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "stop"]);
        expect(await tenant.up(await tenant.refresh(left), task)).toMatchObject({ reasons: undefined });
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "stop"]);
    });

    test("of one that says nothing of it, a refresh makes no change", async () => {
        const stack = await tenant.create(task);
        const [child] = await tenant.children();
        await tenant.change("tasks", child?.id, { state: "FAILED" });
        const seen = await tenant.refresh(stack);
        expect(await tenant.up(seen, task)).toBe(seen);
    });

    test("a child that is unwell is stopped too where stopped is declared", async () => {
        const stack = await tenant.create(started);
        const [child] = await tenant.children();
        await tenant.change("tasks", child?.id, { state: "ABNORMAL" });
        expect((await tenant.up(stack, stopped)).outs).toMatchObject({ states: { stopped: 2 } });
    });

    test("start and stop whose answers are lost, or that the state does not allow just now, are asked for again", async () => {
        await tenant.faults(
            { fault: "reset", service: "vias", operation: "BatchStartStopTask", when: "before", times: 1 },
            {
                fault: "respond",
                service: "vias",
                operation: "BatchStartStopTask",
                status: 400,
                code: "VIAS.00010004",
                times: 1,
            },
        );
        expect((await tenant.create(stopped)).outs).toMatchObject({ states: { stopped: 2 } });
    });

    test("no permission to start is final", async () => {
        const stack = await tenant.create(stopped);
        await tenant.faults({
            fault: "respond",
            service: "vias",
            operation: "BatchStartStopTask",
            status: 403,
            code: "VIAS.403",
            message: `not for ${SECRET}`,
        });
        const failed = await tenant.up(stack, started);
        expect(reasonsOf(failed)).toMatch(/VIAS.403: not for \[redacted\]/);
        expect(failed.outs).toMatchObject({ inDesiredState: false });
    });
});
