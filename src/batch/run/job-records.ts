import type { JobState, SubmitReply } from "../api";
import type { JobRecord } from "../outcome";

/** How far a job has come: a status that was seen before is no progress. */
interface Reach {
    readonly statuses: Set<string>;
    progress: number;
}

/** The jobs of one run, as they are reported to the user. */
export class JobRecords {
    private readonly jobs = new Map<string, JobRecord>();
    private readonly reached = new Map<string, Reach>();

    accepted({ job, requestId }: Extract<SubmitReply, { is: "accepted" }>): void {
        if (job === undefined) {
            return;
        }
        const known = this.jobs.get(job);
        const requestIds = requestId === undefined ? [] : [requestId];
        this.jobs.set(job, {
            ...(known ?? { id: job, status: "submitted" }),
            requestIds: [...(known?.requestIds ?? []), ...requestIds],
        });
    }

    /** True if the job has come further than ever before. */
    seen(id: string, state: JobState): boolean {
        const status = state.is === "lost" ? "lost" : state.status;
        this.jobs.set(id, {
            id,
            requestIds: this.jobs.get(id)?.requestIds ?? [],
            status,
            ...(state.is === "lost" ? {} : state.times),
        });
        const reach = this.reached.get(id) ?? { statuses: new Set(), progress: 0 };
        this.reached.set(id, reach);
        const progress = (state.is === "running" ? state.progress : undefined) ?? 0;
        const further = !reach.statuses.has(status) || progress > reach.progress;
        reach.statuses.add(status);
        reach.progress = Math.max(reach.progress, progress);
        return further;
    }

    records(): readonly JobRecord[] {
        return [...this.jobs.values()];
    }
}
