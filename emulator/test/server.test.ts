import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { type ServedEmulator, startEmulator } from "../src";
import { project, signedRequest } from "./harness";

let emulator: ServedEmulator;
beforeEach(async () => {
    emulator = await startEmulator();
});
afterEach(() => emulator.close());

const SERVERS = `/v1/${project}/image-servers`;
const get = (): Promise<Response> =>
    fetch(signedRequest("GET", SERVERS, Date.now(), { host: `127.0.0.1:${emulator.port}` }));

test("the same emulator on a port", async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ count: 0, items: [] });
    expect(await emulator.control.requests()).toMatchObject([{ operation: "ListImageServers", status: 200 }]);
});

test("resets and broken bodies break the connection", async () => {
    await emulator.control.seed({
        faults: [
            { fault: "reset", times: 1 },
            { fault: "truncate", times: 1 },
        ],
    });
    await expect(get()).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    const truncated = await get();
    expect(truncated.status).toBe(200);
    await expect(truncated.text()).rejects.toThrow();
    expect((await get()).status).toBe(200);
});

test("a hanging request does not keep the emulator from stopping", async () => {
    await emulator.control.seed({ faults: [{ fault: "hang", times: 1 }] });
    const hanging = get().then(
        () => "answered",
        () => "broken",
    );
    while ((await emulator.control.requests()).length === 0) {}
    await emulator.close();
    expect(await hanging).toBe("broken");
    emulator = await startEmulator();
});

test("foreign names in the Host header are not served", async () => {
    const status = (host: string): Promise<number | undefined> =>
        new Promise((resolve, reject) => {
            httpRequest({ port: emulator.port, path: "/_emulator/state", headers: { host } }, (response) => {
                response.resume();
                resolve(response.statusCode);
            })
                .on("error", reject)
                .end();
        });
    expect(await status("evil.example.com")).toBe(403);
    expect(await status("10.1.2.3")).toBe(403);
    expect(await status(`localhost:${emulator.port}`)).toBe(200);
    expect(await status(`[::1]:${emulator.port}`)).toBe(200);
});

/** What comes back on a connection that is sent `text`. */
const exchange = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
        let received = "";
        const socket = connect(emulator.port, "127.0.0.1");
        socket.setEncoding("utf8");
        socket.on("connect", () => socket.write(text));
        socket.on("data", (part) => {
            received += part;
        });
        socket.on("end", () => resolve(received));
        socket.on("error", reject);
    });

test("what can't be read is refused in the gateway's words", async () => {
    const words = (text: string) => JSON.parse(text.slice(text.indexOf("{")));
    const nonsense = await exchange("nonsense\r\n\r\n");
    expect(nonsense).toMatch(/^HTTP\/1.1 400 /);
    expect(words(nonsense)).toMatchObject({ error_code: "APIGW.0201", request_id: expect.stringMatching(/^\w{32}$/) });
    const endless = await exchange(`GET /${"x".repeat(70_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    expect(endless).toMatch(/^HTTP\/1.1 494 /);
    expect(words(endless).error_code).toBe("APIGW.0201");
    const long = await exchange(`GET /${"x".repeat(40_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    expect(long).toMatch(/^HTTP\/1.1 414 /);
});

test("requests that are sent without waiting are answered in their order", async () => {
    const ask = (id: string, last = "") =>
        `GET /v1/${id}/image-servers HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-Token: none\r\n${last}\r\n`;
    const replies = await exchange(ask("a") + ask("b") + ask("c", "Connection: close\r\n"));
    expect(replies.match(/APIGW\.0301/g)?.length).toBe(3);
    expect((await emulator.control.requests()).map(({ project }) => project)).toEqual(["a", "b", "c"]);
});

test("a port in use is an error, not a crash", async () => {
    await expect(startEmulator({ port: emulator.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("on another address than loopback the control API has a token", async () => {
    const exposed = await startEmulator({ host: "0.0.0.0" });
    try {
        const url = `http://127.0.0.1:${exposed.port}/_emulator/state`;
        expect((await fetch(url)).status).toBe(401);
        const headers = { Authorization: `Bearer ${exposed.controlToken}` };
        expect((await fetch(url, { headers })).status).toBe(200);
    } finally {
        await exposed.close();
    }
});
