import { Batcher, type BatcherOptions, type BatchPart, type BatchResult } from "../../src/batch/session/batcher";
import { VirtualClock } from "../virtual-clock";

function setUp(
    options: Partial<BatcherOptions<string>> & { answer?: (keys: readonly string[]) => BatchResult<string> } = {},
) {
    const clock = new VirtualClock({ start: 0 });
    const sent: Array<{ at: number; keys: string }> = [];
    const merger = new Batcher<string>({
        limit: 3,
        concurrency: 1,
        clock,
        nobodyElse: async () => undefined,
        send: async (keys) => {
            sent.push({ at: clock.now(), keys: keys.join("") });
            await clock.sleep(1_000);
            return options.answer?.(keys) ?? { answers: [{ keys, result: `answer to ${keys.join("")}` }] };
        },
        ...options,
    });
    const ask = (keys: string, signal = new AbortController().signal) => {
        const parts: BatchPart<string>[] = [];
        const end = merger.request([...keys], (part) => parts.push(part), signal);
        return { parts, end, reason: end.then(() => "served").catch((reason: unknown) => reason) };
    };
    return { clock, sent, ask };
}

const heard = ({ parts }: { parts: BatchPart<string>[] }) =>
    parts.map(({ keys, first }) => `${keys.join("")}${first ? "" : " (joined)"}`);

test("full requests go at once, though somebody else is about to ask; the rest waits for him", async () => {
    let arrived: () => void = () => undefined;
    const nobodyElse = () => new Promise<void>((resolve) => (arrived = resolve));
    const { clock, sent, ask } = setUp({ concurrency: 9, nobodyElse });
    await clock.run(async () => {
        const a = ask("abcdefg");
        expect(sent.map(({ keys }) => keys)).toEqual(["abc", "def"]);
        await clock.sleep(300);
        const b = ask("hi");
        arrived();
        await Promise.all([a.end, b.end]);
        expect(heard(a)).toEqual(["abc", "def", "g"]);
        expect(heard(b)).toEqual(["hi"]);
    });
    expect(sent.at(-1)).toEqual({ at: 300, keys: "ghi" });
});

test("a lone small request waits for nothing", async () => {
    const { clock, sent, ask } = setUp();
    await clock.run(ask("a").end);
    expect(sent).toEqual([{ at: 0, keys: "a" }]);
    expect(clock.now()).toBe(1_000);
});

test("those who ask in one moment share a request", async () => {
    const { clock, sent, ask } = setUp();
    await clock.run(Promise.all([ask("a").end, ask("b").end, ask("c").end, ask("d").end]));
    expect(sent.map(({ keys }) => keys)).toEqual(["abc", "d"]);
});

test("while all places are taken the next request fills up", async () => {
    const { clock, sent, ask } = setUp();
    await clock.run(async () => {
        const first = ask("a");
        await clock.sleep(100);
        const more = [ask("b")];
        await clock.sleep(100);
        more.push(ask("c"), ask("de"));
        await Promise.all([first.end, ...more.map(({ end }) => end)]);
    });
    expect(sent).toEqual([
        { at: 0, keys: "a" },
        { at: 1_000, keys: "bcd" },
        { at: 2_000, keys: "e" },
    ]);
});

test("no more requests are under way at once than there are places", async () => {
    const { clock, sent, ask } = setUp({ concurrency: 2 });
    await clock.run(ask("abcdefghijkl").end);
    expect(sent.map(({ at }) => at)).toEqual([0, 0, 1_000, 1_000]);
});

test("a key that several ask for is sent once, whether it waits or is under way", async () => {
    const { clock, sent, ask } = setUp();
    await clock.run(async () => {
        const a = ask("ab");
        const b = ask("ba");
        await clock.sleep(500);
        const late = ask("bc");
        await Promise.all([a.end, b.end, late.end]);
        expect(heard(a)).toEqual(["ab"]);
        expect(heard(b)).toEqual(["ab (joined)"]);
        expect(heard(late)).toEqual(["b (joined)", "c"]);
    });
    expect(sent.map(({ keys }) => keys)).toEqual(["ab", "c"]);
});

test("an abort takes back what waits, and waits for what is under way", async () => {
    const { clock, sent, ask } = setUp();
    await clock.run(async () => {
        const stop = new AbortController();
        const a = ask("abcde", stop.signal);
        const b = ask("ef");
        await clock.sleep(200);
        stop.abort("enough");
        expect(await a.reason).toBe("enough");
        expect(clock.now()).toBe(1_000);
        expect(heard(a)).toEqual(["abc"]);
        await b.end;
        expect(heard(b)).toEqual(["ef"]);
        const gone = ask("x", stop.signal);
        expect(await gone.reason).toBe("enough");
    });
    expect(sent.map(({ keys }) => keys)).toEqual(["abc", "ef"]);
});

