import { untilAborted } from "../../util/abort";
import { forEachChunk } from "../../util/chunks";
import type { Random } from "../../util/clock";
import type { TargetState } from "../api";
import type { Guard } from "../guard";
import type { BatchPart } from "../session/batcher";
import type { Session, SubmitResult } from "../session/session";
import { Completion } from "./completion";
import { inspect } from "./inspect";
import { type NextSteps, Replies, TOO_MANY_TRIES } from "./replies";
import type { RunState } from "./run-state";
import type { TaskGroup } from "./task-group";

type ReadyState = Extract<TargetState, { is: "ready" }>;
type BlockedState = Extract<TargetState, { is: "blocked" }>;

/** What one run does with each target: from its state to the next step, and on to its outcome. */
export class Reconciler implements NextSteps {
    private readonly completion: Completion;
    private readonly replies: Replies;
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
        { random, guard }: { readonly random: Random; readonly guard?: Guard },
    ) {
        this.guard = guard;
        this.completion = new Completion(session, runState, tasks.signal, tasks);
        this.replies = new Replies(session, runState, this.completion, tasks, submitting, random, this);
    }

    /** Requested and not answered yet: nobody knows whether an absence is the work of this run. */
    get awaitingReply(): ReadonlySet<string> {
        return this.replies.awaited;
    }

    get earlierFailure(): ReadonlyMap<string, string> {
        return this.completion.earlierFailure;
    }

    inspect(
        keys: readonly string[],
        onTrouble: "wait" | "fail",
        signal = this.submitting,
    ): Promise<Map<string, TargetState>> {
        return inspect(this.session, keys, { onTrouble, signal, owner: this.tasks });
    }

    /**
     * In chunks, so that very many do not block the event loop. The guard may let only some pass: so it is asked in the order of the
     * keys, whatever the order of the lists, and about all that are ready before any that must wait.
     */
    async reconcileInOrder(keys: readonly string[], states: ReadonlyMap<string, TargetState>): Promise<void> {
        const { clock } = this.session;
        const blocked = new Map<string, BlockedState>();
        await forEachChunk(clock, inOrder(keys, states), (chunk) => this.reconcileAllBut(blocked, chunk));
        await forEachChunk(clock, blocked, (chunk) => this.awaitReady(new Map(chunk)));
    }

    /** Decides the next step of each target by its state. */
    reconcile(states: Iterable<readonly [string, TargetState]>): void {
        const blocked = new Map<string, BlockedState>();
        this.reconcileAllBut(blocked, states);
        this.awaitReady(blocked);
    }

    /** Puts aside those that are blocked. */
    private reconcileAllBut(
        blocked: Map<string, BlockedState>,
        states: Iterable<readonly [string, TargetState]>,
    ): void {
        this.runState.emit({ is: "observed", states });
        const ready = new Map<string, ReadyState>();
        const joined: string[] = [];
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
                case "blocked":
                    blocked.set(key, state);
                    break;
                case "ready":
                    if (state.failure !== undefined) {
                        this.completion.earlierFailure.set(key, state.failure.stamp);
                    }
                    ready.set(key, state);
                    break;
            }
        }
        this.submit(ready);
        this.awaitChange(joined, "inProgress");
    }

    /** What the guard would refuse is not waited for. */
    private awaitReady(blocked: ReadonlyMap<string, BlockedState>): void {
        const keys = this.guarded([...blocked.keys()], blocked);
        for (const [reason, alike] of Map.groupBy(keys, (key) => blocked.get(key)?.reason ?? "")) {
            this.runState.emit({ is: "blocked", keys: alike, reason });
        }
        this.awaitChange(keys, "blocked");
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
            } else if (this.replies.mayTry(key)) {
                open.push(key);
            } else {
                this.runState.failed(key, TOO_MANY_TRIES);
            }
        }
        this.awaitOthers(taken);
        const free = this.guarded(open, ready);
        if (free.length > 0) {
            const { submitting } = this;
            const requester = {
                deliver: (part: BatchPart<SubmitResult>) => this.replies.receive(part),
                onSending: (sent: readonly string[], operation: string) =>
                    this.runState.emit({ is: "submitting", keys: sent, operation }),
            };
            this.replies.expect(free);
            this.tasks.start(() => this.session.batcher.request(free, requester, submitting));
        }
    }

    /** Those that the guard lets pass; the others fail. */
    private guarded(
        keys: readonly string[],
        states: ReadonlyMap<string, ReadyState | BlockedState>,
    ): readonly string[] {
        const refused = keys.length === 0 ? undefined : this.guard?.refuse(keys, (key) => states.get(key)?.facts);
        if (refused === undefined || refused.size === 0) {
            return keys;
        }
        return keys.filter((key) => {
            const problem = refused.get(key);
            if (problem !== undefined) {
                this.runState.refused(key, problem, states.get(key));
            }
            return problem === undefined;
        });
    }

    /**
     * Another run of this process works on these, or has since they were inspected, or has left them with a job that goes on. They are
     * inspected when that is over: the outcome of the other run is its own.
     */
    awaitOthers(keys: readonly string[]): void {
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
}

function* inOrder(
    keys: readonly string[],
    states: ReadonlyMap<string, TargetState>,
): Generator<readonly [string, TargetState]> {
    for (const key of keys) {
        const state = states.get(key);
        if (state !== undefined) {
            yield [key, state];
        }
    }
}
