import { NotSent, type SubmitReply, type TargetFacts, type TargetState } from "../../src/batch/api";
import type { RunEvent } from "../../src/batch/events";
import type { Guard } from "../../src/batch/guard";
import { run } from "../../src/batch/run";
import { Session } from "../../src/batch/session/session";
import { VirtualClock } from "../virtual-clock";
import { byDeadline, timeIsUp } from "./deadline";
import { leftInLedger } from "./left-in-ledger";
import { honest, ModelCloud, type Rules } from "./model-cloud";
import { things } from "./things";

function setUp(rules: Partial<Rules> = {}) {
    const clock = new VirtualClock({ start: 0, rounds: 4 });
    const cloud = new ModelCloud(clock, { ...honest, ...rules });
    const session = new Session(cloud, clock, () => 0.5);
    const events: RunEvent[] = [];
    const act = (
        keys: readonly string[],
        more: { within?: number; stallTimeout?: number; mustExist?: string[]; guard?: Guard } = {},
    ) =>
        byDeadline(clock, more.within ?? 3_600_000, (signal) =>
            run(session, keys, {
                signal,
                random: () => 0.5,
                onEvent: (event) => events.push(event),
                ...(more.stallTimeout === undefined ? {} : { stallTimeout: more.stallTimeout }),
                ...(more.guard === undefined ? {} : { guard: more.guard }),
                ...(more.mustExist === undefined ? {} : { mustExist: new Set(more.mustExist) }),
            }),
        );
    const end = async (...keys: string[]) => {
        const report = await clock.run(act(keys));
        return keys.map((key) => report.outcomes.get(key));
    };
    /** Nothing waits any more, and nothing is kept. */
    const expectQuiet = async () => {
        await clock.run(clock.sleep(1_000_000));
        expect(clock.sleepers).toBe(0);
        expect(cloud.underWay).toBe(0);
        expect(leftInLedger(session)).toEqual([]);
        expect(cloud.offences).toEqual([]);
    };
    return { clock, cloud, session, events, act, end, expectQuiet };
}

const sent = (cloud: ModelCloud) => cloud.submits.map(({ keys, answer }) => `${keys.join()} ${answer}`);

test("a target in each state ends with its outcome, and only what is ready, or becomes ready, is submitted", async () => {
    const { cloud, end, expectQuiet } = setUp();
    cloud.add("there");
    cloud.add("gone", "willing", { is: "gone" });
    cloud.add("going", "willing", { is: "deleting", until: 20_000, comesBack: false });
    cloud.add("back", "willing", { is: "deleting", until: 30_000, comesBack: true });
    cloud.add("new", "willing", { is: "creating", until: 40_000 });
    cloud.add("protected", "impossible");
    expect((await end("there", "gone", "going", "back", "new", "protected")).map((outcome) => outcome?.is)).toEqual([
        "deleted",
        "alreadyGone",
        "alreadyGone",
        "deleted",
        "deleted",
        "failed",
    ]);
    expect(sent(cloud)).toEqual(["there accepted", "back accepted", "new accepted"]);
    await expectQuiet();
});

test("where nothing is declared nothing is asked and nothing is sent", async () => {
    const { cloud, end } = setUp();
    expect(await end()).toEqual([]);
    expect(cloud.inspections).toEqual([]);
});

test("a failure that a job names is the outcome of that target, with the job", async () => {
    const { cloud, end, expectQuiet } = setUp();
    cloud.add("a");
    cloud.add("b", "tough");
    const [a, b] = await end("a", "b");
    expect(a).toEqual({ is: "deleted" });
    expect(b).toEqual({ is: "failed", problem: { code: "Tough", message: "the cloud says Tough" }, job: "job0" });
    await expectQuiet();
});

