import type { Clock, Random } from "../clock";
import {
    type ErrorAnswer,
    errorAnswer,
    parseJson,
    provesIdentity,
    refusesIdentity,
    requestIdOf,
    retryAfterOf,
} from "./answers";
import type { Answer, Call, CloudClient, Place, Service } from "./call";
import { CloudError, type CloudErrorFacts, type CloudErrorKind } from "./errors";
import type { Pass, Verdict } from "./gate";
import { type Authoriser, anonymous, type Identity } from "./identity";
import type { Pacer, Turn } from "./pacing";
import { encodePath, encodeQuery, type SignableRequest } from "./signer";
import { systemError } from "./system-error";
import { clean } from "./text";
import { type Transport, TransportFailure, type WireAnswer } from "./transport";

/** What all clients of one cloud share. */
export interface Line {
    readonly clock: Clock;
    readonly random: Random;
    readonly transport: Transport;
    readonly userAgent: string;
    /** Looked at right before each request; nothing is sent if it rejects. */
    readonly beforeSend?: (() => Promise<void>) | undefined;
}

export interface ClientFacts {
    readonly service: Service;
    readonly place: Place;
    /** "https://roma.cn-north-4.myhuaweicloud.com" */
    readonly origin: string;
    readonly identity: Identity;
    readonly authoriser: Authoriser;
    readonly pacer: Pacer;
}

/** An answer, with the headers that IAM keeps its tokens in. */
export interface Exchange<T> {
    readonly answer: Answer<T>;
    readonly headers: Readonly<Record<string, string>>;
}

/** Tries in all for a read, and for a change that surely did not arrive. */
const READ_TRIES = 6;
const ARRIVAL_TRIES = 4;
const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 20_000;

type Attempt<T> =
    | { readonly is: "done"; readonly exchange: Exchange<T> }
    | { readonly is: "failed"; readonly error: CloudError }
    /** Not sent at all: the identity's standing changed meanwhile. */
    | { readonly is: "unsent" }
    /** The token was refused, and another may fare better. */
    | { readonly is: "renewed" };

interface Prepared {
    readonly request: SignableRequest;
    readonly url: string;
    readonly unsigned: Readonly<Record<string, string>>;
}

export class Client implements CloudClient {
    readonly service: Service;
    readonly place: Place;
    readonly #line: Line;
    readonly #facts: ClientFacts;

    constructor(line: Line, facts: ClientFacts) {
        this.service = facts.service;
        this.place = facts.place;
        this.#line = line;
        this.#facts = facts;
    }

    get origin(): string {
        return this.#facts.origin;
    }

    async send<T>(call: Call<T>, signal: AbortSignal): Promise<Answer<T>> {
        return (await this.exchange(call, signal)).answer;
    }

