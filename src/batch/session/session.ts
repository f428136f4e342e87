import { childOf } from "../../util/abort";
import { CANCELLED, neverCancelled } from "../../util/cancellation";
import type { Clock, Random } from "../../util/clock";
import { ApiFailure, type BatchApi, NotSent, type SubmitReply, type TargetState } from "../api";
import { JobTracker } from "../polling/job-tracker";
import { Poller } from "../polling/poller";
import { Schedule } from "../polling/schedule";
import { InspectionTimes } from "../run/inspection-times";
import { Batcher, type BatchResult } from "./batcher";
import { TargetLedger } from "./target-ledger";

/** A lone hook that inspects for long must not hold up the others' last request for longer than this. Milliseconds. */
const LONGEST_HOLD = 1000;

/** How many caps go by between two inspections of targets whose job is still running: some may be settled, or it be stuck. */
const CAPS_BETWEEN_DOUBTS = 8;

/** An abort without a reason makes an exception with a stack. */
const OVERTAKEN = "a look shows that this is not to be sent any more";

/** What a run is told of a request of its. */
export type SubmitResult =
    | Exclude<SubmitReply, { is: "busy" }>
    /** Surely not done: to be asked for again, after a look, from that moment on. */
    | (Extract<SubmitReply, { is: "busy" }> & { readonly until: number })
    /** Not sent: while it waited for its turn, another run's look showed the action done, under way or not possible. To be looked at again. */
    | { readonly is: "overtaken" };

/**
 * Everything that runs of one API, place and identity share in one process: one queue of submits, one watcher of jobs,
 * one of targets. Runs never mix identities, for each identity has a session of its own.
 */
export class Session {
    readonly jobTracker: JobTracker;
    readonly targetPoller: Poller<TargetState>;
    /** Targets of jobs that run for long. */
    readonly stuckJobPoller: Poller<TargetState>;
    readonly batcher: Batcher<SubmitResult>;
    /** Targets that a run has submitted and not yet settled: who wants them too waits for this. */
    readonly inFlight = new Map<string, Promise<void>>();
    readonly ledger = new TargetLedger();
    /** Targets that a job says are gone, until inspection has agreed. */
    readonly reportedDone = new Set<string>();
    readonly inspectionTimes = new InspectionTimes();
    /** Requests that wait for their turn, or are under way. */
    private readonly sending = new Set<{ readonly keys: readonly string[]; readonly turn: AbortController }>();
    /** Targets of requests that were refused as they were. */
    private readonly refusedTogether = new Set<string>();
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
        const inspect = async (keys: readonly string[], signal: AbortSignal) => {
            const seen = this.ledger.inspectionBegins();
            const began = clock.now();
            const states = await api.inspect(keys, { reportedDone: this.reportedDone, signal });
            this.inspectionTimes.inspected(keys.length, clock.now() - began);
            seen(states);
            this.takeBackOvertaken();
            this.forgetContradicted(states);
            return states;
        };
        const doubt = CAPS_BETWEEN_DOUBTS * api.polling.cap;
        this.targetPoller = new Poller(inspect, new Schedule(api.polling, random), clock);
        this.stuckJobPoller = new Poller(
            inspect,
            new Schedule({ first: doubt, floor: doubt, cap: doubt }, random),
            clock,
        );
        this.jobTracker = new JobTracker(api, clock, random);
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

    /** What is there after all may be somebody's new one: its absence, should it come, is news, and no job's word any more. */
    private forgetContradicted(states: ReadonlyMap<string, TargetState>): void {
        for (const key of this.reportedDone) {
            const state = states.get(key);
            if (state?.is === "ready" || state?.is === "blocked") {
                this.reportedDone.delete(key);
            }
        }
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
        await this.clock.sleep(LONGEST_HOLD, enough.signal).catch(() => undefined);
        this.approachEnded.delete(ended);
    }

    /** What is on its way is not taken back: only what waits for its turn, or to be tried again. */
    private takeBackOvertaken(): void {
        for (const { keys, turn } of this.sending) {
            if (keys.some((key) => this.ledger.isSuperseded(key))) {
                turn.abort(OVERTAKEN);
            }
        }
    }