test("where a job only says that something failed, inspection shows what", async () => {
    const { cloud, end } = setUp({ jobs: "general" });
    cloud.add("a");
    cloud.add("b", "tough");
    const [a, b] = await end("a", "b");
    expect(a).toEqual({ is: "deleted" });
    expect(b).toMatchObject({ is: "failed", problem: { code: "SomeFailed" }, job: "job0" });
});

test("a target that is still there after its job's SUCCESS is failed, after a while", async () => {
    const { clock, cloud, end } = setUp();
    cloud.add("a", "immortal");
    const [a] = await end("a");
    expect(a).toMatchObject({ is: "failed", job: "job0", problem: { code: "StillThere" } });
    expect(clock.now()).toBeGreaterThan(60_000);
    expect(cloud.submits).toHaveLength(1);
});

test("a job's SUCCESS that comes too early is waited out", async () => {
    const { cloud, end } = setUp({ job: () => "early", duration: () => 30_000, showsDeleting: false });
    expect(await end(cloud.add("a"))).toEqual([{ is: "deleted" }]);
});

test.each(["nameless", "none"] as const)("where no job is named (%s) the states show the end", async (jobs) => {
    for (const showsDeleting of [true, false]) {
        const { cloud, end, expectQuiet } = setUp({ jobs, showsDeleting, duration: () => 40_000 });
        expect(await end(cloud.add("a"), cloud.add("b"))).toEqual([{ is: "deleted" }, { is: "deleted" }]);
        expect(sent(cloud)).toEqual(["a,b accepted"]);
        await expectQuiet();
    }
});

test("where the cloud forgets a job the states show the end", async () => {
    const { cloud, end } = setUp({ job: () => "vanishes", showsDeleting: false, duration: () => 20_000 });
    expect(await end(cloud.add("a"))).toEqual([{ is: "deleted" }]);
    expect(sent(cloud)).toEqual(["a accepted"]);
});

test("a job that is stuck for ever ends when its targets are gone", async () => {
    const { clock, cloud, end, expectQuiet } = setUp({ job: () => "stuck" });
    expect(await end(cloud.add("a"))).toEqual([{ is: "deleted" }]);
    expect(clock.now()).toBeLessThan(300_000);
    await expectQuiet();
});

test("a busy service is waited for, however often; that counts neither as a try nor as a failure", async () => {
    let busy = 8;
    const { cloud, events, end, expectQuiet } = setUp({
        fault: (call) => (call === "submit" && busy-- > 0 ? "busy" : undefined),
    });
    expect(await end(cloud.add("a"))).toEqual([{ is: "deleted" }]);
    expect(cloud.submits).toHaveLength(9);
    const gaps = cloud.submits.slice(1).map(({ at }, i) => at - (cloud.submits[i]?.at ?? 0));
    expect(gaps.every((gap, i) => i === 0 || gap >= (gaps[i - 1] ?? 0) - 1)).toBe(true);
    expect(events.filter(({ is }) => is === "busy")).toHaveLength(8);
    await expectQuiet();
});

test("a submit that surely did not arrive is sent again", async () => {
    let trouble = 3;
    const { cloud, end } = setUp({ fault: (call) => (call === "submit" && trouble-- > 0 ? "passing" : undefined) });
    expect(await end(cloud.add("a"))).toEqual([{ is: "deleted" }]);
});

test("a busy service keeps no run beyond its deadline", async () => {
    const { clock, cloud, act, expectQuiet } = setUp({ fault: (call) => (call === "submit" ? "busy" : undefined) });
    const report = await clock.run(act([cloud.add("a")], { within: 100_000 }));
    expect(clock.now()).toBeLessThanOrEqual(100_200);
    expect(report.outcomes.get("a")).toEqual({ is: "unknown", problem: timeIsUp });
    expect(report.submitted).toBe(false);
    await expectQuiet();
});

