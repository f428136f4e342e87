import fc from "fast-check";
import { RateLimiter } from "../../src/cloud/rate-limiter";
import { VirtualClock } from "../virtual-clock";

const never = new AbortController().signal;

/** A limit as gateways keep it; answers whether a request that arrives now is let in. */
type Limit = (now: number) => boolean;

/** So many requests in each window of the clock; refused ones count too where `harsh`. */
function fixedWindow(most: number, window: number, harsh = false): Limit {
    let begun = Number.NEGATIVE_INFINITY;
    let used = 0;
    return (now) => {
        const start = Math.floor(now / window) * window;
        if (start !== begun) {
            begun = start;
            used = 0;
        }
        if (used < most) {
            used++;
            return true;
        }
        used += harsh ? 1 : 0;
        return false;
    };
}

/** No more than so many in any window that ends now. */
function slidingWindow(most: number, window: number): Limit {
    const let_in: number[] = [];
    return (now) => {
        while ((let_in[0] ?? now) <= now - window) {
            let_in.shift();
        }
        if (let_in.length >= most) {
            return false;
        }
        let_in.push(now);
        return true;
    };
}

function tokenBucket(rate: number, burst: number): Limit {
    let tokens = burst;
    let at: number | undefined;
    return (now) => {
        tokens = Math.min(burst, tokens + ((now - (at ?? now)) / 1000) * rate);
        at = now;
        if (tokens < 1) {
            return false;
        }
        tokens -= 1;
        return true;
    };
}

interface Tally {
    seconds: number;
    sent: number[];
    refused: number[];
}

/** `count` requests through one pacer against a limit, each as often as it takes; each answer takes `latency`. */
async function through(
    limit: Limit,
    count: number,
    latency: (i: number) => number,
    random = () => 0.5,
): Promise<Tally> {
    const clock = new VirtualClock({ start: 0, rounds: 2 });
    const pacer = new RateLimiter({ clock, random });
    const sent: number[] = [];
    const refused: number[] = [];
    const one = async (i: number) => {
        for (;;) {
            const turn = await pacer.enter("changes", never);
            sent.push(clock.now());
            await clock.sleep(latency(sent.length) / 2);
            const letIn = limit(clock.now());
            await clock.sleep(latency(i) / 2);
            if (letIn) {
                turn.succeeded();
                return;
            }
            refused.push(clock.now());
            turn.throttled();
        }
    };
    await clock.run(Promise.all(Array.from({ length: count }, (_, i) => one(i))));
    expect(clock.sleepers).toBe(0);
    return { seconds: clock.now() / 1000, sent, refused };
}

const latencies: Array<[string, (i: number) => number]> = [
    ["20 ms", () => 20],
    ["200 ms", () => 200],
    ["10 to 150 ms", (i) => 10 + ((i * 7919) % 141)],
    ["1 s", () => 1000],
];

describe.each<[string, () => Limit, { used: number; refused: number }]>([
    ["a fixed window of a second", () => fixedWindow(10, 1000), { used: 0.9, refused: 0.02 }],
    ["one that counts refusals too", () => fixedWindow(10, 1000, true), { used: 0.9, refused: 0.02 }],
    ["a sliding window of a second", () => slidingWindow(10, 1000), { used: 0.9, refused: 0.02 }],
    ["a bucket of ten tokens", () => tokenBucket(10, 10), { used: 0.9, refused: 0.02 }],
    ["a bucket of fifty tokens", () => tokenBucket(10, 50), { used: 0.9, refused: 0.05 }],
    ["fifty in five seconds", () => fixedWindow(50, 5000), { used: 0.8, refused: 0.07 }],
])("a hidden limit of ten a second, kept as %s", (_, limit, target) => {
    test.each(latencies)("is used and rarely overstepped, at %s an answer", async (_name, latency) => {
        const { seconds, sent, refused } = await through(limit(), 1000, latency);
        expect(1000 / 10 / seconds).toBeGreaterThanOrEqual(target.used);
        expect(refused.length / sent.length).toBeLessThanOrEqual(target.refused);
        const [first = 0] = refused;
        const next = sent.find((time) => time > first) ?? Number.POSITIVE_INFINITY;
        expect(next - first).toBeLessThanOrEqual(1500);
    });
});

const otherLimits: Array<[number, string, () => Limit, { used: number; refused: number }]> = [2, 5, 50].flatMap(
    (rate) => {
        // What the first burst oversteps by weighs more, the fewer are let in.
        const refused = rate === 2 ? 0.04 : 0.025;
        return [
            [rate, "a fixed window of a second", () => fixedWindow(rate, 1000), { used: 0.95, refused }],
            [rate, "a sliding window of a second", () => slidingWindow(rate, 1000), { used: 0.9, refused }],
            [rate, "a bucket of a second", () => tokenBucket(rate, rate), { used: 0.95, refused }],
        ];
    },
);

