/** After the engine's Cancel nothing is submitted: on the real engine, by the emulator's log. */
import { setTimeout as sleep } from "node:timers/promises";
import { GRACE } from "../../src/util/cancellation";
import { addTargets, alive, clouddc, type Deletion, declared, metastudio, roma, vias, workspaceapp } from "./deletions";
import { faces } from "./faces";
import { until } from "./interruptions";
import { programOf } from "./programs";
import { type Face, Stack } from "./stack";
import { Tenant } from "./tenant";

const up = ["up", "--yes", "--skip-preview"];
const destroy = ["destroy", "--yes", "--skip-preview"];

/** Three seconds at the emulator's speed: short enough to be waited for after a cancellation. */
const A_MINUTE = { kind: "fixed", ms: 60_000 } as const;
/** Half a minute: too long to be waited for. */
const TEN_MINUTES = { kind: "fixed", ms: 600_000 } as const;
const lasting = (duration: typeof A_MINUTE | typeof TEN_MINUTES) => ({
    roma: { "delete-assets": duration },
    workspaceapp: { "delete-image-server": duration },
    clouddc: { "delete-instance": duration },
    vias: { "task-deletes": duration },
});

/** Longer than the engine's call takes to reach the process. */
const LATE_MS = 8_000;
/** Requests that are sent together have all been received by then. */
const TOGETHER_MS = 1_000;

interface Case {
    readonly face: Face;
    readonly deletion: Deletion;
    readonly targets: number;
    readonly signal: "SIGINT" | "SIGTERM";
    readonly args: readonly string[];
}

const cases: readonly Case[] = [
    { face: "dynamic", deletion: workspaceapp, targets: 1_300, signal: "SIGINT", args: up },
    { face: "dynamic", deletion: roma, targets: 300, signal: "SIGTERM", args: up },
    { face: "dynamic", deletion: clouddc, targets: 1_500, signal: "SIGINT", args: destroy },
    { face: "dynamic", deletion: metastudio, targets: 3_000, signal: "SIGTERM", args: destroy },
    { face: "dynamic", deletion: vias, targets: 500, signal: "SIGINT", args: up },
    { face: "plugin", deletion: vias, targets: 500, signal: "SIGINT", args: up },
    { face: "plugin", deletion: roma, targets: 500, signal: "SIGTERM", args: destroy },
];

/** Of so many batch tasks the children would take long. */
const templateOf = (deletion: Deletion, targets: number) => (deletion === vias && targets > 100 ? { num_task: 0 } : {});

describe.each(cases)(
    "$face face, $targets of $deletion.service, $signal",
    ({ face, deletion, targets, signal, args }) => {
        const { service, operation } = deletion;
        const submits = async (tenant: Tenant) =>
            (await tenant.requests()).filter(
                (request) => request.service === service && request.operation === operation,
            );

        test.each(["looking", "submitting"] as const)(
            "while %s: no submit after it, and the next run finishes",
            async (moment) => {
                const tenant = await Tenant.open({ seed: { durations: lasting(A_MINUTE) } });
                const ids = await addTargets(tenant, deletion, targets, templateOf(deletion, targets));
                const when = args === up ? "create" : "destroy";
                const program = programOf(declared(deletion, when, ids));
                const stack = await Stack.create({ program, env: tenant.env, face });
                if (when === "destroy") {
                    await stack.must(...up);
                }
                const throttles = [{ service, per: "user", limit: 20, windowSeconds: 1 }] as const;
                const late = moment === "looking" ? { service } : { service, operation };
                await tenant.control.seed({
                    throttles: [...throttles],
                    faults: [{ fault: "delay", ...late, ms: LATE_MS }],
                });
                const before = (await tenant.requests()).length;
                const run = stack.start(...args);
                await until(async () => {
                    const requests = (await tenant.requests()).slice(before);
                    return requests.some(
                        (request) =>
                            request.service === service && (moment === "looking" || request.operation === operation),
                    );
                }, `${service}, ${moment}`);
                let sent = await submits(tenant);
                // Those that go together have all arrived when none has come for a while: the next ones wait for answers.
                for (let earlier = -1; moment === "submitting" && sent.length !== earlier; ) {
                    earlier = sent.length;
                    await sleep(TOGETHER_MS);
                    sent = await submits(tenant);
                }
                if (signal === "SIGINT") {
                    run.interrupt();
                } else {
                    run.terminate();
                }
                const ended = await run.ended;
                expect(ended.code).not.toBe(0);
                // The process is gone by now, or would have sent the next ones.
                await sleep(TOGETHER_MS);
                expect(await submits(tenant)).toHaveLength(sent.length);
                expect(sent.length).toBeLessThan(Math.ceil(targets / deletion.perRequest));
                expect((await alive(tenant, deletion)).length).toBeGreaterThan(0);
                if (moment === "looking") {
                    expect(sent).toEqual([]);
                    expect(ended.output).toMatch(/Cancelled|cancelled/);
                } else {
                    expect(ended.output).toContain("cancelled before it was submitted");
                    expect(await stack.resources()).toHaveLength(1);
                }
                await tenant.control.clearFaults();
                await tenant.control.seed({ throttles: [] });
                await stack.must(...args);
                expect(await alive(tenant, deletion)).toEqual([]);
                expect(await tenant.doubles()).toEqual([]);
            },
        );
    },
);

