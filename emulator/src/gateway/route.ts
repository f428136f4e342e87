import type { z } from "zod";
import type { Identity } from "../identity/identity";
import type { World } from "../world/world";
import { isNullField, withoutField } from "./nulls";

/** Who asks, where, and in which world. */
export interface Call {
    readonly world: World;
    /** Undefined only on routes that need no authentication. */
    readonly identity: Identity | undefined;
    /** The project of the path; "" for calls that have none. */
    readonly project: string;
    readonly requestId: string;
    /** The name of the service that it goes to. */
    readonly service: string;
    /** Of the route. */
    readonly operation: string;
    readonly header: (name: string) => string | null;
    /** Base address that the client used, for links in answers. */
    readonly origin: string;
}

export interface RouteReply {
    readonly status: number;
    /** Sent as JSON; no body if left out. */
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body?: unknown): RouteReply => (body === undefined ? { status: 200 } : { status: 200, body });

/** What went wrong with a query or a body, in one line. */
export type Judgement =
    | { readonly good: true; readonly answer: RouteReply }
    | { readonly good: false; readonly problem: string };

export interface Route {
    /** As the API's documentation names it, e.g. "BatchDeleteImageServers"; unique within a service. */
    readonly operation: string;
    readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
    /** With `:name` for what varies; `:project_id` is checked by the gateway. */
    readonly path: string;
    readonly authentication: "required" | "none";
    readonly takesBody: boolean;
    /** Dotted paths in the body that the log must not show; "*" hides the whole body. */
    readonly secrets: readonly string[];
    handle(call: Call, request: RawRequest): Judgement;
}

export interface RawRequest {
    readonly params: Readonly<Record<string, string>>;
    readonly query: URLSearchParams;
    /** Parsed JSON; undefined if the request had no body. */
    readonly body: unknown;
}

interface RouteDescription<Query, Body> {
    readonly operation: string;
    readonly method: Route["method"];
    readonly path: string;
    readonly authentication?: "none";
    readonly secrets?: readonly string[];
    /** Judges `{name: value}`; a name that comes several times is an array. Unknown names are ignored unless it is strict. */
    readonly query?: z.ZodType<Query>;
    readonly body?: z.ZodType<Body>;
    handle(call: Call, request: { params: Readonly<Record<string, string>>; query: Query; body: Body }): RouteReply;
}

/**
 * @example
 * route({ operation: "ShowApp", method: "GET", path: "/v1/:project_id/apps/:app_id",
 *     handle: (call, { params }) => ok(apps.in(call.world, call.project).get(params.app_id ?? "")) })
 */
export function route<Query = unknown, Body = unknown>(description: RouteDescription<Query, Body>): Route {
    const { query, body } = description;
    return {
        operation: description.operation,
        method: description.method,
        path: description.path,
        authentication: description.authentication ?? "required",
        takesBody: body !== undefined,
        secrets: description.secrets ?? [],
        handle(call, raw) {
            const judgedQuery = judge(query, queryObject(raw.query));
            if (!judgedQuery.success) {
                return { good: false, problem: judgedQuery.problem };
            }
            const judgedBody = judge(body, raw.body);
            if (!judgedBody.success) {
                return { good: false, problem: judgedBody.problem };
            }
            const request = { params: raw.params, query: judgedQuery.data, body: judgedBody.data };
            return { good: true, answer: description.handle(call, request) };
        },
    };
}

type Judged<T> = { success: true; data: T } | { success: false; problem: string };

function judge<T>(schema: z.ZodType<T> | undefined, value: unknown): Judged<T>;
function judge(schema: z.ZodType | undefined, value: unknown): Judged<unknown> {
    if (schema === undefined) {
        return { success: true, data: undefined };
    }
    let result = schema.safeParse(value);
    for (let given = value; !result.success; result = schema.safeParse(given)) {
        const nulls = result.error.issues.filter(({ path }) => isNullField(given, path));
        if (nulls.length === 0) {
            break;
        }
        for (const { path } of nulls) {
            given = withoutField(given, path);
        }
    }
    if (result.success) {
        return { success: true, data: result.data };
    }
    const [issue] = result.error.issues;
    return { success: false, problem: issue === undefined ? "invalid" : `${issue.path.join(".")}: ${issue.message}` };
}

function queryObject(query: URLSearchParams): Record<string, string | string[]> {
    const values: Record<string, string | string[]> = {};
    for (const name of new Set(query.keys())) {
        const all = query.getAll(name);
        const [first = ""] = all;
        values[name] = all.length === 1 ? first : all;
    }
    return values;
}
