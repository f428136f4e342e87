import type { Clock, Random } from "../clock";
import type { BatchApi, Job, JobSighting, Sighting, Submission } from "./api";
import { Merger, type Sent } from "./merger";
import { Schedule } from "./schedule";
import { Watcher } from "./watcher";

/** A lone hook that inspects for long must not hold up the others' last request for longer than this. Milliseconds. */
const LONGEST_HOLD = 1000;

/**
 * Everything that runs of one API, place and identity share in one process: one queue of submits, one watcher of jobs,
 * one of targets. Runs never mix identities, for each identity has a session of its own.
 */
export class Session {
    readonly jobs: Watcher<JobSighting>;
    readonly targets: Watcher<Sighting>;
    readonly submits: Merger<Submission>;
    /** Targets submitted in this process and not yet settled: who wants them too waits for this. */
    readonly inHand = new Map<string, Promise<void>>();
    /** Targets that a job says are gone, until inspection has agreed. */
    readonly attested = new Set<string>();
    private readonly jobsById = new Map<string, Job>();
    private readonly approaching = new Set<object>();
    private readonly approachEnded = new Set<() => void>();
    private readonly stages = new Map<string, { waiting: number; left: () => void }>();
    private busySince: number | undefined;
    private readonly busySchedule: Schedule;

    constructor(
        readonly api: BatchApi,
        readonly clock: Clock,
        random: Random,
    ) {
        this.targets = new Watcher(
            (keys, signal) => api.inspect(keys, { attested: this.attested, signal }),
            new Schedule(api.polling, random),
            clock,
        );
        this.jobs = new Watcher(
            async (ids, signal) => {
                const jobs = ids.flatMap((id) => this.jobsById.get(id) ?? []);
                return api.look === undefined ? new Map<string, JobSighting>() : api.look(jobs, signal);
            },
            new Schedule(api.polling, random),
            clock,
        );
        this.submits = new Merger<Submission>({
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

    /** The watcher of jobs shows a job by its targets too. */
    remember(job: Job): void {
        const known = this.jobsById.get(job.id);
        this.jobsById.set(job.id, {
            id: job.id,
            targets: known === undefined ? job.targets : [...new Set([...known.targets, ...job.targets])],
        });
    }

    private async nobodyApproaches(): Promise<void> {
        if (this.approaching.size === 0) {
            return;
        }
        const enough = new AbortController();
        await new Promise<void>((resolve) => {
            this.approachEnded.add(resolve);
            this.clock.sleep(LONGEST_HOLD, enough.signal).then(resolve, () => undefined);
        });
        enough.abort();
    }

    private async submit(keys: readonly string[], signal: AbortSignal): Promise<Sent<Submission>> {
        const result = await this.api.submit(keys, signal);
        if (result.is !== "busy") {
            this.busySince = undefined;
        }
        switch (result.is) {
            case "accepted": {
                if (result.job === undefined) {
                    return { answers: [{ keys, result }] };
                }
                this.remember({ id: result.job, targets: keys });
                const answers = [{ keys, result }];
                return this.api.exclusive ? { answers, busyUntil: this.excludesUntilLeft(result.job) } : { answers };
            }
            case "busy": {
                const now = this.clock.now();
                this.busySince ??= now;
                const wait = Math.max(this.busySchedule.gap(now - this.busySince), result.retryAfter ?? 0);
                // Nobody is told before the wait is over: then each looks, and asks again for what is still there.
                // An abort is not this request's answer: whoever is still there hears that the service was busy.
                await this.clock.sleep(wait, signal).catch(() => undefined);
                return { answers: [{ keys, result }] };
            }
            case "refused":
                return this.split(keys, result);
            case "notYet":
            case "uncertain":
                return { answers: [{ keys, result }] };
        }
    }

    /** By the culprits where the refusal names some, else by halves: at most 2·f·log₂(B/f) requests for f bad ids, not B. */
    private split(keys: readonly string[], result: Extract<Submission, { is: "refused" }>): Sent<Submission> {
        const asked = new Set(keys);
        const culprits = new Set((result.culprits ?? []).filter((key) => asked.has(key)));
        if (culprits.size > 0 && culprits.size < keys.length) {
            return {
                answers: [{ keys: [...culprits], result }],
                again: [keys.filter((key) => !culprits.has(key))],
            };
        }
        if (culprits.size === 0 && result.splits && keys.length > 1) {
            const half = Math.ceil(keys.length / 2);
            return { answers: [], again: [keys.slice(0, half), keys.slice(half)] };
        }
        return { answers: [{ keys, result }] };
    }

    /** Resolves when the last run that waits for this job has left it: because it ended, or because its time was up. */
    private excludesUntilLeft(id: string): Promise<void> {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.stages.set(id, { waiting: 0, left: resolve });
        return promise;
    }

    /** Waits for one job; `see` answers true when it has seen the end. */
    async watchJob(id: string, see: (sighting: JobSighting) => boolean, signal: AbortSignal): Promise<void> {
        const stage = this.stages.get(id);
        if (stage !== undefined) {
            stage.waiting += 1;
        }
        try {
            await this.jobs.watch([id], (_, sighting) => see(sighting), {
                firstLook: "later",
                onTrouble: "wait",
                signal,
            });
        } finally {
            if (stage !== undefined) {
                stage.waiting -= 1;
                if (stage.waiting === 0) {
                    this.stages.delete(id);
                    stage.left();
                }
            }
        }
    }
}
