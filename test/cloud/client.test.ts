import type { Call } from "../../src/cloud/call";
import {
    change,
    cloudError,
    fakeCloud,
    here,
    json,
    keys,
    never,
    type Reply,
    read,
    reset,
    roma,
    throttled,
    unreached,
} from "./fake-cloud";

const client = async (replies: Reply[], options: Parameters<typeof fakeCloud>[1] = {}) => {
    const fake = fakeCloud(replies, options);
    const connection = await fake.cloud.connect({}, {}, never);
    return { ...fake, connection, client: connection.client(roma) };
};

const sendOne = async <T>(replies: Reply[], call: Call<T>, options: Parameters<typeof fakeCloud>[1] = {}) => {
    const fake = await client(replies, options);
    const start = fake.clock.now();
    const sent = fake.clock.run(fake.client.send(call, never));
    return { ...fake, sent, start };
};

const ok = json({ n: 1 });
const accepted = json({ job_id: "j1" }, 200, { "x-request-id": "r1" });
const error = (status: number, error_code: string, headers: Record<string, string> = {}) =>
    json({ error_code, error_msg: "said so" }, status, headers);

test("a request is signed and has a user agent and its project", async () => {
    const { sent, network } = await sendOne([accepted], { ...change, query: [["a", "b c"]] });
    expect(await sent).toEqual({ status: 200, body: { job_id: "j1" }, requestId: "r1" });
    expect(network.requests).toEqual([
        {
            method: "POST",
            url: "https://roma.cn-north-4.myhuaweicloud.com/v2/p/assets/delete?a=b%20c",
            body: '{"apps":[],"tasks":[]}',
            headers: {
                host: "roma.cn-north-4.myhuaweicloud.com",
                accept: "application/json",
                "content-type": "application/json",
                "user-agent": "pulumi-huaweicloud-batch/1.2.3",
                "x-project-id": "p1",
                "x-sdk-date": "20261121T000000Z",
                authorization: expect.stringMatching(
                    /^SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=host;x-project-id;x-sdk-date, Signature=[0-9a-f]{64}$/,
                ),
            },
            signal: expect.any(AbortSignal),
            unlessWritten: expect.any(AbortSignal),
        },
    ]);
});

test("a security token is sent and signed", async () => {
    const env = { ...keys, ...here, HW_SECURITY_TOKEN: "STEXAMPLE" };
    const { sent, network } = await sendOne([ok], read, { env });
    await sent;
    expect(network.requests[0]?.headers).toMatchObject({
        "x-security-token": "STEXAMPLE",
        authorization: expect.stringContaining("x-sdk-date;x-security-token,"),
    });
});

describe.each<[string, Reply]>([
    ["408", error(408, "X.1")],
    ["500", error(500, "X.1")],
    ["502 with a page of HTML", { status: 502, body: "<html><h1>Bad Gateway</h1></html>" }],
    ["a reset", reset],
    ["an answer that is no JSON", { status: 200, body: "<html>" }],
    ["an answer cut short", { status: 200, body: '{"job_id":"j' }],
    ["an empty answer", { status: 200, body: "" }],
    ["an answer of another shape", json({ something: "else" })],
])("%s", (_, reply) => {
    test("a read is sent again", async () => {
        const { sent, network } = await sendOne([reply, reply, ok], read);
        expect((await sent).body).toEqual({ n: 1 });
        expect(network.requests).toHaveLength(3);
    });

    test("a read fails after six tries", async () => {
        const { sent, network } = await sendOne([reply], read);
        expect((await cloudError(sent)).kind).toBe("unusable");
        expect(network.requests).toHaveLength(6);
    });

    test("a change is not sent again, because it may have taken effect", async () => {
        const { sent, network } = await sendOne([reply], change);
        expect((await cloudError(sent)).kind).toBe("uncertain");
        expect(network.requests).toHaveLength(1);
    });
});

test.each([400, 403, 404, 405, 409, 413, 418, 422])("%i is never sent again", async (status) => {
    for (const call of [read, change]) {
        const { sent, network } = await sendOne<unknown>([error(status, "X.1")], call);
        expect(await cloudError(sent)).toMatchObject({
            kind: "refused",
            status,
            code: "X.1",
            // Of a refused permission it matters whose it is.
            detail: `said so${status === 403 ? "; asked with the credentials from the environment (HW_ACCESS_KEY)" : ""}`,
        });
        expect(network.requests).toHaveLength(1);
    }
});

test("a request that certainly did not arrive is sent again a few times", async () => {
    const good = await sendOne([unreached, unreached, accepted], change);
    expect((await good.sent).body).toEqual({ job_id: "j1" });
    const bad = await sendOne([unreached], change);
    expect((await cloudError(bad.sent)).kind).toBe("unreachable");
    expect(bad.network.requests).toHaveLength(4);
});

test.each([read, change])("a request is sent again after 429 until the deadline: $effect", async (call) => {
    const replies = Array.from({ length: 12 }, () => throttled());
    const { sent, network } = await sendOne<unknown>([...replies, json({ n: 1, job_id: "j1" })], call);
    await sent;
    expect(network.requests).toHaveLength(13);
});

test.each([read, change])("a request that gets 429 until the deadline fails as throttled: $effect", async (call) => {
    const { clock, client: one, network } = await client([throttled()]);
    const stop = new AbortController();
    const sent = cloudError(one.send<unknown>(call, stop.signal));
    await clock.run(clock.sleep(60_000));
    stop.abort();
    expect(await clock.run(sent)).toMatchObject({ kind: "throttled", status: 429, code: "APIGW.0308" });
    const before = network.requests.length;
    await clock.run(clock.sleep(600_000));
    expect(network.requests).toHaveLength(before);
    expect(clock.sleepers).toBe(0);
});

