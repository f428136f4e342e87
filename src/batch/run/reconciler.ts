import { untilAborted } from "../../util/abort";
import { CHUNK_SIZE } from "../../util/chunks";
import type { Random } from "../../util/clock";
import type { Problem, TargetState } from "../api";
import { Schedule } from "../polling/schedule";
import type { BatchPart } from "../session/batcher";
import type { Session, SubmitResult } from "../session/session";
import { Completion } from "./completion";
import type { RunState } from "./run-state";
import type { TaskGroup } from "./task-group";

/** Submits of one target in one run: beyond that it fails, for something undoes or ignores what is asked. */
const MOST_TRIES = 5;

interface Inspection {
    readonly states: Map<string, TargetState>;
    /** When it began. */
    readonly since: number;
}

/** What one run does with each target: from what a look shows of it to the next step, and on to its outcome. */
export class Reconciler {
    private readonly completion: Completion;
    private readonly schedule: Schedule;
    /** Requests that brought a target no further; most targets need one request, and are not here. */
    private readonly tries = new Map<string, number>();
    /** When it first came out, at a submit, that a target's time has not come. */
    private readonly refusedSince = new Map<string, number>();

    constructor(
        private readonly session: Session,
        private readonly runState: RunState,
        private readonly tasks: TaskGroup,
        /**
         * Also aborts when the operation is cancelled: ends what would lead to a submit, and every wait for what this run has not
         * set going. What it has is followed up until the branches are stopped.
         */
        private readonly submitting: AbortSignal,
        random: Random,
    ) {
        this.completion = new Completion(session, runState, tasks.signal, tasks);
        this.schedule = new Schedule(session.api.polling, random);
    }

    /** Asked for and not answered yet: whose doing an absence is can't be told. */
    readonly awaitingReply = new Set<string>();

    get earlierFailure(): ReadonlyMap<string, string> {
        return this.completion.earlierFailure;
    }

    async inspect(keys: readonly string[], onTrouble: "wait" | "fail", signal = this.submitting): Promise<Inspection> {
        const since = this.session.clock.now();
        const states = new Map<string, TargetState>();
        const see = (key: string, state: TargetState) => {
            states.set(key, state);
            return true;
        };
        await this.session.targetPoller.poll(keys, see, { firstLook: "now", onTrouble, signal, owner: this.tasks });
        return { states, since };
    }

    /** Very many leave the event loop to others in between. */
    async reconcileInChunks({ states, since }: Inspection): Promise<void> {
        const { clock } = this.session;
        let slice = new Map<string, TargetState>();
        for (const [key, state] of states) {
            if (slice.size === CHUNK_SIZE) {
                this.reconcile({ states: slice, since });
                slice = new Map();
                await clock.yieldToEventLoop();
            }
            slice.set(key, state);
        }
        this.reconcile({ states: slice, since });
    }

