import fc from "fast-check";
import type { TargetState } from "../../src/batch/api";
import { TargetLedger } from "../../src/batch/session/target-ledger";

const shows = (state: TargetState, ...keys: string[]) =>
    new Map((keys.length === 0 ? ["a"] : keys).map((k) => [k, state]));
const ready: TargetState = { is: "ready" };
const inProgress: TargetState = { is: "inProgress" };
const blocked: TargetState = { is: "blocked", reason: "it is being built" };
const settled: TargetState = { is: "settled" };
const impossible: TargetState = { is: "impossible", problem: { code: "Protected", message: "no" } };

function setUp() {
    const ledger = new TargetLedger();
    const runEnds = ledger.runBegins();
    const inspect = (state: TargetState, ...keys: string[]) => ledger.inspectionBegins()(shows(state, ...keys));
    return { ledger, runEnds, inspect };
}

test.each([inProgress, blocked, settled, impossible])(
    "what an inspection shows as $is may not be submitted until a later one shows it ready",
    (state) => {
        const { ledger, inspect } = setUp();
        const [early, recorded] = [ledger.inspectionBegins(), ledger.inspectionBegins()];
        recorded(shows(state));
        expect(ledger.maySubmit("a")).toBe(false);
        // Began before the other one ended: it may have read the target earlier.
        early(shows(ready));
        expect(ledger.maySubmit("a")).toBe(false);
        inspect(ready);
        expect(ledger.maySubmit("a")).toBe(true);
    },
);

test("what an inspection shows beyond what was asked for counts as well", () => {
    const { ledger, inspect } = setUp();
    inspect(inProgress, "asked", "not asked");
    expect(ledger.maySubmit("not asked")).toBe(false);
});

test("a queued request is dropped as soon as an inspection shows one of its targets not to be ready", () => {
    const { ledger, inspect } = setUp();
    const dropped: string[] = [];
    ledger.requestBegins(["a", "b"], () => dropped.push("a b"));
    ledger.requestBegins(["c"], () => dropped.push("c"));
    const requestEnds = ledger.requestBegins(["d"], () => dropped.push("d"));
    inspect(ready, "a", "b", "c", "d");
    expect(dropped).toEqual([]);
    requestEnds();
    inspect(inProgress, "b", "d");
    expect(dropped).toEqual(["a b"]);
});

test("what a run has submitted may not be submitted by another one until that run releases it and an inspection that began then shows it ready", async () => {
    const { ledger, inspect } = setUp();
    inspect(ready);
    const hold = ledger.hold(["a"]);
    inspect(ready);
    expect(ledger.maySubmit("a")).toBe(false);
    expect(ledger.owner("a")).toBe(hold);
    const beforeRelease = ledger.inspectionBegins();
    hold.release();
    await hold.released;
    expect(ledger.owner("a")).toBeUndefined();
    beforeRelease(shows(ready));
    expect(ledger.maySubmit("a")).toBe(false);
    inspect(ready);
    expect(ledger.maySubmit("a")).toBe(true);
});

test("what the holder itself has inspected before it released the target still counts", () => {
    const { ledger, inspect } = setUp();
    const hold = ledger.hold(["a"]);
    const tooEarly = ledger.inspectionBegins();
    const inspectedAt = ledger.now();
    inspect(ready);
    hold.release(inspectedAt);
    // A second release changes nothing.
    hold.release();
    expect(ledger.maySubmit("a")).toBe(true);
    tooEarly(shows(ready));
    expect(ledger.maySubmit("a")).toBe(true);
});

test("what a job works on may not be submitted until an inspection that began after the end of the job shows it ready", () => {
    const { ledger, inspect, runEnds } = setUp();
    ledger.jobBegins("job", ["a"]);
    inspect(ready);
    runEnds();
    expect(ledger.owner("a")).toBe("job");
    const nextRunEnds = ledger.runBegins();
    inspect(ready);
    expect(ledger.maySubmit("a")).toBe(false);
    ledger.jobEnded("job", ["a"]);
    expect(ledger.maySubmit("a")).toBe(false);
    inspect(ready);
    expect(ledger.maySubmit("a")).toBe(true);
    nextRunEnds();
});

test("a target that a later job works on is not free when the earlier one ends", () => {
    const { ledger } = setUp();
    ledger.jobBegins("one", ["a"]);
    ledger.jobBegins("two", ["a"]);
    ledger.jobEnded("one", ["a"]);
    expect(ledger.owner("a")).toBe("two");
});

