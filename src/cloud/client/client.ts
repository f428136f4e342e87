import { type Clock, pause, type Random } from "../../util/clock";
import { Opaque } from "../../util/opaque";
import { type Authoriser, anonymous, type Identity } from "../auth/identity";
import type { Call, CallResult, CloudClient, Place, Service } from "../call";
import { CloudError } from "../errors";
import { type Transport, TransportFailure, type WireAnswer } from "../http/transport";
import type { Permit, RateLimiter } from "../rate-limiter";
import { parseJson, provesIdentity, refusesIdentity, requestIdOf } from "./answers";
import { CallFailures, type Reached } from "./call-failures";
import type { Admission, AuthOutcome } from "./first-request-gate";
import { type Destination, isPathValid, type Prepared, prepare } from "./prepare";
import { longestBackoff, triesFor } from "./retry";
import { type Sent, type SentRequest, sentRequest } from "./sent-request";
import { transmit } from "./transmit";

/** What all clients of one cloud share. */
export interface ClientRuntime {
    readonly clock: Clock;
    readonly random: Random;
    readonly transport: Transport;
    readonly userAgent: string;
    /** Awaited right before each request; if it rejects, nothing is sent. */
    readonly beforeSend?: (() => Promise<void>) | undefined;
    /** Called after each request that was throttled, before the next try. */
    readonly onThrottled?: ((service: Service) => void) | undefined;
    /** Called after each request, whatever came of it. */
    readonly onRequest?: ((request: SentRequest) => void) | undefined;
    /** Once it aborts, no request that changes something is sent any more, whoever asked for it. */
    readonly cancelled: AbortSignal;
}

export interface ClientFacts extends Destination {
    readonly identity: Identity;
    readonly authoriser: Authoriser;
    readonly rateLimiter: RateLimiter;
    readonly reached: Reached;
}

/** IAM keeps its tokens in headers. */
export interface ResultWithHeaders<T> {
    readonly result: CallResult<T>;
    readonly headers: Readonly<Record<string, string>>;
}

type Attempt<T> =
    | { readonly is: "done"; readonly result: ResultWithHeaders<T> }
    | { readonly is: "failed"; readonly error: CloudError }
    /** Nothing was sent: what is known of the identity changed before. */
    | { readonly is: "unsent" }
    /** The token was refused; a new one may be let in. */
    | { readonly is: "renewed" };

interface Classified<T> {
    readonly attempt: Attempt<T>;
    readonly outcome: AuthOutcome;
}

const UNDECIDED: AuthOutcome = { is: "undecided" };
const PROVEN: AuthOutcome = { is: "proven" };
/** For requests without an identity. */
const OPEN: Admission = { valid: true, leave: () => undefined };

export class Client extends Opaque implements CloudClient {
    readonly service: Service;
    readonly place: Place;
    private readonly failed: CallFailures;

    constructor(
        private readonly runtime: ClientRuntime,
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
        return (await this.sendForHeaders(call, signal)).result;
    }

    async sendForHeaders<T>(call: Call<T>, signal: AbortSignal): Promise<ResultWithHeaders<T>> {
        if (!isPathValid(call.path)) {
            throw this.failed.invalidPath(call);
        }
        const prepared = prepare(call, this.facts, this.runtime.userAgent);
        const { cancelled } = this.runtime;
        const until = call.effect === "changes" ? AbortSignal.any([signal, cancelled]) : signal;
        const aborted = (last: CloudError | undefined) =>
            call.effect === "changes" && cancelled.aborted
                ? this.failed.cancelled(call)
                : this.failed.aborted(call, last);
        let failures = 0;
        let renewals = 0;
        let sent = 0;
        let last: CloudError | undefined;
        for (;;) {
            const attempt = await this.attempt(call, prepared, { renewals, number: sent + 1 }, until).catch(
                (error: unknown) => {
                    // Any other error is a fault of ours, even if it comes after the abort: the request may be on its way.
                    throw until.aborted && error === until.reason ? aborted(last) : error;
                },
            );
            if (attempt.is === "done") {
                return attempt.result;
            }
            if (attempt.is !== "unsent") {
                sent++;
            }
            if (attempt.is === "renewed") {
                renewals++;
            }
            if (attempt.is !== "failed") {
                continue;
            }
            last = attempt.error;
            if (last.kind === "throttled") {
                this.runtime.onThrottled?.(this.service);
                // The rate limiter makes all requests wait: no wait is added here.
                continue;
            }
            failures++;
            if (failures >= triesFor(call, last)) {
                throw last;
            }
            const wait = Math.max(last.retryAfter ?? 0, this.runtime.random() * longestBackoff(failures));
            if (!(await pause(this.runtime.clock, wait, until))) {
                throw aborted(last);
            }
        }
    }

