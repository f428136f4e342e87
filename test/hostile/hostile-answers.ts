import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { NetworkLimits } from "../../src/cloud/http/network";
import { selfSigned } from "./certificate";
import { closedPort, type Served, serve, serveRaw } from "./servers";

/* What the other side may answer, each with what a look at it must say. */

const folder = mkdtempSync(join(tmpdir(), "hostile-"));
/** For afterAll. */
export function removeAuthorities(): void {
    rmSync(folder, { recursive: true });
}

export const json = (response: ServerResponse, body: unknown, status = 200) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
};
export const text = (body: string | Buffer, headers: Record<string, string> = {}, status = 200) =>
    serve((_, response) => {
        response.writeHead(status, headers);
        response.end(body);
    });
const raw = (answer: string) => serveRaw((socket) => socket.end(answer));

/** The same piece without end, or `most` times; stops when the client closes the connection. */
const flood = (out: ServerResponse | Socket, piece: Buffer, most = Number.POSITIVE_INFINITY) => {
    let left = most;
    const more = () => {
        while (!out.destroyed && left > 0) {
            left -= 1;
            if (!out.write(piece)) {
                out.once("drain", more);
                return;
            }
        }
        if (left === 0) {
            out.end();
        }
    };
    more();
};
export const mebibyte = Buffer.alloc(1024 * 1024, "x");
const gibibyte: RequestListener = (_, response) => {
    response.writeHead(200, { "content-length": 1024 ** 3 });
    flood(response, mebibyte, 1024);
};

export const trusted = (certificate: { cert: string }) => {
    const file = join(folder, "authority.pem");
    writeFileSync(file, certificate.cert);
    return { OS_CACERT: file };
};

/** A server, and what a client needs to talk to it. */
export interface Way {
    readonly server: Pick<Served, "url"> & Partial<Served>;
    readonly limits?: Partial<NetworkLimits>;
    readonly env?: Record<string, string>;
}
export type Case = readonly [what: string, way: () => Promise<Way>, says: RegExp];

