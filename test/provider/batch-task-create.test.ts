import { task as plainTask, SOURCES } from "./batch-task-program";
import { VideoTenant } from "./batch-task-tenant";

const [, SECOND = ""] = SOURCES;
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

describe("create", () => {
    test("started: waits until every child runs; a second up does nothing", async () => {
        const stack = await tenant.create(started);
        expect(stack.reasons).toBeUndefined();
        const [batch] = await tenant.batches();
        expect(stack.id).toBe(batch?.id);
        expect(stack.outs).toMatchObject({
            batchTaskId: stack.id,
            place: { region: "cn-north-4" },
            states: { running: 2 },
            bodyApplied: true,
            inDesiredState: true,
            schemaVersion: 2,
            name: "counting",
        });
        expect(await tenant.states()).toEqual(["RUNNING", "RUNNING"]);
        expect(tenant.lines.join()).toMatch(/2 pending, 0:00.*2 starting/);
        expect(await tenant.sent()).toEqual(["CreateBatchTask"]);
        expect(await tenant.up(stack, started)).toBe(stack);
    });

    test("stopped: stopped again, and waited for", async () => {
        const stack = await tenant.create(stopped);
        expect(stack.outs).toMatchObject({ states: { stopped: 2 }, inDesiredState: true });
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "stop"]);
    });

    test("left out: created, and not waited for", async () => {
        const stack = await tenant.create(task);
        expect(stack.outs).toMatchObject({ states: { pending: 2 }, inDesiredState: true });
        expect(await tenant.sent()).toEqual(["CreateBatchTask"]);
    });

    test("children that do not start are started once more; those that still do not are named, and kept for the next up", async () => {
        await tenant.outcomes({
            service: "vias",
            process: "start-task",
            outcome: "fail",
            status: "START_FAILED",
            message: `no capacity for ${SECRET}`,
            times: 4,
        });
        const stack = await tenant.create(started);
        const [one, two] = await tenant.children();
        expect(stack.id).not.toBe("");
        expect(stack.reasons?.[0]).toMatch(/^VIAS batch task \w+ is not as declared: ChildrenFailed: .*2 start_failed/);
        // In the cloud's order, in which the list shows them.
        const named = [one, two].map((child) => `${child?.name} (${child?.id})`);
        const oneLine = (names: string[]) =>
            `2 tasks are START_FAILED: VIAS.00010006 no capacity for [redacted]: ${names.join(", ")}`;
        expect([[oneLine(named)], [oneLine(named.toReversed())]]).toContainEqual(stack.reasons?.slice(1));
        expect(stack.outs.failed).toEqual([
            expect.objectContaining({
                kind: "START_FAILED",
                code: "VIAS.00010006",
                message: "no capacity for [redacted]",
                count: 2,
            }),
        ]);
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "start"]);

        const mended = await tenant.up(stack, started);
        expect(mended.reasons).toBeUndefined();
        expect(mended.outs).toMatchObject({ states: { running: 2 }, inDesiredState: true });
    });

    test.each([started, task])(
        "failed_count above 0 with HTTP 200 is a failure that keeps the id; the next up starts them",
        async (declared) => {
            await tenant.outcomes({
                service: "vias",
                process: "create-task",
                outcome: "fail",
                ids: [SECOND],
                code: "VIAS.00010006",
                message: "no licence",
            });
            const stack = await tenant.create(declared);
            expect(reasonsOf(stack)).toMatch(
                /creation failed for 1 of 2 tasks of the batch task: .*no licence \(request \w+\)/,
            );
            const mended = await tenant.up(stack, declared);
            expect(mended.reasons).toBeUndefined();
            expect(await tenant.states()).toEqual(["RUNNING", "RUNNING"]);
            expect(await tenant.sent()).toEqual(["CreateBatchTask", "start"]);
            expect(await tenant.up(mended, declared)).toBe(mended);
        },
    );

    test.each([started, stopped])("a refresh that finds nothing new changes no output", async (declared) => {
        const { outs, ...stack } = await tenant.create(declared);
        expect((await tenant.refresh({ outs, ...stack })).outs).toEqual(outs);
    });

    test("children that could not be created and are to be stopped: a refresh does not make it forgotten", async () => {
        await tenant.outcomes({ service: "vias", process: "create-task", outcome: "fail", ids: [SECOND] });
        const stack = await tenant.create(stopped);
        expect(reasonsOf(stack)).toMatch(/creation failed for 1 of 2 tasks/);
        const refreshed = await tenant.refresh(stack);
        // The engine has forgotten that it failed.
        expect(refreshed.reasons).toBeUndefined();
        const next = await tenant.up(refreshed, stopped);
        expect(await tenant.sent()).toContain("UpdateBatchTask");
        expect(next.outs).toMatchObject({ bodyApplied: true });
        expect(tenant.notes.join()).toContain("1 of its tasks could not be created by the cloud");
    });

    test("an answer that is lost after the effect: stops, names the id, and adopt goes on", async () => {
        await tenant.faults({ fault: "reset", service: "vias", operation: "CreateBatchTask", when: "after" });
        const [failure] = await Promise.allSettled([tenant.create(started)]);
        const [batch] = await tenant.batches();
        expect(failure).toMatchObject({ status: "rejected" });
        expect(failure.status === "rejected" && failure.reason.message).toMatch(
            new RegExp(`"counting".*batch task ${batch?.id} has this name .*set adopt to "${batch?.id}"`),
        );
        expect(await tenant.sent()).toEqual(["CreateBatchTask"]);
        await tenant.control.clearFaults();
        const stack = await tenant.create({ ...started, adopt: batch?.id });
        expect(stack).toMatchObject({ id: batch?.id, reasons: undefined, outs: { states: { running: 2 } } });
        expect(await tenant.batches()).toHaveLength(1);
    });

    test.each([
        { fault: "reset", when: "before" } as const,
        { fault: "respond", status: 500, when: "before" } as const,
        { fault: "respond", status: 429, headers: { "Retry-After": "2" } } as const,
    ])("$fault $status before the effect: one batch task is created", async (fault) => {
        await tenant.faults({ service: "vias", operation: "CreateBatchTask", times: 2, ...fault });
        const stack = await tenant.create(started);
        expect(stack.reasons).toBeUndefined();
        expect(await tenant.batches()).toHaveLength(1);
    });

    test("killed after the effect: the next run's refusal names the id", async () => {
        const silent = tenant.newProcess({
            send: async (request) => {
                const answer = await tenant.transport.send(request);
                return request.method === "POST" ? new Promise(() => {}) : answer;
            },
        });
        void silent.create(await tenant.check(started));
        await tenant.clock.run(async () => {
            while ((await tenant.batches()).length === 0) {
                await tenant.clock.sleep(10);
            }
        });
        tenant.newProcess();
        const [batch] = await tenant.batches();
        await expect(tenant.create(started)).rejects.toThrow(`set adopt to "${batch?.id}"`);
        expect(await tenant.batches()).toHaveLength(1);
        await tenant.endTimers();
    });

    test("the name is somebody else's: refused, naming it, nothing adopted", async () => {
        const [[other] = []] = await tenant.control.seed({
            objects: [{ service: "vias", kind: "batchTasks", objects: [{ batch_task_name: "counting" }] }],
        });
        await expect(tenant.create(started)).rejects.toThrow(
            new RegExp(`${other} has this name \\(VIAS.00010011: .*; otherwise choose another name`),
        );
        expect(await tenant.sent()).toEqual(["CreateBatchTask"]);
    });

    test("refused by the cloud: says which task, and why; nothing is kept", async () => {
        await expect(tenant.create({ ...started, serviceVersion: "9.9.9" })).rejects.toThrow(
            /^VIAS batch task "counting" was not created: VIAS CreateBatchTask: HTTP 400 VIAS.00010002: .*9\.9\.9/,
        );
    });

    test("the deadline comes first: kept with its id, and the next up goes on", async () => {
        await tenant.outcomes({ service: "vias", process: "start-task", outcome: "stuck", times: 1 });
        const stack = await tenant.create({ ...started, timeout: "90s" });
        expect(reasonsOf(stack)).toMatch(
            /Timeout: not settled within 90s \(the argument timeout\).*its tasks: 1 .*running.*run the same command/,
        );
        expect(stack.outs).toMatchObject({ inDesiredState: false, bodyApplied: true });
        const [stuck] = (await tenant.children()).filter(({ state }) => state === "STARTING");
        await tenant.change("tasks", stuck?.id, { state: "STOPPED" });
        const mended = await tenant.up(stack, { ...started, timeout: "90s" });
        expect(mended.outs).toMatchObject({ states: { running: 2 }, inDesiredState: true });
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "start"]);
    });

    test("a cloud that fails to answer for a while, or throttles, is waited out", async () => {
        await tenant.faults(
            { fault: "respond", service: "vias", operation: "ListTasks", status: 502, times: 15 },
            { fault: "respond", service: "vias", operation: "ListTasks", status: 429, times: 5, skip: 1 },
        );
        expect(await tenant.create(started)).toMatchObject({ reasons: undefined, outs: { states: { running: 2 } } });
    });

    test("outside the hours of its schedule a child counts as started, once a start was asked for", async () => {
        const schedule = {
            type: "weekly",
            timezone: "+08:00",
            daysOfWeek: [1],
            periods: [[{ beginAt: "08:00:00", endAt: "09:00:00" }]],
        };
        const stack = await tenant.create({ ...stopped, schedule });
        const running = await tenant.up(stack, { ...started, schedule });
        expect(running.outs).toMatchObject({ states: { running: 2 } });
        const [child] = await tenant.children();
        await tenant.change("tasks", child?.id, { state: "STOPPED", schedule_status: "INACTIVATED" });
        const seen = await tenant.refresh(running);
        expect(seen.outs).toMatchObject({ states: { running: 1, stopped: 1 }, inDesiredState: true });
        expect(await tenant.up(seen, { ...started, schedule })).toBe(seen);
    });
});
