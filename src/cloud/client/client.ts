import { onAbort } from "../../util/abort";
import { GRACE } from "../../util/cancellation";
import { type Clock, pause, type Random } from "../../util/clock";
import { Opaque } from "../../util/opaque";
import { type Authoriser, anonymous, type Identity } from "../auth/identity";
import { encodePath, encodeQuery, type SignableRequest } from "../auth/signer";
import type { Call, CallResult, CloudClient, Place, Service } from "../call";
import { CloudError } from "../errors";
import { type Transport, TransportFailure, type WireAnswer, type WireRequest } from "../http/transport";
import type { Permit, RateLimiter } from "../rate-limiter";
import { parseJson, provesIdentity, refusesIdentity, requestIdOf } from "./answers";
import { CallFailures, type Reached } from "./call-failures";
import type { Admission, AuthOutcome } from "./first-request-gate";

/** What all clients of one cloud share. */
export interface ClientRuntime {
    readonly clock: Clock;
    readonly random: Random;
    readonly transport: Transport;
    readonly userAgent: string;
    /** Looked at right before each request; nothing is sent if it rejects. */
    readonly beforeSend?: (() => Promise<void>) | undefined;
    /** Called after each request that was throttled, before the next try. */
    readonly onThrottled?: ((service: Service) => void) | undefined;
    /** The one place below all that changes something: once it aborts no change is sent any more, whoever asked for it, and however. */
    readonly cancelled: AbortSignal;
}

export interface ClientFacts {
    readonly service: Service;
    readonly place: Place;
    /** "https://roma.cn-north-4.myhuaweicloud.com" */
    readonly origin: string;
    readonly identity: Identity;
    readonly authoriser: Authoriser;
    readonly pacer: RateLimiter;
    readonly reached: Reached;
}

/** An answer, with the headers that IAM keeps its tokens in. */
export interface Exchange<T> {
    readonly answer: CallResult<T>;
    readonly headers: Readonly<Record<string, string>>;
}

/** Tries in all for a read, and for a change that surely did not arrive. */
const READ_TRIES = 6;
const ARRIVAL_TRIES = 4;
const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 20_000;

/** An abort without a reason makes an exception with a stack. */
const ENDED = "the request has ended";

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

export class Client extends Opaque implements CloudClient {
    readonly service: Service;
    readonly place: Place;
    private readonly failed: CallFailures;

    constructor(
        private readonly line: ClientRuntime,
        private readonly facts: ClientFacts,
    ) {
        super();
        this.service = facts.service;
        this.place = facts.place;
        this.failed = new CallFailures(facts.service, facts.origin, facts.identity, facts.reached);
    }

    get origin(): string {
        return this.facts.origin;
    }

    async send<T>(call: Call<T>, signal: AbortSignal): Promise<CallResult<T>> {
        return (await this.exchange(call, signal)).answer;
    }

    async exchange<T>(call: Call<T>, signal: AbortSignal): Promise<Exchange<T>> {
        const prepared = this.prepare(call);
        const { cancelled } = this.line;
        const until = call.effect === "changes" ? AbortSignal.any([signal, cancelled]) : signal;
        const aborted = (last: CloudError | undefined) =>
            call.effect === "changes" && cancelled.aborted
                ? this.failed.cancelled(call)
                : this.failed.aborted(call, last);
        let failures = 0;
        let renewals = 0;
        let last: CloudError | undefined;
        for (;;) {
            const attempt = await this.attempt(call, prepared, renewals, until).catch((error: unknown) => {
                // A fault of ours is none of the signal's, even if it comes after it: the request may be on its way.
                throw until.aborted && error === until.reason ? aborted(last) : error;
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
                this.line.onThrottled?.(this.service);
                // The pacer holds everyone back; there is nothing more to wait for here.
                continue;
            }
            failures++;
            if (failures >= triesFor(call, last)) {
                throw last;
            }
            const most = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (failures - 1));
            const wait = Math.max(last.retryAfter ?? 0, this.line.random() * most);
            if (!(await pause(this.line.clock, wait, until))) {
                throw aborted(last);
            }
        }
    }

    private prepare<T>(call: Call<T>): Prepared {
        if (
            call.path.some(
                (segment) => segment === "" || segment === "." || segment === ".." || !segment.isWellFormed(),
            )
        ) {
            throw this.failed.invalidPath(call);
        }
        const query = call.query ?? [];
        const body = call.body === undefined ? "" : JSON.stringify(call.body);
        const search = encodeQuery(query);
        const url = `${this.facts.origin}${encodePath(call.path)}${search === "" ? "" : `?${search}`}`;
        const headers = {
            host: new URL(this.facts.origin).host,
            ...(this.service.name === "iam" ? {} : { "x-project-id": this.place.projectId }),
        };
        return {
            request: { method: call.method, path: call.path, query, headers, body },
            url,
            unsigned: {
                accept: "application/json",
                "user-agent": this.line.userAgent,
                ...(body === "" ? {} : { "content-type": call.contentType ?? "application/json" }),
            },
        };
    }

