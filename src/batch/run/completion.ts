import { childOf } from "../../util/abort";
import type { JobState, SubmitReply, TargetState } from "../api";
import type { Session } from "../session/session";
import { type CompletionReport, judgeCompletion } from "./judge-completion";
import type { RunState } from "./run-state";

/** An abort without a reason makes an exception with a stack, and this one happens often. */
const OVER = "the wait is over";

/** Follows up what one run has submitted: waits for the jobs, and verifies what they report. */
export class Completion {
    /** The stamp of the failure that a target showed before it was submitted: see judge-completion.ts. */
    readonly earlierFailure = new Map<string, string>();

    constructor(
        private readonly session: Session,
        private readonly runState: RunState,
        /** Aborts when the run is over. */
        private readonly signal: AbortSignal,
        /** Of its waits: see polling/poller.ts. */
        private readonly owner: object,
    ) {}

    /** From an accepted request to the outcome of each of its targets. */
    async awaitEnd(keys: readonly string[], accepted: Extract<SubmitReply, { is: "accepted" }>): Promise<void> {
        const { job, failed, reportedDone } = accepted;
        const hold = this.session.ledger.hold(keys);
        try {
            if (job === undefined || this.session.api.poll === undefined) {
                await this.verify(keys, { failed, reportedDone }, "later");
            } else {
                const refused = keys.filter((key) => failed.has(key));
                const rest = keys.filter((key) => !failed.has(key));
                await Promise.all([this.verify(refused, { failed }, "now"), this.awaitJobAndVerify(job, rest)]);
            }
        } finally {
            hold.release();
        }
    }

    private async awaitJobAndVerify(job: string, keys: readonly string[]): Promise<void> {
        const end = await this.awaitJob(job, keys);
        const left = keys.filter((key) => this.runState.open.has(key));
        if (end === undefined || end.is !== "ended") {
            await this.verify(left, { failed: new Map(), job: `job ${job} is not known any more` }, "now");
            return;
        }
        const { failed, reportedDone, well, problem, status } = end;
        const general = well || problem === undefined ? {} : { problem };
        await this.verify(left, { failed, reportedDone, job: `job ${job} ended with ${status}`, ...general }, "now");
    }

    /** Until the job has ended or is lost, or, if it is stuck, until its targets are seen to be settled. */
    async awaitJob(id: string, keys: readonly string[], until = this.signal): Promise<JobState | undefined> {
        let end: JobState | undefined;
        const onJob = (state: JobState) => {
            this.noteJob(id, state, keys);
            if (state.is !== "running") {
                end = state;
            }
            return state.is !== "running";
        };
        const onTarget = (key: string, state: TargetState) => {
            const reported = this.runState.reportOf(key);
            if (state.is === "settled") {
                this.runState.settled(key);
            } else if (reported !== undefined && (state.is === "ready" || state.is === "impossible")) {
                this.runState.failed(key, reported);
            }
            return !this.runState.open.has(key);
        };
        const { controller, dispose } = childOf(until);
        const { signal } = controller;
        const { owner } = this;
        const waits = [
            this.session.jobTracker.track(id, onJob, { signal, owner }),
            this.session.stuckJobPoller.poll(keys, onTarget, {
                first: "later",
                onTrouble: "wait",
                signal,
                owner,
            }),
        ];
        try {
            await Promise.race(waits);
        } finally {
            dispose();
            controller.abort(OVER);
            await Promise.allSettled(waits);
        }
        return end;
    }

    private noteJob(id: string, state: JobState, keys: readonly string[]): void {
        if (this.runState.jobs.seen(id, state)) {
            this.runState.progress();
        }
        if (state.is === "running") {
            const { status, progress, failed } = state;
            for (const key of failed === undefined ? [] : keys) {
                const problem = failed?.get(key);
                if (problem !== undefined) {
                    this.runState.reportFailed(key, problem);
                }
            }
            this.runState.emit({ is: "polled", job: id, status, ...(progress === undefined ? {} : { progress }) });
        } else {
            this.runState.emit({ is: "jobEnded", job: id, status: state.is === "ended" ? state.status : "lost" });
        }
    }

    /** What a job or an answer reports has to be confirmed by inspection. */
    private async verify(keys: readonly string[], report: CompletionReport, first: "now" | "later"): Promise<void> {
        const { clock, api, ledger, targetPoller: targets } = this.session;
        const since = clock.now();
        ledger.reportDone(keys.filter((key) => report.reportedDone?.has(key)));
        for (const key of keys) {
            const problem = report.failed.get(key) ?? report.problem;
            if (problem !== undefined) {
                this.runState.reportFailed(key, problem);
            }
        }
        const judge = (key: string, state: TargetState) => {
            const found = judgeCompletion(key, state, report, {
                waited: clock.now() - since,
                settleWithin: api.settleWithin,
                earlierFailure: this.earlierFailure.get(key),
            });
            if (found.is === "settled") {
                this.runState.settled(key);
            } else if (found.is === "failed") {
                this.runState.failed(key, found.problem, state);
            } else if (found.is === "unknown") {
                this.runState.unknown(key, found.problem);
            }
            return found.is !== "wait";
        };
        const { signal, owner } = this;
        await targets.poll(keys, judge, { first, onTrouble: "wait", signal, owner });
    }
}
