import { CANCELLED, GRACE } from "../../src/util/cancellation";
import { change, cloudError, fakeCloud, json, type Reply, read, reset, roma, throttled, unreached } from "./fake-cloud";

const never = new AbortController().signal;
const accepted = json({ job_id: "j1" });

async function client(replies: Reply[]) {
    const cancellation = new AbortController();
    const { clock, cloud, network } = fakeCloud(replies, { cancelled: cancellation.signal });
    const connection = await cloud.connect({}, {}, never);
    return { clock, network, cloud, one: connection.client(roma), cancel: () => cancellation.abort(CANCELLED) };
}

test.each<[string, Reply]>([
    ["it would be sent again after it did not arrive", unreached],
    ["it was throttled", throttled()],
    ["it was throttled, with a Retry-After", throttled({ "retry-after": "30" })],
])("cancelled while a change waits because %s: it is not sent again", async (_, reply) => {
    const { clock, network, one, cancel } = await client([reply]);
    const sent = cloudError(one.send(change, never));
    await clock.run(clock.sleep(15));
    const before = network.requests.length;
    cancel();
    expect(await clock.run(sent)).toMatchObject({ kind: "aborted", code: "Cancelled" });
    await clock.run(clock.sleep(100_000));
    expect(network.requests).toHaveLength(before);
    expect(clock.sleepers).toBe(0);
});

test("after a cancellation no waiting change is sent, and reads go on", async () => {
    const { clock, network, one, cancel } = await client([accepted]);
    await clock.run(one.send(change, never));
    const waiting = Array.from({ length: 30 }, () => one.send(change, never).catch((error: unknown) => error));
    await clock.yieldToEventLoop();
    const before = network.requests.length;
    expect(before).toBeLessThan(31);
    cancel();
    await clock.run(Promise.all(waiting));
    expect(network.requests).toHaveLength(before);
    expect((await clock.run(cloudError(one.send(change, never)))).code).toBe("Cancelled");
    await clock.run(one.send(read, never).catch(() => undefined));
    expect(network.requests.at(-1)?.method).toBe("GET");
});

test("the client waits for the answer of a change on its way", async () => {
    const { clock, one, cancel } = await client([accepted]);
    const sent = one.send(change, never);
    await clock.yieldToEventLoop();
    cancel();
    expect((await clock.run(sent)).body).toEqual({ job_id: "j1" });
    expect(clock.sleepers).toBe(0);
});

test("after ten seconds a change on its way fails as uncertain", async () => {
    const { clock, one, network, cancel } = await client([
        async () => {
            await clock.sleep(300_000);
            return reset;
        },
    ]);
    network.send = (request) =>
        clock.sleep(300_000, request.signal).then(
            () => accepted,
            () => Promise.reject(reset),
        );
    const sent = cloudError(one.send(change, never));
    await clock.yieldToEventLoop();
    const at = clock.now();
    cancel();
    expect((await clock.run(sent)).kind).toBe("uncertain");
    expect(clock.now() - at).toBe(GRACE);
    expect(clock.sleepers).toBe(0);
});

test("a hook that begins later gets no connection", async () => {
    const { cloud, network, cancel } = await client([accepted]);
    cancel();
    expect(await cloudError(cloud.connect({}, {}, never))).toMatchObject({ kind: "aborted", code: "Cancelled" });
    expect(network.requests).toEqual([]);
});
