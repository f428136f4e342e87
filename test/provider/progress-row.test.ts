import type { RunEvent } from "../../src/batch/events";
import { progressRow } from "../../src/provider/target-set/progress-row";
import { things } from "../batch/things";
import { VirtualClock } from "../virtual-clock";

const api = things({
    inspect: async () => new Map(),
    submit: async () => ({ is: "busy", problem: { code: "B", message: "b" } }),
});
const problem = { code: "WKS.1", message: "locked by a snapshot" };
const submitted: RunEvent = { is: "submitted", keys: ["a"], job: "j" };
const settled = (is: "deleted" | "alreadyGone"): RunEvent => ({ is: "settled", key: "a", outcome: { is } });

test.each<[RunEvent["is"], readonly RunEvent[], string]>([
    ["inspected", [{ is: "inspected", targets: 2 }], "0/2 deleted, 0:05"],
    ["submitted", [submitted], "0/2 deleted, job j running, 0:05"],
    ["submitted", [{ is: "submitted", keys: ["a"] }], "0/2 deleted, 0:05"],
    ["polled", [submitted, { is: "polled", job: "j", status: "RUNNING" }], "0/2 deleted, job j running, 0:05"],
    [
        "polled",
        [submitted, { is: "polled", job: "j", status: "RUNNING", progress: 0.35 }],
        "0/2 deleted, job j running (35 %), 0:05",
    ],
    [
        "polled",
        [submitted, { is: "polled", job: "j", status: "RUNNING", progress: 1 }],
        "0/2 deleted, job j running (100 %), 0:05",
    ],
    ["jobEnded", [submitted, { is: "jobEnded", job: "j", status: "SUCCESS" }], "0/2 deleted, 0:05"],
    ["busy", [{ is: "busy", problem, until: 9 }], "0/2 deleted, 0:05, waiting: locked by a snapshot"],
    [
        "blocked",
        [{ is: "blocked", keys: ["a"], reason: "it is being created" }],
        "0/2 deleted, 0:05, waiting: it is being created",
    ],
    ["submitted", [{ is: "blocked", keys: ["a"], reason: "r" }, submitted], "0/2 deleted, job j running, 0:05"],
    ["settled", [settled("deleted")], "1/2 deleted, 0:05"],
    ["settled", [submitted, settled("deleted"), settled("alreadyGone")], "1/2 deleted, 1 already gone, 0:05"],
])("the row after the event %s", async (_, events, line) => {
    const clock = new VirtualClock();
    const shown: string[] = [];
    const onEvent = progressRow({ api, clock }, { total: 2 }, (say) => shown.push(say()));
    await clock.run(clock.sleep(5_000));
    for (const event of events) {
        onEvent(event);
    }
    expect(shown.at(-1)).toBe(line);
});
