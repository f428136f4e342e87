import { VideoTenant } from "./batch-task-tenant";

const GROUP = "b0000000000000000000000000000001";
const SOURCES = ["c0000000000000000000000000000001", "c0000000000000000000000000000002"];
const [FIRST = "", SECOND = ""] = SOURCES;
const SECRET = "bearer-Zq83/x+7 f";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const input = (sources: readonly string[]) => ({
    videoSourceGroup: [
        { videoSourceGroupId: GROUP, videoSourceList: sources.map((videoSourceId) => ({ videoSourceId })) },
    ],
});
const task = {
    __resource: "vias:BatchTask",
    __urn: "urn:task",
    __provider: "code",
    name: "counting",
    batchInput: input(SOURCES),
    output: { webhook: { url: "http://127.0.0.1/hook", headers: { Authorization: SECRET } } },
    serviceName: "people-counting",
    serviceVersion: "1.0.0",
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
        await expect(tenant.create({ ...started, adopt: id, batchInput: input(["d".repeat(32)]) })).rejects.toThrow(
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
        await expect(tenant.up(stack, { ...started, batchInput: input(["d".repeat(32)]) })).rejects.toThrow(
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
        const stack = await tenant.create({ ...stopped, batchInput: input([FIRST]) });
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
        const none = { replaces: [], deleteBeforeReplace: false };
        expect(await diff({ region: "cn-north-4", adopt: stack.id })).toEqual({ changes: false, ...none });
        expect(await diff({ description: UNKNOWN })).toEqual({ changes: true, ...none });
        expect(await diff({ batchInput: input([UNKNOWN]) })).toEqual({ changes: true, ...none });
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
            { ...started, name: UNKNOWN, batchInput: input([UNKNOWN]), output: UNKNOWN },
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

describe("BatchTaskDeletion", () => {
    const deletion = (when: "create" | "destroy", ids: readonly string[]) => ({
        __resource: "vias:BatchTaskDeletion",
        __urn: "urn:deletion",
        __provider: "code",
        batchTaskIds: ids,
        when,
    });
    const seed = async () => {
        const [running = [], idle = [], others = []] = await tenant.control.seed({
            objects: [
                { service: "vias", kind: "batchTasks", count: 3, template: { num_task: 2, task_state: "RUNNING" } },
                { service: "vias", kind: "batchTasks", count: 3, template: { num_task: 2, task_state: "STOPPED" } },
                { service: "vias", kind: "batchTasks", count: 2, template: { num_task: 1, task_state: "RUNNING" } },
            ],
        });
        return { declared: [...running, ...idle], others };
    };

    test.each(["refuse", "count-failed"])(
        "when: create. Running batch tasks are stopped and then deleted (%s)",
        async (deleteActive) => {
            await tenant.settings({ deleteActive });
            const { declared, others } = await seed();
            const stack = await tenant.create(deletion("create", declared));
            expect(stack).toMatchObject({ reasons: undefined, outs: { counts: { deleted: 6 }, remaining: 0 } });
            expect((await tenant.batches()).map(({ id }) => id).sort()).toEqual([...others].sort());
            expect((await tenant.sent()).filter((sent) => sent === "stop")).toHaveLength(3);
            expect((await tenant.control.auditLog()).doubleSubmissions).toEqual([]);
            await tenant.destroy(stack);
            expect(await tenant.batches()).toHaveLength(2);
        },
    );

    test("when: destroy. Up sends nothing; destroy deletes what is still there", async () => {
        const { declared, others } = await seed();
        const stack = await tenant.create(deletion("destroy", declared));
        expect(await tenant.sent()).toEqual([]);
        await tenant.control.remove({ service: "vias", kind: "batchTasks", id: declared[0] ?? "" });
        expect((await tenant.refresh(stack)).outs).toMatchObject({ remaining: 5 });
        await tenant.destroy(stack);
        expect((await tenant.batches()).map(({ id }) => id).sort()).toEqual([...others].sort());
    });
});
