import { childOf, onAbort } from "../util/abort";
import { CANCELLED, GRACE, LAST_INSPECTION } from "../util/cancellation";
import { pause } from "../util/clock";
import type { Problem, TargetState } from "./api";
import type { RunEvent } from "./events";
import type { Guard } from "./guard";
import type { RunReport } from "./outcome";
import { problemOf } from "./problem";
import { type Deadline, untilLastInspection } from "./run/deadline";
import { inspectOnce } from "./run/last-inspection";
import { missingTargets } from "./run/missing";
import { Reconciler } from "./run/reconciler";
import { RunState } from "./run/run-state";
import { watchForStall } from "./run/stall";
import { TaskGroup } from "./run/task-group";
import { isAbsent } from "./session/absence";
import type { Session } from "./session/session";

export interface RunOptions {
    /** Aborts at the deadline, or when the run must stop for another reason; the reason is a `Problem`. */
    readonly signal: AbortSignal;
    /** Where it is known, one inspection before it settles what can be settled. */
    readonly deadline?: Deadline;
    /** No target settled and no job moved for so long: the run gives up. Milliseconds. */
    readonly stallTimeout?: number;
    /** Keys that must be there at the first inspection; if one is missing nothing is submitted at all. */
    readonly mustExist?: ReadonlySet<string>;
    /** For the message about those that are missing: "region cn-north-4, project 0123". */
    readonly where?: string;
    /** What it refuses is not submitted, and fails with the guard's problem. */
    readonly guard?: Guard;
    readonly random: () => number;
    readonly onEvent?: (event: RunEvent) => void;
}

/** The operation was cancelled before the target was submitted. */
const NOT_SUBMITTED: Problem = {
    code: CANCELLED.code,
    message: "the operation was cancelled before it was submitted; run the same command again to go on",
};
/** The operation was cancelled after the target was submitted, and before it was settled. */
const UNDER_WAY: Problem = {
    code: CANCELLED.code,
    message:
        "the operation was cancelled while it was under way, which goes on in the cloud; run the same command again to see its end",
};

/** An abort without a reason makes an exception with a stack. */
const OVER = "the run is over";

/** One pass over a set of targets: inspect, decide, submit, wait, verify. Never throws: what went wrong is in the report. */
export function run(session: Session, keys: Iterable<string>, options: RunOptions): Promise<RunReport> {
    return new Run(session, keys, options).execute();
}

class Run {
    private readonly runState: RunState;
    private readonly tasks: TaskGroup;
    private readonly reconciler: Reconciler;
    /** Aborts when nothing is to be submitted any more. */
    private readonly submitting: AbortController;
    private stopped: { readonly problem: Problem; readonly timeIsUp: boolean } | undefined;
    /** What went wrong at the last inspection of all. */
    private trouble: Problem | undefined;
    private absent: ReadonlySet<string> = new Set();
    /** Targets of requests that were on their way when the run was seen to stall. */
    private notInspected: readonly string[] = [];
    /** Targets that had to be there are not: the run fails for that. */
    private hasMissing = false;
    private release: () => void = () => undefined;

    constructor(
        private readonly session: Session,
        keys: Iterable<string>,
        private readonly options: RunOptions,
    ) {
        const emit = options.onEvent ?? (() => undefined);
        this.runState = new RunState(keys, session.api.effect, session.clock, emit);
        this.tasks = new TaskGroup((error) => this.fail(problemOf(error)));
        this.submitting = childOf(this.tasks.signal).controller;
        this.reconciler = new Reconciler(session, this.runState, this.tasks, this.submitting.signal, options);
    }

    async execute(): Promise<RunReport> {
        const { signal } = this.options;
        const { cancelled } = this.session;
        if (signal.aborted) {
            this.stop(problemOf(signal.reason), true);
        } else if (cancelled.aborted) {
            this.stop(CANCELLED, true);
        } else if (this.runState.open.size > 0) {
            await this.work();
        }
        await this.closeOpenTargets();
        return { ...this.runState.report(this.stopped?.problem), absent: this.absent };
    }

    private async work(): Promise<void> {
        const { signal } = this.options;
        const { cancelled, ledger } = this.session;
        const over = new AbortController();
        const timers: Array<Promise<void>> = [this.stopAtStall(over.signal), this.stopAtDeadline(over.signal)];
        const forget = [
            onAbort(signal, () => this.stop(problemOf(signal.reason), true)),
            onAbort(cancelled, () => timers.push(this.cancel(over.signal))),
        ];
        const runEnds = ledger.runBegins();
        const began = ledger.now();
        this.tasks.start(() => this.begin());
        await this.tasks.allEnded();
        if (cancelled.aborted && this.runState.open.size > 0) {
            this.stop(CANCELLED, true);
        }
        over.abort(OVER);
        await Promise.all(timers);
        await this.inspectAtTheEnd();
        this.settleByOtherInspections(began);
        runEnds();
        for (const each of forget) {
            each();
        }
        this.tasks.stop(undefined);
    }

    private stop(problem: Problem, timeIsUp: boolean): void {
        this.stopped ??= { problem, timeIsUp };
        this.tasks.stop(problem);
        this.release();
    }