test.each([true, false])(
    "a request without an answer that was done (deletion visible: %s) is not sent twice while that can be seen",
    async (showsDeleting) => {
        let lost = 1;
        const { cloud, end, expectQuiet } = setUp({
            showsDeleting,
            exclusive: !showsDeleting,
            fault: (call) => (call === "submit" && lost-- > 0 ? "lostAfter" : undefined),
        });
        expect(await end(cloud.add("a"), cloud.add("b"))).toEqual([{ is: "deleted" }, { is: "deleted" }]);
        expect(cloud.submits.filter(({ answer }) => answer === "accepted")).toHaveLength(0);
        await expectQuiet();
    },
);

test("a request that was sent before a fault of the program is not sent again while the deletion can be seen, though one of its runs has no time left", async () => {
    class Faulty extends ModelCloud {
        override async submit(keys: readonly string[], signal: AbortSignal): Promise<never> {
            await super.submit(keys, signal);
            throw new TypeError("a fault in the program");
        }
    }
    const clock = new VirtualClock({ start: 0, rounds: 4 });
    const cloud = new Faulty(clock, { ...honest, latency: () => 2_000 });
    const session = new Session(cloud, clock, () => 0.5);
    cloud.add("a");
    const within = (ms: number) =>
        byDeadline(clock, ms, (signal) => run(session, ["a"], { signal, random: () => 0.5 }));
    // The submit is under way from 2 to 4 s.
    const [short, long] = await clock.run(Promise.all([within(3_500), within(3_600_000)]));
    expect(short.outcomes.get("a")).toMatchObject({ is: "unknown" });
    expect(short.submitted).toBe(true);
    expect(long.outcomes.get("a")).toEqual({ is: "deleted" });
    expect(cloud.submits).toHaveLength(1);
    expect(cloud.offences).toEqual([]);
});

test("a job's report ends when its target is seen to be there", async () => {
    const { cloud, clock, session, act } = setUp({ settleWithin: 60_000 });
    const reportedDone: boolean[] = [];
    const inspect = cloud.inspect.bind(cloud);
    cloud.inspect = (keys, options: { reportedDone?: ReadonlySet<string>; signal: AbortSignal }) => {
        reportedDone.push(options.reportedDone?.has("a") === true);
        return inspect(keys, options);
    };
    // Its job says SUCCESS, and it stays.
    await clock.run(act([cloud.add("a", "immortal")]));
    expect(reportedDone.filter((each) => each)).toHaveLength(1);
    expect(reportedDone.length).toBeGreaterThan(3);
    expect(session.ledger.reportedDone.size).toBe(0);
});

test("a request without an answer that was not done is sent again after an inspection", async () => {
    let lost = 2;
    const { cloud, end } = setUp({ fault: (call) => (call === "submit" && lost-- > 0 ? "lostBefore" : undefined) });
    expect(await end(cloud.add("a"))).toEqual([{ is: "deleted" }]);
    expect(sent(cloud)).toEqual(["a uncertain", "a uncertain", "a accepted"]);
    expect(cloud.inspections.length).toBeGreaterThanOrEqual(4);
});

test("after five requests without an answer the target is failed, in the cloud's words", async () => {
    const { cloud, act, clock } = setUp({ fault: (call) => (call === "submit" ? "lostBefore" : undefined) });
    const report = await clock.run(act([cloud.add("a")]));
    expect(report.outcomes.get("a")).toMatchObject({ is: "failed", problem: { code: "ConnectionReset" } });
    expect(report.submitted).toBe(true);
    expect(cloud.submits).toHaveLength(5);
});

test.each([true, false])(
    "a target that a whole request is refused for fails alone (named: %s)",
    async (namesCulprits) => {
        const { cloud, end, expectQuiet } = setUp({ namesCulprits });
        const keys = cloud.addMany(19);
        cloud.add("x", "poison");
        const outcomes = await end(...keys, "x");
        expect(outcomes.filter((outcome) => outcome?.is === "deleted")).toHaveLength(19);
        expect(outcomes[19]).toMatchObject({ is: "failed", problem: { code: "Poison" } });
        // 2·f·log₂(B/f) and the first one.
        expect(cloud.submits.length).toBeLessThanOrEqual(namesCulprits ? 2 : 11);
        await expectQuiet();
    },
);

