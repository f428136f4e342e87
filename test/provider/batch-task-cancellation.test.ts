import { CANCELLED } from "../../src/util/cancellation";
import { type Declared, started, stopped, task } from "./batch-task-program";
import { type Kept, VideoTenant } from "./batch-task-tenant";

interface Story {
    readonly title: string;
    /** What exists before. */
    readonly before?: Declared;
    readonly declared: Declared;
    readonly ends: readonly string[];
}

const running = ["RUNNING", "RUNNING"];
const stories: readonly Story[] = [
    { title: "create, started", declared: started, ends: running },
    { title: "create, stopped", declared: stopped, ends: ["STOPPED", "STOPPED"] },
    { title: "stop", before: started, declared: stopped, ends: ["STOPPED", "STOPPED"] },
    { title: "start", before: stopped, declared: started, ends: running },
    {
        title: "an update of the body, for which running children are stopped",
        before: started,
        declared: { ...started, name: "renamed" },
        ends: running,
    },
    {
        title: "the same, desiredState left out",
        before: task,
        declared: { ...task, name: "renamed" },
        ends: running,
    },
];

/** Cancels the operation when the n-th request from now on has been answered. */
function cancelAfter(tenant: VideoTenant, count: number) {
    let sent = 0;
    let changesBefore: number | undefined;
    tenant.newProcess({
        send: async (request) => {
            try {
                return await tenant.transport.send(request);
            } finally {
                sent += 1;
                if (sent === count) {
                    changesBefore = (await tenant.sent()).length;
                    tenant.cancellation.abort(CANCELLED);
                }
            }
        },
    });
    return { reached: () => sent >= count, changesBefore: () => changesBefore };
}

describe.each(stories)("$title", ({ before, declared, ends }) => {
    test("cancelled after any request: nothing more is changed, and the next up reaches the same end", async () => {
        let tried = 0;
        for (let count = 1; ; count += 1) {
            const tenant = new VideoTenant();
            let stack: Kept | undefined = before === undefined ? undefined : await tenant.create(before);
            if (before === task) {
                await tenant.clock.run(() => tenant.clock.sleep(60_000));
                stack = stack && (await tenant.refresh(stack));
            }
            const point = cancelAfter(tenant, count);
            const from = tenant.clock.now();
            let failure: unknown;
            try {
                stack = stack === undefined ? await tenant.create(declared) : await tenant.up(stack, declared);
            } catch (error) {
                failure = error;
            }
            if (!point.reached()) {
                break;
            }
            tried += 1;
            const took = tenant.clock.now() - from;
            expect(await tenant.sent()).toHaveLength(point.changesBefore() ?? 0);
            expect(took).toBeLessThan(60_000);
            if (failure !== undefined) {
                expect(String(failure)).toMatch(/Cancelled: .*run the same command again/);
            }
            tenant.newProcess();
            await tenant.clock.run(() => tenant.clock.sleep(120_000));
            stack = stack === undefined ? await tenant.create(declared) : await tenant.up(stack, declared);
            expect(stack.reasons).toBeUndefined();
            await tenant.clock.run(() => tenant.clock.sleep(120_000));
            expect(await tenant.states()).toEqual(ends);
            expect((await tenant.batches()).map(({ batch_task_name }) => batch_task_name)).toEqual([declared.name]);
            expect(stack.outs).not.toHaveProperty("stoppedForUpdate");
            expect(await tenant.up(stack, declared)).toBe(stack);
            expect(tenant.clock.sleepers).toBe(0);
        }
        expect(tried).toBeGreaterThan(1);
    });
});

test("a batch task that was stopped for an update stays stopped, and the state says so", async () => {
    const tenant = new VideoTenant();
    const stack = await tenant.create(task);
    await tenant.clock.run(() => tenant.clock.sleep(60_000));
    const { send } = tenant.transport;
    tenant.newProcess({
        send: async (request) => {
            const answer = await send(request);
            if (request.url.endsWith("/action/stop")) {
                tenant.cancellation.abort(CANCELLED);
            }
            return answer;
        },
    });
    const cancelled = await tenant.up(stack, { ...task, name: "renamed" });
    expect(await tenant.sent()).toEqual(["CreateBatchTask", "UpdateBatchTask", "stop"]);
    expect(await tenant.states()).toEqual(["STOPPED", "STOPPED"]);
    expect(cancelled.reasons?.join()).toMatch(/Cancelled.*stopped for the update, and stay stopped until then/);
    expect(cancelled.outs).toMatchObject({
        states: { stopped: 2 },
        bodyApplied: false,
        inDesiredState: false,
        stoppedForUpdate: true,
    });
    tenant.newProcess();
    const seen = await tenant.refresh(cancelled);
    expect(seen.outs).toMatchObject({ inDesiredState: false, stoppedForUpdate: true });
    tenant.newProcess();
    const mended = await tenant.up({ ...seen, reasons: undefined }, { ...task, name: "renamed" });
    expect(mended.reasons).toBeUndefined();
    expect(await tenant.states()).toEqual(running);
    expect(mended.outs).not.toHaveProperty("stoppedForUpdate");
});

test("the delete of a batch task with running children sends nothing more when cancelled after any request", async () => {
    for (let count = 1; ; count += 1) {
        const tenant = new VideoTenant();
        const stack = await tenant.create(started);
        const point = cancelAfter(tenant, count);
        const failure: unknown = await tenant.deleteInSameOperation(stack).catch((error: unknown) => error);
        if (!point.reached()) {
            expect(count).toBeGreaterThan(2);
            break;
        }
        expect(await tenant.sent()).toHaveLength(point.changesBefore() ?? 0);
        if (failure !== undefined) {
            expect(String(failure)).toMatch(/Cancelled/);
        }
        tenant.newProcess();
        await tenant.clock.run(() => tenant.clock.sleep(120_000));
        if (failure !== undefined) {
            await tenant.destroy(stack);
        }
        await tenant.clock.run(() => tenant.clock.sleep(120_000));
        expect(await tenant.batches()).toEqual([]);
    }
});

test("after an update that was killed once it had stopped the children, the state says that they do not run", async () => {
    const tenant = new VideoTenant();
    const stack = await tenant.create(task);
    await tenant.clock.run(() => tenant.clock.sleep(60_000));
    const seen = await tenant.refresh(stack);
    for (const { id } of await tenant.children()) {
        await tenant.change("tasks", id, { state: "STOPPED" });
    }
    await tenant.up(seen, { ...task, name: "renamed" });
    expect(tenant.notes.join()).toMatch(/its tasks are stopped, and were not .* set desiredState to "started"/);
});

test("one last inspection settles what it can before the deadline", async () => {
    const tenant = new VideoTenant();
    await tenant.outcomes({ service: "vias", process: "start-task", outcome: "stuck", times: 1 });
    const left = await tenant.create({ ...started, timeout: "30s" });
    expect(left.reasons?.join()).toMatch(/Timeout: not settled within 30s/);
    expect(tenant.clock.now()).toBeLessThanOrEqual(30_000 + Date.UTC(2026, 0, 1));
});