    async exchange<T>(call: Call<T>, signal: AbortSignal): Promise<Exchange<T>> {
        const prepared = this.#prepare(call);
        let failures = 0;
        let renewals = 0;
        let last: CloudError | undefined;
        for (;;) {
            const attempt = await this.#attempt(call, prepared, renewals, signal).catch((error: unknown) => {
                throw signal.aborted && !(error instanceof CloudError) ? this.#aborted(call, last) : error;
            });
            if (attempt.is === "done") {
                return attempt.exchange;
            }
            if (attempt.is === "renewed") {
                renewals++;
            }
            if (attempt.is !== "failed") {
                continue;
            }
            last = attempt.error;
            if (last.kind === "throttled") {
                // The pacer holds everyone back; there is nothing more to wait for here.
                continue;
            }
            failures++;
            if (failures >= triesFor(call, last)) {
                throw last;
            }
            const most = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (failures - 1));
            const wait = Math.max(last.retryAfter ?? 0, this.#line.random() * most);
            await this.#line.clock.sleep(wait, signal).catch(() => {
                throw this.#aborted(call, last);
            });
        }
    }

    #prepare<T>(call: Call<T>): Prepared {
        if (
            call.path.some(
                (segment) => segment === "" || segment === "." || segment === ".." || !segment.isWellFormed(),
            )
        ) {
            throw this.#error(call, "configuration", {
                code: "InvalidPath",
                detail: "a part of the path is empty or has dots alone",
            });
        }
        const query = call.query ?? [];
        const body = call.body === undefined ? "" : JSON.stringify(call.body);
        const search = encodeQuery(query);
        const url = `${this.#facts.origin}${encodePath(call.path)}${search === "" ? "" : `?${search}`}`;
        const headers = {
            host: new URL(this.#facts.origin).host,
            ...(this.service.name === "iam" ? {} : { "x-project-id": this.place.projectId }),
        };
        return {
            request: { method: call.method, path: call.path, query, headers, body },
            url,
            unsigned: {
                accept: "application/json",
                "user-agent": this.#line.userAgent,
                ...(body === "" ? {} : { "content-type": call.contentType ?? "application/json" }),
            },
        };
    }

    /** One request at most. Rejects with CloudError where no further try is allowed, or with the signal's reason. */
    async #attempt<T>(call: Call<T>, prepared: Prepared, renewals: number, signal: AbortSignal): Promise<Attempt<T>> {
        const gated = this.#facts.authoriser !== anonymous;
        const gate = this.#facts.identity.gate;
        const pass: Pass | undefined = gated ? await gate.enter(signal) : { valid: true, leave: () => {} };
        if (pass === undefined) {
            throw this.#refusedBefore(call);
        }
        let verdict: Verdict = { is: "undecided" };
        let turn: Turn | undefined;
        try {
            turn = await this.#facts.pacer.enter(signal);
            if (!pass.valid) {
                return { is: "unsent" };
            }
            const credentials = await this.#facts.authoriser.authorise(prepared.request, signal);
            await this.#line.beforeSend?.().catch((error: unknown) => {
                const detail = clean(systemError(error).message);
                throw this.#error(call, "aborted", { code: "Stopped", detail: `not sent: ${detail}` });
            });
            signal.throwIfAborted();
            if (!pass.valid) {
                return { is: "unsent" };
            }
            const answer = await this.#transmit(call, prepared, credentials, signal);
            if (answer instanceof TransportFailure) {
                // That a change perhaps took effect must be told, even when the time is up.
                if (call.effect === "reads") {
                    signal.throwIfAborted();
                }
                return { is: "failed", error: this.#notAnswered(call, answer) };
            }
            if (answer.status >= 200 && answer.status < 300) {
                turn.admitted();
                this.#facts.authoriser.accepted();
                verdict = { is: "proven" };
                return this.#read(call, answer);
            }
            const said = this.#said(answer, credentials);
            if (refusesIdentity(this.service, answer.status, said.code)) {
                turn.admitted();
                const renewal = renewals === 0 ? this.#facts.authoriser.refused(credentials) : "final";
                if (renewal !== "final") {
                    verdict = { is: renewal === "renewed" ? "doubted" : "undecided" };
                    return { is: "renewed" };
                }
                const error = this.#refusedNow(call, answer.status, said);
                verdict = { is: "refused", error };
                throw error;
            }
            const error = this.#error(call, this.#kindOf(call, answer.status, said.code), {
                status: answer.status,
                ...said,
                ...waitOf(answer, this.#line.clock.now()),
                ...(answer.status < 400
                    ? {
                          code: "Redirected",
                          detail: `${new URL(this.#facts.origin).host} answered with a redirect, which is not followed: check the endpoint and the proxy`,
                      }
                    : {}),
            });
            if (error.kind === "throttled" || this.service.busyCodes.includes(said.code)) {
                turn.refused(error.retryAfter);
            } else if (answer.status >= 400 && answer.status < 500) {
                turn.admitted();
            }
            if (provesIdentity(answer.status, said.code)) {
                this.#facts.authoriser.accepted();
                verdict = { is: "proven" };
            }
            return { is: "failed", error };
        } catch (error) {
            // Fetching a token can be refused as well.
            if (gated && error instanceof CloudError && error.kind === "unauthenticated") {
                verdict = { is: "refused", error };
            }
            throw error;
        } finally {
            turn?.ended();
            pass.leave(verdict);
        }
    }

    async #transmit<T>(
        call: Call<T>,
        prepared: Prepared,
        credentials: Readonly<Record<string, string>>,
        signal: AbortSignal,
    ): Promise<WireAnswer | TransportFailure> {
        const { method, headers, body } = prepared.request;
        try {
            return await this.#line.transport.send({
                method,
                url: prepared.url,
                headers: { ...headers, ...credentials, ...prepared.unsigned },
                ...(body === "" ? {} : { body }),
                // The answer to a change names its job: it is waited for, within the transport's own time-outs.
                signal: call.effect === "reads" ? signal : new AbortController().signal,
            });
        } catch (error) {
            if (error instanceof TransportFailure) {
                return error;
            }
            throw error;
        }
    }

    #read<T>(call: Call<T>, answer: WireAnswer): Attempt<T> {
        const json = parseJson(answer.body);
        const value = json.is === "json" ? json.value : undefined;
        const requestId = requestIdOf(answer, value);
        const body = json.is === "notJson" ? undefined : call.answer.safeParse(value);
        if (body?.success) {
            const base = { status: answer.status, body: body.data };
            return {
                is: "done",
                exchange: { answer: requestId === undefined ? base : { ...base, requestId }, headers: answer.headers },
            };
        }
        const issue = body?.error.issues[0];
        const detail =
            issue === undefined
                ? "the answer is not JSON"
                : `the answer is not as documented: ${issue.path.join(".") || "body"}: ${issue.message}`;
        return {
            is: "failed",
            error: this.#error(call, call.effect === "reads" ? "unusable" : "uncertain", {
                status: answer.status,
                code: "UnreadableAnswer",
                detail: clean(detail),
                ...(requestId === undefined ? {} : { requestId }),
            }),
        };
    }

    /** Without the credentials that this request carried, which the other side may have repeated. */
    #said(answer: WireAnswer, credentials: Readonly<Record<string, string>>): ErrorAnswer {
        const token = credentials["x-auth-token"];
        const issued = token === undefined ? [] : [token];
        const hide = (text: string) => this.#facts.identity.redact(text, issued);
        // Before it is read, for reading cuts it short; and after, for it may be spelled otherwise in JSON.
        const { code, detail, requestId } = errorAnswer({ ...answer, body: hide(answer.body) });
        return {
            code: hide(code),
            detail: hide(detail),
            ...(requestId === undefined ? {} : { requestId: hide(requestId) }),
        };
    }

    #kindOf<T>(call: Call<T>, status: number, code: string): CloudErrorKind {
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

    #notAnswered<T>(call: Call<T>, failure: TransportFailure): CloudError {
        const kind = failure.arrived === "no" ? "unreachable" : call.effect === "reads" ? "unusable" : "uncertain";
        return this.#error(call, kind, { code: failure.code, detail: clean(failure.message) });
    }

    #refusedNow<T>(call: Call<T>, status: number, said: ErrorAnswer): CloudError {
        const source = this.#facts.identity.source;
        const detail = `${said.detail}; nothing more is sent with the credentials from ${source}: check them, and this machine's clock`;
        return this.#error(call, "unauthenticated", { status, ...said, detail });
    }

    #refusedBefore<T>(call: Call<T>): CloudError {
        const refusal = this.#facts.identity.gate.refusal;
        const detail = refusal?.detail ?? "";
        return this.#error(call, "unauthenticated", {
            code: refusal?.code ?? "Refused",
            detail: detail.startsWith("not sent: ") ? detail : `not sent: ${detail}`,
            ...(refusal?.requestId === undefined ? {} : { requestId: refusal.requestId }),
        });
    }

    /** The time ran out: with what kept the call from ending before. */
    #aborted<T>(call: Call<T>, last: CloudError | undefined): CloudError {
        if (last?.kind === "throttled") {
            return last;
        }
        const why = last === undefined ? "" : `; the last try: ${last.code}: ${last.detail}`;
        return this.#error(call, "aborted", {
            code: "Aborted",
            detail: clean(`given up before it was answered${why}`),
        });
    }

    #error<T>(call: Call<T>, kind: CloudErrorKind, facts: Omit<CloudErrorFacts, "kind" | "service" | "operation">) {
        return new CloudError({ kind, service: this.service.title, operation: call.operation, ...facts });
    }
}

function triesFor(call: Call<unknown>, error: CloudError): number {
    if (error.kind === "unreachable") {
        return ARRIVAL_TRIES;
    }
    return call.effect === "reads" &&
        (error.kind === "unusable" || error.kind === "busy") &&
        error.code !== "Redirected"
        ? READ_TRIES
        : 1;
}

function waitOf(answer: WireAnswer, now: number): { retryAfter?: number } {
    const retryAfter = retryAfterOf(answer, now);
    return retryAfter === undefined ? {} : { retryAfter };
}
