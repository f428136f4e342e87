import type { RunReport } from "../../src/batch/outcome";
import { run } from "../../src/batch/run";
import { Session } from "../../src/batch/session/session";
import { CANCELLED, GRACE } from "../../src/util/cancellation";
import { VirtualClock } from "../virtual-clock";
import { leftInLedger } from "./left-in-ledger";
import { honest, ModelCloud, type Rules } from "./model-cloud";

function setUp(rules: Partial<Rules> = {}) {
    const clock = new VirtualClock({ start: 0, rounds: 4 });
    const cloud = new ModelCloud(clock, { ...honest, ...rules });
    const controller = new AbortController();
    const session = new Session(cloud, clock, () => 0.5, controller.signal);
    const act = (keys: readonly string[]) =>
        run(session, keys, { signal: new AbortController().signal, random: () => 0.5 });
    let at = Number.POSITIVE_INFINITY;
    const cancel = () => {
        at = clock.now();
        controller.abort(CANCELLED);
    };
    const cancelledAt = async <T>(ms: number, work: Promise<T>): Promise<T> => {
        void clock.sleep(ms).then(cancel);
        return clock.run(work);
    };
    /** Nothing was submitted after the cancellation, and nothing is left. */
    const expectQuiet = async () => {
        const begun = cloud.submits.map((submit) => submit.at - 200);
        expect(begun.filter((begin) => begin > at)).toEqual([]);
        const before = cloud.submits.length;
        await clock.run(clock.sleep(1_000_000));
        expect(cloud.submits).toHaveLength(before);
        expect(clock.sleepers).toBe(0);
        expect(cloud.underWay).toBe(0);
        expect(leftInLedger(session)).toEqual([]);
        expect(cloud.offences).toEqual([]);
    };
    return { clock, cloud, session, act, cancel, cancelledAt, expectQuiet };
}

function kinds({ outcomes }: RunReport): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { is } of outcomes.values()) {
        counts[is] = (counts[is] ?? 0) + 1;
    }
    return counts;
}

describe("after a cancellation nothing is submitted", () => {
    test("during the first inspection: the run ends at once, nothing was sent, all is unknown", async () => {
        const { clock, cloud, act, cancelledAt, expectQuiet } = setUp();
        const report = await cancelledAt(100, act(cloud.addMany(500)));
        expect(clock.now()).toBe(100);
        expect(cloud.submits).toEqual([]);
        expect(report.submitted).toBe(false);
        expect(kinds(report)).toEqual({ unknown: 500 });
        expect(report.stopped?.code).toBe("Cancelled");
        await expectQuiet();
    });

    test("before the run: not even an inspection", async () => {
        const { cloud, act, cancel, clock } = setUp();
        cancel();
        const report = await clock.run(act(cloud.addMany(3)));
        expect(cloud.inspections).toEqual([]);
        expect(kinds(report)).toEqual({ unknown: 3 });
    });

    test("during submits: what is on its way is answered, what is queued is not sent, what ends soon is settled", async () => {
        const { clock, cloud, act, cancelledAt, expectQuiet } = setUp();
        const report = await cancelledAt(450, act(cloud.addMany(500)));
        expect(cloud.submits).toHaveLength(honest.concurrentSubmits + 4);
        expect(kinds(report)).toEqual({ deleted: 160, unknown: 340 });
        const left = [...report.outcomes.values()].find(({ is }) => is === "unknown");
        expect(left).toMatchObject({
            problem: { code: "Cancelled", message: expect.stringContaining("before it was submitted") },
        });
        expect(clock.now()).toBeLessThanOrEqual(450 + GRACE + 400);
        await expectQuiet();
    });

    test("while long jobs run: ten seconds, one inspection, and the rest is unknown with its job", async () => {
        const { clock, cloud, act, cancelledAt, expectQuiet } = setUp({
            duration: (keys) => (keys.includes("t0") ? 9_000 : 600_000),
        });
        const report = await cancelledAt(2_000, act(cloud.addMany(40)));
        expect(kinds(report)).toEqual({ deleted: 20, unknown: 20 });
        expect(report.outcomes.get("t20")).toMatchObject({
            is: "unknown",
            job: "job1",
            problem: { code: "Cancelled" },
        });
        expect(report.submitted).toBe(true);
        expect(clock.now()).toBe(2_000 + GRACE + 200);
        await expectQuiet();
    });

    test.each<[string, Partial<Rules>]>([
        ["the service is busy", { fault: (call) => (call === "submit" ? "busy" : undefined) }],
        ["a request fails on its way", { fault: (call) => (call === "submit" ? "passing" : undefined) }],
    ])("while the run waits because %s", async (_, rules) => {
        const { clock, cloud, act, cancelledAt, expectQuiet } = setUp(rules);
        const report = await cancelledAt(3_000, act(cloud.addMany(5)));
        expect(clock.now()).toBeLessThanOrEqual(3_200);
        expect(report.submitted).toBe(false);
        expect(kinds(report)).toEqual({ unknown: 5 });
        await expectQuiet();
    });

    test("while targets are blocked, or somebody else deletes them", async () => {
        const { clock, cloud, act, cancelledAt, expectQuiet } = setUp();
        cloud.add("new", "willing", { is: "creating", until: 400_000 });
        cloud.add("going", "willing", { is: "deleting", until: 400_000, comesBack: false });
        const report = await cancelledAt(5_000, act(["new", "going"]));
        expect(clock.now()).toBe(5_000);
        expect(kinds(report)).toEqual({ unknown: 2 });
        await expectQuiet();
    });

    test("while the job of another run excludes any other: the waiting run ends at once, the other one after its ten seconds", async () => {
        const { clock, cloud, act, cancelledAt, expectQuiet } = setUp({
            exclusive: true,
            duration: () => 300_000,
            perRequest: 5,
        });
        const ends: number[] = [];
        const timed = async (keys: readonly string[]) => {
            const report = await act(keys);
            ends.push(clock.now());
            return report;
        };
        const [first, second] = await cancelledAt(
            4_000,
            Promise.all([timed(cloud.addMany(5, "a")), timed(cloud.addMany(5, "b"))]),
        );
        expect(cloud.submits).toHaveLength(1);
        expect(first.submitted).toBe(true);
        expect(second.submitted).toBe(false);
        expect(ends).toEqual([4_000, 4_000 + GRACE + 200]);
        await expectQuiet();
    });

    test("a request that may have arrived is not sent again: one inspection shows what it did", async () => {
        let lost = 1;
        const { cloud, act, cancelledAt, expectQuiet } = setUp({
            duration: () => 100,
            fault: (call) => (call === "submit" && lost-- > 0 ? "lostAfter" : undefined),
        });
        const report = await cancelledAt(700, act(cloud.addMany(3)));
        expect(kinds(report)).toEqual({ deleted: 3 });
        await expectQuiet();
    });

    test("the halves of a refused request are not sent", async () => {
        const { cloud, act, cancelledAt, expectQuiet } = setUp();
        const keys = [...cloud.addMany(19), cloud.add("poison", "poison")];
        const report = await cancelledAt(300, act(keys));
        expect(cloud.submits.map(({ answer }) => answer)).toEqual(["refused"]);
        expect(kinds(report)).toEqual({ unknown: 20 });
        await expectQuiet();
    });

    test("what was refused is failed, not unknown", async () => {
        const { cloud, act, cancelledAt, expectQuiet } = setUp();
        const report = await cancelledAt(500, act([cloud.add("poison", "poison")]));
        expect(kinds(report)).toEqual({ failed: 1 });
        await expectQuiet();
    });
});