test.each(otherLimits)("a hidden limit of %d a second, kept as %s, is used too", async (rate, _, limit, target) => {
    const { seconds, sent, refused } = await through(limit(), 1000, () => 50);
    expect(1000 / rate / seconds).toBeGreaterThanOrEqual(target.used);
    expect(refused.length / sent.length).toBeLessThanOrEqual(target.refused);
});

test("a limit of ten a minute is found out: no storm of refusals", async () => {
    const { seconds, refused } = await through(fixedWindow(10, 60_000), 60, () => 20);
    expect(seconds).toBeLessThanOrEqual(6 * 60 + 60);
    expect(refused.length).toBeLessThanOrEqual(40);
});

test("a limit that others use up in part is found out", async () => {
    const gateway = fixedWindow(10, 1000);
    let others = 0;
    const { seconds, sent, refused } = await through(
        (now) => {
            for (; others < now; others += 200) {
                gateway(others);
            }
            return gateway(now);
        },
        1000,
        () => 50,
    );
    expect(1000 / 5 / seconds).toBeGreaterThanOrEqual(0.9);
    expect(refused.length / sent.length).toBeLessThanOrEqual(0.03);
});

test("a limit that is lifted is grown out of", async () => {
    const small = fixedWindow(5, 1000);
    const { seconds } = await through(
        (now) => now > 20_000 || small(now),
        2000,
        () => 50,
    );
    expect(seconds).toBeLessThan(20 + 100);
});

function watched(options: { concurrency?: { first: number; most: number } } = {}) {
    const clock = new VirtualClock({ start: 0, rounds: 2 });
    const pacer = new RateLimiter({ clock, random: () => 0.5, ...options });
    return { clock, pacer };
}

test("without a refusal nothing waits but for a free place", async () => {
    const { clock, pacer } = watched({ concurrency: { first: 3, most: 4 } });
    const at: number[] = [];
    await clock.run(
        Promise.all(
            Array.from({ length: 15 }, async () => {
                const turn = await pacer.enter("changes", never);
                at.push(clock.now());
                await clock.sleep(100);
                turn.succeeded();
            }),
        ),
    );
    // Four that are let in allow one more at once, up to the most.
    expect(at).toEqual([0, 0, 0, 100, 100, 100, 200, 200, 200, 200, 300, 300, 300, 300, 400]);
    expect(pacer.rate).toBe(Number.POSITIVE_INFINITY);
});

test("the exact schedule after a first refusal", async () => {
    const { clock, pacer } = watched();
    for (let i = 0; i < 10; i++) {
        (await pacer.enter("changes", never)).succeeded();
    }
    (await pacer.enter("changes", never)).throttled();
    expect(pacer.rate).toBeCloseTo(9);
    const at: number[] = [];
    for (let i = 0; i < 4; i++) {
        const turn = await clock.run(pacer.enter("changes", never));
        at.push(Math.round(clock.now()));
        turn.succeeded();
    }
    expect(at).toEqual([1125, 1236, 1347, 1458]);
});

test("a second refusal within the window of the first is waited out, and drops the rate no further", async () => {
    const { clock, pacer } = watched({ concurrency: { first: 200, most: 200 } });
    const enter = () => clock.run(pacer.enter("changes", never));
    for (let i = 0; i < 100; i++) {
        (await enter()).succeeded();
    }
    (await enter()).throttled();
    for (let i = 0; i < 50; i++) {
        (await enter()).succeeded();
    }
    const edge = await enter();
    const dropped = clock.now();
    edge.throttled();
    const lower = pacer.rate;
    (await enter()).throttled();
    expect(pacer.rate).toBe(lower);
    (await enter()).succeeded();
    expect(clock.now()).toBe(dropped + 1000);
    expect(pacer.rate).toBeGreaterThanOrEqual(lower);
    for (let i = 0; i < 100; i++) {
        (await enter()).succeeded();
    }
    // The wait was no time in which little was let in.
    const { rate } = pacer;
    (await enter()).throttled();
    expect(pacer.rate).toBeCloseTo(0.9 * rate);
});

test("what was sent before the first refused request counts as let in, though its answer comes later", async () => {
    const { clock, pacer } = watched();
    const turns = [];
    for (let i = 0; i < 8; i++) {
        turns.push(await pacer.enter("changes", never));
    }
    const [refused, ...letIn] = turns.reverse();
    await clock.run(clock.sleep(30));
    // Sent after the refused one, so that it says nothing of what was let in up to that.
    const later = await pacer.enter("changes", never);
    refused?.throttled();
    expect(pacer.rate).toBeCloseTo(2 * 0.9);
    for (const turn of letIn) {
        turn.succeeded();
    }
    expect(pacer.rate).toBeCloseTo(7 * 0.9);
    later.succeeded();
    expect(pacer.rate).toBeCloseTo(7 * 0.9);
});

