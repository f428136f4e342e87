import { createServer, ServerResponse } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { controlClient, type EmulatorControl } from "./control/client";
import type { Seed } from "./control/schemas";
import { createEmulator } from "./emulator";
import { EmulatedNetworkFault } from "./gateway/faults";
import { LETTERS_AND_DIGITS, randomText, secureRandom } from "./world/random";

export interface ServedEmulatorOptions {
    /** 0 or left out: any free port. */
    readonly port?: number;
    /** 127.0.0.1 if left out. */
    readonly host?: string;
    readonly speed?: number;
    readonly seed?: Seed;
    /** For the control API; made up if the host is not loopback and none is given. */
    readonly controlToken?: string;
}

export interface ServedEmulator {
    readonly url: string;
    readonly port: number;
    /** Undefined if the control API needs none. */
    readonly controlToken: string | undefined;
    readonly control: EmulatorControl;
    variables(): Readonly<Record<string, string>>;
    /** Stops listening and closes every connection, idle or not. */
    close(): Promise<void>;
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127\./.test(host);

/** The emulator on a port, with real time. Rejects with the system's error if the port can't be had. */
export async function startEmulator(options: ServedEmulatorOptions = {}): Promise<ServedEmulator> {
    const { host = "127.0.0.1", port = 0, speed = 1, seed } = options;
    const exposed = !isLoopback(host);
    const token = options.controlToken ?? (exposed ? randomText(secureRandom, 32, LETTERS_AND_DIGITS) : undefined);
    const emulator = createEmulator({
        clock: { now: () => Date.now() },
        random: secureRandom,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
        speed,
        ...(seed === undefined ? {} : { seed }),
        ...(token === undefined ? {} : { controlToken: token }),
    });
    const listener = getRequestListener(
        async (request, { incoming, outgoing }) => {
            if (!hostAllowed(request.headers.get("host"), host)) {
                const problem = { problem: "this Host header is not served: use the address the emulator listens on" };
                return Response.json(problem, { status: 403 });
            }
            try {
                const isBodiless = request.method === "GET" || request.method === "HEAD";
                return await emulator.fetch(request, isBodiless ? await bytesOf(incoming) : undefined);
            } catch (error) {
                if (!(error instanceof EmulatedNetworkFault) || !(outgoing instanceof ServerResponse)) {
                    throw error;
                }
                return breakOff(error, outgoing);
            }
        },
        { overrideGlobalObjects: false },
    );
    const server = createServer({ maxHeaderSize: 64 * 1024 }, (incoming, outgoing) => {
        // The listener answers 500 by itself if it fails; nothing is left to do here.
        listener(incoming, outgoing).catch(() => outgoing.destroy());
    });
    server.on("clientError", refuseUnreadable);
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, resolve);
    });
    const address = server.address();
    const boundPort = typeof address === "object" && address !== null ? address.port : port;
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`;
    return {
        url,
        port: boundPort,
        controlToken: token,
        control: controlClient(url, token),
        variables: emulator.variables,
        close: () =>
            new Promise((resolve, reject) => {
                server.close((error) => (error === undefined ? resolve() : reject(error)));
                server.closeAllConnections();
            }),
    };
}

/** A body that the web's Request does not let through. */
async function bytesOf(incoming: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) {
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}

/**
 * Pages in a browser can be led to this machine under a foreign name (DNS rebinding): names other than loopback's and
 * the bound one are not served. An address in digits can't be rebound.
 */
function hostAllowed(header: string | null, bound: string): boolean {
    const name = (header ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
    return isLoopback(name) || name === bound || (!isLoopback(bound) && isIP(name) !== 0);
}

/** What is no HTTP, or too long, is refused by the gateway before anybody looks at it. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (!socket.writable || error.code === "ECONNRESET") {
        socket.destroy();
        return;
    }
    const [status, message] =
        error.code === "HPE_HEADER_OVERFLOW" ? [494, "Request Header Too Large"] : [400, "Bad Request"];
    const requestId = randomText(secureRandom, 32, "0123456789abcdef");
    const body = JSON.stringify({ error_msg: message, error_code: "APIGW.0201", request_id: requestId });
    const head = [
        `HTTP/1.1 ${status} ${message}`,
        "Content-Type: application/json",
        `X-Request-Id: ${requestId}`,
        `Content-Length: ${body.length}`,
        "Connection: close",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function breakOff(fault: EmulatedNetworkFault, outgoing: ServerResponse): Response {
    const { socket } = outgoing;
    if (fault.kind === "truncated" && fault.answer !== undefined) {
        const { status, headers, partialBody, promisedBytes } = fault.answer;
        outgoing.writeHead(status, { ...headers, "Content-Length": promisedBytes });
        outgoing.write(partialBody, () => socket?.destroy());
    } else if (fault.kind === "reset-before" || fault.kind === "reset-after") {
        socket?.resetAndDestroy();
    }
    // A hanging connection stays open until the client or the end of the emulator closes it.
    return RESPONSE_ALREADY_SENT;
}
