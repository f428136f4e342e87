import { ApiFailure, type Problem } from "../../../batch/api";
import { Schedule } from "../../../batch/polling/schedule";
import { CloudError } from "../../../cloud/errors";
import { CANCELLED } from "../../../util/cancellation";
import { pause } from "../../../util/clock";
import { type Changed, failedChildren, startBatchTask, stopBatchTask } from "./calls";
import { type ChildCounts, childCountsText } from "./child-counts";
import { type ChildFailure, explainChildren } from "./child-failures";
import { type Child, childCountsOf, listChildren, startProgress } from "./children";
import type { BatchTaskContext, Wait } from "./context";
import { type Goal, type Inspected, isReached, situationOf, stepFor } from "./goal";

const POLLING = { first: 1_000, floor: 500, cap: 15_000 };
const MOST_REQUESTS = 3;
/** The children's states show the effect of a request within this time. Milliseconds. */
const SHOWS_WITHIN = 5_000;
/** All children of a new batch task are listed within this time. Milliseconds. */
const LISTED_WITHIN = 120_000;
/** "Invalid object": the children's state does not allow the request. */
const WRONG_STATE_CODE = "VIAS.00010004";

export type Reached =
    | { readonly is: "reached"; readonly children: ChildCounts }
    | {
          readonly is: "notReached";
          readonly children: ChildCounts | undefined;
          readonly problem: Problem;
          /** Whether a start or stop was requested. */
          readonly requested: boolean;
          /** Failed children, and why they failed. */
          readonly failed: readonly ChildFailure[];
      };

/** Inspects the children once, without waiting. Throws ApiFailure. */
export async function inspectChildren(
    task: BatchTaskContext,
    goal: Goal,
    expected: number,
): Promise<{ readonly reached: boolean; readonly children: ChildCounts }> {
    const { reached, counts } = await inspect(task, goal, expected);
    return { reached, children: counts };
}

/**
 * Starts or stops the children if that is needed, and waits until all have reached the goal. `expected`: how many children there must be
 * at least. Never throws.
 */
export function reconcileChildren(task: BatchTaskContext, goal: Goal, expected = 1): Promise<Reached> {
    return new ChildrenReconciler(task, goal, expected).run();
}

interface InspectedChildren extends Inspected {
    /** Children in a state that they do not leave by themselves. */
    readonly failed: readonly Child[];
}

class ChildrenReconciler {
    private readonly began: number;
    private requests = 0;
    private isRequestOnItsWay = false;
    private lastRequestAt = Number.NEGATIVE_INFINITY;
    private children: ChildCounts | undefined;
    private problem: Problem | undefined;
    private inspectionTook = 0;
    private readonly wait: Wait;

    constructor(
        private readonly task: BatchTaskContext,
        private readonly goal: Goal,
        private readonly expected: number,
    ) {
        this.began = task.clock.now();
        this.wait = task.waiting.start(
            () => task.done.anything || this.isRequestOnItsWay,
            () => this.inspectionTook,
        );
    }

    async run(): Promise<Reached> {
        const { clock, random, signal, done, waiting } = this.task;
        const schedule = new Schedule(POLLING, random);
        const { signal: untilWaited } = this.wait;
        try {
            while (!untilWaited.aborted) {
                const ended = await this.poll().catch((error: unknown) => this.resultOfError(error));
                if (ended !== undefined) {
                    return ended;
                }
                await pause(clock, schedule.gap(clock.now() - this.began), untilWaited);
            }
        } finally {
            await this.wait.end();
        }
        const mayHaveEnded = done.anything && !signal.aborted;
        const ended = mayHaveEnded ? await waiting.lastInspection((until) => this.inspectOnceMore(until)) : undefined;
        return ended ?? this.stopped(untilWaited.reason);
    }

    /** The inspection after the wait: it returns a result only if the goal is reached or children failed. */
    private async inspectOnceMore(signal: AbortSignal): Promise<Reached | undefined> {
        const seen = await this.inspect(signal);
        switch (stepFor(situationOf(this.goal, seen, this.expected), this.requests > 0)) {
            case "done":
                return { is: "reached", children: seen.counts };
            case "failed":
                return this.childrenFailed(seen, signal);
            case "request":
            case "wait":
                return undefined;
        }
    }

    private stopped({ code, message }: Problem): Reached {
        const states = this.children === undefined ? "" : `; its tasks: ${childCountsText(this.children)}`;
        // The wait was for this state to change, so it is not the reason why the wait ended.
        const expected = code === CANCELLED.code && this.problem?.code === WRONG_STATE_CODE;
        const lastTrouble =
            this.problem === undefined || expected ? "" : `; last: ${this.problem.code} ${this.problem.message}`;
        return this.notReached({ code, message: `${message}${states}${lastTrouble}` });
    }