test("what was refused together is not sent together again, though each half of it has to be sent anew", async () => {
    const clock = new VirtualClock({ start: 0 });
    const gone = new Set<string>();
    const sent: string[] = [];
    const answers: SubmitReply[] = [
        { is: "refused", problem: { code: "X.1", message: "no" }, splits: true },
        { is: "uncertain", problem: { code: "X.2", message: "perhaps" } },
        { is: "uncertain", problem: { code: "X.2", message: "perhaps" } },
    ];
    const api = things({
        inspect: async (keys) =>
            new Map(keys.map((key): [string, TargetState] => [key, { is: gone.has(key) ? "settled" : "ready" }])),
        submit: async (keys) => {
            sent.push(keys.toSorted().join(" "));
            const answer = answers.shift() ?? { is: "accepted", failed: new Map() };
            if (answer.is === "accepted") {
                keys.forEach((key) => void gone.add(key));
            }
            return answer;
        },
    });
    const session = new Session(api, clock, () => 0.5);
    const { outcomes } = await clock.run(
        run(session, ["a", "b"], { signal: new AbortController().signal, random: () => 0.5 }),
    );
    expect(sent.filter((keys) => keys === "a b")).toHaveLength(1);
    expect(sent).toHaveLength(5);
    expect(Object.fromEntries(outcomes)).toEqual({ a: { is: "deleted" }, b: { is: "deleted" } });
});

test("a target that only the refusal of its submit calls blocked is submitted until it is ready, at growing gaps", async () => {
    const { cloud, end, expectQuiet } = setUp();
    const readyAt = 100_000;
    cloud.add("a", "willing", { is: "creating", until: readyAt });
    jest.spyOn(cloud, "inspect").mockImplementation(async (keys) => {
        const gone = cloud.goneSince("a") !== undefined;
        return new Map(keys.map((key) => [key, gone ? { is: "settled" } : { is: "ready" }]));
    });
    expect(await end("a")).toEqual([{ is: "deleted" }]);
    const early = cloud.submits.slice(0, -1);
    expect(new Set(early.map(({ answer }) => answer))).toEqual(new Set(["blocked"]));
    expect(cloud.submits.at(-1)?.answer).toBe("accepted");
    // More often than a target may be submitted without effect, for this is no try.
    expect(early.length).toBeGreaterThan(5);
    const gaps = cloud.submits.slice(1).map(({ at }, i) => at - (cloud.submits[i]?.at ?? 0));
    expect(gaps.every((gap, i) => i === 0 || gap >= (gaps[i - 1] ?? 0) - 1)).toBe(true);
    expect((gaps[0] ?? 0) < (gaps.at(-1) ?? 0)).toBe(true);
    // The target is ready, and is submitted with the next gap.
    expect((cloud.submits.at(-1)?.at ?? 0) - readyAt).toBeLessThanOrEqual((gaps.at(-1) ?? 0) + 200);
    await expectQuiet();
});

test.each([true, undefined])(
    "a deadline while a target can't be submitted yet (begun: %s): state is kept if anything was done to it",
    async (begun) => {
        const clock = new VirtualClock({ start: 0 });
        const api = things({
            inspect: async (keys) => new Map(keys.map((key): [string, TargetState] => [key, { is: "ready" }])),
            submit: async () => ({ is: "blocked", reason: "it has to stop first", ...(begun ? { begun } : {}) }),
        });
        const session = new Session(api, clock, () => 0.5);
        const report = await clock.run(
            byDeadline(clock, 60_000, (signal) => run(session, ["a"], { signal, random: () => 0.5 })),
        );
        expect(report.outcomes.get("a")).toMatchObject({ is: "unknown" });
        expect(report.submitted).toBe(begun === true);
    },
);

