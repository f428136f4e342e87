import type { JobSighting, Submission } from "./api";
import type { JobRecord } from "./outcome";

/** The jobs of one run, as they are told to the user. */
export class JobLedger {
    private readonly jobs = new Map<string, JobRecord>();
    private readonly percents = new Map<string, number>();

    accepted(submission: Extract<Submission, { is: "accepted" }>): void {
        const { job, requestId } = submission;
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

    /** True when the job has moved since it was last seen. */
    seen(id: string, sighting: JobSighting): boolean {
        const known = this.jobs.get(id);
        const status = sighting.is === "lost" ? "lost" : sighting.status;
        const moved =
            status !== known?.status || (sighting.is === "running" && sighting.percent !== this.percents.get(id));
        if (sighting.is === "running" && sighting.percent !== undefined) {
            this.percents.set(id, sighting.percent);
        }
        this.jobs.set(id, {
            id,
            requestIds: known?.requestIds ?? [],
            status,
            ...(sighting.is === "lost" ? {} : sighting.times),
        });
        return moved;
    }

    records(): readonly JobRecord[] {
        return [...this.jobs.values()];
    }
}
