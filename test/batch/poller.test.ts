import { ApiFailure, StillChanging } from "../../src/batch/api";
import { Poller, type PollOptions } from "../../src/batch/polling/poller";
import { Schedule } from "../../src/batch/polling/schedule";
import { VirtualClock } from "../virtual-clock";

/** Things that end at a time, and a poll of them that takes `latency`. */
function setUp(ends: Record<string, number>, options: { latency?: (keys: readonly string[]) => number } = {}) {
    const clock = new VirtualClock({ start: 0 });
    const polls: Array<{ at: number; keys: string }> = [];
    const failures = new Map<number, unknown>();
    const poison = new Map<string, unknown>();
    const schedule = new Schedule({ first: 1_000, floor: 1_000, cap: 10_000 }, () => 0.5);
    const ask = async (keys: readonly string[], signal: AbortSignal) => {
        polls.push({ at: clock.now(), keys: [...keys].sort().join() });
        const failure = failures.get(polls.length) ?? keys.map((key) => poison.get(key)).find(Boolean);
        await clock.sleep(options.latency?.(keys) ?? 0, signal);
        if (failure !== undefined) {
            throw failure;
        }
        return new Map(keys.map((key) => [key, clock.now() >= (ends[key] ?? 0)]));
    };
    const poller = new Poller<boolean>(ask, schedule, clock);
    const wait = (keys: string[], more: Partial<PollOptions> = {}) =>
        poller.poll(keys, (_, over) => over, {
            first: "later",
            onTrouble: "wait",
            signal: new AbortController().signal,
            ...more,
        });
    return { clock, polls, failures, poison, poller, wait };
}

const passing = new ApiFailure({ code: "Unavailable", message: "come again" }, false);
const final = new ApiFailure({ code: "Forbidden", message: "never" }, true);

test("what is due together is polled together, and each waiter ends with its own things", async () => {
    const { clock, polls, wait } = setUp({ a: 0, b: 0, c: 0 });
    const now = { first: "now" } as const;
    await clock.run(Promise.all([wait(["a"], now), wait(["b", "c"], now), wait(["c"], now)]));
    expect(polls).toEqual([{ at: 0, keys: "a,b,c" }]);
    expect(clock.sleepers).toBe(0);
});

test("what changes while it is read is polled again, even for a waiter that does not wait out trouble", async () => {
    const { clock, polls, failures, wait } = setUp({ a: 0 });
    failures.set(1, new StillChanging({ code: "ListKeepsChanging", message: "it changes faster than it can be read" }));
    failures.set(2, failures.get(1));
    await clock.run(wait(["a"], { first: "now", onTrouble: "fail" }));
    expect(polls.map(({ keys }) => keys)).toEqual(["a", "a", "a"]);
});

test("polls follow the schedule exactly, and ask only for what is still open", async () => {
    const { clock, polls, wait } = setUp({ a: 1_500, b: 7_000 });
    await clock.run(wait(["a", "b"]));
    // 1 s, then floor, floor, and from 0.35 · 3 s on a share of the elapsed time.
    expect(polls.map(({ at }) => Math.round(at))).toEqual([1_000, 2_000, 3_000, 4_050, 5_468, 7_381]);
    expect(polls.map(({ keys }) => keys)).toEqual(["a,b", "a,b", "b", "b", "b", "b"]);
    expect(clock.sleepers).toBe(0);
});

test("a waiter that comes later shares the polls of those before it", async () => {
    const { clock, polls, wait } = setUp({ a: 30_000, b: 30_000 });
    await clock.run(async () => {
        const first = wait(["a"]);
        await clock.sleep(20_500);
        const alone = polls.length;
        await Promise.all([first, wait(["b"])]);
        expect(polls.slice(alone).filter(({ keys }) => keys === "a")).toHaveLength(0);
    });
});

test("while a poll is under way the next one fills up", async () => {
    const { clock, polls, wait } = setUp({}, { latency: () => 1_000 });
    await clock.run(async () => {
        const first = wait(["a"], { first: "now" });
        await clock.sleep(100);
        const more = [wait(["b"], { first: "now" })];
        await clock.sleep(100);
        more.push(wait(["c"], { first: "now" }));
        await Promise.all([first, ...more]);
    });
    expect(polls).toEqual([
        { at: 0, keys: "a" },
        { at: 1_000, keys: "b,c" },
    ]);
});

