import { forEachInChunks } from "../../util/chunks";
import type { Clock } from "../../util/clock";
import type { BatchApi, Problem, TargetState } from "../api";
import type { RunEvent } from "../events";
import type { Outcome, RunReport } from "../outcome";
import { JobRecords } from "./job-records";

/** Shared by all targets with the same outcome. */
const SETTLED_OUTCOMES = {
    deletes: { mine: { is: "deleted" }, others: { is: "alreadyGone" } },
    acts: { mine: { is: "done" }, others: { is: "alreadyDone" } },
} as const;

/** What one run knows of its targets. */
export class RunState {
    readonly open: Set<string>;
    readonly jobs = new JobRecords();
    /** When a target was last settled or submitted, or a job moved. */
    lastProgress: number;
    private readonly outcomes = new Map<string, Outcome>();
    /** Of the open ones, those that this run has submitted, or perhaps has. */
    private readonly submitted = new Set<string>();
    private begun = false;
    private notTried = 0;
    private refusedCount = 0;
    private readonly jobOf = new Map<string, string>();
    /** What went wrong with a target, as the cloud says: its outcome, unless an inspection shows it settled. */
    private readonly reported = new Map<string, Problem>();

    constructor(
        keys: Iterable<string>,
        private readonly effect: BatchApi["effect"],
        private readonly clock: Clock,
        readonly emit: (event: RunEvent) => void,
    ) {
        this.open = new Set(keys);
        this.lastProgress = clock.now();
    }

    progress(): void {
        this.lastProgress = this.clock.now();
    }

    submittedNow(
        keys: readonly string[],
        { job, requestId }: { readonly job?: string; readonly requestId?: string } = {},
    ): void {
        this.begun = true;
        for (const key of keys) {
            this.submitted.add(key);
            this.reported.delete(key);
        }
        this.progress();
        if (job !== undefined) {
            this.worksOn(job, keys);
        }
        this.emit({
            is: "submitted",
            keys,
            ...(job === undefined ? {} : { job }),
            ...(requestId === undefined ? {} : { requestId }),
        });
    }

    /** Something was done to targets that can't be submitted yet. */
    prepared(): void {
        this.begun = true;
    }

    /** A job of this run, or of another one that had these targets before. */
    worksOn(job: string, keys: readonly string[]): void {
        for (const key of keys) {
            this.jobOf.set(key, job);
        }
    }

    /** A refusal, an answer or a job says that it failed; inspection has not confirmed it yet. */
    reportFailed(key: string, problem: Problem): void {
        if (this.open.has(key)) {
            this.reported.set(key, problem);
        }
    }

    /** Its state has changed: the report is out of date. */
    forgetReport(key: string): void {
        this.reported.delete(key);
    }

    reportOf(key: string): Problem | undefined {
        return this.reported.get(key);
    }

    /** What this run has submitted, or perhaps has, and has not settled yet. */
    get underWay(): readonly string[] {
        return [...this.submitted];
    }

    isUnderWay(key: string): boolean {
        return this.submitted.has(key);
    }

    /** Of the open targets, those that a job may still be working on. */
    openByJob(): ReadonlyMap<string, readonly string[]> {
        const byJob = new Map<string, string[]>();
        for (const [key, job] of this.jobOf) {
            const keys = byJob.get(job) ?? [];
            byJob.set(job, keys);
            keys.push(key);
        }
        return byJob;
    }

    settled(key: string): void {
        const mine = this.submitted.has(key);
        this.settle(key, SETTLED_OUTCOMES[this.effect][mine ? "mine" : "others"]);
    }

    /** Nothing will show what became of it, whatever time is left. */
    unknown(key: string, problem: Problem): void {
        this.settle(key, { is: "unknown", problem, ...this.job(key) });
    }

    failed(key: string, problem: Problem, seen?: TargetState): void {
        const name = seen === undefined || seen.is === "unseen" ? undefined : seen.facts?.name;
        this.settle(key, { is: "failed", problem, ...this.job(key), ...(name === undefined ? {} : { name }) });
    }

    /** The guard refuses it: it was ready, and is not submitted. */
    refused(key: string, problem: Problem, seen?: TargetState): void {
        this.refusedCount += 1;
        this.failed(key, problem, seen);
    }

    /**
     * Ends what is still open when the run is over: failed where the cloud has said so, or where surely nothing was submitted and time
     * was left, else unknown. `notSubmitted`: the problem of what this run has not submitted.
     */
    close(problem: Problem, timeIsUp: boolean, notSubmitted = problem): Promise<void> {
        return forEachInChunks(this.clock, this.open, (key) => {
            const reported = this.reported.get(key);
            if (reported !== undefined) {
                this.failed(key, reported);
            } else if (timeIsUp || this.submitted.has(key)) {
                const why = this.submitted.has(key) ? problem : notSubmitted;
                this.settle(key, { is: "unknown", problem: why, ...this.job(key) });
            } else {
                this.notTried += 1;
                this.failed(key, problem);
            }
        });
    }

    report(stopped: Problem | undefined): RunReport {
        return {
            outcomes: this.outcomes,
            jobs: this.jobs.records(),
            submitted: this.begun,
            notTried: this.notTried,
            refused: this.refusedCount,
            ...(stopped === undefined ? {} : { stopped }),
        };
    }

    private job(key: string): { job?: string } {
        const job = this.jobOf.get(key);
        return job === undefined ? {} : { job };
    }

    private settle(key: string, outcome: Outcome): void {
        if (this.open.delete(key)) {
            this.submitted.delete(key);
            this.jobOf.delete(key);
            this.reported.delete(key);
            this.outcomes.set(key, outcome);
            this.progress();
            this.emit({ is: "settled", key, outcome });
        }
    }
}
