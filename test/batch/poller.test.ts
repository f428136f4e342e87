import { ApiFailure, StillChanging } from "../../src/batch/api";
import { Poller, type PollOptions } from "../../src/batch/polling/poller";
import { Schedule } from "../../src/batch/polling/schedule";
import { VirtualClock } from "../virtual-clock";

/** Things that end at a time, and a poll of them that takes `latency`. */
function setUp(ends: Record<string, number>, options: { latency?: (keys: readonly string[]) => number } = {}) {
    const clock = new VirtualClock({ start: 0 });
    const looks: Array<{ at: number; keys: string }> = [];
    const failures = new Map<number, unknown>();
    const poison = new Map<string, unknown>();
    const schedule = new Schedule({ first: 1_000, floor: 1_000, cap: 10_000 }, () => 0.5);
    const look = async (keys: readonly string[], signal: AbortSignal) => {
        looks.push({ at: clock.now(), keys: [...keys].sort().join() });
        const failure = failures.get(looks.length) ?? keys.map((key) => poison.get(key)).find(Boolean);
        await clock.sleep(options.latency?.(keys) ?? 0, signal);
        if (failure !== undefined) {
            throw failure;
        }
        return new Map(keys.map((key) => [key, clock.now() >= (ends[key] ?? 0)]));
    };
    const watcher = new Poller<boolean>(look, schedule, clock);
    const watch = (keys: string[], more: Partial<PollOptions> = {}) =>
        watcher.poll(keys, (_, over) => over, {
            first: "later",
            onTrouble: "wait",
            signal: new AbortController().signal,
            ...more,
        });
    return { clock, looks, failures, poison, watcher, watch };
}

const passing = new ApiFailure({ code: "Unavailable", message: "come again" }, false);
const final = new ApiFailure({ code: "Forbidden", message: "never" }, true);

test("what is due together is polled together, and each waiter ends with its own things", async () => {
    const { clock, looks, watch } = setUp({ a: 0, b: 0, c: 0 });
    const now = { first: "now" } as const;
    await clock.run(Promise.all([watch(["a"], now), watch(["b", "c"], now), watch(["c"], now)]));
    expect(looks).toEqual([{ at: 0, keys: "a,b,c" }]);
    expect(clock.sleepers).toBe(0);
});

test("what changes while it is read is polled again, even for a waiter that does not wait out trouble", async () => {
    const { clock, looks, failures, watch } = setUp({ a: 0 });
    failures.set(1, new StillChanging({ code: "ListKeepsChanging", message: "it changes faster than it can be read" }));
    failures.set(2, failures.get(1));
    await clock.run(watch(["a"], { first: "now", onTrouble: "fail" }));
    expect(looks.map(({ keys }) => keys)).toEqual(["a", "a", "a"]);
});

test("polls follow the schedule exactly, and ask only for what is still open", async () => {
    const { clock, looks, watch } = setUp({ a: 1_500, b: 7_000 });
    await clock.run(watch(["a", "b"]));
    // 1 s, then floor, floor, and from 0.35 · 3 s on a share of the elapsed time.
    expect(looks.map(({ at }) => Math.round(at))).toEqual([1_000, 2_000, 3_000, 4_050, 5_468, 7_381]);
    expect(looks.map(({ keys }) => keys)).toEqual(["a,b", "a,b", "b", "b", "b", "b"]);
    expect(clock.sleepers).toBe(0);
});

test("a waiter that comes later shares the polls of those before it", async () => {
    const { clock, looks, watch } = setUp({ a: 30_000, b: 30_000 });
    await clock.run(async () => {
        const first = watch(["a"]);
        await clock.sleep(20_500);
        const alone = looks.length;
        await Promise.all([first, watch(["b"])]);
        expect(looks.slice(alone).filter(({ keys }) => keys === "a")).toHaveLength(0);
    });
});

test("while a poll is under way the next one fills up", async () => {
    const { clock, looks, watch } = setUp({}, { latency: () => 1_000 });
    await clock.run(async () => {
        const first = watch(["a"], { first: "now" });
        await clock.sleep(100);
        const more = [watch(["b"], { first: "now" })];
        await clock.sleep(100);
        more.push(watch(["c"], { first: "now" }));
        await Promise.all([first, ...more]);
    });
    expect(looks).toEqual([
        { at: 0, keys: "a" },
        { at: 1_000, keys: "b,c" },
    ]);
});

