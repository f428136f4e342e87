import type { TargetState } from "../../src/batch/api";
import { type RunOptions, run } from "../../src/batch/run";
import { Session } from "../../src/batch/session/session";
import { VirtualClock } from "../virtual-clock";
import { byDeadline, timeIsUp } from "./deadline";
import { honest, ModelCloud, type Rules } from "./model-cloud";
import { things } from "./things";

function setUp(rules: Partial<Rules> = {}) {
    const clock = new VirtualClock({ start: 0, rounds: 4 });
    const cloud = new ModelCloud(clock, { ...honest, ...rules });
    const session = new Session(cloud, clock, () => 0.5);
    const act = (keys: readonly string[], limit: number, more: Partial<RunOptions> = {}) =>
        clock.run(
            byDeadline(clock, limit, (signal) => {
                const deadline = { at: limit, limit, problem: timeIsUp };
                return run(session, keys, { signal, deadline, random: () => 0.5, ...more });
            }),
        );
    const counted = (report: Awaited<ReturnType<typeof act>>) =>
        Object.fromEntries(
            Object.entries(Object.groupBy(report.outcomes.values(), ({ is }) => is)).map(([is, all]) => [
                is,
                all?.length,
            ]),
        );
    return { clock, cloud, act, counted };
}

/** The targets of a job that never ends: some it deletes, some it fails to delete. */
function halfDone(cloud: ModelCloud): string[] {
    return [
        ...cloud.addMany(15),
        ...["f0", "f1", "f2"].map((key) => cloud.add(key, "tough")),
        ...cloud.addMany(2, "open").map((key) => key),
    ];
}

const stuck: Partial<Rules> = { job: () => "stuck", tellsEarly: true, duration: () => 20_000 };

test("before the deadline one inspection settles what can be settled, and ends by the deadline", async () => {
    const { clock, cloud, act, counted } = setUp(stuck);
    const keys = halfDone(cloud);
    // The job never comes to these.
    for (const key of ["open0", "open1"]) {
        cloud.add(key, "immortal");
    }
    const report = await act(keys, 60_000);
    expect(counted(report)).toEqual({ deleted: 15, failed: 3, unknown: 2 });
    expect(report.outcomes.get("f0")).toMatchObject({ is: "failed", problem: { code: "Tough" }, job: "job0" });
    expect(report.outcomes.get("open0")).toMatchObject({ is: "unknown", problem: timeIsUp, job: "job0" });
    expect(clock.now()).toBeLessThanOrEqual(60_000);
    // As late as the time of the last full inspection allows.
    expect(cloud.inspections.at(-1)?.at).toBeGreaterThanOrEqual(60_000 - 300);
});

test("at most a tenth of the time is kept for the last inspection; what that has not reached is unknown", async () => {
    const { clock, cloud, act, counted } = setUp({ ...stuck, latency: (call) => (call === "inspect" ? 9_000 : 200) });
    const report = await act(halfDone(cloud), 60_000);
    // The job has said what failed.
    expect(counted(report)).toEqual({ failed: 3, unknown: 17 });
    expect(clock.now()).toBe(60_000);
    expect(cloud.inspections.at(-1)?.at).toBe(54_000);
});

test("what a job calls failed while its state shows progress is unknown at the deadline, not failed", async () => {
    const { cloud, act, counted } = setUp({ ...stuck, duration: () => 600_000 });
    const report = await act(halfDone(cloud), 60_000);
    expect(counted(report)).toEqual({ unknown: 20 });
    expect(report.outcomes.get("f0")).toMatchObject({ is: "unknown", problem: timeIsUp, job: "job0" });
});

test("when a run stalls one inspection settles what can be settled", async () => {
    const { clock, cloud, act, counted } = setUp({ ...stuck, duration: () => 2_000 });
    const keys = halfDone(cloud);
    for (const key of ["open0", "open1"]) {
        cloud.add(key, "immortal");
    }
    const report = await act(keys, 600_000, { stallTimeout: 30_000 });
    expect(counted(report)).toEqual({ deleted: 15, failed: 3, unknown: 2 });
    expect(report.stopped?.code).toBe("Stalled");
    expect(clock.now()).toBeLessThan(100_000);
});

test("a job whose own state stands still while its targets vanish one by one is no stall", async () => {
    const { clock, cloud, act, counted } = setUp({
        job: () => "stuck",
        perRequest: 1,
        duration: ([key]) => 10_000 * (1 + Number(key?.slice(1))),
        concurrentSubmits: 20,
    });
    const report = await act(cloud.addMany(10), 600_000, { stallTimeout: 25_000 });
    expect(counted(report)).toEqual({ deleted: 10 });
    expect(clock.now()).toBeLessThan(200_000);
});

test("what was refused, and is seen to be gone by an inspection that another run waits for, is gone: not failed, though the deadline leaves no time for one more", async () => {
    const clock = new VirtualClock({ start: 0 });
    const inspectionsTake = [400, 4_300, 1_000];
    const api = things({
        inspect: async (keys) => {
            await clock.sleep(inspectionsTake.shift() ?? 10);
            const now = clock.now();
            const stateOf = (key: string): TargetState => {
                if (key === "other") {
                    return now < 20_000 ? { is: "blocked", reason: "it is being built" } : { is: "settled" };
                }
                return now < 1_000 ? { is: "ready" } : { is: "settled" };
            };
            return new Map(keys.map((key) => [key, stateOf(key)]));
        },
        submit: async () => ({ is: "refused", problem: { code: "X.1", message: "no" }, splits: false }),
    });
    const session = new Session(api, clock, () => 0.5);
    const act = (key: string, limit: number) =>
        byDeadline(clock, limit, (signal) =>
            run(session, [key], {
                signal,
                deadline: { at: limit, limit, problem: timeIsUp },
                random: () => 0.5,
            }),
        );
    const [refused] = await clock.run(Promise.all([act("refused", 5_000), act("other", 60_000)]));
    expect(refused.outcomes.get("refused")).toEqual({ is: "alreadyGone" });
});
