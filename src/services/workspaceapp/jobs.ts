import * as z from "zod";
import type { BatchApi, Job, JobState, JobTimes, Problem } from "../../batch/api";
import type { CloudClient } from "../../cloud/call";
import { clean } from "../../util/text";
import { read, readIfThere, saysNotFound } from "../shared/failures";
import { reportedProblem, text } from "../shared/fields";
import { forEachLimit, type Page } from "../shared/inspection";
import { queryOf } from "../shared/listing";

/** ListImageJobs and ListImageSubJobs: limit 1..100, 10 unless told. */
const PAGE_SIZE = 100;
const CONCURRENT_READS = 48;
/** From so many jobs that ended at once, what a page says of them saves gets. */
const MANY_ENDED = 3;
/** ListImageJobs: job_type is mandatory. */
const DELETIONS = "DELETE_SERVER";

const job = z.object({ id: z.string(), status: z.string(), begin_time: text, end_time: text });
type JobShown = z.output<typeof job>;

const subJob = z.object({
    id: text,
    status: text,
    job_resource_info: z.object({ resource_id: text }).optional().catch(undefined),
    job_execute_info: z.object({ error_code: text, error_message: text }).optional().catch(undefined),
});
type SubJob = z.output<typeof subJob>;

const jobDetail = job.extend({
    sub_jobs_total: z.int().min(0).optional().catch(undefined),
    sub_jobs: z.array(subJob).optional().catch(undefined),
});

const pageOf = <T extends z.ZodType>(item: T) =>
    z
        .object({ count: z.int().min(0), items: z.array(item) })
        .transform((body): Page<z.output<T>> => ({ total: body.count, items: body.items }));
const jobPage = pageOf(job);
const subJobPage = pageOf(subJob);

/**
 * One look at all jobs. While one page of the whole list has them all, that page shows in one call which go on and which have
 * ended. Old jobs may fill it, for list order and retention are not documented: then the list of the running ones shows
 * most of them, that of the waiting ones is needed only for those not there, and a get for each that is in neither. That a
 * job is in no list never proves that it has ended.
 */
export function jobWatch(client: CloudClient): NonNullable<BatchApi["poll"]> {
    /** What once left out a job is not asked again. */
    let onePageHasAll = true;
    /** Old jobs may fill the pages of the ended ones: what did not show one that has ended is not asked again. */
    let endedPagesHelp = true;
    /** Seen in work: never among the waiting ones again. */
    const begun = new Set<string>();

    return async (jobs, signal) => {
        const states = new Map<string, JobState>();
        const open = new Map(jobs.map((asked) => [asked.id, asked]));
        const see = (id: string, state: JobState) => {
            if (open.delete(id)) {
                states.set(id, state);
            }
        };
        const seeUnended = (shown: JobShown) => {
            // Of one that ends while its page is made, the get tells more.
            if (open.has(shown.id) && !hasEnded(shown.status)) {
                if (shown.status.toUpperCase() === "RUNNING") {
                    begun.add(shown.id);
                }
                see(shown.id, { is: "running", status: clean(shown.status), times: timesOf(shown) });
            }
        };
        const seeWellEnded = (shown: JobShown) => {
            const asked = open.get(shown.id);
            if (asked !== undefined && shown.status.toUpperCase() === "SUCCESS") {
                see(shown.id, endedWell(shown, new Set(asked.targets), new Map()));
            }
        };
        const readOnePage = async () => {
            const { total, items } = await readJobs(client, undefined, 0, signal);
            items.forEach(seeUnended);
            const shown = items.filter(({ id }) => open.has(id));
            onePageHasAll = shown.length === open.size || total <= PAGE_SIZE;
            // A get tells of each target, which few are worth.
            if (shown.length >= MANY_ENDED) {
                shown.forEach(seeWellEnded);
            }
        };
        const readByStatus = async () => {
            await readByPages(client, "RUNNING", open, seeUnended, signal);
            if ([...open.keys()].filter((id) => !begun.has(id)).length > 1) {
                await readByPages(client, "WAITING", open, seeUnended, signal);
            }
            if (open.size >= MANY_ENDED && endedPagesHelp) {
                const before = open.size;
                await readByPages(client, "SUCCESS", open, seeWellEnded, signal);
                return open.size < before;
            }
            return true;
        };
        const fitsOnePage = () => onePageHasAll && jobs.length <= PAGE_SIZE;
        // For a single job a get is never dearer, and for two not than two lists.
        const inDetail = jobs.some((asked) => asked.inDetail);
        const tryOnePage = !inDetail && open.size > 1 && fitsOnePage();
        if (tryOnePage) {
            await readOnePage();
        }
        const byStatus = !inDetail && open.size > (tryOnePage ? 2 : 1) && !fitsOnePage();
        const helped = byStatus ? await readByStatus() : true;
        await forEachLimit([...open.values()], CONCURRENT_READS, async (asked) => {
            const state = await getJob(client, asked, signal);
            see(asked.id, state);
            // One that has just begun is in no list either, and says nothing of the pages of the ended ones.
            endedPagesHelp &&= helped || state.is !== "ended" || !state.well;
        });
        for (const [id, state] of states) {
            if (state.is !== "running") {
                begun.delete(id);
            }
        }
        return states;
    };
}

