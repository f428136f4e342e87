import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { createNetwork, type NetworkLimits } from "../../src/cloud/http/network";
import type { Transport } from "../../src/cloud/http/transport";
import { systemClock } from "../../src/util/clock";

const servers: Array<Server | TcpServer> = [];
const sockets = new Set<Socket>();
const networks: Array<{ close(): Promise<void> }> = [];

/** For afterEach. */
export async function closeServers(): Promise<void> {
    await Promise.all(networks.splice(0).map((network) => network.close()));
    for (const socket of sockets) {
        socket.destroy();
    }
    sockets.clear();
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
}

/** The real network, in real time, with shorter limits where a test would have to wait for them. */
export function network(limits: Partial<NetworkLimits> = {}, env: Record<string, string> = {}): Transport {
    const made = createNetwork({ env, clock: systemClock, limits });
    networks.push(made);
    return made;
}

/** What a server on this machine saw. */
export interface Served {
    readonly url: string;
    readonly requests: Array<{ readonly method: string; readonly url: string }>;
    /** Bytes written to each connection, in the order in which they were made. */
    readonly connections: Socket[];
}

export async function serve(listener: RequestListener, tls?: { key: string; cert: string }): Promise<Served> {
    const requests: Served["requests"] = [];
    const counted = (request: IncomingMessage, response: ServerResponse) => {
        requests.push({ method: request.method ?? "", url: request.url ?? "" });
        request.resume();
        listener(request, response);
    };
    const server = tls === undefined ? createServer(counted) : createTlsServer(tls, counted);
    const connections: Socket[] = [];
    const port = await listen(server, connections);
    return { url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`, requests, connections };
}

/** Below HTTP: `answer` gets the connection once the first bytes have come on it. */
export async function serveRaw(answer: (socket: Socket) => void): Promise<Served> {
    const connections: Socket[] = [];
    const requests: Served["requests"] = [];
    const server = createTcpServer((socket) => {
        socket.on("error", () => {});
        socket.on("data", (chunk) => {
            const [method = "", url = ""] = chunk.toString("latin1").split(" ");
            requests.push({ method, url });
            answer(socket);
        });
    });
    const port = await listen(server, connections);
    return { url: `http://127.0.0.1:${port}`, requests, connections };
}

/** A port of this machine on which nobody listens. */
export async function closedPort(): Promise<number> {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const port = portOf(server);
    await new Promise((resolve) => server.close(resolve));
    return port;
}

async function listen(server: Server | TcpServer, connections: Socket[]): Promise<number> {
    servers.push(server);
    server.on("connection", (socket: Socket) => {
        sockets.add(socket);
        connections.push(socket);
        socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return portOf(server);
}

function portOf(server: Server | TcpServer): number {
    const address: AddressInfo | string | null = server.address();
    if (address === null || typeof address === "string") {
        throw new Error("no port");
    }
    return address.port;
}
