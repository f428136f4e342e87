import { createHash, createHmac } from "node:crypto";
import { createEmulator, type Emulator, type EmulatorOptions, HOME_PROJECT_ID, seededRandom } from "../src";

export interface Harness {
    readonly emulator: Emulator;
    /** The client's clock, which is the emulator's too. */
    readonly time: { now: number };
    /** Delays that the emulator waited for. */
    readonly slept: number[];
    /** Sends a signed request and reads the answer. */
    send(method: string, path: string, options?: SendOptions): Promise<Reply>;
}

export interface SendOptions {
    readonly body?: unknown;
    readonly rawBody?: string;
    readonly headers?: Record<string, string>;
    readonly access?: string;
    readonly secret?: string;
    /** Added to the clock when the request is dated. */
    readonly skewMs?: number;
    readonly unsigned?: boolean;
    readonly host?: string;
}

export interface Reply {
    readonly status: number;
    readonly headers: Headers;
    // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
    readonly body: any;
    readonly text: string;
}

export const project = HOME_PROJECT_ID;

export function harness(options: Partial<EmulatorOptions> = {}): Harness {
    const time = { now: Date.parse("2026-01-01T00:00:00Z") };
    const slept: number[] = [];
    const emulator = createEmulator({
        clock: { now: () => time.now },
        random: seededRandom(1),
        sleep: async (ms) => {
            slept.push(ms);
            time.now += ms;
        },
        ...options,
    });
    const send = async (method: string, path: string, request: SendOptions = {}) => {
        const body = method === "GET" || method === "HEAD" ? Buffer.from(bodyOf(request)) : undefined;
        const response = await emulator.fetch(signedRequest(method, path, time.now, request), body);
        const text = await response.text();
        const isJson = response.headers.get("content-type") === "application/json";
        return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text };
    };
    return { emulator, time, slept, send };
}

/** Signs plainly: paths and queries in tests need no encoding, except where a test is about it. */
export function signedRequest(method: string, path: string, now: number, options: SendOptions = {}): Request {
    const { access = "emulator", secret = "emulator", skewMs = 0, host = "cloud.example.com" } = options;
    const body = bodyOf(options);
    const date = `${new Date(now + skewMs).toISOString().replace(/[-:]/g, "").slice(0, 15)}Z`;
    const headers: Record<string, string> = { "content-type": "application/json", ...options.headers };
    if (options.unsigned !== true) {
        headers["x-sdk-date"] = date;
        headers.host = host;
        const names = Object.keys(headers)
            .filter((name) => name !== "content-type")
            .sort();
        const [pathname = "", query = ""] = path.split("?");
        const canonical = [
            method,
            `${pathname}/`,
            query.split("&").sort().join("&"),
            ...names.map((name) => `${name}:${headers[name]}`),
            "",
            names.join(";"),
            headers["x-sdk-content-sha256"] ?? sha256(body),
        ].join("\n");
        const text = `SDK-HMAC-SHA256\n${date}\n${sha256(canonical, "latin1")}`;
        const signature = createHmac("sha256", secret).update(text).digest("hex");
        headers.authorization = `SDK-HMAC-SHA256 Access=${access}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
    }
    const hasBody = body !== "" && method !== "GET" && method !== "HEAD";
    return new Request(`http://${host}${path}`, { method, headers, ...(hasBody ? { body } : {}) });
}

const bodyOf = ({ rawBody, body }: SendOptions): string => rawBody ?? (body === undefined ? "" : JSON.stringify(body));

/** Headers are bytes. */
const sha256 = (text: string, encoding: "utf8" | "latin1" = "utf8"): string =>
    createHash("sha256").update(text, encoding).digest("hex");
