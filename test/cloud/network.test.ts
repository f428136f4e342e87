import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { gzipSync } from "node:zlib";
import { createNetwork, type NetworkLimits } from "../../src/cloud/http/network";
import { TransportFailure, type WireAnswer } from "../../src/cloud/http/transport";
import { systemClock } from "../../src/util/clock";

const servers: Array<Server | TcpServer> = [];
const networks: Array<{ close(): Promise<void> }> = [];
const sockets = new Set<Socket>();

afterEach(async () => {
    await Promise.all(networks.splice(0).map((network) => network.close()));
    for (const socket of sockets) {
        socket.destroy();
    }
    sockets.clear();
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen<S extends Server | TcpServer>(server: S): Promise<string> {
    servers.push(server);
    server.on("connection", (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const http = async (listener: RequestListener) => `http://${await listen(createServer(listener))}`;
const tcp = async (onData: (socket: Socket) => void) =>
    `http://${await listen(createTcpServer((socket) => socket.once("data", () => onData(socket)).on("error", () => {})))}`;

interface Extra {
    limits?: Partial<NetworkLimits>;
    env?: Record<string, string>;
    method?: string;
    body?: string;
    signal?: AbortSignal;
    unlessWritten?: AbortSignal;
}

async function send(url: string, extra: Extra = {}): Promise<WireAnswer> {
    const network = createNetwork({
        env: extra.env ?? {},
        clock: systemClock,
        ...(extra.limits && { limits: extra.limits }),
    });
    networks.push(network);
    return network.send({
        method: extra.method ?? "GET",
        url,
        headers: { "x-one": "1" },
        signal: extra.signal ?? new AbortController().signal,
        ...(extra.body === undefined ? {} : { body: extra.body }),
        ...(extra.unlessWritten === undefined ? {} : { unlessWritten: extra.unlessWritten }),
    });
}

async function failure(work: Promise<WireAnswer>): Promise<{ arrived: string; code: string }> {
    const error: unknown = await work.then(
        (answer) => new Error(`answered ${answer.status}`),
        (reason: unknown) => reason,
    );
    if (!(error instanceof TransportFailure)) {
        throw error;
    }
    return { arrived: error.arrived, code: error.code };
}

test("sends the request as given and returns the answer", async () => {
    const origin = await http((request, response) => {
        let body = "";
        request.on("data", (chunk) => {
            body += chunk;
        });
        request.on("end", () => {
            response.writeHead(202, { "X-Request-Id": "r1", "Set-Cookie": ["a=1", "b=2"] });
            response.end(
                JSON.stringify([
                    request.method,
                    request.url,
                    request.headers["x-one"],
                    request.headers["accept-encoding"],
                    body,
                ]),
            );
        });
    });
    const answer = await send(`${origin}/v1/a%2Fb?x=%20y`, { method: "PATCH", body: '{"ü":1}' });
    expect(answer.status).toBe(202);
    expect(answer.headers).toMatchObject({ "x-request-id": "r1", "set-cookie": "a=1, b=2" });
    expect(JSON.parse(answer.body)).toEqual(["PATCH", "/v1/a%2Fb?x=%20y", "1", null, '{"ü":1}']);
});

test("a request whose connection is refused certainly did not arrive", async () => {
    const address = await listen(createTcpServer());
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    expect(await failure(send(`http://${address}/`))).toEqual({ arrived: "no", code: "ConnectionRefused" });
});

test("a request before a reset may have arrived", async () => {
    const origin = await tcp((socket) => socket.resetAndDestroy());
    expect(await failure(send(origin, { method: "POST", body: "{}" }))).toEqual({
        arrived: "perhaps",
        code: "ConnectionReset",
    });
});

test("an answer cut short is a failure, not a shorter answer", async () => {
    const origin = await tcp((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"job_id":'));
    expect((await failure(send(origin))).arrived).toBe("perhaps");
});

test("a server that accepts and sends nothing meets the headers time-out", async () => {
    const origin = await tcp(() => {});
    expect(await failure(send(origin, { limits: { headersTimeout: 50, requestTimeout: 20_000 } }))).toEqual({
        arrived: "perhaps",
        code: "AnswerTimeout",
    });
});

test("an answer that drips slowly meets the request time-out", async () => {
    const origin = await http((_, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(drip));
    });
    expect(await failure(send(origin, { limits: { requestTimeout: 300 } }))).toEqual({
        arrived: "perhaps",
        code: "RequestTimeout",
    });
});

test("an endless answer is cut off at the limit, and its connection is closed", async () => {
    let written = 0;
    let closed: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
        closed = resolve;
    });
    const piece = Buffer.alloc(64 * 1024, 120);
    const origin = await http((_, response) => {
        const more = () => {
            while (!response.destroyed) {
                written += piece.length;
                if (!response.write(piece)) {
                    response.once("drain", more);
                    return;
                }
            }
        };
        response.on("close", closed);
        response.writeHead(200);
        more();
    });
    expect(await failure(send(origin, { limits: { largestBody: 1024 * 1024 } }))).toEqual({
        arrived: "perhaps",
        code: "AnswerTooLarge",
    });
    await gone;
    expect(written).toBeLessThan(64 * 1024 * 1024);
});

test("a header bomb is refused", async () => {
    const origin = await tcp((socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(200_000)}\r\n\r\n`));
    expect(await failure(send(origin))).toEqual({ arrived: "perhaps", code: "HeadersTooLarge" });
});

test("a compressed bomb is refused, not unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024));
    const origin = await http((_, response) => {
        response.writeHead(200, { "content-encoding": "gzip" });
        response.end(bomb);
    });
    expect(await failure(send(origin))).toEqual({ arrived: "perhaps", code: "CompressedAnswer" });
});

test("a redirect is returned, not followed", async () => {
    let requests = 0;
    const origin = await http((_, response) => {
        requests++;
        response.writeHead(307, { location: "/elsewhere" });
        response.end();
    });
    expect((await send(origin)).status).toBe(307);
    expect(requests).toBe(1);
});

test("an informational answer is not the answer", async () => {
    const origin = await tcp((socket) =>
        socket.write("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"),
    );
    expect(await send(origin)).toMatchObject({ status: 200, body: "{}" });
});

test("an answer that is not HTTP is a failure", async () => {
    const origin = await tcp((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
    expect(await failure(send(origin))).toEqual({ arrived: "perhaps", code: "MalformedAnswer" });
});

test("a TLS request to a server without TLS certainly did not arrive", async () => {
    const origin = await tcp((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect(await failure(send(origin.replace("http:", "https:")))).toEqual({ arrived: "no", code: "TlsRefused" });
});

test("the signal aborts a request", async () => {
    const stop = new AbortController();
    const origin = await tcp(() => stop.abort());
    expect(await failure(send(origin, { signal: stop.signal }))).toEqual({ arrived: "perhaps", code: "Aborted" });
    expect(await failure(send(origin, { signal: stop.signal }))).toEqual({ arrived: "no", code: "Aborted" });
});

test.each(["signal", "unlessWritten"] as const)(
    "a request that %s aborts while it waits for a connection is never written",
    async (by) => {
        const seen: string[] = [];
        const origin = await http((request, response) => {
            seen.push(request.url ?? "");
            response.end("{}");
        });
        const stop = new AbortController();
        const given = failure(send(`${origin}/given-up`, { [by]: stop.signal }));
        stop.abort();
        expect(await given).toEqual({ arrived: "no", code: "Aborted" });
        expect((await send(`${origin}/later`)).status).toBe(200);
        // The connection of the first is open by now, and used for nothing.
        await systemClock.sleep(50);
        expect(seen).toEqual(["/later"]);
    },
);

test("a request that is on its way is not given up by unlessWritten", async () => {
    const stop = new AbortController();
    const origin = await http((_, response) => {
        stop.abort();
        setTimeout(() => response.end("{}"), 20);
    });
    expect((await send(origin, { unlessWritten: stop.signal })).body).toBe("{}");
    expect(await failure(send(origin, { unlessWritten: stop.signal }))).toEqual({ arrived: "no", code: "Aborted" });
});

test("requests to other hosts go through the proxy, those to loopback never do", async () => {
    const seen: string[] = [];
    const server = createServer();
    server.on("connect", (request, socket: Socket) => {
        seen.push(`CONNECT ${request.url}`);
        socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    const env = { HTTPS_PROXY: `http://${await listen(server)}`, NO_PROXY: "spared.invalid" };
    expect(await failure(send("https://roma.cn-north-4.invalid/x", { env }))).toEqual({
        arrived: "no",
        code: "ProxyRefused",
    });
    expect(seen).toEqual(["CONNECT roma.cn-north-4.invalid:443"]);
    const origin = await http((_, response) => response.end("{}"));
    expect((await send(origin, { env })).body).toBe("{}");
    expect((await failure(send("https://spared.invalid/x", { env }))).arrived).toBe("no");
    expect(seen).toHaveLength(1);
});

test.each([
    ["HTTPS_PROXY", "proxy.internal:3128"],
    ["http_proxy", "socks5://proxy.internal"],
    ["OS_CACERT", "/nowhere/ca.pem"],
])("a wrong %s is named, and its value is not shown", (name, value) => {
    expect(() => createNetwork({ env: { [name]: value }, clock: systemClock })).toThrow(name);
    expect(() => createNetwork({ env: { [name]: value }, clock: systemClock })).not.toThrow(value);
});

test("connections are reused", async () => {
    const origin = await http((_, response) => response.end("{}"));
    const network = createNetwork({ env: {}, clock: systemClock });
    networks.push(network);
    for (let i = 0; i < 5; i++) {
        await network.send({ method: "GET", url: `${origin}/`, headers: {}, signal: new AbortController().signal });
        await systemClock.yieldToEventLoop();
    }
    expect(sockets.size).toBe(1);
});
