import { announcing } from "../../src/cloud/call";
import type { SentRequest } from "../../src/cloud/client/sent-request";
import { PLANTED } from "../secrets/planted";
import { change, fakeCloud, json, never, type Reply, read, reset, roma, throttled, unreached } from "./fake-cloud";

const accepted = json({ job_id: "j1" }, 200, { "x-request-id": "r1" });

async function clientOf(replies: Reply[], options: Parameters<typeof fakeCloud>[1] = {}) {
    const seen: SentRequest[] = [];
    const fake = fakeCloud(replies, { onRequest: (request) => seen.push(request), ...options });
    const connection = await fake.cloud.connect({}, {}, never);
    return { ...fake, seen, client: connection.client(roma) };
}

test("each try of a change is announced right before it is sent, with its targets; a read is not", async () => {
    const order: string[] = [];
    const { client, clock } = await clientOf([
        () => {
            order.push("sent");
            return order.length === 2 ? unreached : order.length === 4 ? throttled() : accepted;
        },
    ]);
    const announced = announcing(client, ({ operation, targets }) => order.push(`${operation} ${targets.join()}`));
    await clock.run(announced.send({ ...change, targets: ["app:1", "app:2"] }, never));
    expect(order).toEqual(Array.from({ length: 3 }, () => ["DeleteAsset app:1,app:2", "sent"]).flat());
    order.length = 0;
    await clock.run(announced.send(read, never).catch(() => undefined));
    expect(order.filter((what) => what !== "sent")).toEqual([]);
});

test("nothing is sent where the announcement fails, and the error says why", async () => {
    const { client, clock, network } = await clientOf([accepted]);
    const announced = announcing(client, () => {
        throw new Error("no space left");
    });
    const sent = clock.run(announced.send(change, never));
    await expect(sent).rejects.toMatchObject({ kind: "aborted", detail: "not sent: no space left" });
    expect(network.requests).toEqual([]);
});

test("each request is told of: service, operation, status, request id, milliseconds, attempt, targets", async () => {
    const { client, clock, seen } = await clientOf([
        unreached,
        throttled({ "x-request-id": "r0" }),
        accepted,
        json({ n: 1 }, 200),
    ]);
    await clock.run(client.send({ ...change, targets: ["app:1"] }, never));
    await clock.run(client.send(read, never));
    const same = { service: "roma", operation: "DeleteAsset", targets: ["app:1"], milliseconds: 10 };
    expect(seen).toEqual([
        { ...same, attempt: 1, code: "ConnectionRefused" },
        { ...same, attempt: 2, status: 429, code: "APIGW.0308", requestId: "r0" },
        { ...same, attempt: 3, status: 200, requestId: "r1" },
        { service: "roma", operation: "ListApps", attempt: 1, milliseconds: 10, status: 200 },
    ]);
});

test("a change whose answer is lost is told of once, with what became of it", async () => {
    const { client, clock, seen } = await clientOf([reset]);
    await expect(clock.run(client.send(change, never))).rejects.toMatchObject({ kind: "uncertain" });
    expect(seen.map(({ attempt, code }) => [attempt, code])).toEqual([[1, "ConnectionReset"]]);
});

test("what is told of a request holds no credential, though the answer repeats it as code and request id", async () => {
    const env = { HW_ACCESS_KEY: PLANTED.accessKey, HW_SECRET_KEY: PLANTED.secretKey };
    for (const status of [200, 400, 401, 500]) {
        const { client, clock, seen } = await clientOf(
            [
                ({ headers }) =>
                    json({ n: 1, error_code: headers.authorization, error_msg: PLANTED.secretKey }, status, {
                        "x-request-id": `${PLANTED.accessKey} ${PLANTED.secretKey}`,
                    }),
            ],
            { env: { ...env, HW_REGION_NAME: "cn-north-4", HW_PROJECT_ID: "p1" } },
        );
        await clock.run(client.send(read, never).catch(() => undefined));
        expect(seen.length).toBeGreaterThan(0);
        expect(JSON.stringify(seen)).not.toContain("PLANTED");
    }
});
