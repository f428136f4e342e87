import { EmulatedNetworkFault, projectIdOf } from "../src";
import { harness, project } from "./harness";

const SERVERS = `/v1/${project}/image-servers`;

test("every answer carries a request id, errors of the gateway in its own shape", async () => {
    const { send } = harness();
    const found = await send("GET", SERVERS);
    expect(found.status).toBe(200);
    expect(found.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}$/);
    const lost = await send("GET", "/v9/nothing");
    expect(lost.status).toBe(404);
    expect(lost.body).toMatchObject({ error_code: "APIGW.0101", request_id: lost.headers.get("x-request-id") });
    const wrong = await send("DELETE", SERVERS);
    expect(wrong.status).toBe(405);
    expect(Object.keys(wrong.body)).toEqual(["error_code", "error_msg"]);
});

test("a request without authentication, with an unknown key, a wrong secret, a wrong clock", async () => {
    const { send } = harness();
    const none = await send("GET", SERVERS, { unsigned: true });
    expect(none.status).toBe(401);
    expect(none.body.error_msg).toBe("Incorrect IAM authentication information: x-auth-token not found");
    expect((await send("GET", SERVERS, { access: "nobody" })).status).toBe(401);
    expect((await send("GET", SERVERS, { secret: "wrong" })).body.error_msg).toMatch(/verify aksk signature fail/);
    expect((await send("GET", SERVERS, { skewMs: 15 * 60_000 })).status).toBe(200);
    expect((await send("GET", SERVERS, { skewMs: 15 * 60_000 + 1000 })).status).toBe(401);
    expect((await send("GET", SERVERS, { skewMs: -15 * 60_000 - 1000 })).status).toBe(401);
});

test("the payload's hash may be given in a header", async () => {
    const { send } = harness();
    const body = { items: ["1"], recursive: false };
    const headers = { "x-sdk-content-sha256": "UNSIGNED-PAYLOAD" };
    expect((await send("PATCH", `${SERVERS}/actions/batch-delete`, { body, headers })).status).toBe(200);
});

test("more than five wrong signatures in a row lock a key for five minutes", async () => {
    const { send, time, emulator } = harness();
    // A right signature in between begins the count anew.
    for (let round = 0; round < 2; round++) {
        for (let i = 0; i < 5; i++) {
            await send("GET", SERVERS, { secret: "wrong" });
        }
        expect((await send("GET", SERVERS)).status).toBe(200);
    }
    for (let i = 0; i < 6; i++) {
        await send("GET", SERVERS, { secret: "wrong" });
    }
    const locked = await send("GET", SERVERS);
    expect(locked.status).toBe(401);
    expect(locked.body.error_msg).toMatch(/AK access failed/);
    time.now += 299_000;
    expect((await send("GET", SERVERS)).status).toBe(401);
    await emulator.control.clock({ do: "advance", ms: 1000 });
    expect((await send("GET", SERVERS)).status).toBe(200);
});

test("a project that does not exist, a token of another one", async () => {
    const { send } = harness();
    const lost = await send("GET", `/v1/${"f".repeat(32)}/image-servers`);
    expect([lost.status, lost.body.error_code]).toEqual([403, "APIGW.0310"]);
    expect((await send("GET", `/v1/${projectIdOf("cn-east-3")}/image-servers`)).status).toBe(200);
});

test("throttling", async () => {
    const { send, time, emulator } = harness();
    await emulator.control.seed({
        throttles: [{ service: "workspaceapp", per: "user", limit: 2, windowSeconds: 5 }],
        settings: { gateway: { retryAfterSeconds: 3, throttledRequestsCount: false } },
    });
    for (const status of [200, 200, 429, 429]) {
        expect((await send("GET", SERVERS)).status).toBe(status);
    }
    const refused = await send("GET", SERVERS);
    expect(refused.body).toMatchObject({
        error_code: "APIGW.0308",
        error_msg: "The throttling threshold has been reached: policy user over ratelimit,limit:2,time:5 second",
    });
    expect(refused.headers.get("retry-after")).toBe("3");
    time.now += 5000;
    expect((await send("GET", SERVERS)).status).toBe(200);
});