test("what changes something goes before what reads, and after 120 of them 8 reads have their turn", async () => {
    const { clock, pacer } = watched({ concurrency: { first: 1, most: 1 } });
    const order: string[] = [];
    const one = async (effect: "changes" | "reads") => {
        const turn = await pacer.enter(effect, never);
        order.push(effect);
        await clock.sleep(10);
        turn.cancelled();
    };
    const holder = await pacer.enter("reads", never);
    const all = [
        ...Array.from({ length: 40 }, () => one("reads")),
        ...Array.from({ length: 200 }, () => one("changes")),
    ];
    holder.cancelled();
    await clock.run(Promise.all(all));
    const inARow: Array<[string, number]> = [];
    for (const effect of order) {
        const last = inARow.at(-1);
        if (last?.[0] === effect) {
            last[1]++;
        } else {
            inARow.push([effect, 1]);
        }
    }
    expect(inARow).toEqual([
        ["changes", 120],
        ["reads", 8],
        ["changes", 80],
        ["reads", 32],
    ]);
});

test("Retry-After holds in full for everyone, those that queue already too", async () => {
    const { clock, pacer } = watched({ concurrency: { first: 1, most: 1 } });
    const turn = await pacer.enter("changes", never);
    const at: number[] = [];
    const all = Array.from({ length: 3 }, async () => {
        const mine = await pacer.enter("changes", never);
        at.push(clock.now());
        mine.succeeded();
    });
    turn.throttled(42_000);
    await clock.run(Promise.all(all));
    expect(at[0]).toBe(42_000);
});

test("a short Retry-After does not hurry what waits longer", async () => {
    const { clock, pacer } = watched();
    (await pacer.enter("changes", never)).throttled(10_000);
    const second = clock.run(pacer.enter("changes", never));
    (await second).throttled(0);
    expect(clock.now()).toBe(10_000);
    const third = await clock.run(pacer.enter("changes", never));
    expect(clock.now()).toBeGreaterThan(10_500);
    third.cancelled();
});

test("who gives up leaves the queue, and no timer stays behind", async () => {
    const { clock, pacer } = watched();
    (await pacer.enter("changes", never)).throttled(60_000);
    const stop = new AbortController();
    const gone = pacer.enter("changes", stop.signal);
    stop.abort(new Error("enough"));
    await expect(gone).rejects.toThrow("enough");
    await clock.yieldToEventLoop();
    expect(clock.sleepers).toBe(0);
    await clock.run(pacer.enter("changes", never));
    expect(clock.now()).toBe(60_000);
});

test("whatever becomes of requests, each gets its turn in order, never too many at once, never within a pause", async () => {
    const outcome = fc.record({
        is: fc.constantFrom("admitted", "refused", "ended"),
        takes: fc.integer({ min: 0, max: 2000 }),
        retryAfter: fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined }),
    });
    await fc.assert(
        fc.asyncProperty(fc.array(outcome, { minLength: 1, maxLength: 60 }), async (outcomes) => {
            const { clock, pacer } = watched({ concurrency: { first: 2, most: 5 } });
            const order: number[] = [];
            let atOnce = 0;
            let pausedUntil = 0;
            await clock.run(
                Promise.all(
                    outcomes.map(async ({ is, takes, retryAfter }, i) => {
                        const turn = await pacer.enter("changes", never);
                        order.push(i);
                        atOnce++;
                        expect(atOnce).toBeLessThanOrEqual(5);
                        expect(clock.now()).toBeGreaterThanOrEqual(pausedUntil);
                        // No two answers come at one moment: what the first of them lets go knows nothing of the second.
                        await clock.sleep(takes + i * (Math.SQRT2 / 1000));
                        atOnce--;
                        if (is === "refused") {
                            const before = pacer.rate;
                            pausedUntil = Math.max(pausedUntil, clock.now() + (retryAfter ?? 0));
                            turn.throttled(retryAfter);
                            expect(pacer.rate).toBeLessThanOrEqual(before);
                        } else if (is === "admitted") {
                            turn.succeeded();
                        } else {
                            turn.cancelled();
                        }
                        // Only the first word counts.
                        turn.succeeded();
                    }),
                ),
            );
            expect(order).toEqual(outcomes.map((_, i) => i));
            expect(clock.sleepers).toBe(0);
        }),
        { numRuns: 200 },
    );
});