    private async inspect(signal: AbortSignal): Promise<InspectedChildren> {
        const seen = await inspect({ ...this.task, signal }, this.goal, this.expected);
        this.children = seen.counts;
        this.task.onInspected(seen.counts);
        return seen;
    }

    /** Inspects once and takes the next step. Undefined: keep waiting. */
    private async poll(): Promise<Reached | undefined> {
        const { clock } = this.task;
        const since = clock.now();
        const seen = await this.inspect(this.wait.signal);
        this.inspectionTook = clock.now() - since;
        const situation = situationOf(this.goal, seen, this.expected);
        const step = stepFor(situation, this.requests > 0);
        if (step === "done") {
            return { is: "reached", children: seen.counts };
        }
        if (clock.now() - this.lastRequestAt < SHOWS_WITHIN) {
            return undefined;
        }
        switch (step) {
            case "failed":
                return this.childrenFailed(seen, this.wait.signal);
            case "wait":
                return situation === "tooFew" && clock.now() - this.began > LISTED_WITHIN
                    ? this.childrenMissing(seen.counts)
                    : undefined;
            case "request":
                return this.requests === MOST_REQUESTS ? this.requestsHadNoEffect(seen.counts) : this.sendRequest();
        }
    }

    private childrenMissing({ total }: ChildCounts): Reached {
        return this.notReached({
            code: "ChildrenMissing",
            message: `${total} of ${this.expected} tasks are listed`,
        });
    }

    private requestsHadNoEffect(children: ChildCounts): Reached {
        const message = `asked ${this.requests} times for ${this.goal}, and its tasks are: ${childCountsText(children)}`;
        return this.notReached(this.problem ?? { code: "NotReached", message });
    }

    private async childrenFailed({ counts, failed }: InspectedChildren, signal: AbortSignal): Promise<Reached> {
        const why = await explainChildren(this.task.client, failed, signal);
        const requestProblem = this.problem === undefined ? "" : `; ${this.problem.message}`;
        const message = `its tasks: ${childCountsText(counts)}${requestProblem}`;
        return this.notReached({ code: "ChildrenFailed", message }, why);
    }

    private async sendRequest(): Promise<Reached | undefined> {
        const { client, id, clock, signal, cancelled, done } = this.task;
        if (cancelled.aborted) {
            // No child changes its state by itself, and after a cancellation no request is sent.
            return this.stopped(CANCELLED);
        }
        this.requests += 1;
        this.lastRequestAt = clock.now();
        this.problem = undefined;
        const send = this.goal === "started" ? startBatchTask : stopBatchTask;
        let answer: Changed;
        this.isRequestOnItsWay = true;
        try {
            answer = await send(client, id, signal);
            done.anything = true;
        } catch (error) {
            if (isUnsent(error)) {
                this.requests -= 1;
            } else {
                done.anything = true;
            }
            throw error;
        } finally {
            this.isRequestOnItsWay = false;
            this.wait.reconsider();
        }
        if (answer.is === "notThere") {
            return this.notReached(answer.problem);
        }
        // Not a result yet: the service may count children as failed that have already reached the goal.
        this.problem = failedChildren(this.goal === "started" ? "start" : "stop", answer.counts);
        return undefined;
    }

    /** Undefined: the error may pass, so keep waiting. */
    private resultOfError(error: unknown): Reached | undefined {
        if (this.wait.signal.aborted || (this.task.cancelled.aborted && isUnsent(error))) {
            return undefined;
        }
        const { problem, final } = failureOf(error);
        this.problem = problem;
        return final && problem.code !== WRONG_STATE_CODE ? this.notReached(problem) : undefined;
    }

    private notReached(problem: Problem, failed: readonly ChildFailure[] = []): Reached {
        return { is: "notReached", children: this.children, problem, requested: this.requests > 0, failed };
    }
}

async function inspect(task: BatchTaskContext, goal: Goal, expected: number): Promise<InspectedChildren> {
    const { client, id, scheduled, signal } = task;
    if (goal === "started") {
        const { counts, started, failed } = await startProgress(client, id, { scheduled, expected }, signal);
        return { counts, reached: started, failed };
    }
    const counts = childCountsOf(await listChildren(client, id, signal));
    return { counts, reached: isReached(goal, counts, expected), failed: [] };
}

/** Whether a change was not sent. The client waits for one that is on its way, so "aborted" means not sent. */
export function isUnsent(error: unknown): boolean {
    return error instanceof CloudError && (error.kind === "aborted" || error.kind === "configuration");
}

/** `final`: another request would fail too. */
export function failureOf(error: unknown): { readonly problem: Problem; readonly final: boolean } {
    if (error instanceof ApiFailure) {
        return error;
    }
    if (error instanceof CloudError) {
        return { problem: error.problem, final: !error.passing };
    }
    return {
        problem: { code: "Unexpected", message: error instanceof Error ? error.message : String(error) },
        final: true,
    };
}
