import { childOf } from "../../util/abort";
import { CANCELLED, neverCancelled } from "../../util/cancellation";
import { type Clock, pause, type Random } from "../../util/clock";
import {
    ApiFailure,
    type BatchApi,
    NotSent,
    type Problem,
    type SubmitReply,
    type TargetState,
    type WholeList,
} from "../api";
import { JobTracker } from "../polling/job-tracker";
import { Poller } from "../polling/poller";
import { Schedule } from "../polling/schedule";
import { problemOf } from "../problem";
import { InspectionTimes } from "../run/inspection-times";
import { Batcher, type BatchResult } from "./batcher";
import { Looks } from "./looks";
import { Splitter } from "./splitter";
import { TargetLedger } from "./target-ledger";

/** A run that inspects for long delays the last request of the others by this at most. Milliseconds. */
const LONGEST_HOLD = 1000;

/** Caps between two inspections of targets whose job still runs: some may be settled, or the job may be stuck. */
const CAPS_BETWEEN_STUCK_JOB_POLLS = 8;

/** An abort without a reason makes an exception with a stack. */
const SUPERSEDED = "an inspection shows that this is not to be sent any more";

/** What a request of a run comes to. */
export type SubmitResult =
    | Exclude<SubmitReply, { is: "busy" }>
    /** Surely not done: to be requested again, after an inspection, from that moment on. */
    | (Extract<SubmitReply, { is: "busy" }> & { readonly until: number })
    /** Not sent: while it waited, the ledger learned that it may not be submitted. To be inspected again. */
    | { readonly is: "superseded" };

/**
 * What the runs of one API, place and identity share in one process: one queue of submits, one poller of jobs, one of targets, and
 * what is known of each target. Runs never mix identities, for each identity has a session of its own.
 */
export class Session {
    readonly ledger = new TargetLedger();
    readonly jobTracker: JobTracker;
    readonly targetPoller: Poller<TargetState>;
    readonly looks: Looks;
    /** Targets of jobs that run for long. */
    readonly stuckJobPoller: Poller<TargetState>;
    readonly batcher: Batcher<SubmitResult>;
    readonly inspectionTimes = new InspectionTimes();
    /** The last inspection did not arrive at the place; `at` is when it was given up. */
    unreachable: { readonly at: number; readonly problem: Problem } | undefined;
    private readonly splitter = new Splitter();
    private readonly approaching = new Set<object>();
    private readonly approachEnded = new Set<() => void>();
    private busySince: number | undefined;
    private readonly busySchedule: Schedule;

    constructor(
        readonly api: BatchApi,
        readonly clock: Clock,
        random: Random,
        /** Once it aborts nothing is submitted any more. */
        readonly cancelled: AbortSignal = neverCancelled,
    ) {
        const inspect = (keys: readonly string[], signal: AbortSignal) => this.inspect(keys, signal);
        const stuck = CAPS_BETWEEN_STUCK_JOB_POLLS * api.polling.cap;
        this.targetPoller = new Poller(inspect, new Schedule(api.polling, random), clock);
        const { whole } = api;
        const reached: WholeList | undefined = whole && {
            ...whole,
            read: (...asked) => this.reaching(() => whole.read(...asked)),
        };
        this.looks = new Looks(reached, { ledger: this.ledger, poller: this.targetPoller, clock });
        this.stuckJobPoller = new Poller(
            inspect,
            new Schedule({ first: stuck, floor: stuck, cap: stuck }, random),
            clock,
        );
        this.jobTracker = new JobTracker(api, this.ledger, clock, random);
        this.batcher = new Batcher<SubmitResult>({
            limit: api.perRequest,
            concurrency: api.exclusive ? 1 : api.concurrentSubmits,
            send: (keys, signal) => this.submit(keys, signal),
            nobodyElse: () => this.nobodyApproaches(),
            clock,
        });
        this.busySchedule = new Schedule(api.polling, random);
    }

    /** A run is inspecting and may submit in a moment: requests that are not full wait for it. Returns what ends that. */
    approach(): () => void {
        const run = {};
        this.approaching.add(run);
        return () => {
            if (this.approaching.delete(run) && this.approaching.size === 0) {
                for (const ended of this.approachEnded) {
                    ended();
                }
                this.approachEnded.clear();
            }
        };
    }

    private async nobodyApproaches(): Promise<void> {
        if (this.approaching.size === 0) {
            return;
        }
        const enough = new AbortController();
        // An abort without a reason makes an exception with a stack.
        const ended = () => enough.abort("all have arrived");
        this.approachEnded.add(ended);
        // Cut short when the last one has arrived.
        await pause(this.clock, LONGEST_HOLD, enough.signal);
        this.approachEnded.delete(ended);
    }

