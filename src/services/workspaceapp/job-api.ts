import * as z from "zod";
import type { CloudClient } from "../../cloud/call";
import { read, readIfThere, saysNotFound } from "../shared/failures";
import { text } from "../shared/fields";
import type { Page } from "../shared/inspection";
import { queryOf } from "../shared/listing";

/** ListImageJobs and ListImageSubJobs: limit 1..100, by default 10. */
export const PAGE_SIZE = 100;
/** ListImageJobs: job_type is mandatory. */
const DELETIONS = "DELETE_SERVER";
/** A job has at most 20 targets, with some associated things each: pages that go on beyond this are not believed. */
const MOST_SUB_JOBS = 1_000;

const job = z.object({ id: z.string(), status: z.string(), begin_time: text, end_time: text });
export type JobShown = z.output<typeof job>;

const subJob = z.object({
    id: text,
    status: text,
    job_resource_info: z.object({ resource_id: text }).optional().catch(undefined),
    job_execute_info: z.object({ error_code: text, error_message: text }).optional().catch(undefined),
});
export type SubJob = z.output<typeof subJob>;

const jobDetail = job.extend({
    sub_jobs_total: z.int().min(0).optional().catch(undefined),
    sub_jobs: z.array(subJob).optional().catch(undefined),
});
type JobDetail = z.output<typeof jobDetail>;

const pageOf = <T extends z.ZodType>(item: T) =>
    z
        .object({ count: z.int().min(0), items: z.array(item) })
        .transform((body): Page<z.output<T>> => ({ total: body.count, items: body.items }));
const jobPage = pageOf(job);
const subJobPage = pageOf(subJob);

/** The job states that the list is filtered by. */
export type ListedStatus = "RUNNING" | "WAITING" | "SUCCESS";

/** ListImageJobs: one page of the deletions, in one status or in any. */
export function readJobs(
    client: CloudClient,
    status: ListedStatus | undefined,
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

/** ShowImageJob; undefined: there is no such job. */
export function readJob(client: CloudClient, id: string, signal: AbortSignal): Promise<JobDetail | undefined> {
    return readIfThere(
        client,
        {
            operation: "ShowImageJob",
            method: "GET",
            path: ["v1", client.place.projectId, "image-server-jobs", id],
            effect: "reads",
            answer: jobDetail,
        },
        saysNotFound,
        signal,
    );
}

/** ListImageSubJobs: all sub-jobs of one job, behind those that are given. */
export async function readSubJobs(
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
        if (page.items.length === 0 || offset + PAGE_SIZE >= Math.min(page.total, MOST_SUB_JOBS)) {
            return subJobs;
        }
    }
}
