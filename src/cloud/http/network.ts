import { readFileSync } from "node:fs";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { Dispatcher } from "undici";
import Agent from "undici/lib/dispatcher/agent.js";
import type { Clock } from "../../util/clock";
import { isLoopback } from "../place/endpoints";
import { type Environment, fromEnvironment, misconfigured } from "../settings/settings";
import { type ExchangeLimits, exchange } from "./exchange";
import { systemError } from "./system-error";
import { type Transport, TransportFailure } from "./transport";

export interface NetworkOptions {
    readonly env: Environment;
    readonly clock: Clock;
    readonly limits?: Partial<NetworkLimits>;
}

/** Milliseconds and bytes. */
export interface NetworkLimits extends ExchangeLimits {
    readonly connectTimeout: number;
    /** Until the answer's headers are there. */
    readonly headersTimeout: number;
    /** Between two pieces of the answer's body. */
    readonly bodyTimeout: number;
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
                throw namingProxy(error, proxy);
            });
        },
        close: async () => {
            await Promise.all([direct.destroy(), proxied.destroy()]);
        },
    };
}

/** The message of a failed connection names the proxy's address, which is in no setting of the resource. */
function namingProxy(error: unknown, proxy: string): unknown {
    return error instanceof TransportFailure && error.arrived === "no"
        ? new TransportFailure(
              "no",
              error.code,
              `${error.message} (by the proxy of ${proxy}, unless NO_PROXY excepts it)`,
          )
        : error;
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
        // Empty, not missing: where it is missing, undici reads this process's own environment.
        httpsProxy: https?.value ?? "",
        httpProxy: http?.value ?? "",
        noProxy: fromEnvironment(env, ["no_proxy", "NO_PROXY"])?.value ?? "",
    });
}

/** The proxy agents work only with the whole of undici loaded. Most machines have no proxy: they load a fifth of it. */
function allOfUndici(): typeof import("undici") {
    return require("undici");
}

/** Read and parsed once, not for each connection: there are some hundred and fifty. */
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
