import type { BatchApi, TargetState } from "../../src/batch/api";
import type { RunEvent } from "../../src/batch/events";
import { run } from "../../src/batch/run";
import { Session } from "../../src/batch/session/session";
import { CHUNK_SIZE, forEachInChunks } from "../../src/util/chunks";
import { byDeadline } from "../batch/deadline";
import { things } from "../batch/things";
import { VirtualClock } from "../virtual-clock";

const MANY = 100_000;
const keys = Array.from({ length: MANY }, (_, n) => `t${n}`);

/** The most that `work` counts between two turns of the event loop. */
async function mostBetweenTurns(work: (count: () => void) => Promise<unknown>): Promise<number> {
    let [most, now, over] = [0, 0, false];
    const tick = () => {
        most = Math.max(most, now);
        now = 0;
        if (!over) {
            setImmediate(tick);
        }
    };
    setImmediate(tick);
    await work(() => {
        now += 1;
    });
    over = true;
    return Math.max(most, now);
}

/** Things that are deleted as soon as that is asked for. */
function thingsIn(clock: VirtualClock, there: Set<string>): BatchApi {
    const states: Record<"there" | "gone", TargetState> = { there: { is: "ready" }, gone: { is: "settled" } };
    return things({
        perRequest: 100,
        inspect: async (asked) => {
            await clock.sleep(10);
            return new Map(asked.map((key) => [key, states[there.has(key) ? "there" : "gone"]]));
        },
        submit: async (asked) => {
            await clock.sleep(10);
            for (const key of asked) {
                there.delete(key);
            }
            return { is: "accepted", failed: new Map() };
        },
    });
}

test.each([
    { what: "there", there: keys, deadline: 3_600_000, outcome: "deleted" },
    { what: "gone already", there: [], deadline: 3_600_000, outcome: "alreadyGone" },
    { what: "there when the time is up", there: keys, deadline: 15, outcome: "unknown" },
])("100,000 targets that are $what: others get their turn after each slice", async ({ there, deadline, outcome }) => {
    const clock = new VirtualClock({ start: 0, rounds: 3 });
    const session = new Session(thingsIn(clock, new Set(there)), clock, () => 0.5);
    const outcomes = new Set<string>();
    const most = await mostBetweenTurns((count) => {
        const onEvent = (event: RunEvent) => {
            if (event.is === "settled") {
                outcomes.add(event.outcome.is);
                count();
            }
        };
        return clock.run(
            byDeadline(clock, deadline, (signal) => run(session, keys, { signal, random: () => 0.5, onEvent })),
        );
    });
    expect([...outcomes]).toEqual([outcome]);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(CHUNK_SIZE);
});

test("a few are visited without a pause", async () => {
    const clock = new VirtualClock();
    const visited: number[] = [];
    void forEachInChunks(clock, [1, 2, 3], (n) => visited.push(n));
    expect(visited).toEqual([1, 2, 3]);
});
