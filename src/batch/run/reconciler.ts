import { untilAborted } from "../../util/abort";
import { forEachChunk } from "../../util/chunks";
import type { Problem, TargetState } from "../api";
import type { Guard } from "../guard";
import { Schedule } from "../polling/schedule";
import type { BatchPart } from "../session/batcher";
import type { Session, SubmitResult } from "../session/session";
import { Completion } from "./completion";
import type { RunState } from "./run-state";
import type { TaskGroup } from "./task-group";

/** Submits of one target in one run: after that it fails, for something undoes or ignores what is asked. */
const MOST_TRIES = 5;

type ReadyState = Extract<TargetState, { is: "ready" }>;

/** What one run does with each target: from its state to the next step, and on to its outcome. */
export class Reconciler {
    private readonly completion: Completion;
    private readonly schedule: Schedule;
    /** Requests that brought a target no further. Most targets need one request, and have no entry. */
    private readonly tries = new Map<string, number>();
    /** When a submit first showed that a target can't be submitted yet. */
    private readonly blockedSince = new Map<string, number>();
    private readonly guard: Guard | undefined;

    constructor(
        private readonly session: Session,
        private readonly runState: RunState,
        private readonly tasks: TaskGroup,
        /**
         * Also aborts when the operation is cancelled. Ends what would lead to a submit, and every wait for what this run has not
         * submitted. What it has submitted is followed up until the tasks are stopped.
         */
        private readonly submitting: AbortSignal,
        { random, guard }: { readonly random: () => number; readonly guard?: Guard },
    ) {
        this.guard = guard;
        this.completion = new Completion(session, runState, tasks.signal, tasks);
        this.schedule = new Schedule(session.api.polling, random);
    }

    /** Requested and not answered yet: nobody knows whether an absence is the work of this run. */
    readonly awaitingReply = new Set<string>();

    get earlierFailure(): ReadonlyMap<string, string> {
        return this.completion.earlierFailure;
    }

    async inspect(
        keys: readonly string[],
        onTrouble: "wait" | "fail",
        signal = this.submitting,
    ): Promise<Map<string, TargetState>> {
        const states = new Map<string, TargetState>();
        const onState = (key: string, state: TargetState) => {
            states.set(key, state);
            return true;
        };
        await this.session.targetPoller.poll(keys, onState, { first: "now", onTrouble, signal, owner: this.tasks });
        return states;
    }

    /** In chunks, so that very many do not block the event loop. */
    reconcileInChunks(states: ReadonlyMap<string, TargetState>): Promise<void> {
        return forEachChunk(this.session.clock, states, (chunk) => this.reconcile(chunk));
    }

    /** Decides the next step of each target by its state. */
    private reconcile(states: Iterable<readonly [string, TargetState]>): void {
        this.runState.emit({ is: "observed", states });
        const ready = new Map<string, ReadyState>();
        const joined: string[] = [];
        const blocked: string[] = [];
        const reasons = new Map<string, string[]>();
        for (const [key, state] of states) {
            switch (state.is) {
                case "settled":
                    this.runState.settled(key);
                    break;
                case "impossible":
                    this.runState.failed(key, state.problem);
                    break;
                case "unseen":
                    this.runState.unknown(key, state.problem);
                    break;
                case "inProgress":
                    joined.push(key);
                    break;
                case "blocked": {
                    const alike = reasons.get(state.reason) ?? [];
                    alike.push(key);
                    reasons.set(state.reason, alike);
                    blocked.push(key);
                    break;
                }
                case "ready":
                    if (state.failure !== undefined) {
                        this.completion.earlierFailure.set(key, state.failure.stamp);
                    }
                    ready.set(key, state);
                    break;
            }
        }
        this.submit(ready);
        for (const [reason, alike] of reasons) {
            this.runState.emit({ is: "blocked", keys: alike, reason });
        }
        this.awaitChange(joined, "inProgress");
        this.awaitChange(blocked, "blocked");
    }

    /**
     * Somebody else's work is under way, or the target can't be submitted yet. Goes on with each target as soon as it has left that
     * state, and with all that leave it at once together.
     */
    private awaitChange(keys: readonly string[], awaited: "inProgress" | "blocked"): void {
        let changed = new Map<string, TargetState>();
        const goOn = async () => {
            await Promise.resolve();
            const together = changed;
            changed = new Map();
            this.reconcile(together);
        };
        const onState = (key: string, state: TargetState) => {
            if (state.is === awaited) {
                return false;
            }
            this.runState.progress();
            changed.set(key, state);
            if (changed.size === 1) {
                this.tasks.start(goOn);
            }
            return true;
        };
        if (keys.length > 0) {
            const options = {
                first: "later",
                onTrouble: "wait",
                signal: this.submitting,
                owner: this.tasks,
            } as const;
            this.tasks.start(() => this.session.targetPoller.poll(keys, onState, options));
        }
    }

    private submit(ready: ReadonlyMap<string, ReadyState>): void {
        const open: string[] = [];
        const taken: string[] = [];
        for (const key of ready.keys()) {
            if (!this.session.ledger.maySubmit(key)) {
                taken.push(key);
            } else if ((this.tries.get(key) ?? 0) < MOST_TRIES) {
                open.push(key);
            } else {
                const message = `submitted ${MOST_TRIES} times, and still there`;
                this.runState.failed(key, { code: "TooManyTries", message });
            }
        }
        this.awaitOthers(taken);
        const free = this.guarded(open, ready);
        if (free.length > 0) {
            const { submitting } = this;
            for (const key of free) {
                this.awaitingReply.add(key);
            }
            const requester = {
                deliver: (part: BatchPart<SubmitResult>) => this.receive(part),
                onSending: (sent: readonly string[], operation: string) =>
                    this.runState.emit({ is: "submitting", keys: sent, operation }),
            };
            this.tasks.start(() => this.session.batcher.request(free, requester, submitting));
        }
    }

