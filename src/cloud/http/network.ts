import { readFileSync } from "node:fs";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { Dispatcher } from "undici";
import Agent from "undici/lib/dispatcher/agent.js";
import type { Clock } from "../../util/clock";
import { isLoopback } from "../place/endpoints";
import { type Environment, fromEnvironment, misconfigured } from "../settings/settings";
import { systemError } from "./system-error";
import { type Transport, TransportFailure, type WireAnswer, type WireRequest } from "./transport";

export interface NetworkOptions {
    readonly env: Environment;
    readonly clock: Clock;
    readonly limits?: Partial<NetworkLimits>;
}

/** Milliseconds and bytes. */
export interface NetworkLimits {
    readonly connectTimeout: number;
    /** Until the answer's headers are there. */
    readonly headersTimeout: number;
    /** Between two pieces of the answer's body. */
    readonly bodyTimeout: number;
    /** The whole request: an answer that drips is not waited for. */
    readonly requestTimeout: number;
    readonly largestBody: number;
    readonly largestHeaders: number;
}

const LIMITS: NetworkLimits = {
    connectTimeout: 10_000,
    headersTimeout: 50_000,
    bodyTimeout: 20_000,
    requestTimeout: 60_000,
    // Ten times the longest page that the APIs document. JSON can take forty times its length in memory.
    largestBody: 8 * 1024 * 1024,
    // IAM tokens travel in a header, and those of accounts with many roles are large.
    largestHeaders: 64 * 1024,
};

/**
 * HTTP/1.1 over a pool of its own. TLS is always verified (further authorities by OS_CACERT or NODE_EXTRA_CA_CERTS), proxies are
 * those of HTTPS_PROXY, HTTP_PROXY and NO_PROXY, loopback is reached directly, redirects are not followed, compressed answers
 * are not asked for and not unpacked. Idle connections do not keep the process alive.
 * Throws CloudError of kind `configuration`.
 */
export function createNetwork(options: NetworkOptions): Transport & { close(): Promise<void> } {
    const limits = { ...LIMITS, ...options.limits };
    const pool = {
        connect: { timeout: limits.connectTimeout, rejectUnauthorized: true, ...authorities(options.env) },
        headersTimeout: limits.headersTimeout,
        bodyTimeout: limits.bodyTimeout,
        maxHeaderSize: limits.largestHeaders,
        pipelining: 1,
        allowH2: false,
    };
    const direct = new Agent(pool);
    const proxied = proxies(options.env, pool) ?? direct;
    const proxy = fromEnvironment(options.env, PROXIES)?.name;
    return {
        send: async (request) => {
            const { hostname } = new URL(request.url);
            if (isLoopback(hostname) || proxy === undefined) {
                return exchange(direct, request, limits, options.clock);
            }
            return exchange(proxied, request, limits, options.clock).catch((error: unknown) => {
                // Its message names the proxy's address, which nobody asked for.
                throw error instanceof TransportFailure && error.arrived === "no"
                    ? new TransportFailure(
                          "no",
                          error.code,
                          `${error.message} (by the proxy of ${proxy}, unless NO_PROXY excepts it)`,
                      )
                    : error;
            });
        },
        close: async () => {
            await Promise.all([direct.destroy(), proxied.destroy()]);
        },
    };
}

const PROXIES = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"];

/** Undefined where the environment names no proxy. */
function proxies(env: Environment, pool: Agent.Options): Dispatcher | undefined {
    const https = fromEnvironment(env, ["https_proxy", "HTTPS_PROXY"]);
    const http = fromEnvironment(env, ["http_proxy", "HTTP_PROXY"]);
    for (const proxy of [https, http]) {
        if (proxy !== undefined && !/^https?:$/.test(URL.canParse(proxy.value) ? new URL(proxy.value).protocol : "")) {
            throw misconfigured("InvalidProxy", `${proxy.name} is not a URL such as http://proxy.example.com:3128`);
        }
    }
    if (https === undefined && http === undefined) {
        return undefined;
    }
    const { EnvHttpProxyAgent } = allOfUndici();
    return new EnvHttpProxyAgent({
        ...pool,
        requestTls: { rejectUnauthorized: true, ...authorities(env) },
        // Empty, not missing: otherwise undici looks into this process's own environment.
        httpsProxy: https?.value ?? "",
        httpProxy: http?.value ?? "",
        noProxy: fromEnvironment(env, ["no_proxy", "NO_PROXY"])?.value ?? "",
    });
}

/** Its proxy agents lean on what only its index puts together. Most machines have no proxy, and load a fifth of it. */
function allOfUndici(): typeof import("undici") {
    return require("undici");
}

/** Read and parsed once: there are some hundred and fifty, and connections are many. */
function authorities(env: Environment): { secureContext?: SecureContext } {
    const file = fromEnvironment(env, ["OS_CACERT"]);
    if (file === undefined) {
        return {};
    }
    try {
        const ca = [...getCACertificates("default"), readFileSync(file.value, "utf8")];
        return { secureContext: createSecureContext({ ca }) };
    } catch (error) {
        const { code } = systemError(error);
        throw misconfigured("CertificatesUnreadable", `the file that ${file.name} names can't be read (${code})`);
    }
}

