import type { Random } from "../../util/clock";
import type { Problem, TargetState } from "../api";
import { Schedule } from "../polling/schedule";
import type { BatchPart } from "../session/batcher";
import type { Session, SubmitResult } from "../session/session";
import type { Completion } from "./completion";
import type { RunState } from "./run-state";
import type { TaskGroup } from "./task-group";

/** Submits of one target in one run: after that it fails, for something undoes or ignores what is asked. */
const MOST_TRIES = 5;
export const TOO_MANY_TRIES: Problem = {
    code: "TooManyTries",
    message: `submitted ${MOST_TRIES} times, and still there`,
};

/** What can follow from a reply: the reconciler does it. */
export interface NextSteps {
    /** "wait": after trouble there is another inspection, until the signal aborts. */
    inspect(
        keys: readonly string[],
        onTrouble: "wait" | "fail",
        signal?: AbortSignal,
    ): Promise<Map<string, TargetState>>;
    /** The next step of each target by its state. */
    reconcile(states: ReadonlyMap<string, TargetState>): void;
    /** Another run works on these, or has: they are inspected when that is over. */
    awaitOthers(keys: readonly string[]): void;
}

/** What one run does about the replies to its requests. */
export class Replies {
    /** Requested and not answered yet. */
    readonly awaited = new Set<string>();
    private readonly schedule: Schedule;
    /** Requests that brought a target no further. Most targets need one request, and have no entry. */
    private readonly tries = new Map<string, number>();
    /** When a submit first showed that a target can't be submitted yet. */
    private readonly blockedSince = new Map<string, number>();

    constructor(
        private readonly session: Session,
        private readonly runState: RunState,
        private readonly completion: Completion,
        private readonly tasks: TaskGroup,
        /** Ends what would lead to a submit. */
        private readonly submitting: AbortSignal,
        random: Random,
        private readonly next: NextSteps,
    ) {
        this.schedule = new Schedule(session.api.polling, random);
    }

    mayTry(key: string): boolean {
        return (this.tries.get(key) ?? 0) < MOST_TRIES;
    }

    expect(keys: readonly string[]): void {
        for (const key of keys) {
            this.awaited.add(key);
        }
    }

    receive({ keys, result, first }: BatchPart<SubmitResult>): void {
        for (const key of keys) {
            this.awaited.delete(key);
        }
        switch (result.is) {
            case "accepted":
            case "uncertain":
                if (!first) {
                    this.countTry(keys);
                    this.next.awaitOthers(keys);
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
        this.next.reconcile(await this.next.inspect(keys, "wait"));
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
        const states = await this.next.inspect(keys, "wait", this.tasks.signal);
        for (const [key, state] of states) {
            if (state.is === "ready" || state.is === "impossible" || state.is === "unseen") {
                this.runState.failed(key, problem, state);
                states.delete(key);
            } else {
                this.runState.forgetReport(key);
            }
        }
        this.next.reconcile(states);
    }

    /** Nobody knows whether the request arrived: an inspection, after a while, shows what it did. What shows no trace of it is submitted again. */
    private async findOut(keys: readonly string[], problem: Problem): Promise<void> {
        const { clock, ledger } = this.session;
        const hold = ledger.hold(keys);
        try {
            const tries = Math.max(...keys.map((key) => this.tries.get(key) ?? 1));
            await clock.sleep(this.schedule.afterTries(tries), this.submitting);
            const inspectedAt = ledger.now();
            const states = await this.next.inspect(keys, "wait");
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
            this.next.reconcile(states);
        } finally {
            hold.release();
        }
    }

    /** What was surely not done, and may be submitted again, does not count. */
    private countTry(keys: readonly string[]): void {
        for (const key of keys) {
            this.tries.set(key, (this.tries.get(key) ?? 0) + 1);
        }
    }
}
