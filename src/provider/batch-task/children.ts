import { ApiFailure, type Problem } from "../../batch/api";
import { Schedule } from "../../batch/polling/schedule";
import type { CloudClient } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";
import { problemOf } from "../../services/shared/failures";
import { type Child, childCountsOf, listChildren, startProgress } from "../../services/vias/api";
import { type Changed, failedChildren, startBatchTask, stopBatchTask } from "../../services/vias/batch-task/calls";
import { type ChildCounts, inWords, isStopped } from "../../services/vias/batch-task/child-counts";
import { CANCELLED } from "../../util/cancellation";
import type { Clock, Random } from "../../util/clock";
import { lookAtTheEnd, Patience } from "../waiting/patience";
import { type ChildCauses, explainChildren, noChildCauses } from "./failures";

const POLLING = { first: 1_000, floor: 500, cap: 15_000 };
const MOST_REQUESTS = 3;
/** Until a request shows in the children's states. Milliseconds. */
const SHOWS_WITHIN = 5_000;
/** Until all children of a new batch task are listed. Milliseconds. */
const LISTED_WITHIN = 120_000;
/** "Invalid object": the state that it is in does not let it. */
const WRONG_STATE_CODE = "VIAS.00010004";

/** A batch task in the cloud, and the means to work on it. */
export interface BatchTaskContext {
    readonly client: CloudClient;
    readonly id: string;
    /** It has a schedule: a child whose window is not open counts as started. */
    readonly scheduled: boolean;
    readonly clock: Clock;
    readonly random: Random;
    readonly signal: AbortSignal;
    /** Aborts when the operation is cancelled. */
    readonly cancelled: AbortSignal;
    /** What this hook has done to it, or perhaps has. */
    readonly done: { anything: boolean };
    /** Told at every look. */
    readonly onLook: (children: ChildCounts) => void;
}

/** What its children are to become; undefined: they are left as they are. */
export type Goal = "started" | "stopped" | undefined;

export type Reached =
    | { readonly is: "reached"; readonly children: ChildCounts }
    | {
          readonly is: "notReached";
          readonly children: ChildCounts | undefined;
          readonly problem: Problem;
          /** Whether it was asked for. */
          readonly asked: boolean;
          /** Why children are not well. */
          readonly failed: ChildCauses;
      };

interface Look {
    readonly children: ChildCounts;
    readonly reached: boolean;
    /** Asking for the state would change something: some child is neither there nor on its way. */
    readonly ask: boolean;
    /** Asking has not been tried yet, and may change something even though the state is reached. */
    readonly askFirst: boolean;
    /** In a state that nothing leads out of by itself. */
    readonly failed: readonly Child[];
    readonly moving: boolean;
}

/** One look, without waiting. Throws ApiFailure. */
export async function lookAtChildren(
    task: BatchTaskContext,
    goal: Goal,
    expected: number,
): Promise<{ readonly reached: boolean; readonly children: ChildCounts }> {
    return look(task, goal, expected);
}

/**
 * Starts or stops the children where that is needed, and waits until they are. `expected`: how many there must be at
 * least. Never throws.
 */
export function bringChildren(task: BatchTaskContext, goal: Goal, expected = 1): Promise<Reached> {
    return new Bringing(task, goal, expected).run();
}

class Bringing {
    private readonly began: number;
    private asked = 0;
    /** A request is on its way. */
    private asking = false;
    private askedAt = Number.NEGATIVE_INFINITY;
    private children: ChildCounts | undefined;
    private problem: Problem | undefined;
    private lookTook = 0;
    private readonly patience: Patience;

    constructor(
        private readonly task: BatchTaskContext,
        private readonly goal: Goal,
        private readonly expected: number,
    ) {
        this.began = task.clock.now();
        this.patience = new Patience(
            task,
            () => task.done.anything || this.asking,
            () => this.lookTook,
        );
    }

    async run(): Promise<Reached> {
        const { clock, random, signal, done } = this.task;
        const schedule = new Schedule(POLLING, random);
        const { signal: waiting } = this.patience;
        try {
            while (!waiting.aborted) {
                const ended = await this.step().catch((error: unknown) => this.survive(error));
                if (ended !== undefined) {
                    return ended;
                }
                await clock.sleep(schedule.gap(clock.now() - this.began), waiting).catch(() => undefined);
            }
        } finally {
            await this.patience.end();
        }
        const last = done.anything && !signal.aborted ? await this.lookOnceMore() : undefined;
        return last ?? this.stopped(waiting.reason);
    }

    /** What the end of the waiting leaves as it is, unless this look shows that it has come to its end. */
    private async lookOnceMore(): Promise<Reached | undefined> {
        return lookAtTheEnd(this.task, async (signal) => {
            const seen = await look({ ...this.task, signal }, this.goal, this.expected);
            this.children = seen.children;
            this.task.onLook(seen.children);
            if (seen.reached && (this.asked > 0 || !seen.askFirst)) {
                return { is: "reached", children: seen.children } as const;
            }
            return seen.failed.length > 0 && this.asked > 0 && !seen.moving
                ? this.childrenFailed(seen.children, seen.failed, signal)
                : undefined;
        });
    }

    private stopped({ code, message }: Problem): Reached {
        const waitedFor = this.children === undefined ? "" : `; its tasks: ${inWords(this.children)}`;
        // That their state does not let them yet is what it waited for, not why it ended.
        const expected = code === CANCELLED.code && this.problem?.code === WRONG_STATE_CODE;
        const lastTrouble =
            this.problem === undefined || expected ? "" : `; last: ${this.problem.code} ${this.problem.message}`;
        return this.notReached({ code, message: `${message}${waitedFor}${lastTrouble}` });
    }