test.each([ready, blocked])("a target that was reported done, and is then seen $is, is reported no more", (state) => {
    const { ledger, inspect } = setUp();
    ledger.reportDone(["a", "b"]);
    inspect(state);
    expect([...ledger.reportedDone]).toEqual(["b"]);
});

test.each([inProgress, settled])("a report lasts while the target is seen $is, until its hold is released", (state) => {
    const { ledger, inspect } = setUp();
    const hold = ledger.hold(["a"]);
    ledger.reportDone(["a"]);
    inspect(state);
    expect([...ledger.reportedDone]).toEqual(["a"]);
    hold.release();
    expect([...ledger.reportedDone]).toEqual([]);
});

test.each(["first", "last"] as const)(
    "a target that two runs have submitted with one request is held, and its report kept, until both have released it: the %s one first",
    (order) => {
        const { ledger, inspect } = setUp();
        const holds = [ledger.hold(["a"]), ledger.hold(["a"])];
        const [one, other] = order === "first" ? holds : holds.toReversed();
        one?.release();
        ledger.reportDone(["a"]);
        inspect(settled);
        expect([ledger.owner("a"), [...ledger.reportedDone], ledger.maySubmit("a")]).toEqual([other, ["a"], false]);
        other?.release();
        expect([ledger.owner("a"), [...ledger.reportedDone]]).toEqual([undefined, []]);
    },
);

test("a target is settled if the newest inspection shows it so, and began after that moment", () => {
    const { ledger, inspect } = setUp();
    const before = ledger.now();
    inspect(settled);
    const after = ledger.now();
    expect([ledger.isSettled("a", before), ledger.isSettled("a", after)]).toEqual([true, false]);
    inspect(ready);
    expect(ledger.isSettled("a", before)).toBe(false);
});

test("when the last run has ended nothing is kept but what a job works on", () => {
    const { ledger, inspect, runEnds } = setUp();
    const otherRunEnds = ledger.runBegins();
    inspect(inProgress, "a", "b");
    ledger.jobBegins("job", ["b"]);
    runEnds();
    expect(ledger.maySubmit("a")).toBe(false);
    otherRunEnds();
    expect([ledger.maySubmit("a"), ledger.maySubmit("b")]).toEqual([true, false]);
    ledger.jobEnded("job", ["b"]);
    expect(ledger.maySubmit("b")).toBe(true);
});

/** Inspections, submits and releases of one target in any order, inspections overlapping with anything. */
const events = fc.array(
    fc.oneof(
        fc.record({ is: fc.constant("begin" as const), state: fc.constantFrom(ready, inProgress, settled) }),
        fc.record({ is: fc.constant("end" as const), which: fc.nat(5) }),
        fc.record({ is: fc.constant("hold" as const) }),
        fc.record({ is: fc.constant("release" as const), which: fc.nat(2) }),
    ),
    { maxLength: 40 },
);

test("a target that was ever submitted or seen not to be ready may be submitted exactly if an inspection that began after the last such event shows it ready", () => {
    fc.assert(
        fc.property(events, (all) => {
            const { ledger } = setUp();
            const open: Array<{
                began: number;
                state: TargetState;
                record: (states: ReadonlyMap<string, TargetState>) => void;
            }> = [];
            const holds: Array<ReturnType<TargetLedger["hold"]>> = [];
            let against = -1;
            let readySince = 0;
            for (const [at, event] of all.entries()) {
                if (event.is === "begin") {
                    open.push({ began: at, state: event.state, record: ledger.inspectionBegins() });
                } else if (event.is === "end") {
                    const [ended] = open.splice(event.which, 1);
                    ended?.record(shows(ended.state));
                    if (ended?.state === ready) {
                        readySince = Math.max(readySince, ended.began);
                    } else if (ended !== undefined) {
                        against = at;
                    }
                } else if (event.is === "hold") {
                    // One request may be that of several runs: each holds its targets.
                    holds.push(ledger.hold(["a"]));
                    ledger.reportDone(["a"]);
                    against = at;
                } else {
                    const [released] = holds.splice(event.which, 1);
                    released?.release();
                    against = released === undefined ? against : at;
                }
                if (holds.length === 0) {
                    expect([...ledger.reportedDone]).toEqual([]);
                }
                expect(ledger.maySubmit("a")).toBe(holds.length === 0 && readySince > against);
            }
        }),
        { numRuns: 2_000 },
    );
});