test.each(faces)(
    "%s face: what does not end within ten seconds is unknown, with its job, and the next up finds its end",
    async (face) => {
        const tenant = await Tenant.open({ seed: { durations: lasting(TEN_MINUTES) } });
        const ids = await addTargets(tenant, workspaceapp, 30);
        const stack = await Stack.create({
            program: programOf(declared(workspaceapp, "create", ids, { name: "servers" })),
            env: tenant.env,
            face,
        });
        const run = stack.start(...up);
        await until(async () => (await tenant.submitted("workspaceapp")).length === 2, "submitted");
        run.interrupt();
        const { output } = await run.ended;
        expect(output).toMatch(/30 image servers unknown: Cancelled .*; jobs \S+, \S+ may still be working on them/);
        const { outputs, initErrors } = await stack.resource("servers");
        expect(outputs).toMatchObject({ counts: { unknown: 30 }, remaining: 30 });
        expect(outputs.jobs).toHaveLength(2);
        expect(initErrors.length).toBeGreaterThan(0);
        await stack.must(...up);
        expect(await tenant.submitted("workspaceapp")).toHaveLength(2);
        expect(await alive(tenant, workspaceapp)).toEqual([]);
    },
);

test.each(faces)(
    "%s face: at a normal end, where the engine sends the same message, nothing is printed, and nothing is waited for",
    async (face) => {
        const tenant = await Tenant.open({});
        const ids = await addTargets(tenant, metastudio, 3);
        const stack = await Stack.create({
            program: programOf(declared(metastudio, "create", ids)),
            env: tenant.env,
            face,
        });
        for (const args of [up, destroy]) {
            const run = stack.start(...args);
            await run.seen(/AssetBatchDeletion\S* +\S+ +(created|deleted)\b/);
            const since = Date.now();
            const { code, output } = await run.ended;
            expect(code).toBe(0);
            // After a cancellation a hook has ten seconds.
            expect(Date.now() - since).toBeLessThan(GRACE);
            expect(output).not.toMatch(/cancel/i);
            expect(await stack.providers()).toEqual([]);
        }
        expect(await alive(tenant, metastudio)).toEqual([]);
    },
);