    /** A request that changes these is sent next, by the API of this session. If a listener of their runs throws, it is not to be sent. */
    sending(keys: readonly string[], operation: string): void {
        this.batcher.sending(keys, operation);
    }

    private async inspect(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, TargetState>> {
        const record = this.ledger.inspectionBegins();
        const began = this.clock.now();
        const { reportedDone } = this.ledger;
        const states = await this.reaching(() => this.api.inspect(keys, { reportedDone, signal }));
        this.inspectionTimes.inspected(keys.length, this.clock.now() - began);
        record(states);
        return states;
    }

    private async reaching<T>(read: () => Promise<T>): Promise<T> {
        try {
            const answer = await read();
            this.unreachable = undefined;
            return answer;
        } catch (error) {
            const missed = error instanceof ApiFailure && error.unreachable;
            this.unreachable = missed ? { at: this.clock.now(), problem: error.problem } : undefined;
            throw error;
        }
    }

    /** Sends those targets that still may be submitted. */
    private async submit(keys: readonly string[], signal: AbortSignal): Promise<BatchResult<SubmitResult>> {
        if (this.cancelled.aborted) {
            throw new NotSent(CANCELLED);
        }
        const superseded = keys.filter((key) => !this.ledger.maySubmit(key));
        if (superseded.length === 0) {
            return this.send(keys, signal);
        }
        const left = keys.filter((key) => this.ledger.maySubmit(key));
        const sent: BatchResult<SubmitResult> = left.length === 0 ? { answers: [] } : await this.send(left, signal);
        return { ...sent, answers: [...sent.answers, { keys: superseded, result: { is: "superseded" } }] };
    }

    private async send(keys: readonly string[], signal: AbortSignal): Promise<BatchResult<SubmitResult>> {
        const again = this.splitter.splitAgain(keys);
        if (again !== undefined) {
            return { answers: [], again };
        }
        const reply = await this.attempt(keys, signal);
        return reply === SUPERSEDED ? this.submit(keys, signal) : this.answer(keys, reply);
    }

    private async attempt(keys: readonly string[], signal: AbortSignal): Promise<SubmitReply | typeof SUPERSEDED> {
        const { controller: request, dispose } = childOf(signal);
        // What is on its way is not taken back: only what waits, or is to be tried again.
        const requestEnds = this.ledger.requestBegins(keys, () => request.abort(SUPERSEDED));
        try {
            const reply = await this.api.submit(keys, request.signal);
            requestEnds();
            return hasRefused(reply) ? ((await this.api.prepare?.(keys, reply, signal)) ?? reply) : reply;
        } catch (error) {
            if (error instanceof ApiFailure && error.final) {
                throw error;
            }
            const notDone = error instanceof ApiFailure || error instanceof NotSent;
            if (notDone && request.signal.reason === SUPERSEDED) {
                return SUPERSEDED;
            }
            if (error instanceof ApiFailure) {
                return { is: "busy", problem: error.problem };
            }
            if (error instanceof NotSent) {
                throw error;
            }
            // A fault of this program, before or after the request was sent: nobody knows which.
            return { is: "uncertain", problem: problemOf(error) };
        } finally {
            requestEnds();
            dispose();
        }
    }

    private answer(keys: readonly string[], result: SubmitReply): BatchResult<SubmitResult> {
        if (result.is !== "busy") {
            this.busySince = undefined;
        }
        switch (result.is) {
            case "accepted": {
                const answers = [{ keys, result }];
                const { job } = result;
                if (job === undefined || this.api.poll === undefined) {
                    return { answers };
                }
                this.jobTracker.submitted(job, keys);
                return this.api.exclusive ? { answers, busyUntil: () => this.jobTracker.abandoned(job) } : { answers };
            }
            case "busy": {
                const now = this.clock.now();
                this.busySince ??= now;
                const until = now + Math.max(this.busySchedule.gap(now - this.busySince), result.retryAfter ?? 0);
                // Each run waits by itself, for each has a deadline of its own; nothing is sent meanwhile.
                return { answers: [{ keys, result: { ...result, until } }], notBefore: until };
            }
            case "refused": {
                const { refused, again } = this.splitter.split(keys, result);
                return { answers: refused.length === 0 ? [] : [{ keys: refused, result }], again };
            }
            case "blocked":
            case "uncertain":
                return { answers: [{ keys, result }] };
        }
    }
}

/** Some of the targets, or all. */
export function hasRefused(reply: SubmitReply): boolean {
    return reply.is === "refused" || (reply.is === "accepted" && reply.failed.size > 0);
}
