import fc from "fast-check";
import { VirtualClock } from "./virtual-clock";

test("sleepers wake in the order of their time, and time moves only to them", async () => {
    await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 }), async (naps) => {
            const clock = new VirtualClock({ start: 0, rounds: 2 });
            const woken: number[] = [];
            await clock.run(
                Promise.all(
                    naps.map(async (ms) => {
                        await clock.sleep(ms);
                        expect(clock.now()).toBe(ms);
                        woken.push(ms);
                    }),
                ),
            );
            expect(woken).toEqual([...naps].sort((a, b) => a - b));
            expect(clock.now()).toBe(Math.max(...naps));
            expect(clock.sleepers).toBe(0);
        }),
        { numRuns: 50 },
    );
});

test("turns take no time", async () => {
    const clock = new VirtualClock({ start: 0 });
    await clock.run(async () => {
        for (let i = 0; i < 100; i++) {
            await clock.yieldToEventLoop();
        }
    });
    expect(clock.now()).toBe(0);
});

test("a settled promise does not move time, though others sleep on", async () => {
    const clock = new VirtualClock({ start: 0 });
    const other = clock.sleep(1000);
    await clock.run(clock.sleep(10));
    expect(clock.now()).toBe(10);
    await clock.run(other);
    expect(clock.now()).toBe(1000);
});

test("runs side by side share one time", async () => {
    const clock = new VirtualClock({ start: 0 });
    const at = async (ms: number) => {
        await clock.sleep(ms);
        return clock.now();
    };
    expect(await Promise.all([clock.run(at(30)), clock.run(at(10)), clock.run(at(20))])).toEqual([30, 10, 20]);
});

test("a promise that nothing can settle is an error, not a hang", async () => {
    const clock = new VirtualClock();
    await expect(clock.run(new Promise(() => {}))).rejects.toThrow("nothing left to wait for");
});

test("an aborted sleep rejects with the signal's reason and is forgotten", async () => {
    const clock = new VirtualClock({ start: 0 });
    const stop = new AbortController();
    const nap = clock.sleep(500, stop.signal);
    const run = clock.run(nap);
    stop.abort(new Error("enough"));
    await expect(run).rejects.toThrow("enough");
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow("enough");
    expect(clock.sleepers).toBe(0);
    expect(clock.now()).toBe(0);
});

test("time stands still while it is held", async () => {
    const clock = new VirtualClock({ start: 0 });
    const release = clock.hold();
    const seen: number[] = [];
    setTimeout(() => {
        seen.push(clock.now());
        release();
    }, 5);
    await clock.run(clock.sleep(10));
    expect(seen).toEqual([0]);
    expect(clock.now()).toBe(10);
});
