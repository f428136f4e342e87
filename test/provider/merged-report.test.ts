import type { Outcome, RunReport } from "../../src/batch/outcome";
import { mergedReport } from "../../src/provider/target-set/merged-report";

const problem = { code: "X.1", message: "no" };
const reportOf = (outcomes: Readonly<Record<string, Outcome>>, more: Partial<RunReport> = {}): RunReport => ({
    outcomes: new Map(Object.entries(outcomes)),
    jobs: [],
    submitted: false,
    notTried: 0,
    refused: 0,
    ...more,
});

test("every target of every run has its outcome, once, and the reports add up", () => {
    const first = reportOf(
        { a: { is: "deleted" }, b: { is: "failed", problem } },
        { submitted: true, notTried: 1, jobs: [{ id: "j1", requestIds: [], status: "SUCCESS" }] },
    );
    const second = reportOf(
        { c: { is: "alreadyGone" } },
        {
            absent: new Set(["c"]),
            refused: 2,
            stopped: problem,
            jobs: [{ id: "j2", requestIds: [], status: "SUCCESS" }],
        },
    );
    expect(mergedReport([first, second])).toEqual({
        outcomes: new Map<string, Outcome>([
            ["a", { is: "deleted" }],
            ["b", { is: "failed", problem }],
            ["c", { is: "alreadyGone" }],
        ]),
        jobs: [...first.jobs, ...second.jobs],
        submitted: true,
        absent: new Set(["c"]),
        stopped: problem,
        notTried: 1,
        refused: 2,
    });
});

test("the report of one run is passed on as it is, for it may be very large", () => {
    const only = reportOf({ a: { is: "deleted" } });
    expect(mergedReport([only])).toBe(only);
});

test("what is left out has no outcome", () => {
    const report = reportOf({ a: { is: "deleted" }, b: { is: "failed", problem } }, { absent: new Set(["b"]) });
    const { outcomes, absent } = mergedReport([report], new Set(["b"]));
    expect([[...outcomes.keys()], absent]).toEqual([["a"], new Set()]);
});

test("no run at all has no outcome and sent nothing", () => {
    expect(mergedReport([])).toMatchObject({ outcomes: new Map(), submitted: false, notTried: 0, refused: 0 });
});
