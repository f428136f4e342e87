import fc from "fast-check";
import { RateLimiter } from "../../src/cloud/rate-limiter";
import { VirtualClock } from "../virtual-clock";

const never = new AbortController().signal;

/** The limit of a gateway. Returns whether it accepts a request that arrives now. */
type Limit = (now: number) => boolean;

/** A number of requests in each fixed window. `harsh`: refused requests count too. */
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

/** A number of requests in the sliding window that ends now. */
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

/** `count` requests through one limiter against a limit, each as often as it takes; each answer takes `latency`. */
async function through(
    limit: Limit,
    count: number,
    latency: (i: number) => number,
    random = () => 0.5,
): Promise<Tally> {
    const clock = new VirtualClock({ start: 0, rounds: 2 });
    const limiter = new RateLimiter({ clock, random });
    const sent: number[] = [];
    const refused: number[] = [];
    const one = async (i: number) => {
        for (;;) {
            const permit = await limiter.enter("changes", never);
            sent.push(clock.now());
            await clock.sleep(latency(sent.length) / 2);
            const accepted = limit(clock.now());
            await clock.sleep(latency(i) / 2);
            if (accepted) {
                permit.succeeded();
                return;
            }
            refused.push(clock.now());
            permit.throttled();
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
    test.each(latencies)("is used and rarely exceeded, at %s an answer", async (_name, latency) => {
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
        // The first burst exceeds the limit; that weighs more, the fewer requests are accepted in all.
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

test("a limit of ten a minute is found without many refusals", async () => {
    const { seconds, refused } = await through(fixedWindow(10, 60_000), 60, () => 20);
    expect(seconds).toBeLessThanOrEqual(6 * 60 + 60);
    expect(refused.length).toBeLessThanOrEqual(40);
});

test("a limit that other clients share is found", async () => {
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

test("the rate grows when a limit is lifted", async () => {
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
    const limiter = new RateLimiter({ clock, random: () => 0.5, ...options });
    return { clock, limiter };
}

test("without a refusal requests wait only for the concurrency limit", async () => {
    const { clock, limiter } = watched({ concurrency: { first: 3, most: 4 } });
    const at: number[] = [];
    await clock.run(
        Promise.all(
            Array.from({ length: 15 }, async () => {
                const permit = await limiter.enter("changes", never);
                at.push(clock.now());
                await clock.sleep(100);
                permit.succeeded();
            }),
        ),
    );
    // Four accepted requests raise the concurrency by one, up to the maximum.
    expect(at).toEqual([0, 0, 0, 100, 100, 100, 200, 200, 200, 200, 300, 300, 300, 300, 400]);
    expect(limiter.rate).toBe(Number.POSITIVE_INFINITY);
});

test("after a first refusal requests follow the exact schedule", async () => {
    const { clock, limiter } = watched();
    for (let i = 0; i < 10; i++) {
        (await limiter.enter("changes", never)).succeeded();
    }
    (await limiter.enter("changes", never)).throttled();
    expect(limiter.rate).toBeCloseTo(9);
    const at: number[] = [];
    for (let i = 0; i < 4; i++) {
        const permit = await clock.run(limiter.enter("changes", never));
        at.push(Math.round(clock.now()));
        permit.succeeded();
    }
    expect(at).toEqual([1125, 1236, 1347, 1458]);
});

test("a second refusal within the window of the first pauses requests and does not lower the rate again", async () => {
    const { clock, limiter } = watched({ concurrency: { first: 200, most: 200 } });
    const enter = () => clock.run(limiter.enter("changes", never));
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
    const lower = limiter.rate;
    (await enter()).throttled();
    expect(limiter.rate).toBe(lower);
    (await enter()).succeeded();
    expect(clock.now()).toBe(dropped + 1000);
    expect(limiter.rate).toBeGreaterThanOrEqual(lower);
    for (let i = 0; i < 100; i++) {
        (await enter()).succeeded();
    }
    // The pause does not count as a time of few accepted requests.
    const { rate } = limiter;
    (await enter()).throttled();
    expect(limiter.rate).toBeCloseTo(0.9 * rate);
});

test("a request sent before the first refused one counts as accepted, although its answer comes later", async () => {
    const { clock, limiter } = watched();
    const permits = [];
    for (let i = 0; i < 8; i++) {
        permits.push(await limiter.enter("changes", never));
    }
    const [refused, ...accepted] = permits.reverse();
    await clock.run(clock.sleep(30));
    // Sent after the refused request, so it does not count for the rate up to that one.
    const later = await limiter.enter("changes", never);
    refused?.throttled();
    expect(limiter.rate).toBeCloseTo(2 * 0.9);
    for (const permit of accepted) {
        permit.succeeded();
    }
    expect(limiter.rate).toBeCloseTo(7 * 0.9);
    later.succeeded();
    expect(limiter.rate).toBeCloseTo(7 * 0.9);
});

test("changes go before reads, and after 120 changes 8 reads go", async () => {
    const { clock, limiter } = watched({ concurrency: { first: 1, most: 1 } });
    const order: string[] = [];
    const one = async (effect: "changes" | "reads") => {
        const permit = await limiter.enter(effect, never);
        order.push(effect);
        await clock.sleep(10);
        permit.cancelled();
    };
    const holder = await limiter.enter("reads", never);
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

test("Retry-After applies in full to all requests, also to those already queued", async () => {
    const { clock, limiter } = watched({ concurrency: { first: 1, most: 1 } });
    const permit = await limiter.enter("changes", never);
    const at: number[] = [];
    const all = Array.from({ length: 3 }, async () => {
        const mine = await limiter.enter("changes", never);
        at.push(clock.now());
        mine.succeeded();
    });
    permit.throttled(42_000);
    await clock.run(Promise.all(all));
    expect(at[0]).toBe(42_000);
});

test("a short Retry-After does not shorten a longer pause", async () => {
    const { clock, limiter } = watched();
    (await limiter.enter("changes", never)).throttled(10_000);
    const second = clock.run(limiter.enter("changes", never));
    (await second).throttled(0);
    expect(clock.now()).toBe(10_000);
    const third = await clock.run(limiter.enter("changes", never));
    expect(clock.now()).toBeGreaterThan(10_500);
    third.cancelled();
});

test("an aborted request leaves the queue, and no timer remains", async () => {
    const { clock, limiter } = watched();
    (await limiter.enter("changes", never)).throttled(60_000);
    const stop = new AbortController();
    const gone = limiter.enter("changes", stop.signal);
    stop.abort(new Error("enough"));
    await expect(gone).rejects.toThrow("enough");
    await clock.yieldToEventLoop();
    expect(clock.sleepers).toBe(0);
    await clock.run(limiter.enter("changes", never));
    expect(clock.now()).toBe(60_000);
});

test("whatever the answers, requests go in order, never too many at once, and never within a pause", async () => {
    const outcome = fc.record({
        is: fc.constantFrom("admitted", "refused", "ended"),
        takes: fc.integer({ min: 0, max: 2000 }),
        retryAfter: fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined }),
    });
    await fc.assert(
        fc.asyncProperty(fc.array(outcome, { minLength: 1, maxLength: 60 }), async (outcomes) => {
            const { clock, limiter } = watched({ concurrency: { first: 2, most: 5 } });
            const order: number[] = [];
            let atOnce = 0;
            let pausedUntil = 0;
            await clock.run(
                Promise.all(
                    outcomes.map(async ({ is, takes, retryAfter }, i) => {
                        const permit = await limiter.enter("changes", never);
                        order.push(i);
                        atOnce++;
                        expect(atOnce).toBeLessThanOrEqual(5);
                        expect(clock.now()).toBeGreaterThanOrEqual(pausedUntil);
                        // No two answers come at the same moment: a request that the first one starts can't know the second.
                        await clock.sleep(takes + i * (Math.SQRT2 / 1000));
                        atOnce--;
                        if (is === "refused") {
                            const before = limiter.rate;
                            pausedUntil = Math.max(pausedUntil, clock.now() + (retryAfter ?? 0));
                            permit.throttled(retryAfter);
                            expect(limiter.rate).toBeLessThanOrEqual(before);
                        } else if (is === "admitted") {
                            permit.succeeded();
                        } else {
                            permit.cancelled();
                        }
                        // Only the first result of a permit counts.
                        permit.succeeded();
                    }),
                ),
            );
            expect(order).toEqual(outcomes.map((_, i) => i));
            expect(clock.sleepers).toBe(0);
        }),
        { numRuns: 200 },
    );
});
