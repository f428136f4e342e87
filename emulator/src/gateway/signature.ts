import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What a signature covers, as received. */
export interface SignedRequest {
    readonly method: string;
    /** Still percent-encoded, as on the wire. */
    readonly path: string;
    /** Without the question mark, as on the wire. */
    readonly query: string;
    readonly header: (name: string) => string | null;
    readonly body: Uint8Array;
}

export interface Authorization {
    readonly access: string;
    /** As the client listed them. */
    readonly signedHeaders: readonly string[];
    readonly signature: string;
}

const FORM = /^SDK-HMAC-SHA256 +Access=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/;

/** Undefined if the header is not of this algorithm's form. */
export function parseAuthorization(header: string): Authorization | undefined {
    const [, access, signedHeaders, signature] = FORM.exec(header.trim()) ?? [];
    if (access === undefined || signedHeaders === undefined || signature === undefined) {
        return undefined;
    }
    return { access, signedHeaders: signedHeaders.split(";"), signature };
}

/** `20191115T033655Z` → milliseconds; undefined if it is no such date. */
export function parseSdkDate(text: string): number | undefined {
    const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
    if (second === undefined) {
        return undefined;
    }
    const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    return Number.isNaN(ms) ? undefined : ms;
}

/** Whether `authorization` is what the holder of `secret` would have computed for exactly this request. */
export function signatureMatches(request: SignedRequest, authorization: Authorization, secret: string): boolean {
    const date = request.header("x-sdk-date");
    return canonicalRequests(request, authorization.signedHeaders).some((canonical) => {
        const stringToSign = `SDK-HMAC-SHA256\n${date}\n${sha256(canonical)}`;
        const expected = createHmac("sha256", secret).update(stringToSign).digest("hex");
        return timingSafeEqual(Buffer.from(expected), Buffer.from(authorization.signature));
    });
}

/**
 * The forms that the official SDKs give one request; they do not agree in everything. None if a header that is said to be
 * signed was not sent, or the list is not as the algorithm wants it.
 */
function canonicalRequests(request: SignedRequest, signedHeaders: readonly string[]): Buffer[] {
    if (!signedHeaders.includes("x-sdk-date")) {
        return [];
    }
    const inOrder = [...signedHeaders].sort();
    let headers = "";
    for (const [at, name] of signedHeaders.entries()) {
        const value = request.header(name);
        if (name !== inOrder[at] || name !== name.toLowerCase() || value === null) {
            return [];
        }
        headers += `${name}:${value.trim()}\n`;
    }
    const path = canonicalPath(request.path);
    const pairs = queryPairs(request.query);
    if (path === undefined || pairs === undefined) {
        return [];
    }
    const given = request.header("x-sdk-content-sha256");
    // Python's hashes an empty body whatever that header says.
    const payloads = given === null ? [sha256(request.body)] : [given, ...(request.body.length === 0 ? [empty] : [])];
    return payloads.flatMap((payload) =>
        canonicalQueries(pairs).map((query) =>
            // A header's value is a string of bytes, all else is ASCII: hashed are the bytes that were sent.
            Buffer.from([request.method, path, query, headers, signedHeaders.join(";"), payload].join("\n"), "latin1"),
        ),
    );
}

function canonicalPath(path: string): string | undefined {
    const decoded = decode(path);
    if (decoded === undefined) {
        return undefined;
    }
    const encoded = decoded.split("/").map(encode).join("/");
    return encoded.endsWith("/") ? encoded : `${encoded}/`;
}

/** As the client meant them; undefined if that can't be told. */
function queryPairs(query: string): [string, string][] | undefined {
    const pairs: [string, string][] = [];
    for (const part of query.split("&")) {
        if (part === "") {
            continue;
        }
        const equals = part.indexOf("=");
        // Servers read "+" in a query as a space (form encoding).
        const name = decode((equals < 0 ? part : part.slice(0, equals)).replaceAll("+", " "));
        const value = decode((equals < 0 ? "" : part.slice(equals + 1)).replaceAll("+", " "));
        if (name === undefined || value === undefined) {
            return undefined;
        }
        pairs.push([name, value]);
    }
    return pairs;
}

/**
 * Sorted by name, then value: as encoded, which is how the rule reads, and as they are, which the SDKs sort by. Java's
 * leaves the values of one name in the order in which they are sent.
 */
function canonicalQueries(pairs: readonly [string, string][]): string[] {
    const byNameThenValue = ([a, x]: [string, string], [b, y]: [string, string]) => compare(a, b) || compare(x, y);
    const encoded = (all: readonly [string, string][]) =>
        all.map(([name, value]): [string, string] => [encode(name), encode(value)]);
    const orders = [
        encoded(pairs).sort(byNameThenValue),
        encoded(pairs.toSorted(byNameThenValue)),
        encoded(pairs).sort(([a], [b]) => compare(a, b)),
    ];
    return orders.map((order) => order.map(([name, value]) => `${name}=${value}`).join("&"));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function decode(text: string): string | undefined {
    try {
        return decodeURIComponent(text);
    } catch {
        // A stray percent sign: nothing that a signature could have been made over.
        return undefined;
    }
}

/** RFC 3986: everything but the unreserved characters, in upper-case hexadecimal. */
function encode(text: string): string {
    let encoded = "";
    for (const byte of Buffer.from(text, "utf8")) {
        const character = String.fromCharCode(byte);
        encoded += /[A-Za-z0-9\-_.~]/.test(character)
            ? character
            : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    }
    return encoded;
}

const empty = sha256("");

function sha256(data: string | Uint8Array): string {
    return createHash("sha256").update(data).digest("hex");
}