test("a poll that takes for ever delays no other waiter", async () => {
    const { clock, polls, wait } = setUp({}, { latency: (keys) => (keys.includes("slow") ? 600_000 : 100) });
    await clock.run(async () => {
        const slow = wait(["slow"], { first: "now" });
        await clock.sleep(10);
        await wait(["quick"], { first: "now" });
        expect(clock.now()).toBe(5_100);
        await slow;
    });
    expect(polls).toHaveLength(2);
    expect(clock.sleepers).toBe(0);
});

test("trouble that passes is waited out, and remembered until a poll succeeds", async () => {
    const { clock, polls, failures, poller, wait } = setUp({ a: 2_500 });
    failures.set(1, passing).set(2, passing);
    await clock.run(async () => {
        const end = wait(["a"]);
        await clock.sleep(2_100);
        expect(poller.trouble).toEqual(passing.problem);
        await end;
    });
    expect(poller.trouble).toBeUndefined();
    expect(polls).toHaveLength(3);
});

test.each([
    ["a final failure ends the wait", final, "wait"],
    ["so does a passing one where it must", passing, "fail"],
    ["so does a fault in the program", new TypeError("bug"), "wait"],
] as const)("%s", async (_, failure, onTrouble) => {
    const { clock, failures, wait } = setUp({ a: 0 });
    failures.set(1, failure);
    await expect(clock.run(wait(["a"], { onTrouble }))).rejects.toBe(failure);
    expect(clock.sleepers).toBe(0);
});

test("a poll that fails for the keys of one waiter ends that one alone", async () => {
    const { clock, polls, poison, wait } = setUp({ a: 0, b: 0, c: 0 });
    poison.set("b", final);
    const now = { first: "now" } as const;
    const one = new AbortController().signal;
    const ends = Promise.allSettled([wait(["a"], now), wait(["b"], now), wait(["c"], { ...now, signal: one })]);
    const [a, b, c] = await clock.run(ends);
    expect([a.status, b.status, c.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(polls.map(({ keys }) => keys)).toEqual(["a,b,c", "a", "b", "c"]);
});

test("a poll that keeps failing for the keys of one waiter does not delay the others", async () => {
    const { clock, poison, wait } = setUp({ a: 3_000, b: 0 });
    poison.set("b", passing);
    const stop = new AbortController();
    const bad = wait(["b"], { signal: stop.signal });
    const settled = bad.catch((reason: unknown) => reason);
    await clock.run(wait(["a"]));
    expect(clock.now()).toBeLessThan(8_000);
    stop.abort("over");
    expect(await clock.run(settled)).toBe("over");
    expect(clock.sleepers).toBe(0);
});

test("an abort rejects at once, during a poll or between two, and leaves nothing behind", async () => {
    for (const at of [500, 1_050]) {
        const { clock, wait, poller } = setUp({ a: 1e9 }, { latency: () => 100 });
        const stop = new AbortController();
        await clock.run(async () => {
            const end = wait(["a"], { signal: stop.signal }).catch((reason: unknown) => reason);
            await clock.sleep(at);
            stop.abort("enough");
            expect(await end).toBe("enough");
            expect(clock.now()).toBe(at);
            await expect(wait(["a"], { signal: stop.signal })).rejects.toBe("enough");
            await clock.yieldToEventLoop();
            await clock.yieldToEventLoop();
        });
        expect(clock.sleepers).toBe(0);
        await clock.run(poller.poll([], () => false, { first: "now", onTrouble: "wait", signal: stop.signal }));
    }
});

test("a shared poll goes on as long as one of its waiters is there", async () => {
    const { clock, polls, wait } = setUp({}, { latency: () => 1_000 });
    const stop = new AbortController();
    await clock.run(async () => {
        const left = wait(["a"], { first: "now", signal: stop.signal }).catch((reason: unknown) => reason);
        const stays = wait(["b"], { first: "now" });
        await clock.sleep(500);
        stop.abort("enough");
        expect(await left).toBe("enough");
        await stays;
        expect(clock.now()).toBe(1_000);
    });
    expect(polls).toHaveLength(1);
});
