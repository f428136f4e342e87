import type { Job, JobState, JobTimes, Problem } from "../../batch/api";
import { clean } from "../../util/text";
import { reportedProblem } from "../shared/fields";
import type { JobShown, SubJob } from "./job-api";

/** Job states: WAITING, RUNNING, SUCCESS, FAILED (ListImageJobs). A job in any other state has not ended. */
export function hasEnded(status: string): boolean {
    return /^(SUCCESS|FAILED)$/i.test(status);
}

/** A job that has not ended; `failed`: targets that its sub-jobs call failed already. */
export function runningState(shown: JobShown, failed?: ReadonlyMap<string, Problem>): JobState {
    return {
        is: "running",
        status: clean(shown.status),
        times: timesOf(shown),
        ...(failed === undefined ? {} : { failed }),
    };
}

/** A job that has ended, with all its sub-jobs. */
export function endedState(shown: JobShown, asked: Job, subJobs: readonly SubJob[]): JobState {
    const { done, undone, failed, problem } = resultsOf(subJobs, asked);
    const reportedDone = (keys: Iterable<string>) => new Set([...keys].filter((key) => !undone.has(key)));
    if (shown.status.toUpperCase() === "SUCCESS") {
        return endedWellState(shown, reportedDone(asked.targets), failed);
    }
    const general = `image-server job ${asked.id} ended with ${clean(shown.status)}`;
    return {
        is: "ended",
        status: clean(shown.status),
        well: false,
        times: timesOf(shown),
        reportedDone: reportedDone(done),
        failed,
        problem: {
            code: problem?.code ?? "JobFailed",
            message: problem === undefined ? general : `${general}: ${problem.message}`,
        },
    };
}

export function endedWellState(
    shown: JobShown,
    reportedDone: ReadonlySet<string>,
    failed: ReadonlyMap<string, Problem>,
): JobState {
    return { is: "ended", status: clean(shown.status), well: true, times: timesOf(shown), reportedDone, failed };
}

/** What the sub-jobs say of the job's targets; `problem` is the first of any, of things that are no targets too. */
export function resultsOf(subJobs: readonly SubJob[], asked: Job) {
    const targets = new Set(asked.targets);
    const done = new Set<string>();
    const undone = new Set<string>();
    const failed = new Map<string, Problem>();
    let problem: Problem | undefined;
    for (const subJob of subJobs) {
        const id = subJob.job_resource_info?.resource_id;
        const target = id !== undefined && targets.has(id) ? id : undefined;
        const status = subJob.status?.toUpperCase();
        // Terminal sub-job states: SUCCESS, FAILED, ABNORMAL; ROLLBACK and ABORTING still go on (ListImageSubJobs).
        if (status === "FAILED" || status === "ABNORMAL") {
            const failure = failureOf(subJob, status);
            problem ??= failure;
            if (target !== undefined) {
                failed.set(target, failed.get(target) ?? failure);
            }
        }
        if (target !== undefined) {
            (status === "SUCCESS" ? done : undone).add(target);
        }
    }
    return { done, undone, failed, problem };
}

/** Here the text is `error_message`, in HTTP errors it is `error_msg` (ListImageSubJobs). */
function failureOf(subJob: SubJob, status: string): Problem {
    const { error_code: code, error_message: message } = subJob.job_execute_info ?? {};
    return reportedProblem(code, message, {
        code: `SubJob${status}`,
        message: clean(`sub-job ${subJob.id ?? "without an id"} ended with ${status}`),
    });
}

function timesOf(shown: JobShown): JobTimes {
    return {
        ...(shown.begin_time ? { begin: clean(shown.begin_time, 100) } : {}),
        ...(shown.end_time ? { end: clean(shown.end_time, 100) } : {}),
    };
}