function exchange(
    dispatcher: Dispatcher,
    request: WireRequest,
    limits: NetworkLimits,
    clock: Clock,
): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
        const { origin } = new URL(request.url);
        const timer = new AbortController();
        const chunks: Buffer[] = [];
        let controller: Dispatcher.DispatchController | undefined;
        let status = 0;
        let headers: Record<string, string> = {};
        let size = 0;
        let settled = false;

        const settle = () => {
            settled = true;
            timer.abort();
            request.signal.removeEventListener("abort", stop);
            request.unlessWritten?.removeEventListener("abort", stopUnlessWritten);
        };
        const fail = (code: string, message: string) => {
            if (settled) {
                return;
            }
            const failure = new TransportFailure(controller === undefined ? "no" : "perhaps", code, message);
            settle();
            controller?.abort(failure);
            reject(failure);
        };
        const stop = () => fail("Aborted", "given up");
        const stopUnlessWritten = () => {
            if (controller === undefined) {
                stop();
            }
        };

        if (request.signal.aborted || request.unlessWritten?.aborted) {
            stop();
            return;
        }
        request.signal.addEventListener("abort", stop);
        request.unlessWritten?.addEventListener("abort", stopUnlessWritten);
        clock.sleep(limits.requestTimeout, timer.signal).then(
            () => fail("RequestTimeout", `no complete answer within ${limits.requestTimeout / 1000} s`),
            () => {},
        );
        const handler: Dispatcher.DispatchHandler = {
            onRequestStart: (started) => {
                controller = started;
                if (settled) {
                    // Given up while it was waiting for a connection: nothing has been written yet.
                    started.abort(new TransportFailure("no", "Aborted", "given up"));
                }
            },
            onResponseStart: (_, statusCode, incoming) => {
                status = statusCode;
                headers = flatten(incoming);
                const encoding = headers["content-encoding"] ?? "identity";
                if (encoding !== "identity") {
                    fail("CompressedAnswer", "the answer is compressed, which was not asked for");
                }
            },
            onResponseData: (_, chunk) => {
                size += chunk.length;
                if (size > limits.largestBody) {
                    fail("AnswerTooLarge", `the answer is larger than ${limits.largestBody} bytes`);
                    return;
                }
                chunks.push(chunk);
            },
            onResponseEnd: () => {
                if (!settled) {
                    settle();
                    resolve({ status, headers, body: Buffer.concat(chunks).toString("utf8") });
                }
            },
            onResponseError: (_, error) => {
                const { code, message } = explain(error);
                fail(code, message);
            },
        };
        try {
            dispatcher.dispatch(
                {
                    origin,
                    path: request.url.slice(origin.length) || "/",
                    method: request.method,
                    headers: { ...request.headers },
                    body: request.body ?? null,
                },
                handler,
            );
        } catch (error) {
            const { code, message } = explain(error);
            fail(code, message);
        }
    });
}

function flatten(incoming: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
    const flat: Record<string, string> = {};
    for (const [name, value] of Object.entries(incoming)) {
        if (value !== undefined) {
            flat[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
        }
    }
    return flat;
}

const CODES: Readonly<Record<string, string>> = {
    ECONNREFUSED: "ConnectionRefused",
    ECONNRESET: "ConnectionReset",
    EPIPE: "ConnectionReset",
    UND_ERR_SOCKET: "ConnectionReset",
    ENOTFOUND: "HostNotFound",
    EAI_AGAIN: "HostNotFound",
    ETIMEDOUT: "ConnectTimeout",
    UND_ERR_CONNECT_TIMEOUT: "ConnectTimeout",
    UND_ERR_HEADERS_TIMEOUT: "AnswerTimeout",
    UND_ERR_BODY_TIMEOUT: "AnswerTimeout",
    UND_ERR_HEADERS_OVERFLOW: "HeadersTooLarge",
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "TruncatedAnswer",
};

function explain(error: unknown): { code: string; message: string } {
    const { name, code: raw, message } = systemError(error);
    const known = CODES[raw];
    if (known !== undefined) {
        return { code: known, message };
    }
    if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO|UND_ERR_PRX_TLS/.test(raw)) {
        return {
            code: "TlsRefused",
            message: `${message} (${raw}); authorities of your own are named by OS_CACERT or NODE_EXTRA_CA_CERTS`,
        };
    }
    if (name === "HTTPParserError") {
        return { code: raw === "HPE_HEADER_OVERFLOW" ? "HeadersTooLarge" : "MalformedAnswer", message };
    }
    if (message.startsWith("Proxy response")) {
        return { code: "ProxyRefused", message };
    }
    return { code: "NetworkError", message: raw === "" ? message : `${message} (${raw})` };
}