test("a run without progress gives up, and says so", async () => {
    const { clock, cloud, act, expectQuiet } = setUp({ job: () => "backwards", duration: () => 1e9 });
    const report = await clock.run(act([cloud.add("a")], { stallTimeout: 120_000 }));
    expect(report.outcomes.get("a")).toMatchObject({ is: "unknown", job: "job0", problem: { code: "Stalled" } });
    expect(clock.now()).toBeLessThan(200_000);
    await expectQuiet();
});

test("what is open at the deadline is unknown, with the job that may still work on it", async () => {
    const { clock, cloud, act, expectQuiet } = setUp({ duration: () => 1e9 });
    cloud.add("gone", "willing", { is: "gone" });
    const report = await clock.run(act([cloud.add("a"), "gone"], { within: 30_000 }));
    expect(clock.now()).toBe(30_000);
    expect(report.outcomes.get("a")).toEqual({ is: "unknown", job: "job0", problem: timeIsUp });
    expect(report.outcomes.get("gone")).toEqual({ is: "alreadyGone" });
    expect(report.jobs).toMatchObject([{ id: "job0", status: "RUNNING", requestIds: ["request of job0"] }]);
    await expectQuiet();
});

test("a deadline in the middle of a submit waits for the answer, which names the job", async () => {
    const { clock, cloud, act } = setUp({ latency: (call) => (call === "submit" ? 10_000 : 100) });
    const report = await clock.run(act([cloud.add("a")], { within: 1_000 }));
    expect(clock.now()).toBe(10_100);
    expect(report).toMatchObject({ submitted: true, jobs: [{ id: "job0" }] });
    expect(report.outcomes.get("a")).toMatchObject({ is: "unknown", job: "job0" });
});

test("after the deadline nothing is asked", async () => {
    const { clock, cloud, session } = setUp();
    const signal = AbortSignal.abort(timeIsUp);
    const report = await clock.run(run(session, [cloud.add("a")], { signal, random: () => 0.5 }));
    expect(report.outcomes.get("a")).toEqual({ is: "unknown", problem: timeIsUp });
    expect(cloud.inspections).toEqual([]);
});

test("when the time is up the outcome says what went wrong last", async () => {
    const { clock, cloud, act } = setUp({ fault: (call) => (call === "poll" ? "passing" : undefined) });
    const report = await clock.run(act([cloud.add("a")], { within: 30_000 }));
    expect(report.outcomes.get("a")).toMatchObject({ problem: { message: expect.stringContaining("Unavailable") } });
});

test("a target that must exist and does not stops the run before anything is sent", async () => {
    const { cloud, clock, act } = setUp();
    const keys = [
        cloud.add("a"),
        cloud.add("old", "willing", { is: "gone" }),
        cloud.add("b", "willing", { is: "gone" }),
    ];
    const report = await clock.run(act(keys, { mustExist: ["a", "b"] }));
    expect(cloud.submits).toEqual([]);
    expect(report.outcomes.get("a")).toMatchObject({ is: "failed", problem: { code: "TargetsMissing" } });
    expect(report.outcomes.get("b")).toMatchObject({ is: "failed" });
    expect(report.outcomes.get("old")).toEqual({ is: "alreadyGone" });
    expect(report.stopped?.message).toMatch(/not found: b;/);
});

test.each(["inspect", "submit", "poll"] as const)(
    "a refused identity at %s stops the run, with the truth about each target",
    async (at) => {
        const { clock, cloud, act, expectQuiet } = setUp({ fault: (call) => (call === at ? "final" : undefined) });
        const report = await clock.run(act(cloud.addMany(50)));
        expect(report.stopped).toMatchObject({ code: "Forbidden" });
        expect(report.notTried).toBe(at === "poll" ? 0 : 50);
        const kinds = new Set([...report.outcomes.values()].map(({ is }) => is));
        expect(kinds).toEqual(new Set([at === "poll" ? "unknown" : "failed"]));
        await expectQuiet();
    },
);