    /** Those that the guard lets pass; the others fail. */
    private guarded(keys: readonly string[], ready: ReadonlyMap<string, ReadyState>): readonly string[] {
        const refused = keys.length === 0 ? undefined : this.guard?.refuse(keys, (key) => ready.get(key)?.facts);
        if (refused === undefined || refused.size === 0) {
            return keys;
        }
        return keys.filter((key) => {
            const problem = refused.get(key);
            if (problem !== undefined) {
                this.runState.refused(key, problem, ready.get(key));
            }
            return problem === undefined;
        });
    }

    /** What was surely not done, and may be submitted again, does not count. */
    private countTry(keys: readonly string[]): void {
        for (const key of keys) {
            this.tries.set(key, (this.tries.get(key) ?? 0) + 1);
        }
    }

    /**
     * Another run of this process works on these, or has since they were inspected, or has left them with a job that goes on. They are
     * inspected when that is over: the outcome of the other run is its own.
     */
    private awaitOthers(keys: readonly string[]): void {
        const owners = Map.groupBy(keys, (key) => this.session.ledger.owner(key));
        for (const [owner, shared] of owners) {
            this.tasks.start(async () => {
                if (typeof owner === "string") {
                    this.runState.worksOn(owner, shared);
                    await this.completion.awaitJob(owner, shared, this.submitting);
                } else {
                    await untilAborted(owner?.released ?? Promise.resolve(), this.submitting);
                }
                this.reconcile(await this.inspect(shared, "wait"));
            });
        }
    }

    private receive({ keys, result, first }: BatchPart<SubmitResult>): void {
        for (const key of keys) {
            this.awaitingReply.delete(key);
        }
        switch (result.is) {
            case "accepted":
            case "uncertain":
                if (!first) {
                    this.countTry(keys);
                    this.awaitOthers(keys);
                } else if (result.is === "accepted") {
                    this.runState.submittedNow(keys, result);
                    this.runState.jobs.accepted(result);
                    this.tasks.start(() => this.completion.awaitEnd(keys, result));
                } else {
                    this.countTry(keys);
                    this.runState.submittedNow(keys);
                    this.tasks.start(() => this.findOut(keys, result.problem));
                }
                break;
            case "superseded":
                this.tasks.start(() => this.inspectAgain(keys, this.schedule.gap(this.blockedFor(keys))));
                break;
            case "busy":
                this.runState.emit({ is: "busy", problem: result.problem, until: result.until });
                this.tasks.start(() => this.inspectAgain(keys, result.until - this.session.clock.now()));
                break;
            case "blocked": {
                if (result.begun) {
                    this.runState.prepared();
                }
                this.runState.emit({ is: "blocked", keys, reason: result.reason });
                this.tasks.start(() => this.inspectAgain(keys, this.schedule.gap(this.blockedFor(keys))));
                break;
            }
            case "refused":
                this.countTry(keys);
                this.tasks.start(() => this.explainRefusal(keys, result.problem));
                break;
        }
    }

    private async inspectAgain(keys: readonly string[], after: number): Promise<void> {
        await this.session.clock.sleep(after, this.submitting);
        this.reconcile(await this.inspect(keys, "wait"));
    }

    /** How long they could not be submitted. */
    private blockedFor(keys: readonly string[]): number {
        const now = this.session.clock.now();
        let since = now;
        for (const key of keys) {
            const begun = this.blockedSince.get(key) ?? now;
            this.blockedSince.set(key, begun);
            since = Math.min(since, begun);
        }
        return now - since;
    }

    /** The refusal is the outcome of a target, unless it is settled anyway, or in progress, or not ready for it yet. */
    private async explainRefusal(keys: readonly string[], problem: Problem): Promise<void> {
        for (const key of keys) {
            this.runState.reportFailed(key, problem);
        }
        const states = await this.inspect(keys, "wait", this.tasks.signal);
        for (const [key, state] of states) {
            if (state.is === "ready" || state.is === "impossible" || state.is === "unseen") {
                this.runState.failed(key, problem, state);
                states.delete(key);
            } else {
                this.runState.forgetReport(key);
            }
        }
        this.reconcile(states);
    }

    /** Nobody knows whether the request arrived: an inspection, after a while, shows what it did. What shows no trace of it is submitted again. */
    private async findOut(keys: readonly string[], problem: Problem): Promise<void> {
        const { clock, ledger } = this.session;
        const hold = ledger.hold(keys);
        try {
            const tries = Math.max(...keys.map((key) => this.tries.get(key) ?? 1));
            await clock.sleep(this.schedule.afterTries(tries), this.submitting);
            const inspectedAt = ledger.now();
            const states = await this.inspect(keys, "wait");
            for (const [key, state] of states) {
                if (state.is !== "ready") {
                    continue;
                }
                const isNews =
                    state.failure !== undefined && state.failure.stamp !== this.completion.earlierFailure.get(key);
                if (isNews || tries >= MOST_TRIES) {
                    this.runState.failed(key, isNews ? state.failure : problem, state);
                    states.delete(key);
                }
            }
            hold.release(inspectedAt);
            this.reconcile(states);
        } finally {
            hold.release();
        }
    }
}
