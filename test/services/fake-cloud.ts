import type { Call, CallResult, CloudClient, Service } from "../../src/cloud/call";
import { CloudError, type CloudErrorFacts } from "../../src/cloud/errors";

export interface Sent {
    readonly operation: string;
    readonly method: string;
    readonly path: string;
    readonly query: string;
    readonly body: unknown;
    readonly effect: string;
}

/** What the cloud answers to one call: a body, or what to reject with. */
export type Reply = { readonly body: unknown; readonly status?: number; readonly requestId?: string } | CloudError;

/** A client that hands each call to `reply` and keeps what was sent. An answer that does not fit its schema is refused as the real client does it. */
export class FakeCloud implements CloudClient {
    readonly sent: Sent[] = [];
    readonly place = { region: "cn-north-4", projectId: "p1" };

    constructor(
        readonly service: Service,
        private readonly reply: (sent: Sent, query: URLSearchParams) => Reply,
    ) {}

    async send<T>(call: Call<T>, signal: AbortSignal): Promise<CallResult<T>> {
        signal.throwIfAborted();
        const query = new URLSearchParams((call.query ?? []).map(([name, value]): [string, string] => [name, value]));
        const sent: Sent = {
            operation: call.operation,
            method: call.method,
            path: `/${call.path.join("/")}`,
            query: (call.query ?? []).map(([name, value]) => `${name}=${value}`).join("&"),
            body: call.body,
            effect: call.effect,
        };
        this.sent.push(sent);
        const reply = this.reply(sent, query);
        if (reply instanceof CloudError) {
            throw reply;
        }
        const body = call.answer.safeParse(reply.body);
        if (!body.success) {
            throw refusal({
                kind: call.effect === "reads" ? "unusable" : "uncertain",
                code: "UnreadableAnswer",
                detail: body.error.message,
            });
        }
        return {
            status: reply.status ?? 200,
            body: body.data,
            ...(reply.requestId === undefined ? {} : { requestId: reply.requestId }),
        };
    }

    count(operation: string): number {
        return this.sent.filter((sent) => sent.operation === operation).length;
    }
}

export function refusal(facts: Partial<CloudErrorFacts>): CloudError {
    return new CloudError({ kind: "refused", status: 400, code: "X.0001", detail: "no", ...facts });
}

export const never = new AbortController().signal;

/** As JSON would show it, for comparing. */
export function plain(map: ReadonlyMap<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(map);
}
