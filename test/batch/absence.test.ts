import { isAbsent } from "../../src/batch/absence";
import type { Sighting } from "../../src/batch/api";
import { run } from "../../src/batch/run";
import { Session } from "../../src/batch/session";
import { VirtualClock } from "../virtual-clock";
import { things } from "./things";

const problem = { code: "X.403", message: "may not be read" };

test.each<[boolean, Sighting]>([
    [true, { is: "reached" }],
    [false, { is: "reached", shown: true }],
    [true, { is: "impossible", problem, absent: true }],
    [false, { is: "impossible", problem }],
    [false, { is: "present" }],
    [false, { is: "inProgress" }],
    [false, { is: "notYet", reason: "busy" }],
    [false, { is: "unseen", problem }],
])("absent: %p for %j", (expected, sighting) => {
    expect(isAbsent(sighting)).toBe(expected);
});

async function played(look: (key: string, submitted: boolean) => Sighting, keys: readonly string[]) {
    const clock = new VirtualClock();
    const submits: string[][] = [];
    const api = things({
        inspect: async (asked) =>
            new Map(
                asked.map((key) => [
                    key,
                    look(
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

test("a target of which nobody knows whether it is there is unknown, and never submitted; the others go on", async () => {
    const { submits, outcomes } = await played(
        (key, submitted) => {
            if (key === "hidden") {
                return { is: "unseen", problem };
            }
            return submitted ? { is: "reached" } : { is: "present" };
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
        (_key, submitted) => (submitted ? { is: "unseen", problem } : { is: "present" }),
        ["a"],
    );
    expect(outcomes).toEqual({ a: { is: "unknown", problem } });
});
