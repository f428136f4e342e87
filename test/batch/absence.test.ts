import type { TargetState } from "../../src/batch/api";
import { run } from "../../src/batch/run";
import { isAbsent } from "../../src/batch/session/absence";
import { Session } from "../../src/batch/session/session";
import { VirtualClock } from "../virtual-clock";
import { things } from "./things";

const problem = { code: "X.403", message: "may not be read" };

test.each<[boolean, TargetState]>([
    [true, { is: "settled" }],
    [false, { is: "settled", shown: true }],
    [true, { is: "impossible", problem, absent: true }],
    [false, { is: "impossible", problem }],
    [false, { is: "ready" }],
    [false, { is: "inProgress" }],
    [false, { is: "blocked", reason: "busy" }],
    [false, { is: "unseen", problem }],
])("absent: %p for %j", (expected, state) => {
    expect(isAbsent(state)).toBe(expected);
});

async function played(stateOf: (key: string, submitted: boolean) => TargetState, keys: readonly string[]) {
    const clock = new VirtualClock();
    const submits: string[][] = [];
    const api = things({
        inspect: async (asked) =>
            new Map(
                asked.map((key) => [
                    key,
                    stateOf(
                        key,
                        submits.some((sent) => sent.includes(key)),
                    ),
                ]),
            ),
        submit: async (sent) => {
            submits.push([...sent]);
            return { is: "accepted", failed: new Map() };
        },
    });
    const session = new Session(api, clock, () => 0.5);
    const { signal } = new AbortController();
    const report = await clock.run(run(session, keys, { signal, random: () => 0.5 }));
    return { submits, outcomes: Object.fromEntries(report.outcomes) };
}

test("a target that may or may not be there is unknown and never submitted; the others go on", async () => {
    const { submits, outcomes } = await played(
        (key, submitted) => {
            if (key === "hidden") {
                return { is: "unseen", problem };
            }
            return submitted ? { is: "settled" } : { is: "ready" };
        },
        ["a", "b", "hidden"],
    );
    expect(submits.flat().sort()).toEqual(["a", "b"]);
    expect(outcomes).toEqual({
        a: { is: "deleted" },
        b: { is: "deleted" },
        hidden: { is: "unknown", problem },
    });
});

test("a target that can't be seen any more once it was submitted is unknown, at once", async () => {
    const { outcomes } = await played(
        (_key, submitted) => (submitted ? { is: "unseen", problem } : { is: "ready" }),
        ["a"],
    );
    expect(outcomes).toEqual({ a: { is: "unknown", problem } });
});