    /** Decides for each target by what was just seen of it. */
    private reconcile({ states, since }: Inspection): void {
        const ready: string[] = [];
        const joined: string[] = [];
        const held: string[] = [];
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
                    held.push(key);
                    break;
                }
                case "ready":
                    if (state.failure !== undefined) {
                        this.completion.earlierFailure.set(key, state.failure.stamp);
                    }
                    ready.push(key);
                    break;
            }
        }
        this.submit(ready, since);
        for (const [reason, alike] of reasons) {
            this.runState.emit({ is: "held", keys: alike, reason });
        }
        this.awaitChange(joined, "inProgress");
        this.awaitChange(held, "blocked");
    }

    /**
     * Somebody else's work is under way, or the time has not come. Goes on with each target as soon as it has left that
     * state; those that leave it together go on together.
     */
    private awaitChange(keys: readonly string[], awaited: "inProgress" | "blocked"): void {
        const since = this.session.clock.now();
        let changed = new Map<string, TargetState>();
        const goOn = async () => {
            await Promise.resolve();
            const together = changed;
            changed = new Map();
            this.reconcile({ states: together, since });
        };
        const see = (key: string, state: TargetState) => {
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
            const watch = {
                firstLook: "later",
                onTrouble: "wait",
                signal: this.submitting,
                owner: this.tasks,
            } as const;
            this.tasks.start(() => this.session.targetPoller.poll(keys, see, watch));
        }
    }

    private submit(keys: readonly string[], lookedSince: number): void {
        const { inFlight: inHand, jobTracker: jobs, ledger: otherRuns } = this.session;
        const free: string[] = [];
        const taken: string[] = [];
        for (const key of keys) {
            // Who has had it in hand since the look may have ended it.
            if (inHand.has(key) || jobs.workingOn(key) !== undefined || otherRuns.releasedSince(key, lookedSince)) {
                taken.push(key);
            } else if ((this.tries.get(key) ?? 0) < MOST_TRIES) {
                free.push(key);
            } else {
                const message = `submitted ${MOST_TRIES} times, and still there`;
                this.runState.failed(key, { code: "TooManyTries", message });
            }
        }
        this.awaitOthers(taken);
        if (free.length > 0) {
            const { submitting } = this;
            for (const key of free) {
                this.awaitingReply.add(key);
            }
            this.tasks.start(() => this.session.batcher.request(free, (part) => this.receive(part), submitting));
        }
    }

    /** What was surely not done, and may be asked for again, does not count. */
    private countTry(keys: readonly string[]): void {
        for (const key of keys) {
            this.tries.set(key, (this.tries.get(key) ?? 0) + 1);
        }
    }

    /**
     * Another run of this process has these in hand, or has had, or left them with a job that goes on. When that is over we look:
     * its outcome is its own, ours is what we see.
     */
    private awaitOthers(keys: readonly string[]): void {
        const { inFlight: inHand, jobTracker: jobs } = this.session;
        const waits = Map.groupBy(keys, (key) => inHand.get(key) ?? jobs.workingOn(key));
        for (const [other, shared] of waits) {
            this.tasks.start(async () => {
                if (typeof other === "string") {
                    this.runState.worksOn(other, shared);
                    await this.completion.awaitJob(other, shared, this.submitting);
                } else {
                    await untilAborted(other ?? Promise.resolve(), this.submitting);
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
                    this.runState.submittedNow(keys, result.job);
                    this.runState.jobs.accepted(result);
                    this.tasks.start(() => this.completion.awaitEnd(keys, result));
                } else {
                    this.countTry(keys);
                    this.runState.submittedNow(keys, undefined);
                    this.tasks.start(() => this.findOut(keys, result.problem));
                }
                break;
            case "overtaken":
                this.tasks.start(() => this.inspectAgain(keys, this.schedule.gap(this.refusedFor(keys))));
                break;
            case "busy":
                this.runState.emit({ is: "busy", problem: result.problem, until: result.until });
                this.tasks.start(() => this.inspectAgain(keys, result.until - this.session.clock.now()));
                break;
            case "blocked": {
                if (result.begun) {
                    this.runState.prepared();
                }
                this.runState.emit({ is: "held", keys, reason: result.reason });
                this.tasks.start(() => this.inspectAgain(keys, this.schedule.gap(this.refusedFor(keys))));
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

    /** For how long their time has not come. */
    private refusedFor(keys: readonly string[]): number {
        const now = this.session.clock.now();
        let since = now;
        for (const key of keys) {
            const begun = this.refusedSince.get(key) ?? now;
            this.refusedSince.set(key, begun);
            since = Math.min(since, begun);
        }
        return now - since;
    }

    /** Refused for good: unless it is gone anyway, or about to go, that is its outcome. */
    private async explainRefusal(keys: readonly string[], problem: Problem): Promise<void> {
        for (const key of keys) {
            this.runState.reportFailed(key, problem);
        }
        const look = await this.inspect(keys, "wait", this.tasks.signal);
        for (const [key, state] of look.states) {
            if (state.is === "ready" || state.is === "impossible" || state.is === "unseen") {
                this.runState.failed(key, problem, state);
                look.states.delete(key);
            } else {
                this.runState.forgetReport(key);
            }
        }
        this.reconcile(look);
    }

    /** Nobody knows whether it arrived: look, after a while, what it did; what shows no trace of it is submitted again. */
    private async findOut(keys: readonly string[], problem: Problem): Promise<void> {
        const done = this.completion.keepInFlight(keys);
        try {
            const tries = Math.max(...keys.map((key) => this.tries.get(key) ?? 1));
            await this.session.clock.sleep(this.schedule.gap(1000 * 4 ** tries), this.submitting);
            const look = await this.inspect(keys, "wait");
            for (const [key, state] of look.states) {
                if (state.is !== "ready") {
                    continue;
                }
                const isNews =
                    state.failure !== undefined && state.failure.stamp !== this.completion.earlierFailure.get(key);
                if (isNews || tries >= MOST_TRIES) {
                    this.runState.failed(key, isNews ? state.failure : problem, state);
                    look.states.delete(key);
                }
            }
            done();
            // They were in hand from before the look until now: nobody else has had them since.
            this.reconcile({ states: look.states, since: this.session.clock.now() });
        } finally {
            done();
        }
    }
}