    /** One request at most: admit, transmit, classify. Rejects with CloudError where no further try is allowed, or with the signal's reason. */
    private async attempt<T>(
        call: Call<T>,
        prepared: Prepared,
        { renewals, number }: { readonly renewals: number; readonly number: number },
        signal: AbortSignal,
    ): Promise<Attempt<T>> {
        const gated = this.facts.authoriser !== anonymous;
        const admission = gated ? await this.facts.identity.gate.enter(signal) : OPEN;
        if (admission === undefined) {
            throw this.failed.refusedBefore(call);
        }
        let outcome = UNDECIDED;
        let permit: Permit | undefined;
        try {
            permit = await this.facts.rateLimiter.enter(call.effect, signal);
            const sent = await this.sendAdmitted(call, prepared, admission, signal);
            if (sent === undefined) {
                return { is: "unsent" };
            }
            this.runtime.onRequest?.(sentRequest(call, this.service, sent, number, this.failed));
            const classified = this.classify(call, sent, renewals, permit, signal);
            outcome = classified.outcome;
            return classified.attempt;
        } catch (error) {
            // This request was refused, or the one that fetches its token.
            if (gated && error instanceof CloudError && error.kind === "unauthenticated") {
                outcome = { is: "refused", error };
            }
            throw error;
        } finally {
            permit?.cancelled();
            admission.leave(outcome);
        }
    }

    /** Undefined: nothing was sent, for what is known of the identity changed before. */
    private async sendAdmitted<T>(
        call: Call<T>,
        prepared: Prepared,
        admission: Admission,
        signal: AbortSignal,
    ): Promise<Sent | undefined> {
        if (!admission.valid) {
            return undefined;
        }
        const credentials = await this.facts.authoriser.authorise(prepared.request, signal);
        await this.runtime.beforeSend?.().catch((error: unknown) => {
            throw this.failed.stopped(call, error);
        });
        signal.throwIfAborted();
        if (!admission.valid) {
            return undefined;
        }
        this.announce(call);
        const { clock } = this.runtime;
        const began = clock.now();
        const answer = await this.transmit(call, prepared, credentials, signal);
        return { credentials, answer, milliseconds: clock.now() - began };
    }

    private announce(call: Call<unknown>): void {
        try {
            if (call.effect === "changes") {
                call.onSending?.();
            }
        } catch (error) {
            throw this.failed.stopped(call, error);
        }
    }

    /** What the answer means for the call and for the identity; the permit learns what it means for the rate. */
    private classify<T>(
        call: Call<T>,
        { credentials, answer }: Sent,
        renewals: number,
        permit: Permit,
        signal: AbortSignal,
    ): Classified<T> {
        if (answer instanceof TransportFailure) {
            // A change perhaps took effect: the caller learns that even when the time is up.
            if (call.effect === "reads") {
                signal.throwIfAborted();
            }
            return { attempt: { is: "failed", error: this.failed.notAnswered(call, answer) }, outcome: UNDECIDED };
        }
        if (answer.status >= 200 && answer.status < 300) {
            permit.succeeded();
            this.facts.authoriser.accepted();
            return { attempt: this.read(call, answer), outcome: PROVEN };
        }
        const errorBody = this.failed.redactedErrorBody(answer, credentials);
        if (refusesIdentity(this.service, answer.status, errorBody.code)) {
            permit.succeeded();
            const renewal = renewals === 0 ? this.facts.authoriser.refused(credentials) : "final";
            if (renewal === "final") {
                throw this.failed.refusedNow(call, answer, errorBody, this.runtime.clock.now());
            }
            return { attempt: { is: "renewed" }, outcome: renewal === "renewed" ? { is: "doubted" } : UNDECIDED };
        }
        const error = this.failed.answered(call, answer, errorBody, this.runtime.clock.now());
        if (error.kind === "throttled" || this.service.busyCodes.includes(errorBody.code)) {
            permit.throttled(error.retryAfter);
        } else if (answer.status >= 400 && answer.status < 500) {
            permit.succeeded();
        }
        const proven = provesIdentity(answer.status, errorBody.code);
        if (proven) {
            this.facts.authoriser.accepted();
        }
        return { attempt: { is: "failed", error }, outcome: proven ? PROVEN : UNDECIDED };
    }

    private transmit<T>(
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
        return transmit(this.runtime, call.effect, request, signal);
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
                result: { result: requestId === undefined ? base : { ...base, requestId }, headers: answer.headers },
            };
        }
        return { is: "failed", error: this.failed.unreadable(call, answer.status, body?.error, requestId) };
    }
}
