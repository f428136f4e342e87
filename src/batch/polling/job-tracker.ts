import type { Clock, Random } from "../../util/clock";
import type { BatchApi, JobState } from "../api";
import type { TargetLedger } from "../session/target-ledger";
import { Poller, type PollOptions } from "./poller";
import { Schedule } from "./schedule";

interface Known {
    /** Keys submitted with it. */
    readonly targets: Set<string>;
    waiting: number;
    ended: boolean;
    /** Called when nobody waits for it any more. */
    readonly onAbandoned: Set<() => void>;
}

/** The jobs that this process has begun, from their submit until their end has been seen. */
export class JobTracker {
    private readonly known = new Map<string, Known>();
    private readonly poller: Poller<JobState>;

    constructor(
        private readonly api: BatchApi,
        private readonly ledger: TargetLedger,
        clock: Clock,
        random: Random,
    ) {
        this.poller = new Poller(
            async (ids, signal) => {
                const jobs = ids.map((id) => ({ id, targets: [...(this.known.get(id)?.targets ?? [])] }));
                return (await api.poll?.(jobs, signal)) ?? new Map<string, JobState>();
            },
            new Schedule(api.polling, random),
            clock,
        );
    }

    /** What went wrong at the last poll, if it did. */
    get trouble() {
        return this.poller.trouble;
    }

    /** A service may answer several submits with one job. */
    submitted(id: string, keys: readonly string[]): void {
        const job = this.remember(id);
        for (const key of keys) {
            job.targets.add(key);
        }
        this.ledger.jobBegins(id, keys);
    }

    /** Waits for the end of one job, until `onState` answers true. */
    async track(
        id: string,
        onState: (state: JobState) => boolean,
        { signal, owner }: Pick<PollOptions, "signal"> & { readonly owner: object },
    ): Promise<void> {
        const job = this.remember(id);
        job.waiting += 1;
        const onEnd = (_: string, state: JobState) => {
            if (state.is !== "running") {
                job.ended = true;
                this.ledger.jobEnded(id, job.targets);
            }
            return onState(state);
        };
        try {
            await this.poller.poll([id], onEnd, { first: "later", onTrouble: "wait", signal, owner });
        } finally {
            job.waiting -= 1;
            if (job.waiting === 0) {
                this.empty(id, job);
            }
        }
    }

    /** As far as this process knows. */
    isUnfinished(id: string): boolean {
        return this.known.get(id)?.ended === false;
    }

    /** The states of these jobs, outside of the schedule, with what became of single targets. */
    async pollInDetail(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, JobState>> {
        const jobs = ids.map((id) => ({
            id,
            targets: [...(this.known.get(id)?.targets ?? [])],
            inDetail: true as const,
        }));
        return (await this.api.poll?.(jobs, signal)) ?? new Map<string, JobState>();
    }

    /** Resolves when nobody waits for this job: it has ended, the time of all who waited was up, or nobody ever did. */
    abandoned(id: string): Promise<void> {
        const job = this.known.get(id);
        if (job === undefined || job.waiting === 0) {
            return Promise.resolve();
        }
        return new Promise((resolve) => job.onAbandoned.add(resolve));
    }

    private remember(id: string): Known {
        const job = this.known.get(id) ?? { targets: new Set(), waiting: 0, ended: false, onAbandoned: new Set() };
        this.known.set(id, job);
        return job;
    }

    private empty(id: string, job: Known): void {
        for (const resolve of job.onAbandoned) {
            resolve();
        }
        job.onAbandoned.clear();
        if (job.ended) {
            this.known.delete(id);
        }
    }
}
