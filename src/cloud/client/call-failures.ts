import type { z } from "zod";
import { CANCELLED } from "../../util/cancellation";
import { clean } from "../../util/text";
import type { Identity } from "../auth/identity";
import type { Call, Service } from "../call";
import { CloudError, type CloudErrorFacts, type CloudErrorKind } from "../errors";
import { systemError } from "../http/system-error";
import type { TransportFailure, WireAnswer } from "../http/transport";
import { type ErrorAnswer, errorAnswer, refusesPermission, retryAfterOf } from "./answers";

/** What chose the address of a request: for the advice in messages where nobody answers. */
export interface Reached {
    readonly region: string;
    /** The setting that names the endpoint; undefined: the region does. */
    readonly by: string | undefined;
}

/** Codes of TransportFailure that mean that nobody was reached. */
const NOBODY = ["ConnectionRefused", "HostNotFound", "ConnectTimeout"];

/** Makes the errors of calls to one service as one identity: their kind, and the line that people read. */
export class CallFailures {
    constructor(
        private readonly service: Service,
        private readonly origin: string,
        private readonly identity: Identity,
        private readonly reached: Reached,
    ) {}

    /** What the answer says, without the credentials that this request carried: the other side may have repeated them. */
    redactedErrorBody(answer: WireAnswer, credentials: Readonly<Record<string, string>>): ErrorAnswer {
        const token = credentials["x-auth-token"];
        const issued = token === undefined ? [] : [token];
        const hide = (text: string) => this.identity.redact(text, issued);
        // Before the body is read, for reading cuts it short; and after, for JSON may spell them otherwise.
        const { code, detail, requestId } = errorAnswer({ ...answer, body: hide(answer.body) });
        return {
            code: hide(code),
            detail: hide(detail),
            ...(requestId === undefined ? {} : { requestId: hide(requestId) }),
        };
    }

    /** For an answer of 3xx and above that does not refuse the identity. */
    answered(call: Call<unknown>, answer: WireAnswer, errorBody: ErrorAnswer, now: number): CloudError {
        const { status } = answer;
        const retryAfter = retryAfterOf(answer, now);
        const redirected = {
            code: "Redirected",
            detail: `${new URL(this.origin).host} answered with a redirect, which is not followed: check the endpoint and the proxy`,
        };
        return this.error(call, this.kindOf(call, status, errorBody.code), {
            status,
            ...errorBody,
            ...(refusesPermission(this.service, status, errorBody.code)
                ? { detail: `${sentence(errorBody.detail)}; asked ${this.asWhom()}` }
                : {}),
            ...(retryAfter === undefined ? {} : { retryAfter }),
            ...(status < 400 ? redirected : {}),
        });
    }

    /** For an answer of 2xx whose body is not as documented; `mismatch` undefined: it is not even JSON. */
    unreadable(
        call: Call<unknown>,
        status: number,
        mismatch: z.ZodError | undefined,
        requestId: string | undefined,
    ): CloudError {
        const issue = mismatch?.issues[0];
        const detail =
            issue === undefined
                ? "the answer is not JSON"
                : `the answer is not as documented: ${issue.path.join(".") || "body"}: ${issue.message}`;
        return this.error(call, call.effect === "reads" ? "unusable" : "uncertain", {
            status,
            code: "UnreadableAnswer",
            detail: clean(detail),
            ...(requestId === undefined ? {} : { requestId }),
        });
    }

    invalidPath(call: Call<unknown>): CloudError {
        const detail = "a part of the path is empty or has dots alone";
        return this.error(call, "configuration", { code: "InvalidPath", detail });
    }

    /** For a call that was not sent, because `beforeSend` rejected. */
    stopped(call: Call<unknown>, reason: unknown): CloudError {
        const detail = `not sent: ${clean(systemError(reason).message)}`;
        return this.error(call, "aborted", { code: "Stopped", detail });
    }

    notAnswered(call: Call<unknown>, failure: TransportFailure): CloudError {
        const kind = failure.arrived === "no" ? "unreachable" : call.effect === "reads" ? "unusable" : "uncertain";
        const detail = NOBODY.includes(failure.code) ? `${failure.message}; ${this.wayOn()}` : failure.message;
        return this.error(call, kind, { code: failure.code, detail: clean(detail) });
    }

    refusedNow(call: Call<unknown>, answer: WireAnswer, errorBody: ErrorAnswer, now: number): CloudError {
        const { status, headers } = answer;
        const date = Date.parse(headers.date ?? "");
        const advice = this.identity.advice(Number.isNaN(date) ? undefined : now - date);
        const detail = `${sentence(errorBody.detail)}; nothing more is sent ${this.asWhom()}: ${advice}`;
        return this.error(call, "unauthenticated", { status, ...errorBody, detail });
    }

    private asWhom(): string {
        return `with the credentials from ${this.identity.source}`;
    }

    private wayOn(): string {
        const { by, region } = this.reached;
        return by === undefined
            ? `check the network, the variables of its proxy, and the region's name, ${region}`
            : `nobody was reached at the address that ${by} names: check it, and whether something listens there`;
    }

    refusedBefore(call: Call<unknown>): CloudError {
        const refusal = this.identity.gate.refusal;
        const detail = refusal?.detail ?? "";
        return this.error(call, "unauthenticated", {
            code: refusal?.code ?? "Refused",
            detail: detail.startsWith("not sent: ") ? detail : `not sent: ${detail}`,
            ...(refusal?.requestId === undefined ? {} : { requestId: refusal.requestId }),
        });
    }

    /** For a change that was not sent, because the operation was cancelled first. */
    cancelled(call: Call<unknown>): CloudError {
        return this.error(call, "aborted", { code: CANCELLED.code, detail: CANCELLED.message });
    }

    /** For a call whose time ran out; `last` is what the last try met. */
    aborted(call: Call<unknown>, last: CloudError | undefined): CloudError {
        if (last?.kind === "throttled") {
            return last;
        }
        const why = last === undefined ? "" : `; the last try: ${last.code}: ${last.detail}`;
        return this.error(call, "aborted", {
            code: "Aborted",
            detail: clean(`given up before it was answered${why}`),
        });
    }

    private kindOf(call: Call<unknown>, status: number, code: string): CloudErrorKind {
        if (status === 429) {
            return "throttled";
        }
        if (this.service.busyCodes.includes(code)) {
            return "busy";
        }
        if (status >= 400 && status < 500 && status !== 408) {
            return "refused";
        }
        return call.effect === "reads" ? "unusable" : "uncertain";
    }

    private error(
        call: Call<unknown>,
        kind: CloudErrorKind,
        facts: Omit<CloudErrorFacts, "kind" | "service" | "operation">,
    ) {
        return new CloudError({ kind, service: this.service.title, operation: call.operation, ...facts });
    }
}

/** Without the punctuation at its end: another clause follows. */
function sentence(text: string): string {
    return text.replace(/[.;,\s]+$/, "");
}