test("throttled requests count towards the limit by default", async () => {
    const { send, time, emulator } = harness();
    await emulator.control.seed({ throttles: [{ limit: 1, windowSeconds: 2 }] });
    expect((await send("GET", SERVERS)).status).toBe(200);
    time.now += 1500;
    expect((await send("GET", SERVERS)).status).toBe(429);
    time.now += 1500;
    expect((await send("GET", SERVERS)).status).toBe(429);
    time.now += 2000;
    expect((await send("GET", SERVERS)).status).toBe(200);
});

test("faults strike by operation, for so many calls, before or after the effect", async () => {
    const { send, emulator, slept } = harness();
    const [[id = ""] = []] = await emulator.control.seed({
        objects: [{ service: "workspaceapp", kind: "imageServers", count: 1 }],
    });
    const remove = () => send("PATCH", `${SERVERS}/actions/batch-delete`, { body: { items: [id], recursive: false } });
    const operation = "BatchDeleteImageServers";
    const service = "workspaceapp";
    const status = async () => (await send("GET", `${SERVERS}/${id}`)).body.status;

    await emulator.control.seed({
        faults: [
            {
                fault: "respond",
                service,
                operation,
                times: 1,
                status: 503,
                code: "WKS.1",
                message: "busy",
                headers: { "Retry-After": "7" },
            },
            { fault: "reset", service, operation, times: 1 },
            { fault: "truncate", service, operation: "ShowImageServer", skip: 2, times: 1 },
            { fault: "delay", service, operation: "ListImageServers", times: 1, ms: 5000 },
        ],
    });
    const busy = await remove();
    expect([busy.status, busy.body, busy.headers.get("retry-after")]).toEqual([
        503,
        { error_code: "WKS.1", error_msg: "busy" },
        "7",
    ]);
    await expect(remove()).rejects.toMatchObject({ name: "EmulatedNetworkFault", kind: "reset-before" });
    expect(await status()).toBe("ACTIVE");
    await send("GET", SERVERS);
    expect(slept).toEqual([5000]);

    await emulator.control.seed({ faults: [{ fault: "reset", service, operation, when: "after", times: 1 }] });
    await expect(remove()).rejects.toBeInstanceOf(EmulatedNetworkFault);
    expect(await status()).toBe("DELETING");
    await expect(status()).rejects.toMatchObject({ kind: "truncated" });
    await emulator.control.seed({
        faults: [
            {
                fault: "edit",
                service,
                operation: "ShowImageServer",
                edits: [{ do: "set", at: "/status", value: "ODD" }],
            },
        ],
    });
    expect(await status()).toBe("ODD");
    await emulator.control.clearFaults();
    expect(await status()).toBe("DELETING");
});

test("a fault or a setting that nothing could obey is refused", async () => {
    const { emulator } = harness();
    await expect(
        emulator.control.seed({ faults: [{ fault: "reset", service: "workspaceapp", operation: "Nope" }] }),
    ).rejects.toThrow("faults[0].operation: Nope is unknown");
    await expect(emulator.control.seed({ settings: { workspaceapp: { nope: 1 } } })).rejects.toThrow(/nope/);
    await expect(
        emulator.control.seed({ objects: [{ service: "workspaceapp", kind: "nope", objects: [] }] }),
    ).rejects.toThrow("objects[0].kind: nope is unknown");
});

test("the log of requests holds who asked what, and no credential", async () => {
    const { send, emulator } = harness();
    await send("PATCH", `${SERVERS}/actions/batch-delete`, { body: { items: ["1"], recursive: true } });
    const user = { name: "emulator", password: "emulator-pw", domain: { name: "emulator" } };
    const body = { auth: { identity: { methods: ["password"], password: { user } } } };
    await send("POST", "/v3/auth/tokens", { body, unsigned: true });
    const log = await emulator.control.requests();
    expect(log[0]).toMatchObject({
        method: "PATCH",
        service: "workspaceapp",
        operation: "BatchDeleteImageServers",
        identity: "emulator",
        body: { items: ["1"], recursive: true },
        status: 200,
    });
    expect(JSON.stringify(log)).not.toMatch(/SDK-HMAC|emulator-pw/);
});