test("targets of two runs are sent once, and each run has outcomes of its own", async () => {
    const { clock, cloud, act, expectQuiet } = setUp({ showsDeleting: false });
    const keys = cloud.addMany(30);
    const [one, two] = await clock.run(Promise.all([act(keys), act(keys.slice(10))]));
    expect(cloud.submits.map((submit) => submit.keys.length)).toEqual([20, 10]);
    expect([...one.outcomes.values()].every(({ is }) => is === "deleted")).toBe(true);
    expect([...two.outcomes.values()].every(({ is }) => is === "alreadyGone")).toBe(true);
    await expectQuiet();
});

test("where a run has left a job that no state shows, the next one waits for that job, and sends nothing", async () => {
    const { clock, cloud, act, expectQuiet } = setUp({ showsDeleting: false, duration: () => 60_000 });
    const keys = cloud.addMany(5);
    const later = async () => {
        await clock.sleep(20_000);
        return act(keys);
    };
    const [one, two] = await clock.run(Promise.all([act(keys, { within: 10_000 }), later()]));
    expect(one.outcomes.get("t0")).toMatchObject({ is: "unknown", job: "job0" });
    expect(two.outcomes.get("t0")).toEqual({ is: "alreadyGone" });
    expect(cloud.submits).toHaveLength(1);
    await expectQuiet();
});

test("nothing is sent on the strength of a slow inspection that began before another run deleted the target", async () => {
    const clock = new VirtualClock({ start: 0 });
    const there = new Set(["a"]);
    const submits: string[][] = [];
    const inspectionsTake = [10, 7_000];
    const api = things({
        inspect: async (keys) => {
            const seen = new Map(
                keys.map((key): [string, TargetState] => [key, { is: there.has(key) ? "ready" : "settled" }]),
            );
            await clock.sleep(inspectionsTake.shift() ?? 10);
            return seen;
        },
        submit: async (keys) => {
            submits.push([...keys]);
            await clock.sleep(10);
            keys.forEach((key) => void there.delete(key));
            return { is: "accepted", failed: new Map() };
        },
    });
    const session = new Session(api, clock, () => 0.5);
    const act = () => run(session, ["a"], { signal: new AbortController().signal, random: () => 0.5 });
    const [first, second] = await clock.run(async () => {
        const one = act();
        await clock.sleep(5);
        return Promise.all([one, act()]);
    });
    expect(first.outcomes.get("a")).toEqual({ is: "deleted" });
    expect(second.outcomes.get("a")).toEqual({ is: "alreadyGone" });
    expect(submits).toEqual([["a"]]);
});

test.each(["inProgress", "blocked", "settled"] as const)(
    "what an inspection for another run shows %s before the request is sent is not submitted",
    async (state) => {
        const clock = new VirtualClock({ start: 0 });
        const submits: string[][] = [];
        // The first inspection is slow and right, the second one begins beside it, is quick and wrong.
        const inspections = [
            { takes: 5_500, lies: false },
            { takes: 10, lies: true },
        ];
        const deleted = 10_000;
        const api = things({
            inspect: async (keys) => {
                const { takes, lies } = inspections.shift() ?? { takes: 10, lies: false };
                await clock.sleep(takes);
                const truth: TargetState =
                    clock.now() < deleted ? { is: state, reason: "so it is" } : { is: "settled" };
                return new Map(keys.map((key): [string, TargetState] => [key, lies ? { is: "ready" } : truth]));
            },
            submit: async (keys) => {
                submits.push([...keys]);
                return { is: "accepted", failed: new Map() };
            },
        });
        const session = new Session(api, clock, () => 0.5);
        const act = () => run(session, ["a"], { signal: new AbortController().signal, random: () => 0.5 });
        const reports = await clock.run(async () => {
            const one = act();
            await clock.sleep(5);
            return Promise.all([one, act()]);
        });
        expect(submits).toEqual([]);
        expect(reports.map(({ outcomes }) => outcomes.get("a"))).toEqual([
            { is: "alreadyGone" },
            { is: "alreadyGone" },
        ]);
    },
);