    /** One request at most. Rejects with CloudError where no further try is allowed, or with the signal's reason. */
    private async attempt<T>(
        call: Call<T>,
        prepared: Prepared,
        renewals: number,
        signal: AbortSignal,
    ): Promise<Attempt<T>> {
        const gated = this.facts.authoriser !== anonymous;
        const gate = this.facts.identity.gate;
        const pass: Admission | undefined = gated ? await gate.enter(signal) : { valid: true, leave: () => {} };
        if (pass === undefined) {
            throw this.failed.refusedBefore(call);
        }
        let verdict: AuthOutcome = { is: "undecided" };
        let turn: Permit | undefined;
        try {
            turn = await this.facts.pacer.enter(call.effect, signal);
            if (!pass.valid) {
                return { is: "unsent" };
            }
            const credentials = await this.facts.authoriser.authorise(prepared.request, signal);
            await this.line.beforeSend?.().catch((error: unknown) => {
                throw this.failed.stopped(call, error);
            });
            signal.throwIfAborted();
            if (!pass.valid) {
                return { is: "unsent" };
            }
            const answer = await this.transmit(call, prepared, credentials, signal);
            if (answer instanceof TransportFailure) {
                // That a change perhaps took effect must be told, even when the time is up.
                if (call.effect === "reads") {
                    signal.throwIfAborted();
                }
                return { is: "failed", error: this.failed.notAnswered(call, answer) };
            }
            if (answer.status >= 200 && answer.status < 300) {
                turn.succeeded();
                this.facts.authoriser.accepted();
                verdict = { is: "proven" };
                return this.read(call, answer);
            }
            const said = this.failed.said(answer, credentials);
            if (refusesIdentity(this.service, answer.status, said.code)) {
                turn.succeeded();
                const renewal = renewals === 0 ? this.facts.authoriser.refused(credentials) : "final";
                if (renewal !== "final") {
                    verdict = { is: renewal === "renewed" ? "doubted" : "undecided" };
                    return { is: "renewed" };
                }
                const error = this.failed.refusedNow(call, answer, said, this.line.clock.now());
                verdict = { is: "refused", error };
                throw error;
            }
            const error = this.failed.answered(call, answer, said, this.line.clock.now());
            if (error.kind === "throttled" || this.service.busyCodes.includes(said.code)) {
                turn.throttled(error.retryAfter);
            } else if (answer.status >= 400 && answer.status < 500) {
                turn.succeeded();
            }
            if (provesIdentity(answer.status, said.code)) {
                this.facts.authoriser.accepted();
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
            turn?.cancelled();
            pass.leave(verdict);
        }
    }

    private async transmit<T>(
        call: Call<T>,
        prepared: Prepared,
        credentials: Readonly<Record<string, string>>,
        signal: AbortSignal,
    ): Promise<WireAnswer | TransportFailure> {
        const { method, headers, body } = prepared.request;
        const request = {
            method,
            url: prepared.url,
            headers: { ...headers, ...credentials, ...prepared.unsigned },
            ...(body === "" ? {} : { body }),
        };
        try {
            return await (call.effect === "reads"
                ? this.line.transport.send({ ...request, signal })
                : this.transmitChange(request));
        } catch (error) {
            if (error instanceof TransportFailure) {
                return error;
            }
            throw error;
        }
    }

    /**
     * The answer to a change names its job: it is waited for, within the transport's own time-outs, but only for a while when the
     * operation is cancelled.
     */
    private async transmitChange(request: Omit<WireRequest, "signal">): Promise<WireAnswer> {
        const { cancelled, clock, transport } = this.line;
        const patience = new AbortController();
        const ended = new AbortController();
        const lose = () => {
            clock.sleep(GRACE, ended.signal).then(
                () => patience.abort(),
                () => undefined,
            );
        };
        const forget = onAbort(cancelled, lose);
        try {
            return await transport.send({ ...request, signal: patience.signal, unlessWritten: cancelled });
        } finally {
            ended.abort(ENDED);
            forget();
        }
    }

    private read<T>(call: Call<T>, answer: WireAnswer): Attempt<T> {
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
        return { is: "failed", error: this.failed.unreadable(call, answer.status, body?.error, requestId) };
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