    private async step(): Promise<Reached | undefined> {
        const { clock } = this.task;
        const since = clock.now();
        const seen = await look({ ...this.task, signal: this.patience.signal }, this.goal, this.expected);
        this.lookTook = clock.now() - since;
        const { children } = seen;
        this.children = children;
        this.task.onLook(children);
        if (seen.reached && (this.asked > 0 || !seen.askFirst)) {
            return { is: "reached", children };
        }
        if (clock.now() - this.askedAt < SHOWS_WITHIN) {
            return undefined;
        }
        if (seen.failed.length > 0 && this.asked > 0 && !seen.moving) {
            return this.childrenFailed(children, seen.failed, this.patience.signal);
        }
        if (!seen.ask && !seen.reached) {
            const missing = children.total < this.expected && !seen.moving;
            return missing && clock.now() - this.began > LISTED_WITHIN
                ? this.notReached({
                      code: "ChildrenMissing",
                      message: `${children.total} of ${this.expected} tasks are listed`,
                  })
                : undefined;
        }
        if (this.asked > 0 && seen.moving) {
            return undefined;
        }
        if (this.asked === MOST_REQUESTS) {
            const message = `asked ${this.asked} times for ${this.goal}, and its tasks are: ${inWords(children)}`;
            return this.notReached(this.problem ?? { code: "NotReached", message });
        }
        return this.ask();
    }

    private async childrenFailed(
        children: ChildCounts,
        failed: readonly Child[],
        signal: AbortSignal,
    ): Promise<Reached> {
        const why = await explainChildren(this.task.client, failed, signal);
        const said = this.problem === undefined ? "" : `; ${this.problem.message}`;
        const message = `its tasks: ${inWords(children)}${said}`;
        return this.notReached({ code: "ChildrenFailed", message }, why);
    }

    private async ask(): Promise<Reached | undefined> {
        const { client, id, clock, signal, cancelled, done } = this.task;
        if (cancelled.aborted) {
            // Nothing moves, and nothing will be sent that could move it.
            return this.stopped(CANCELLED);
        }
        this.asked += 1;
        this.askedAt = clock.now();
        this.problem = undefined;
        const send = this.goal === "started" ? startBatchTask : stopBatchTask;
        let answer: Changed;
        this.asking = true;
        try {
            answer = await send(client, id, signal);
            done.anything = true;
        } catch (error) {
            if (isUnsent(error)) {
                this.asked -= 1;
            } else {
                done.anything = true;
            }
            throw error;
        } finally {
            this.asking = false;
            this.patience.reconsider();
        }
        if (answer.is === "notThere") {
            return this.notReached(answer.problem);
        }
        // Those that are as wanted already may be counted as failed.
        this.problem = failedChildren(this.goal === "started" ? "start" : "stop", answer.counts);
        return undefined;
    }

    /** Undefined: it is worth going on. */
    private survive(error: unknown): Reached | undefined {
        if (this.patience.signal.aborted || (this.task.cancelled.aborted && isUnsent(error))) {
            return undefined;
        }
        const { problem, final } = failureOf(error);
        this.problem = problem;
        return final && problem.code !== WRONG_STATE_CODE ? this.notReached(problem) : undefined;
    }

    private notReached(problem: Problem, failed: ChildCauses = noChildCauses): Reached {
        return { is: "notReached", children: this.children, problem, asked: this.asked > 0, failed };
    }
}

async function look(task: BatchTaskContext, goal: Goal, expected: number): Promise<Look> {
    const { client, id, scheduled, signal } = task;
    if (goal === "started") {
        const seen = await startProgress(client, id, { scheduled, expected }, signal);
        const { counts } = seen;
        return {
            children: counts,
            reached: seen.started,
            // One that is stopping can't be started yet, and the request speaks for all of them.
            ask:
                counts.stopping === 0 &&
                counts.stopped + counts.failed + counts.unwell + counts.other + Number(counts.total === 0) > 0,
            askFirst: counts.stopped > 0,
            failed: seen.failed,
            moving: counts.starting + counts.stopping > 0,
        };
    }
    const counts = childCountsOf(await listChildren(client, id, signal));
    const atRest = isStopped(counts);
    return {
        children: counts,
        reached: (goal === undefined || atRest) && (expected <= 1 || counts.total >= expected),
        ask: goal !== undefined && !atRest && counts.stopping < counts.total,
        // An empty list is also what a batch task has that is gone.
        askFirst: goal === "stopped" && counts.total === 0,
        failed: [],
        moving: counts.stopping > 0,
    };
}

/** Of a change it means that it was not sent: one that is on its way is waited for. */
export function isUnsent(error: unknown): boolean {
    return error instanceof CloudError && (error.kind === "aborted" || error.kind === "configuration");
}

/** Whether it is worth asking again. */
export function failureOf(error: unknown): { readonly problem: Problem; readonly final: boolean } {
    if (error instanceof ApiFailure) {
        return error;
    }
    if (error instanceof CloudError) {
        const passing = ["throttled", "busy", "unreachable", "uncertain", "unusable"];
        return { problem: problemOf(error), final: !passing.includes(error.kind) };
    }
    return {
        problem: { code: "Unexpected", message: error instanceof Error ? error.message : String(error) },
        final: true,
    };
}