test("what an inspection for another run shows in deletion is taken out of a queued request; the rest is sent", async () => {
    const clock = new VirtualClock({ start: 0 });
    const deletedByOthers = { from: 1_000, until: 20_000 };
    const sent: string[][] = [];
    const gone = new Set<string>();
    const stateOf = (key: string): TargetState => {
        const now = clock.now();
        if (key === "a" && now >= deletedByOthers.from) {
            return { is: now < deletedByOthers.until ? "inProgress" : "settled" };
        }
        return { is: gone.has(key) ? "settled" : "ready" };
    };
    const api = things({
        inspect: async (keys) => new Map(keys.map((key) => [key, stateOf(key)])),
        submit: async (keys, signal) => {
            await clock.sleep(5_000, signal).catch((cause: unknown) => {
                throw new NotSent({ code: "Aborted", message: "given up before it was answered" }, { cause });
            });
            sent.push([...keys]);
            keys.forEach((key) => void gone.add(key));
            return { is: "accepted", failed: new Map() };
        },
    });
    const session = new Session(api, clock, () => 0.5);
    const act = (keys: string[]) => run(session, keys, { signal: new AbortController().signal, random: () => 0.5 });
    const [both, one] = await clock.run(async () => {
        const first = act(["a", "b"]);
        await clock.sleep(2_000);
        return Promise.all([first, act(["a"])]);
    });
    expect(sent).toEqual([["b"]]);
    expect(Object.fromEntries(both.outcomes)).toEqual({ a: { is: "alreadyGone" }, b: { is: "deleted" } });
    expect(Object.fromEntries(one.outcomes)).toEqual({ a: { is: "alreadyGone" } });
});

test("the deadline and the failures of one run never touch the runs that it shares requests with", async () => {
    const { clock, cloud, act, expectQuiet } = setUp({ exclusive: true, perRequest: 100, concurrentSubmits: 1 });
    const mine = cloud.addMany(5, "mine");
    const bad = [cloud.add("x", "poison"), cloud.add("y", "tough"), cloud.add("z", "impossible")];
    const brief = cloud.addMany(5, "brief");
    const [good, failing, short] = await clock.run(Promise.all([act(mine), act(bad), act(brief, { within: 3_000 })]));
    expect([...good.outcomes.values()].map(({ is }) => is)).toEqual(Array(5).fill("deleted"));
    expect([...failing.outcomes.values()].map(({ is }) => is)).toEqual(Array(3).fill("failed"));
    expect([...short.outcomes.values()].map(({ is }) => is)).toEqual(Array(5).fill("unknown"));
    await expectQuiet();
});

test("events say what happens, in order", async () => {
    const { cloud, events, end } = setUp();
    await end(...cloud.addMany(2));
    const kinds = events.map(({ is }) => is).filter((is, i, all) => is !== all[i - 1]);
    expect(kinds).toEqual(["inspected", "observed", "submitted", "polled", "jobEnded", "settled"]);
    const request = { job: "job0", requestId: "request of job0" };
    expect(events).toContainEqual({ is: "submitted", keys: ["t0", "t1"], ...request });
    expect(events).toContainEqual({ is: "jobEnded", job: "job0", status: "SUCCESS" });
});

