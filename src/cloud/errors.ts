/**
 * What went wrong with one call:
 * `refused` the cloud answered 4xx: surely not done ·
 * `unauthenticated` it refused the identity: nothing more is sent as this identity ·
 * `throttled` 429, surely not done, and the time ran out before it could be sent again ·
 * `busy` a service's own "busy" code: surely not done ·
 * `unreachable` it surely never arrived ·
 * `uncertain` perhaps done: reset, time-out, 5xx, 408, unreadable answer to a change ·
 * `unusable` a read that brought no usable answer, after all tries ·
 * `configuration` nothing was sent: credentials, region or endpoint are missing or wrong ·
 * `aborted` the caller's signal came first; nothing was sent after it.
 */
export type CloudErrorKind =
    | "refused"
    | "unauthenticated"
    | "throttled"
    | "busy"
    | "unreachable"
    | "uncertain"
    | "unusable"
    | "configuration"
    | "aborted";

export interface CloudErrorFacts {
    readonly kind: CloudErrorKind;
    /** "ROMA Connect" */
    readonly service?: string;
    /** "DeleteAsset" */
    readonly operation?: string;
    readonly status?: number;
    /** The cloud's code ("ROMA.10012"), or ours ("ConnectionReset"). */
    readonly code: string;
    /** The cloud's message, cleaned of control characters, or ours. */
    readonly detail: string;
    readonly requestId?: string;
    /** Milliseconds, from Retry-After. */
    readonly retryAfter?: number;
}

const PASSING: ReadonlySet<CloudErrorKind> = new Set(["throttled", "busy", "unreachable", "uncertain", "unusable"]);

/** A cloud may name hundreds of ids in one message: `detail` has them all, the line for people its beginning. */
const DETAIL_SHOWN = 500;

/** The one error type of this layer. `message` is one line: what, where, the cloud's code, message and request id. */
export class CloudError extends Error {
    readonly kind: CloudErrorKind;
    readonly service: string | undefined;
    readonly operation: string | undefined;
    readonly status: number | undefined;
    readonly code: string;
    readonly detail: string;
    readonly requestId: string | undefined;
    readonly retryAfter: number | undefined;

    constructor(facts: CloudErrorFacts, options?: { readonly cause?: unknown }) {
        super(line(facts), options);
        this.name = "CloudError";
        this.kind = facts.kind;
        this.service = facts.service;
        this.operation = facts.operation;
        this.status = facts.status;
        this.code = facts.code;
        this.detail = facts.detail;
        this.requestId = facts.requestId;
        this.retryAfter = facts.retryAfter;
    }

    /** What the cloud said, without the words that a report adds itself (service, target, request id). */
    get problem(): { readonly code: string; readonly message: string; readonly requestId?: string } {
        const { code, detail, requestId } = this;
        return { code, message: detail, ...(requestId === undefined ? {} : { requestId }) };
    }

    /** The same call may succeed later. */
    get passing(): boolean {
        return PASSING.has(this.kind);
    }
}

function line(facts: CloudErrorFacts): string {
    const where = [facts.service, facts.operation].filter(Boolean).join(" ");
    // IAM repeats the status as its code.
    const status = facts.status === undefined || facts.code === String(facts.status) ? "" : `${facts.status} `;
    const answered = `${facts.status === undefined ? "" : "HTTP "}${status}${facts.code}`;
    const request = facts.requestId === undefined ? "" : ` (request ${facts.requestId})`;
    const detail = facts.detail.length > DETAIL_SHOWN ? `${facts.detail.slice(0, DETAIL_SHOWN)}…` : facts.detail;
    return `${where === "" ? "" : `${where}: `}${answered}: ${detail}${request}`;
}