test("a poll that takes for ever delays no other waiter", async () => {
    const { clock, looks, watch } = setUp({}, { latency: (keys) => (keys.includes("slow") ? 600_000 : 100) });
    await clock.run(async () => {
        const slow = watch(["slow"], { first: "now" });
        await clock.sleep(10);
        await watch(["quick"], { first: "now" });
        expect(clock.now()).toBe(5_100);
        await slow;
    });
    expect(looks).toHaveLength(2);
    expect(clock.sleepers).toBe(0);
});

test("trouble that passes is waited out, and remembered until a poll succeeds", async () => {
    const { clock, looks, failures, watcher, watch } = setUp({ a: 2_500 });
    failures.set(1, passing).set(2, passing);
    await clock.run(async () => {
        const end = watch(["a"]);
        await clock.sleep(2_100);
        expect(watcher.trouble).toEqual(passing.problem);
        await end;
    });
    expect(watcher.trouble).toBeUndefined();
    expect(looks).toHaveLength(3);
});

test.each([
    ["a final failure ends the watch", final, "wait"],
    ["so does a passing one where it must", passing, "fail"],
    ["so does a fault in the program", new TypeError("bug"), "wait"],
] as const)("%s", async (_, failure, onTrouble) => {
    const { clock, failures, watch } = setUp({ a: 0 });
    failures.set(1, failure);
    await expect(clock.run(watch(["a"], { onTrouble }))).rejects.toBe(failure);
    expect(clock.sleepers).toBe(0);
});

test("a poll that fails for the keys of one waiter ends that one alone", async () => {
    const { clock, looks, poison, watch } = setUp({ a: 0, b: 0, c: 0 });
    poison.set("b", final);
    const now = { first: "now" } as const;
    const one = new AbortController().signal;
    const ends = Promise.allSettled([watch(["a"], now), watch(["b"], now), watch(["c"], { ...now, signal: one })]);
    const [a, b, c] = await clock.run(ends);
    expect([a.status, b.status, c.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(looks.map(({ keys }) => keys)).toEqual(["a,b,c", "a", "b", "c"]);
});

test("a poll that keeps failing for the keys of one waiter does not delay the others", async () => {
    const { clock, poison, watch } = setUp({ a: 3_000, b: 0 });
    poison.set("b", passing);
    const stop = new AbortController();
    const bad = watch(["b"], { signal: stop.signal });
    const settled = bad.catch((reason: unknown) => reason);
    await clock.run(watch(["a"]));
    expect(clock.now()).toBeLessThan(8_000);
    stop.abort("over");
    expect(await clock.run(settled)).toBe("over");
    expect(clock.sleepers).toBe(0);
});

test("an abort rejects at once, during a poll or between two, and leaves nothing behind", async () => {
    for (const at of [500, 1_050]) {
        const { clock, watch, watcher } = setUp({ a: 1e9 }, { latency: () => 100 });
        const stop = new AbortController();
        await clock.run(async () => {
            const end = watch(["a"], { signal: stop.signal }).catch((reason: unknown) => reason);
            await clock.sleep(at);
            stop.abort("enough");
            expect(await end).toBe("enough");
            expect(clock.now()).toBe(at);
            await expect(watch(["a"], { signal: stop.signal })).rejects.toBe("enough");
            await clock.yieldToEventLoop();
            await clock.yieldToEventLoop();
        });
        expect(clock.sleepers).toBe(0);
        await clock.run(watcher.poll([], () => false, { first: "now", onTrouble: "wait", signal: stop.signal }));
    }
});

test("a shared poll goes on as long as one of its waiters is there", async () => {
    const { clock, looks, watch } = setUp({}, { latency: () => 1_000 });
    const stop = new AbortController();
    await clock.run(async () => {
        const left = watch(["a"], { first: "now", signal: stop.signal }).catch((reason: unknown) => reason);
        const stays = watch(["b"], { first: "now" });
        await clock.sleep(500);
        stop.abort("enough");
        expect(await left).toBe("enough");
        await stays;
        expect(clock.now()).toBe(1_000);
    });
    expect(looks).toHaveLength(1);
});