export const answers: readonly Case[] = [
    [
        "nobody listens",
        async () => ({ server: { url: `http://127.0.0.1:${await closedPort()}` } }),
        /ConnectionRefused/,
    ],
    [
        "a certificate that vouches for itself",
        async () => ({ server: await serve(gibibyte, selfSigned({ host: "127.0.0.1" })) }),
        /TlsRefused: .*self-signed/,
    ],
    [
        "a certificate of another host",
        async () => {
            const certificate = selfSigned({ host: "elsewhere.example" });
            return { server: await serve(gibibyte, certificate), env: trusted(certificate) };
        },
        /TlsRefused: .*altnames/,
    ],
    [
        "a certificate that has expired",
        async () => {
            const certificate = selfSigned({ host: "127.0.0.1", until: Date.UTC(2020, 0, 1) });
            return { server: await serve(gibibyte, certificate), env: trusted(certificate) };
        },
        /TlsRefused: .*expired/,
    ],
    [
        "https where http is spoken",
        async () => ({ server: { url: (await text("{}")).url.replace("http:", "https:") } }),
        /TlsRefused/,
    ],
    [
        "http where https is spoken",
        async () => ({
            server: { url: (await serve(gibibyte, selfSigned({ host: "127.0.0.1" }))).url.replace("https:", "http:") },
        }),
        /ConnectionReset|MalformedAnswer/,
    ],
    ["another protocol", async () => ({ server: await raw("SSH-2.0-OpenSSH_9.6\r\n") }), /MalformedAnswer/],
    [
        "HTTP/2 without being asked",
        async () => ({ server: await raw("\0\0\u0012\u0004\0\0\0\0\0") }),
        /MalformedAnswer/,
    ],
    [
        "a connection that is closed without a word",
        async () => ({ server: await serveRaw((socket) => socket.end()) }),
        /ConnectionReset/,
    ],
    ["a reset", async () => ({ server: await serveRaw((socket) => socket.resetAndDestroy()) }), /ConnectionReset/],
    ["half a status line", async () => ({ server: await raw("HTTP/1.1 2") }), /ConnectionReset|MalformedAnswer/],
    ["a status that is none", async () => ({ server: await raw("HTTP/1.1 -1 Fine\r\n\r\n") }), /MalformedAnswer/],
    ["status 999", async () => ({ server: await raw("HTTP/1.1 999 Fine\r\ncontent-length: 0\r\n\r\n") }), /HTTP 999/],
    [
        "a switch of protocols",
        async () => ({ server: await raw("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n") }),
        /ConnectionReset|MalformedAnswer|NetworkError/,
    ],
    [
        "an answer cut short",
        async () => ({ server: await raw('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":') }),
        /ConnectionReset|TruncatedAnswer/,
    ],
    [
        "chunks cut short",
        async () => ({ server: await raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n100\r\n{"id":') }),
        /ConnectionReset|TruncatedAnswer/,
    ],
    [
        "a chunk of 16 exbibytes",
        async () => ({
            server: await raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx"),
        }),
        /MalformedAnswer/,
    ],
    [
        "a negative length",
        async () => ({ server: await raw("HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}") }),
        /MalformedAnswer/,
    ],
    [
        "two lengths",
        async () => ({ server: await raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ") }),
        /MalformedAnswer|TruncatedAnswer/,
    ],
    [
        "a length and chunks",
        async () => ({
            server: await raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        }),
        /MalformedAnswer|TruncatedAnswer/,
    ],
    [
        "a NUL in a header",
        async () => ({ server: await raw("HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 2\r\n\r\n{}") }),
        /MalformedAnswer/,
    ],
    [
        "one header of a megabyte",
        async () => ({
            server: await serveRaw((socket) =>
                flood(socket.write("HTTP/1.1 200 OK\r\nx: ") ? socket : socket, mebibyte),
            ),
        }),
        /HeadersTooLarge/,
    ],
    [
        "headers without end",
        async () => ({
            server: await serveRaw((socket) => {
                socket.write("HTTP/1.1 200 OK\r\n");
                flood(socket, Buffer.from("x: y\r\n".repeat(10_000)));
            }),
        }),
        /HeadersTooLarge/,
    ],
    [
        "early hints without end",
        async () => ({
            server: await serveRaw((socket) =>
                flood(socket, Buffer.from("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n".repeat(1_000))),
            ),
            limits: { requestTimeout: 300 },
        }),
        /RequestTimeout|HeadersTooLarge|MalformedAnswer/,
    ],
    [
        "a gibibyte",
        async () => ({ server: await serve(gibibyte), limits: { largestBody: mebibyte.length } }),
        /AnswerTooLarge/,
    ],
    [
        "chunks without end",
        async () => ({
            server: await serve((_, response) => flood(response, mebibyte)),
            limits: { largestBody: mebibyte.length },
        }),
        /AnswerTooLarge/,
    ],
    [
        "32 MiB packed into 32 KiB",
        async () => ({ server: await text(gzipSync(Buffer.alloc(32 * 1024 * 1024)), { "content-encoding": "gzip" }) }),
        /CompressedAnswer/,
    ],
    [
        "an encoding nobody knows",
        async () => ({ server: await text("{}", { "content-encoding": "x-evil" }) }),
        /CompressedAnswer/,
    ],
    [
        "a drip",
        async () => ({
            server: await serve((_, response) => {
                const drip = setInterval(() => response.write(" "), 20);
                response.on("close", () => clearInterval(drip));
            }),
            limits: { requestTimeout: 150 },
        }),
        /RequestTimeout/,
    ],
    [
        "headers that drip",
        async () => ({
            server: await serveRaw((socket) => {
                const drip = setInterval(() => socket.write("H"), 20);
                socket.on("close", () => clearInterval(drip));
            }),
            limits: { requestTimeout: 150 },
        }),
        /RequestTimeout|MalformedAnswer/,
    ],
    ["silence", async () => ({ server: await serveRaw(() => {}), limits: { requestTimeout: 100 } }), /RequestTimeout/],
    [
        "silence after the headers",
        async () => ({
            server: await serve((_, response) => {
                response.writeHead(200);
                response.write("{");
            }),
            limits: { requestTimeout: 100 },
        }),
        /RequestTimeout/,
    ],
    ["nothing", async () => ({ server: await text("") }), /UnreadableAnswer/],
    ["no content", async () => ({ server: await text("", {}, 204) }), /UnreadableAnswer/],
    [
        "the login page of a network",
        async () => ({
            server: await text("<html><script>steal()</script><h1>Welcome</h1></html>", {
                "content-type": "text/html",
            }),
        }),
        /UnreadableAnswer: the answer is not JSON/,
    ],
    ["null", async () => ({ server: await text("null") }), /UnreadableAnswer: the answer is not as documented/],
    ["a list", async () => ({ server: await text("[]") }), /UnreadableAnswer/],
    ["a word", async () => ({ server: await text('"fine"') }), /UnreadableAnswer/],
    ["a prototype", async () => ({ server: await text('{"__proto__":{"id":"server-1"}}') }), /UnreadableAnswer/],
    [
        "fields of other types",
        async () => ({ server: await text('{"id":["server-1"],"status":{}}') }),
        /UnreadableAnswer/,
    ],
    ["JSON cut in half", async () => ({ server: await text('{"id":"server-1","sta') }), /UnreadableAnswer/],
    [
        "JSON nested 100,000 deep",
        async () => ({ server: await text(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) }),
        /UnreadableAnswer/,
    ],
    [
        "JSON in UTF-16",
        async () => ({ server: await text(Buffer.from('{"id":"server-1"}', "utf16le")) }),
        /UnreadableAnswer/,
    ],
    [
        "bytes that are no text",
        async () => ({ server: await text(Buffer.from([0xff, 0xfe, 0xc0, 0x80])) }),
        /UnreadableAnswer/,
    ],
    [
        "an error as a web page of a megabyte",
        async () => ({ server: await text(`<html>${"<b>no</b>".repeat(120_000)}`, {}, 502) }),
        /HTTP 502 HTTP\.502: (no )+/,
    ],
    [
        "an error whose message is a megabyte",
        async () => ({
            server: await text(JSON.stringify({ error_code: "X.1", error_msg: "no ".repeat(400_000) }), {}, 400),
        }),
        /HTTP 400 X\.1: no no/,
    ],
    [
        "an error whose code is a megabyte",
        async () => ({
            server: await text(JSON.stringify({ error_code: "X".repeat(1_000_000), error_msg: "no" }), {}, 400),
        }),
        /HTTP 400 X{99}…: no/,
    ],
    [
        "an error that is nested 100,000 deep",
        async () => ({ server: await text(`${'{"error":'.repeat(100_000)}1${"}".repeat(100_000)}`, {}, 500) }),
        /HTTP 500/,
    ],
];