/** Reads the list of the jobs in one state: all of it, if its pages are fewer than the gets they save. */
async function readByPages(
    client: CloudClient,
    status: "RUNNING" | "WAITING" | "SUCCESS",
    open: ReadonlyMap<string, Job>,
    see: (shown: JobShown) => void,
    signal: AbortSignal,
): Promise<void> {
    const first = await readJobs(client, status, 0, signal);
    first.items.forEach(see);
    const left = Math.ceil((first.total - PAGE_SIZE) / PAGE_SIZE);
    if (left > 0 && first.items.length > 0 && open.size > left) {
        const offsets = Array.from({ length: left }, (_, n) => (n + 1) * PAGE_SIZE);
        await forEachLimit(offsets, CONCURRENT_READS, async (offset) => {
            const page = await readJobs(client, status, offset, signal);
            page.items.forEach(see);
        });
    }
}

function readJobs(
    client: CloudClient,
    status: "RUNNING" | "WAITING" | "SUCCESS" | undefined,
    offset: number,
    signal: AbortSignal,
): Promise<Page<JobShown>> {
    return read(
        client,
        {
            operation: "ListImageJobs",
            method: "GET",
            path: ["v1", client.place.projectId, "image-server-jobs"],
            query: queryOf({ job_type: DELETIONS, status, offset, limit: PAGE_SIZE }),
            effect: "reads",
            answer: jobPage,
        },
        signal,
    );
}

async function getJob(client: CloudClient, asked: Job, signal: AbortSignal): Promise<JobState> {
    const shown = await readIfThere(
        client,
        {
            operation: "ShowImageJob",
            method: "GET",
            path: ["v1", client.place.projectId, "image-server-jobs", asked.id],
            effect: "reads",
            answer: jobDetail,
        },
        saysNotFound,
        signal,
    );
    if (shown === undefined) {
        return { is: "lost" };
    }
    const given = shown.sub_jobs ?? [];
    const isWhole = given.length >= (shown.sub_jobs_total ?? given.length);
    const wanted = hasEnded(shown.status) || asked.inDetail === true;
    const subJobs = wanted && !isWhole ? await readSubJobs(client, asked.id, given, signal) : given;
    if (!hasEnded(shown.status)) {
        const { failed } = partsOf(asked, subJobs);
        return { is: "running", status: clean(shown.status), times: timesOf(shown), failed };
    }
    return ended(shown, asked, subJobs);
}

/** ListImageSubJobs, of one job. */
async function readSubJobs(
    client: CloudClient,
    jobId: string,
    given: readonly SubJob[],
    signal: AbortSignal,
): Promise<readonly SubJob[]> {
    const subJobs = [...given];
    for (let offset = 0; ; offset += PAGE_SIZE) {
        const page = await read(
            client,
            {
                operation: "ListImageSubJobs",
                method: "GET",
                path: ["v1", client.place.projectId, "image-server-sub-jobs"],
                query: queryOf({ job_type: DELETIONS, job_id: jobId, offset, limit: PAGE_SIZE }),
                effect: "reads",
                answer: subJobPage,
            },
            signal,
        );
        subJobs.push(...page.items);
        // A job has at most 20 targets, with some associated things each: pages that go on for ever are not believed.
        if (page.items.length === 0 || offset + PAGE_SIZE >= Math.min(page.total, MOST_SUB_JOBS)) {
            return subJobs;
        }
    }
}

const MOST_SUB_JOBS = 1_000;

/** Job states: WAITING, RUNNING, SUCCESS, FAILED (ListImageJobs). One that is not known yet has not ended. */
function hasEnded(status: string): boolean {
    return /^(SUCCESS|FAILED)$/i.test(status);
}

/** What the sub-jobs say of the job's targets. */
function partsOf(asked: Job, subJobs: readonly SubJob[]) {
    const targets = new Set(asked.targets);
    const done = new Set<string>();
    const undone = new Set<string>();
    const failed = new Map<string, Problem>();
    let problem: Problem | undefined;
    for (const part of subJobs) {
        const id = part.job_resource_info?.resource_id;
        const target = id !== undefined && targets.has(id) ? id : undefined;
        const status = part.status?.toUpperCase();
        // Terminal sub-job states: SUCCESS, FAILED, ABNORMAL; ROLLBACK and ABORTING are on their way (ListImageSubJobs).
        if (status === "FAILED" || status === "ABNORMAL") {
            const why = failureOf(part, status);
            problem ??= why;
            if (target !== undefined) {
                failed.set(target, failed.get(target) ?? why);
            }
        }
        if (target !== undefined) {
            (status === "SUCCESS" ? done : undone).add(target);
        }
    }
    return { done, undone, failed, problem };
}

function ended(shown: JobShown, asked: Job, subJobs: readonly SubJob[]): JobState {
    const { done, undone, failed, problem } = partsOf(asked, subJobs);
    const reportedDone = (keys: Iterable<string>) => new Set([...keys].filter((key) => !undone.has(key)));
    if (shown.status.toUpperCase() === "SUCCESS") {
        return endedWell(shown, reportedDone(asked.targets), failed);
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

function endedWell(shown: JobShown, reportedDone: ReadonlySet<string>, failed: ReadonlyMap<string, Problem>): JobState {
    return {
        is: "ended",
        status: clean(shown.status),
        well: true,
        times: timesOf(shown),
        reportedDone: reportedDone,
        failed,
    };
}

/** Here the text is `error_message`, in HTTP errors it is `error_msg` (ListImageSubJobs). */
function failureOf(part: SubJob, status: string): Problem {
    const { error_code: code, error_message: message } = part.job_execute_info ?? {};
    return reportedProblem(code, message, {
        code: `SubJob${status}`,
        message: clean(`sub-job ${part.id ?? "without an id"} ended with ${status}`),
    });
}

function timesOf(shown: JobShown): JobTimes {
    return {
        ...(shown.begin_time ? { begin: clean(shown.begin_time, 100) } : {}),
        ...(shown.end_time ? { end: clean(shown.end_time, 100) } : {}),
    };
}