    private async submit(keys: readonly string[], signal: AbortSignal): Promise<BatchResult<SubmitResult>> {
        if (this.cancelled.aborted) {
            throw new NotSent(CANCELLED);
        }
        const overtaken = keys.filter((key) => this.ledger.isSuperseded(key));
        if (overtaken.length === 0) {
            return this.send(keys, signal);
        }
        const left = keys.filter((key) => !this.ledger.isSuperseded(key));
        const sent: BatchResult<SubmitResult> = left.length === 0 ? { answers: [] } : await this.send(left, signal);
        return { ...sent, answers: [...sent.answers, { keys: overtaken, result: { is: "overtaken" } }] };
    }

    private async send(keys: readonly string[], signal: AbortSignal): Promise<BatchResult<SubmitResult>> {
        if (this.refusedTogether.has(nameOf(keys))) {
            // Its halves were sent, and some reason for another try has brought them together again.
            return { answers: [], again: halves(keys) };
        }
        const { controller: turn, dispose } = childOf(signal);
        const request = { keys, turn };
        this.sending.add(request);
        let result: SubmitReply | "overtaken";
        try {
            result = await this.attempt(keys, turn.signal, signal);
        } finally {
            this.sending.delete(request);
            dispose();
        }
        return result === "overtaken" ? this.submit(keys, signal) : this.answer(keys, result);
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
                return this.api.exclusive ? { answers, busyUntil: () => this.jobTracker.leftByAll(job) } : { answers };
            }
            case "busy": {
                const now = this.clock.now();
                this.busySince ??= now;
                const until = now + Math.max(this.busySchedule.gap(now - this.busySince), result.retryAfter ?? 0);
                // Everyone waits for himself, for each has a deadline of his own; nobody sends meanwhile.
                return { answers: [{ keys, result: { ...result, until } }], notBefore: until };
            }
            case "refused":
                if (keys.length > 1) {
                    this.refusedTogether.add(nameOf(keys));
                }
                return split(keys, result);
            case "blocked":
            case "uncertain":
                return { answers: [{ keys, result }] };
        }
    }

    private async attempt(
        keys: readonly string[],
        turn: AbortSignal,
        signal: AbortSignal,
    ): Promise<SubmitReply | "overtaken"> {
        try {
            return await this.api.submit(keys, turn, signal);
        } catch (error) {
            if (error instanceof ApiFailure && error.final) {
                throw error;
            }
            const notDone = error instanceof ApiFailure || error instanceof NotSent;
            if (notDone && turn.reason === OVERTAKEN) {
                return "overtaken";
            }
            if (error instanceof ApiFailure) {
                return { is: "busy", problem: error.problem };
            }
            if (error instanceof NotSent) {
                throw error;
            }
            // A fault of ours, on the way there or back: nobody knows which, whatever the signal says.
            const message = error instanceof Error ? error.message : String(error);
            return { is: "uncertain", problem: { code: "Unexpected", message } };
        }
    }
}

/** By the culprits where the refusal names some, else by halves: at most 2·f·log₂(B/f) requests for f bad ids, not B. */
function split(keys: readonly string[], result: Extract<SubmitReply, { is: "refused" }>): BatchResult<SubmitResult> {
    const asked = new Set(keys);
    const culprits = new Set((result.culprits ?? []).filter((key) => asked.has(key)));
    if (culprits.size > 0 && culprits.size < keys.length) {
        return {
            answers: [{ keys: [...culprits], result }],
            again: [keys.filter((key) => !culprits.has(key))],
        };
    }
    if (culprits.size === 0 && result.splits && keys.length > 1) {
        return { answers: [], again: halves(keys) };
    }
    return { answers: [{ keys, result }] };
}

function halves(keys: readonly string[]): ReadonlyArray<readonly string[]> {
    const half = Math.ceil(keys.length / 2);
    return [keys.slice(0, half), keys.slice(half)];
}

function nameOf(keys: readonly string[]): string {
    return keys.toSorted().join("\n");
}