describe("a guard", () => {
    const Refused = { code: "Refused", message: "not this one" };
    const guardAgainst = (...keys: string[]): Guard & { readonly seen: Map<string, TargetFacts | undefined> } => {
        const seen = new Map<string, TargetFacts | undefined>();
        return {
            seen,
            refuse: (asked, factsOf) => {
                for (const key of asked) {
                    seen.set(key, factsOf(key));
                }
                return new Map(asked.filter((key) => keys.includes(key)).map((key) => [key, Refused]));
            },
        };
    };

    test("keeps what it refuses from being sent; the others go on, and it is not asked about what is settled or in progress", async () => {
        const { cloud, clock, act, expectQuiet } = setUp();
        cloud.addMany(3);
        cloud.add("gone", "willing", { is: "gone" });
        cloud.add("going", "willing", { is: "deleting", until: 20_000, comesBack: false });
        const guard = guardAgainst("t1", "gone", "going");
        const report = await clock.run(act(["t0", "t1", "t2", "gone", "going"], { guard }));
        expect(report.outcomes.get("t1")).toEqual({ is: "failed", problem: Refused });
        expect(["t0", "t2", "gone", "going"].map((key) => report.outcomes.get(key)?.is)).toEqual([
            "deleted",
            "deleted",
            "alreadyGone",
            "alreadyGone",
        ]);
        expect(report).toMatchObject({ refused: 1, notTried: 0, submitted: true });
        expect(sent(cloud)).toEqual(["t0,t2 accepted"]);
        expect([...guard.seen.keys()]).toEqual(["t0", "t1", "t2"]);
        await expectQuiet();
    });

    test("is asked about a target that has come back, and about one that is refused and ready again", async () => {
        const { cloud, clock, act, expectQuiet } = setUp({ fault: (call) => (call === "submit" ? "busy" : undefined) });
        cloud.add("a");
        cloud.add("back", "willing", { is: "deleting", until: 30_000, comesBack: true });
        let asked = 0;
        const guard: Guard = {
            refuse: (keys) => {
                asked += 1;
                return new Map(asked > 2 || keys.includes("back") ? keys.map((key) => [key, Refused]) : []);
            },
        };
        const report = await clock.run(act(["a", "back"], { guard }));
        expect([...report.outcomes.values()]).toEqual([
            { is: "failed", problem: Refused },
            { is: "failed", problem: Refused },
        ]);
        expect(report).toMatchObject({ refused: 2, submitted: false });
        await expectQuiet();
    });

    test("lets nobody wait for a target to become ready that it refuses then", async () => {
        const { cloud, clock, events, act, expectQuiet } = setUp();
        cloud.add("new", "willing", { is: "creating", until: 600_000 });
        cloud.add("a");
        const began = clock.now();
        const report = await clock.run(act(["new", "a"], { guard: guardAgainst("new") }));
        expect(report.outcomes.get("new")).toEqual({ is: "failed", problem: Refused });
        expect(clock.now() - began).toBeLessThan(60_000);
        expect(events.filter(({ is }) => is === "blocked")).toEqual([]);
        await expectQuiet();
    });

    test("keeps what it refuses from being prepared as well", async () => {
        const clock = new VirtualClock({ start: 0, rounds: 4 });
        const prepared: string[] = [];
        const api = things({
            inspect: async (keys) =>
                new Map<string, TargetState>(
                    keys.map((key) => [key, { is: "ready", facts: { name: `name of ${key}` } }]),
                ),
            submit: async () => ({ is: "refused", problem: { code: "X", message: "running" }, splits: true }),
            prepare: async (keys, reply) => {
                prepared.push(...keys);
                return reply;
            },
        });
        const session = new Session(api, clock, () => 0.5);
        const guard = guardAgainst("b");
        const report = await clock.run(
            byDeadline(clock, 60_000, (signal) => run(session, ["a", "b"], { signal, guard, random: () => 0.5 })),
        );
        expect(prepared).toEqual(["a"]);
        expect(guard.seen.get("b")).toEqual({ name: "name of b" });
        expect(report.outcomes.get("b")).toEqual({ is: "failed", problem: Refused, name: "name of b" });
    });
});