    private fail(problem: Problem): void {
        // That a cancellation keeps something from being submitted is no failure: the run ends when what is under way has ended.
        if (!this.session.cancelled.aborted || problem.code !== CANCELLED.code) {
            this.stop(problem, false);
        }
    }

    /** From here on nothing is submitted; what is under way has a short while to end. */
    private async cancel(over: AbortSignal): Promise<void> {
        this.submitting.abort(CANCELLED);
        this.release();
        if (await pause(this.session.clock, GRACE, over)) {
            this.stop(CANCELLED, true);
        }
    }

    private async stopAtStall(over: AbortSignal): Promise<void> {
        const { stallTimeout: limit } = this.options;
        if (limit === undefined) {
            return;
        }
        const { runState } = this;
        const inspect = async () => {
            const { awaitingReply } = this.reconciler;
            this.notInspected = [...runState.open].filter((key) => awaitingReply.has(key));
            const rest = [...runState.open].filter((key) => !awaitingReply.has(key));
            await this.inspectOnce(rest, limit, over);
            return !over.aborted && !this.tasks.signal.aborted;
        };
        const stalled = await watchForStall({ clock: this.session.clock, runState, limit, inspect, over });
        if (stalled !== undefined) {
            this.stop(stalled, true);
        } else if (runState.open.size === 0) {
            this.tasks.stop(OVER);
        }
    }

    /** Stops early enough for one inspection. */
    private async stopAtDeadline(over: AbortSignal): Promise<void> {
        const { deadline } = this.options;
        if (deadline === undefined) {
            return;
        }
        const { clock, inspectionTimes } = this.session;
        const inspectionTakes = () => inspectionTimes.fullInspection(this.runState.open.size);
        if (await untilLastInspection(clock, deadline, inspectionTakes, over)) {
            this.stop(deadline.problem, true);
        }
    }

    /** No time is left to wait: what one inspection can settle is settled. */
    private async inspectAtTheEnd(): Promise<void> {
        if (this.stopped?.timeIsUp !== true || this.options.signal.aborted) {
            return;
        }
        const { deadline } = this.options;
        if (this.session.cancelled.aborted) {
            await this.inspectOnce(this.runState.underWay, LAST_INSPECTION);
        } else if (deadline !== undefined && this.stopped.problem === deadline.problem) {
            await this.inspectOnce([...this.runState.open], deadline.limit);
        } else {
            await this.inspectOnce(
                this.notInspected.filter((key) => this.runState.open.has(key)),
                LAST_INSPECTION,
            );
        }
    }

    /** What an inspection for another run showed settled, while this run could not wait for one any more, is settled. */
    private settleByOtherInspections(began: number): void {
        if (this.hasMissing) {
            return;
        }
        for (const key of this.runState.open) {
            if (this.session.ledger.isSettled(key, began)) {
                this.runState.settled(key);
            }
        }
    }

    private async inspectOnce(keys: readonly string[], within: number, over?: AbortSignal): Promise<void> {
        if (keys.length === 0) {
            return;
        }
        const { earlierFailure } = this.reconciler;
        const { signal } = this.options;
        const ends = over === undefined ? [signal] : [signal, over];
        this.trouble = await inspectOnce(this.session, this.runState, { keys, earlierFailure, within, ends });
    }

    private async closeOpenTargets(): Promise<void> {
        const { problem, timeIsUp } = this.stopped ?? {
            problem: { code: "Unsettled", message: "the run ended before this target did" },
            timeIsUp: false,
        };
        if (problem === CANCELLED) {
            await this.runState.close(UNDER_WAY, true, NOT_SUBMITTED);
            return;
        }
        const { jobTracker: jobs, targetPoller: targets } = this.session;
        const trouble = timeIsUp ? (jobs.trouble ?? targets.trouble ?? this.trouble) : undefined;
        const also = trouble === undefined ? "" : `; the last inspection failed: ${trouble.code} ${trouble.message}`;
        await this.runState.close({ ...problem, message: problem.message + also }, timeIsUp);
    }

    private async begin(): Promise<void> {
        this.release = this.session.approach();
        try {
            const keys = [...this.runState.open];
            const states = await this.reconciler.inspect(keys, "fail");
            this.absent = new Set([...states].filter(([, seen]) => isAbsent(seen)).map(([key]) => key));
            this.runState.emit({ is: "inspected", targets: states.size });
            if (this.stopForMissing(states)) {
                return;
            }
            await this.session.clock.yieldToEventLoop();
            await this.reconciler.reconcileInOrder(keys, states);
        } finally {
            this.release();
        }
    }

    private stopForMissing(states: ReadonlyMap<string, TargetState>): boolean {
        const { mustExist = new Set<string>(), where } = this.options;
        const problem = missingTargets(states, mustExist, where);
        if (problem === undefined) {
            return false;
        }
        this.hasMissing = true;
        for (const [key, state] of states) {
            if (state.is === "settled" && !mustExist.has(key)) {
                this.runState.settled(key);
            }
        }
        this.stop(problem, false);
        return true;
    }
}