test("who stays follows up what somebody who left had asked for first; he who left hears of it too", async () => {
    const { clock, ask } = setUp();
    await clock.run(async () => {
        const stop = new AbortController();
        const a = ask("ab", stop.signal);
        const b = ask("b");
        await clock.sleep(100);
        stop.abort("enough");
        await Promise.all([a.reason, b.end]);
        expect(heard(a)).toEqual(["ab"]);
        expect(heard(b)).toEqual(["b"]);
    });
});

test("a request that was never sent because all who knew of it left is sent for those who came since", async () => {
    const sent: string[] = [];
    const { clock, ask } = setUp({
        send: async (keys, signal) => {
            await clock.sleep(500, signal);
            sent.push(keys.join(""));
            return { answers: [{ keys, result: "done" }] };
        },
    });
    await clock.run(async () => {
        const stop = new AbortController();
        const a = ask("ab", stop.signal);
        await clock.sleep(100);
        const b = ask("b");
        stop.abort("enough");
        expect(await a.reason).toBe("enough");
        await b.end;
    });
    expect(sent).toEqual(["b"]);
});

test("who has no time left does not wait while a shared request is tried again for those who have", async () => {
    const sent: string[] = [];
    const { clock, ask } = setUp({
        send: async (keys, signal) => {
            // Throttled by the cloud for an hour.
            await clock.sleep(Math.max(0, 3_600_000 - clock.now()), signal);
            sent.push(keys.join(""));
            return { answers: [{ keys, result: "done" }] };
        },
    });
    await clock.run(async () => {
        const [soon, late] = [new AbortController(), new AbortController()];
        const a = ask("a", soon.signal);
        const b = ask("b");
        await clock.sleep(100);
        const c = ask("b", late.signal);
        soon.abort("enough");
        expect(await a.reason).toBe("enough");
        expect(clock.now()).toBe(100);
        await clock.sleep(100);
        late.abort("enough as well");
        expect(await c.reason).toBe("enough as well");
        expect(clock.now()).toBe(200);
        await b.end;
    });
    expect(sent).toEqual(["b"]);
});

test("halves are requests of their own, and are not filled up", async () => {
    const { clock, sent, ask } = setUp({
        limit: 4,
        answer: (keys) =>
            keys.length > 1 && keys.includes("x")
                ? { answers: [], again: [keys.slice(0, keys.length / 2), keys.slice(keys.length / 2)] }
                : { answers: [{ keys, result: "done" }] },
    });
    await clock.run(async () => {
        const a = ask("abcx");
        await clock.sleep(100);
        const b = ask("de");
        await Promise.all([a.end, b.end]);
        expect(heard(a)).toEqual(["ab", "c", "x"]);
    });
    expect(sent.map(({ keys }) => keys)).toEqual(["abcx", "ab", "cx", "c", "x", "de"]);
});

test("an abort while its request is split: nothing more of it is sent", async () => {
    const { clock, sent, ask } = setUp({ answer: (keys) => ({ answers: [], again: keys.map((key) => [key]) }) });
    await clock.run(async () => {
        const stop = new AbortController();
        const a = ask("ab", stop.signal);
        await clock.sleep(100);
        stop.abort("enough");
        expect(await a.reason).toBe("enough");
    });
    expect(sent).toHaveLength(1);
});

test("the place stays taken as long as the answer says", async () => {
    const { clock, sent, ask } = setUp({
        answer: (keys) => ({ answers: [{ keys, result: "done" }], busyUntil: () => clock.sleep(5_000) }),
    });
    await clock.run(ask("abcd").end);
    expect(sent.map(({ at }) => at)).toEqual([0, 6_000]);
});

test("nothing is sent before the moment that an answer names, and nobody's end waits for it", async () => {
    let first = true;
    const { clock, sent, ask } = setUp({
        concurrency: 2,
        answer: (keys) => {
            const pause = first ? { notBefore: 10_000 } : {};
            first = false;
            return { answers: [{ keys, result: "done" }], ...pause };
        },
    });
    await clock.run(async () => {
        await ask("a").end;
        expect(clock.now()).toBe(1_000);
        const stop = new AbortController();
        const left = ask("b", stop.signal);
        await clock.sleep(100);
        stop.abort("enough");
        expect(await left.reason).toBe("enough");
        await clock.yieldToEventLoop();
        expect(clock.sleepers).toBe(0);
        await Promise.all([ask("cdef").end, ask("g").end]);
    });
    expect(sent.slice(1).map(({ at, keys }) => `${at} ${keys}`)).toEqual(["10000 cde", "10000 fg"]);
});

test("a request that fails for the keys of one ends him alone", async () => {
    const sent: string[] = [];
    const { clock, ask } = setUp({
        send: async (keys) => {
            sent.push(keys.join(""));
            await clock.sleep(10);
            if (keys.includes("x")) {
                throw new Error("forbidden");
            }
            return { answers: [{ keys, result: "done" }] };
        },
    });
    await clock.run(async () => {
        const [a, x] = [ask("a"), ask("xyzuv")];
        await a.end;
        expect(await x.reason).toEqual(new Error("forbidden"));
    });
    // His other keys are not sent any more.
    expect(sent).toEqual(["axy", "a", "xy"]);
});
