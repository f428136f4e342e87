import fc from "fast-check";
import { Pacer } from "../../src/cloud/pacing";
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
    const pacer = new Pacer({ clock, random });
    const sent: number[] = [];
    const refused: number[] = [];
    const one = async (i: number) => {
        for (;;) {
            const turn = await pacer.enter(never);
            sent.push(clock.now());
            await clock.sleep(latency(sent.length) / 2);
            const letIn = limit(clock.now());
            await clock.sleep(latency(i) / 2);
            if (letIn) {
                turn.admitted();
                return;
            }
            refused.push(clock.now());
            turn.refused();
        }
    };
    await clock.run(Promise.all(Array.from({ length: count }, (_, i) => one(i))));
    expect(clock.sleepers).toBe(0);
    return { seconds: clock.now() / 1000, sent, refused };
}

describe.each<[string, () => Limit]>([
    ["fixed window", () => fixedWindow(10, 1000)],
    ["fixed window that counts refusals", () => fixedWindow(10, 1000, true)],
    ["sliding window", () => slidingWindow(10, 1000)],
    ["token bucket of ten", () => tokenBucket(10, 10)],
    ["token bucket of one", () => tokenBucket(10, 1)],
    ["token bucket of fifty", () => tokenBucket(10, 50)],
    ["fifty in five seconds", () => fixedWindow(50, 5000)],
])("a hidden limit of 10 a second: %s", (_, limit) => {
    test.each<[string, (i: number) => number]>([
        ["20 ms", () => 20],
        ["200 ms", () => 200],
        ["10 to 150 ms", (i) => 10 + ((i * 7919) % 141)],
        ["1 s", () => 1000],
    ])("at least 90 %% used, at most 2 %% refused, at %s an answer", async (_name, latency) => {
        const { seconds, sent, refused } = await through(limit(), 1000, latency);
        const used = 1000 / 10 / seconds;
        expect({
            used: used >= 0.9,
            refused: refused.length / sent.length <= 0.02,
            u: used,
            r: refused.length / sent.length,
        }).toMatchObject({ used: true, refused: true });
        const [first = 0] = refused;
        const next = sent.find((time) => time > first) ?? Number.POSITIVE_INFINITY;
        expect(next - first).toBeLessThanOrEqual(1500);
    });
});
