import { createHash, createHmac } from "node:crypto";

/** A request to sign. The same encoded path and query are sent. */
export interface SignableRequest {
    readonly method: string;
    /** Unencoded path segments. */
    readonly path: readonly string[];
    readonly query: ReadonlyArray<readonly [name: string, value: string]>;
    /** Includes `x-sdk-date`. Not signed: content-type and names with an underscore. */
    readonly headers: Readonly<Record<string, string>>;
    /** The exact text of the body; "" without one. */
    readonly body: string;
}

const ALGORITHM = "SDK-HMAC-SHA256";

/** The Authorization header, signed with SDK-HMAC-SHA256. */
export function sign(request: SignableRequest, accessKey: string, secretKey: string): string {
    const headers = signedHeaders(request.headers);
    const names = headers.map(([name]) => name).join(";");
    const date = headers.find(([name]) => name === "x-sdk-date")?.[1] ?? "";
    const toSign = `${ALGORITHM}\n${date}\n${sha256(canonicalRequest(request))}`;
    const signature = createHmac("sha256", secretKey).update(toSign).digest("hex");
    return `${ALGORITHM} Access=${accessKey}, SignedHeaders=${names}, Signature=${signature}`;
}

export function canonicalRequest(request: SignableRequest): string {
    const headers = signedHeaders(request.headers);
    const path = encodePath(request.path);
    return [
        request.method.toUpperCase(),
        path.endsWith("/") ? path : `${path}/`,
        encodeQuery(request.query),
        headers.map(([name, value]) => `${name}:${value}\n`).join(""),
        headers.map(([name]) => name).join(";"),
        sha256(request.body),
    ].join("\n");
}

/** "/v1/a%20b"; "/" without segments. */
export function encodePath(segments: readonly string[]): string {
    return `/${segments.map(encode).join("/")}`;
}

/** Sorted in canonical order, so that the signed query is the sent one. */
export function encodeQuery(query: ReadonlyArray<readonly [name: string, value: string]>): string {
    return query
        .map(([name, value]) => [encode(name), encode(value)] as const)
        .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
        .map(([name, value]) => `${name}=${value}`)
        .join("&");
}

/** The format of X-Sdk-Date: YYYYMMDDTHHMMSSZ, UTC. */
export function sdkDate(milliseconds: number): string {
    return `${new Date(milliseconds).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

function signedHeaders(headers: Readonly<Record<string, string>>): Array<readonly [name: string, value: string]> {
    return Object.entries(headers)
        .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
        .filter(([name]) => !name.startsWith("content-type") && !name.includes("_"))
        .sort(([a], [b]) => compare(a, b));
}

/** Percent-encodes all but A-Z a-z 0-9 - _ . ~ (RFC 3986). */
function encode(text: string): string {
    return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function compare(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
}

function sha256(text: string): string {
    return createHash("sha256").update(text, "utf8").digest("hex");
}