test.each(faces)(
    "%s face: Ctrl-C twice ends it at once: nothing is submitted after it, and the next run goes on",
    async (face) => {
        const tenant = await Tenant.open({ seed: { durations: lasting(A_MINUTE) } });
        const ids = await addTargets(tenant, clouddc, 100);
        const stack = await Stack.create({
            program: programOf(declared(clouddc, "create", ids)),
            env: tenant.env,
            face,
        });
        const delay = { fault: "delay", service: "clouddc", operation: "DeleteInstances", ms: LATE_MS } as const;
        await tenant.control.seed({ faults: [delay] });
        const run = stack.start(...up);
        await until(async () => (await tenant.submitted("clouddc")).length > 0, "submitted");
        run.interrupt();
        await sleep(200);
        run.interrupt();
        await run.ended;
        const sent = (await tenant.submissions()).length;
        await sleep(LATE_MS + TOGETHER_MS);
        expect(await tenant.submissions()).toHaveLength(sent);
        await tenant.control.clearFaults();
        await stack.run("cancel", "--yes");
        await stack.must(...up);
        expect(await alive(tenant, clouddc)).toEqual([]);
    },
);

test.each(faces)(
    "%s face: a batch task that was stopped for an update stays stopped; the next up goes on and starts it again",
    async (face) => {
        const tenant = await Tenant.open({ seed: { durations: { vias: { "task-stops": A_MINUTE } } } });
        const program = (name: string) =>
            programOf({
                type: "vias.BatchTask",
                name: "counting",
                args: {
                    name,
                    serviceName: "people-counting",
                    serviceVersion: "1.0.0",
                    batchInput: {
                        videoSourceGroup: [
                            {
                                videoSourceGroupId: `b${"1".padStart(31, "0")}`,
                                videoSourceList: ["1", "2"].map((digit) => ({
                                    videoSourceId: `c${digit.padStart(31, "0")}`,
                                })),
                            },
                        ],
                    },
                    output: { eventCenter: true },
                },
            });
        const states = async () =>
            (await tenant.control.objects("vias", "tasks")).map(({ object }) => String(object.state));
        const changed = async () =>
            (await tenant.requests())
                .filter(({ service, method }) => service === "vias" && method !== "GET")
                .map(({ operation, path }) =>
                    operation === "BatchStartStopTask" ? path.split("/").at(-1) : operation,
                );
        const stack = await Stack.create({ program: program("by-day"), env: tenant.env, face });
        await stack.must(...up);
        await until(async () => (await states()).every((state) => state === "RUNNING"), "running");
        await stack.setProgram(program("by-night"));
        const run = stack.start(...up);
        await until(async () => (await changed()).includes("stop"), "stopping");
        run.interrupt();
        const { output } = await run.ended;
        expect(output).toMatch(/stopped for the update, and stay stopped until then/);
        expect(await changed()).toEqual(["CreateBatchTask", "UpdateBatchTask", "stop"]);
        expect((await stack.resource("counting")).outputs).toMatchObject({
            stoppedForUpdate: true,
            bodyApplied: false,
        });
        await stack.must("refresh", "--yes", "--skip-preview");
        expect((await stack.resource("counting")).outputs).toMatchObject({ stoppedForUpdate: true });
        await stack.must(...up);
        expect(await changed()).toEqual(["CreateBatchTask", "UpdateBatchTask", "stop", "UpdateBatchTask", "start"]);
        expect(await states()).toEqual(["RUNNING", "RUNNING"]);
        await stack.must("preview", "--expect-no-changes");
    },
);

test.each(faces)("%s face: a refresh ends quickly, and loses nothing", async (face) => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, clouddc, 50);
    const stack = await Stack.create({
        program: programOf(declared(clouddc, "destroy", ids, { name: "later" })),
        env: tenant.env,
        face,
    });
    await stack.must(...up);
    const before = (await stack.resource("later")).outputs;
    const never = { fault: "delay", service: "clouddc", ms: 120_000 } as const;
    await tenant.control.seed({ faults: [never] });
    const run = stack.start("refresh", "--yes", "--skip-preview");
    const asked = (await tenant.requests()).length;
    await until(async () => (await tenant.requests()).length > asked, "looking");
    run.interrupt();
    const { output } = await run.ended;
    expect(output).toContain("the operation was cancelled");
    await tenant.control.clearFaults();
    expect((await stack.resource("later")).outputs).toEqual(before);
});
