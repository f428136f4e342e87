import { Batcher, type BatcherOptions, type BatchPart, type BatchResult } from "../../src/batch/session/batcher";
import { VirtualClock } from "../virtual-clock";

function setUp(
    options: Partial<BatcherOptions<string>> & { answer?: (keys: readonly string[]) => BatchResult<string> } = {},
) {
    const clock = new VirtualClock({ start: 0 });
    const sent: Array<{ at: number; keys: string }> = [];
    const batcher = new Batcher<string>({
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
    const request = (keys: string, signal = new AbortController().signal) => {
        const parts: BatchPart<string>[] = [];
        const announced: string[] = [];
        const onSending = (those: readonly string[], operation: string) =>
            announced.push(`${operation} ${those.join("")}`);
        const end = batcher.request([...keys], { deliver: (part) => parts.push(part), onSending }, signal);
        return { parts, announced, end, reason: end.then(() => "served").catch((reason: unknown) => reason) };
    };
    return { clock, sent, request, batcher };
}

const delivered = ({ parts }: { parts: BatchPart<string>[] }) =>
    parts.map(({ keys, first }) => `${keys.join("")}${first ? "" : " (joined)"}`);

test("full requests go at once, though another requester is about to come; the rest waits for it", async () => {
    let arrived: () => void = () => undefined;
    const nobodyElse = () => new Promise<void>((resolve) => (arrived = resolve));
    const { clock, sent, request } = setUp({ concurrency: 9, nobodyElse });
    await clock.run(async () => {
        const a = request("abcdefg");
        expect(sent.map(({ keys }) => keys)).toEqual(["abc", "def"]);
        await clock.sleep(300);
        const b = request("hi");
        arrived();
        await Promise.all([a.end, b.end]);
        expect(delivered(a)).toEqual(["abc", "def", "g"]);
        expect(delivered(b)).toEqual(["hi"]);
    });
    expect(sent.at(-1)).toEqual({ at: 300, keys: "ghi" });
});

test("a lone small request waits for nothing", async () => {
    const { clock, sent, request } = setUp();
    await clock.run(request("a").end);
    expect(sent).toEqual([{ at: 0, keys: "a" }]);
    expect(clock.now()).toBe(1_000);
});

test("requesters of one moment share a request", async () => {
    const { clock, sent, request } = setUp();
    await clock.run(Promise.all([request("a").end, request("b").end, request("c").end, request("d").end]));
    expect(sent.map(({ keys }) => keys)).toEqual(["abc", "d"]);
});

test("each requester hears of a request with keys of its own before it is sent; of one that several want, the first", async () => {
    const { clock, request, batcher } = setUp({
        send: async (keys) => {
            batcher.sending(keys, "try");
            batcher.sending(keys, "try again");
            await clock.sleep(1_000);
            return { answers: [{ keys, result: "done" }] };
        },
    });
    const all = [request("ab"), request("bc")];
    await clock.run(Promise.all(all.map(({ end }) => end)));
    expect(all.map(({ announced }) => announced)).toEqual([
        ["try ab", "try again ab"],
        ["try c", "try again c"],
    ]);
    // Nobody follows a request any more that has ended.
    batcher.sending(["a"], "late");
    expect(all.flatMap(({ announced }) => announced)).toHaveLength(4);
});

test("while all places are taken the next request fills up", async () => {
    const { clock, sent, request } = setUp();
    await clock.run(async () => {
        const first = request("a");
        await clock.sleep(100);
        const more = [request("b")];
        await clock.sleep(100);
        more.push(request("c"), request("de"));
        await Promise.all([first.end, ...more.map(({ end }) => end)]);
    });
    expect(sent).toEqual([
        { at: 0, keys: "a" },
        { at: 1_000, keys: "bcd" },
        { at: 2_000, keys: "e" },
    ]);
});

test("no more requests are under way at once than there are places", async () => {
    const { clock, sent, request } = setUp({ concurrency: 2 });
    await clock.run(request("abcdefghijkl").end);
    expect(sent.map(({ at }) => at)).toEqual([0, 0, 1_000, 1_000]);
});

test("a key of several requesters is sent once, whether it is queued or under way", async () => {
    const { clock, sent, request } = setUp();
    await clock.run(async () => {
        const a = request("ab");
        const b = request("ba");
        await clock.sleep(500);
        const late = request("bc");
        await Promise.all([a.end, b.end, late.end]);
        expect(delivered(a)).toEqual(["ab"]);
        expect(delivered(b)).toEqual(["ab (joined)"]);
        expect(delivered(late)).toEqual(["b (joined)", "c"]);
    });
    expect(sent.map(({ keys }) => keys)).toEqual(["ab", "c"]);
});

test("an abort takes back what is queued, and waits for what is under way", async () => {
    const { clock, sent, request } = setUp();
    await clock.run(async () => {
        const stop = new AbortController();
        const a = request("abcde", stop.signal);
        const b = request("ef");
        await clock.sleep(200);
        stop.abort("enough");
        expect(await a.reason).toBe("enough");
        expect(clock.now()).toBe(1_000);
        expect(delivered(a)).toEqual(["abc"]);
        await b.end;
        expect(delivered(b)).toEqual(["ef"]);
        const gone = request("x", stop.signal);
        expect(await gone.reason).toBe("enough");
    });
    expect(sent.map(({ keys }) => keys)).toEqual(["abc", "ef"]);
});

test("where the first requester of a key has left, the next one follows it up; the first one gets the answer too", async () => {
    const { clock, request } = setUp();
    await clock.run(async () => {
        const stop = new AbortController();
        const a = request("ab", stop.signal);
        const b = request("b");
        await clock.sleep(100);
        stop.abort("enough");
        await Promise.all([a.reason, b.end]);
        expect(delivered(a)).toEqual(["ab"]);
        expect(delivered(b)).toEqual(["b"]);
    });
});

test("a request that was not sent because its requester left is sent for those that came since", async () => {
    const sent: string[] = [];
    const { clock, request } = setUp({
        send: async (keys, signal) => {
            await clock.sleep(500, signal);
            sent.push(keys.join(""));
            return { answers: [{ keys, result: "done" }] };
        },
    });
    await clock.run(async () => {
        const stop = new AbortController();
        const a = request("ab", stop.signal);
        await clock.sleep(100);
        const b = request("b");
        stop.abort("enough");
        expect(await a.reason).toBe("enough");
        await b.end;
    });
    expect(sent).toEqual(["b"]);
});

test("a requester without time left does not wait while a shared request is sent again for those with time", async () => {
    const sent: string[] = [];
    const { clock, request } = setUp({
        send: async (keys, signal) => {
            // Throttled by the cloud for an hour.
            await clock.sleep(Math.max(0, 3_600_000 - clock.now()), signal);
            sent.push(keys.join(""));
            return { answers: [{ keys, result: "done" }] };
        },
    });
    await clock.run(async () => {
        const [soon, late] = [new AbortController(), new AbortController()];
        const a = request("a", soon.signal);
        const b = request("b");
        await clock.sleep(100);
        const c = request("b", late.signal);
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

test("the halves of a request are requests of their own, and are not filled up", async () => {
    const { clock, sent, request } = setUp({
        limit: 4,
        answer: (keys) =>
            keys.length > 1 && keys.includes("x")
                ? { answers: [], again: [keys.slice(0, keys.length / 2), keys.slice(keys.length / 2)] }
                : { answers: [{ keys, result: "done" }] },
    });
    await clock.run(async () => {
        const a = request("abcx");
        await clock.sleep(100);
        const b = request("de");
        await Promise.all([a.end, b.end]);
        expect(delivered(a)).toEqual(["ab", "c", "x"]);
    });
    expect(sent.map(({ keys }) => keys)).toEqual(["abcx", "ab", "cx", "c", "x", "de"]);
});

test("nothing more is sent of a request that is being split when its requester leaves", async () => {
    const { clock, sent, request } = setUp({ answer: (keys) => ({ answers: [], again: keys.map((key) => [key]) }) });
    await clock.run(async () => {
        const stop = new AbortController();
        const a = request("ab", stop.signal);
        await clock.sleep(100);
        stop.abort("enough");
        expect(await a.reason).toBe("enough");
    });
    expect(sent).toHaveLength(1);
});

test("a place stays taken as long as the answer says", async () => {
    const { clock, sent, request } = setUp({
        answer: (keys) => ({ answers: [{ keys, result: "done" }], busyUntil: () => clock.sleep(5_000) }),
    });
    await clock.run(request("abcd").end);
    expect(sent.map(({ at }) => at)).toEqual([0, 6_000]);
});

test("nothing is sent before the moment that an answer names, and a requester that leaves does not wait for it", async () => {
    let first = true;
    const { clock, sent, request } = setUp({
        concurrency: 2,
        answer: (keys) => {
            const pause = first ? { notBefore: 10_000 } : {};
            first = false;
            return { answers: [{ keys, result: "done" }], ...pause };
        },
    });
    await clock.run(async () => {
        await request("a").end;
        expect(clock.now()).toBe(1_000);
        const stop = new AbortController();
        const left = request("b", stop.signal);
        await clock.sleep(100);
        stop.abort("enough");
        expect(await left.reason).toBe("enough");
        await clock.yieldToEventLoop();
        expect(clock.sleepers).toBe(0);
        await Promise.all([request("cdef").end, request("g").end]);
    });
    expect(sent.slice(1).map(({ at, keys }) => `${at} ${keys}`)).toEqual(["10000 cde", "10000 fg"]);
});

test("a request that fails for the keys of one requester ends that one alone", async () => {
    const sent: string[] = [];
    const { clock, request } = setUp({
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
        const [a, x] = [request("a"), request("xyzuv")];
        await a.end;
        expect(await x.reason).toEqual(new Error("forbidden"));
    });
    // The other keys of that one are not sent any more.
    expect(sent).toEqual(["axy", "a", "xy"]);
});