test.each([
    ["7", 7000],
    ["Sat, 21 Nov 2026 00:00:09 GMT", 9000 - 10],
])("Retry-After %s applies in full to all requests", async (value, wait) => {
    const { clock, client: one, network } = await client([throttled({ "retry-after": value }), ok]);
    await clock.run(Promise.all([one.send(read, never), one.send(read, never), one.send(read, never)]));
    const [first = 0, second = 0, ...others] = network.times;
    expect(second - first - 10).toBe(wait);
    expect(others.every((time) => time > second)).toBe(true);
});

test("a read is not sent again before the Retry-After of a 503", async () => {
    const { sent, network, start } = await sendOne([error(503, "X.1", { "retry-after": "30" }), ok], read);
    await sent;
    expect(network.times.map((time) => time - start)).toEqual([0, 30_010]);
});

test("tries are spaced by full jitter below a growing bound", async () => {
    const { sent, network } = await sendOne([reset], read);
    await cloudError(sent);
    const gaps = network.times.slice(1).map((time, i) => time - (network.times[i] ?? 0) - 10);
    expect(gaps).toEqual([250, 500, 1000, 2000, 4000]);
});

test("a request that gets the service's own busy code fails as busy and is not sent again", async () => {
    const { sent, network } = await sendOne([error(400, "ROMA.10012", { "retry-after": "3" })], change);
    expect(await cloudError(sent)).toMatchObject({ kind: "busy", code: "ROMA.10012", retryAfter: 3000 });
    expect(network.requests).toHaveLength(1);
});

test("a redirect is an error that names the host", async () => {
    const { sent, network } = await sendOne([{ status: 302, headers: { location: "https://elsewhere/" } }], read);
    const failure = await cloudError(sent);
    expect(failure.message).toContain("roma.cn-north-4.myhuaweicloud.com answered with a redirect");
    expect(network.requests).toHaveLength(1);
});

describe("once the signal aborts", () => {
    test("a read under way ends", async () => {
        const { clock, client: one } = await client([() => new Promise(() => {})]);
        const stop = new AbortController();
        const sent = cloudError(one.send(read, stop.signal));
        await clock.yieldToEventLoop();
        stop.abort();
        expect((await clock.run(sent)).kind).toBe("aborted");
        expect(clock.sleepers).toBe(0);
    });

    test("the client waits for the answer of a change under way", async () => {
        const { clock, client: one } = await client([accepted]);
        const stop = new AbortController();
        const sent = one.send(change, stop.signal);
        await clock.yieldToEventLoop();
        stop.abort();
        expect((await clock.run(sent)).body).toEqual({ job_id: "j1" });
    });

    test("a change under way whose connection breaks fails as uncertain", async () => {
        const { clock, client: one, network } = await client([reset]);
        const stop = new AbortController();
        const sent = cloudError(one.send(change, stop.signal));
        await clock.yieldToEventLoop();
        stop.abort();
        expect((await clock.run(sent)).kind).toBe("uncertain");
        expect(network.requests).toHaveLength(1);
    });

    test("nothing more is sent", async () => {
        const { clock, client: one, network } = await client([accepted]);
        const stop = new AbortController();
        stop.abort();
        expect((await cloudError(one.send(change, stop.signal))).kind).toBe("aborted");
        const waiting = new AbortController();
        const all = Array.from({ length: 30 }, () =>
            one.send(change, waiting.signal).catch((reason: unknown) => reason),
        );
        await clock.yieldToEventLoop();
        waiting.abort();
        await clock.run(Promise.all(all));
        expect(network.requests).toHaveLength(1);
    });

    test("a program error after the send is not reported as an abort", async () => {
        const stop = new AbortController();
        const fault = async () => {
            stop.abort();
            throw new TypeError("a fault in the program");
        };
        const { clock, client: one } = await client([fault]);
        await expect(clock.run(one.send(change, stop.signal))).rejects.toThrow(TypeError);
    });

    test("a change that did not arrive is not sent again", async () => {
        const { clock, client: one, network } = await client([unreached]);
        const stop = new AbortController();
        const sent = cloudError(one.send(change, stop.signal));
        await clock.run(clock.sleep(20));
        stop.abort();
        expect(await clock.run(sent)).toMatchObject({
            kind: "aborted",
            detail: expect.stringContaining("ConnectionRefused"),
        });
        expect(network.requests).toHaveLength(1);
    });
});

test("nothing is sent when beforeSend throws", async () => {
    const beforeSend = async () => {
        throw new Error("the engine is gone");
    };
    const { sent, network } = await sendOne([ok], read, { beforeSend });
    expect((await cloudError(sent)).message).toBe("ROMA Connect ListApps: Stopped: not sent: the engine is gone");
    expect(network.requests).toHaveLength(0);
});

test.each([[["v2", "..", "x"]], [["v2", ""]], [["."]], [["a\ud800"]]])("a path of %j is never sent", async (path) => {
    const { sent, network } = await sendOne([ok], { ...read, path });
    expect((await cloudError(sent)).kind).toBe("configuration");
    expect(network.requests).toHaveLength(0);
});

test("a secret that the cloud repeats is removed", async () => {
    const env = { ...here, HW_ACCESS_KEY: "AKPLANTED-0001", HW_SECRET_KEY: "SKPLANTED-0001" };
    const body = { error_code: "X.1", error_msg: "key AKPLANTED-0001 with SKPLANTED-0001 may not" };
    const { sent } = await sendOne([json(body, 403)], read, { env });
    expect((await cloudError(sent)).detail).toBe(
        "key [secret] with [secret] may not; asked with the credentials from the environment (HW_ACCESS_KEY)",
    );
});
