import * as z from "zod";
import { clean } from "../../util/text";
import type { Service } from "../call";
import type { WireAnswer } from "../http/transport";

/** What an answer of 3xx and above says, whatever the shape of its body. Cleaned and bounded. */
export interface ErrorAnswer {
    readonly code: string;
    readonly detail: string;
    readonly requestId?: string;
}

const text = z.union([z.string(), z.number()]).transform(String);
const optional = text.nullish().catch(undefined);
const flat = z.object({ error_code: text, error_msg: optional, request_id: optional });
const short = z.object({ code: text, message: optional, request_id: optional });
const nested = z.object({
    error: z.object({ code: text, message: optional, title: optional }),
    request_id: optional,
});
const withRequestId = z.object({ request_id: text });

/** The body's shapes in the order in which the vendor's own SDKs try them; else the text itself is the message. */
export function errorAnswer(answer: WireAnswer): ErrorAnswer {
    const body = parseJson(answer.body);
    const json = body.is === "json" ? body.value : undefined;
    const own = `HTTP.${answer.status}`;
    const one = flat.safeParse(json);
    if (one.success) {
        return facts(answer, json, one.data.error_code, one.data.error_msg);
    }
    const two = short.safeParse(json);
    if (two.success) {
        return facts(answer, json, two.data.code, two.data.message);
    }
    const three = nested.safeParse(json);
    if (three.success) {
        return facts(answer, json, three.data.error.code, three.data.error.message ?? three.data.error.title);
    }
    const bare = z.string().safeParse(json);
    return facts(answer, json, own, bare.success ? bare.data : plain(answer.body));
}

function facts(answer: WireAnswer, json: unknown, code: string, message: string | null | undefined): ErrorAnswer {
    const requestId = requestIdOf(answer, json);
    const named = clean(code, 100);
    return {
        code: named === "" ? `HTTP.${answer.status}` : named,
        detail: clean(message ?? "") || "no message",
        ...(requestId === undefined ? {} : { requestId }),
    };
}

/** From the header X-Request-Id, else from the body. */
export function requestIdOf(answer: WireAnswer, json: unknown): string | undefined {
    const inBody = withRequestId.safeParse(json);
    const id = clean(answer.headers["x-request-id"] ?? (inBody.success ? inBody.data.request_id : ""), 100);
    return id === "" ? undefined : id;
}

export type Json = { readonly is: "json"; readonly value: unknown } | { readonly is: "empty" | "notJson" };

export function parseJson(body: string): Json {
    if (body.trim() === "") {
        return { is: "empty" };
    }
    try {
        const value: unknown = JSON.parse(body);
        return { is: "json", value };
    } catch {
        return { is: "notJson" };
    }
}

/** Of a page of HTML only the words. */
function plain(body: string): string {
    const start = body.slice(0, 4000);
    return /^\s*</.test(start)
        ? start.replace(/<(style|script)[\s\S]*?(<\/\1>|$)/gi, " ").replace(/<[^>]*(>|$)/g, " ")
        : start;
}

/** Milliseconds from now, from seconds or an HTTP date; nothing where it makes no sense. At most a week. */
export function retryAfterOf(answer: WireAnswer, now: number): number | undefined {
    const value = answer.headers["retry-after"]?.trim() ?? "";
    const wait = /^\d{1,9}(\.\d+)?$/.test(value)
        ? Number(value) * 1000
        : /^[A-Za-z]+, .+ GMT$/.test(value)
          ? Date.parse(value) - now
          : Number.NaN;
    return Number.isFinite(wait) ? Math.min(Math.max(0, Math.ceil(wait)), 7 * 24 * 3600 * 1000) : undefined;
}

/** By these codes the gateway itself refuses an identity, whatever the service behind it. */
const GATEWAY_AUTHENTICATION = ["APIGW.0301", "APIGW.0307"];

export function refusesIdentity(service: Service, status: number, code: string): boolean {
    return (
        status === 401 ||
        (status >= 400 && (service.authenticationCodes.includes(code) || GATEWAY_AUTHENTICATION.includes(code)))
    );
}

/** The identity was let in, and lacks a permission. */
export function refusesPermission(service: Service, status: number, code: string): boolean {
    return status === 403 || (status >= 400 && status < 500 && service.permissionCodes.includes(code));
}

/** Whether this answer shows that the identity was let in. Answers of the gateway itself do not: it may not have checked it yet. */
export function provesIdentity(status: number, code: string): boolean {
    return (
        (status >= 200 && status < 300) ||
        (status >= 400 && status < 500 && ![401, 407, 408, 429].includes(status) && !/^(APIGW|HTTP)\./.test(code))
    );
}
