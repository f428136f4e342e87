import * as z from "zod";
import { Refusal } from "../../gateway/refusal";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { commaList, pageOf, queryInteger } from "../paging";
import {
    conflict,
    JOB_STATES,
    JOB_TYPES,
    type Job,
    jobs,
    SUB_JOB_STATES,
    type SubJob,
    settings,
    subJobs,
} from "./model";

const paging = {
    offset: queryInteger(0, 2_147_483_647).default(0),
    limit: queryInteger(1, 100).default(10),
};

const jobView = ({ sub_job_ids, unfinished: _, vanished: __, ...job }: Job) => ({
    ...job,
    sub_jobs_total: sub_job_ids.length,
});
const subJobView = ({ previous_status: _, image_server_id: __, ...subJob }: SubJob) => subJob;

function readableJobs({ world, project }: Call): Job[] {
    const { jobOrder } = settings.in(world);
    const all = jobs.in(world, project).list(jobOrder);
    return all.filter((job) => !job.vanished);
}

function readableSubJobs({ world, project }: Call): SubJob[] {
    const { jobOrder } = settings.in(world);
    const records = jobs.in(world, project);
    const all = subJobs.in(world, project).list(jobOrder);
    return all.filter(({ job_id }) => records.get(job_id)?.vanished === false);
}

export const jobRoutes: readonly Route[] = [
    route({
        operation: "ListImageJobs",
        method: "GET",
        path: "/v1/:project_id/image-server-jobs",
        query: z.object({ job_type: z.enum(JOB_TYPES), status: z.enum(JOB_STATES).optional(), ...paging }),
        handle(call, { query }) {
            const { job_type, status } = query;
            const found = readableJobs(call).filter(
                (job) => job.job_type === job_type && (status === undefined || job.status === status),
            );
            return ok({ count: found.length, items: pageOf(found, query.offset, query.limit).map(jobView) });
        },
    }),
    route({
        operation: "ShowImageJob",
        method: "GET",
        path: "/v1/:project_id/image-server-jobs/:job_id",
        handle(call, { params }) {
            const job = jobs.in(call.world, call.project).get(params.job_id ?? "");
            if (job === undefined || job.vanished) {
                const code = settings.in(call.world).jobNotFoundCode;
                throw new Refusal(404, code, `The job ${params.job_id} does not exist.`);
            }
            const records = subJobs.in(call.world, call.project);
            const sub_jobs = job.sub_job_ids.map((id) => records.get(id)).filter((subJob) => subJob !== undefined);
            return ok({ ...jobView(job), sub_jobs: sub_jobs.map(subJobView) });
        },
    }),
    route({
        operation: "ListImageSubJobs",
        method: "GET",
        path: "/v1/:project_id/image-server-sub-jobs",
        query: z.object({
            job_type: z.enum(JOB_TYPES),
            status: z.enum(SUB_JOB_STATES).optional(),
            job_id: z.string().optional(),
            ...paging,
        }),
        handle(call, { query }) {
            const { job_type, status, job_id } = query;
            const found = readableSubJobs(call).filter(
                (subJob) =>
                    subJob.job_type === job_type &&
                    (status === undefined || subJob.status === status) &&
                    (job_id === undefined || subJob.job_id === job_id),
            );
            return ok({ count: found.length, items: pageOf(found, query.offset, query.limit).map(subJobView) });
        },
    }),
    route({
        operation: "CountImageSubJobs",
        method: "GET",
        path: "/v1/:project_id/image-server-sub-jobs/actions/count",
        query: z.object({
            status: z.enum(SUB_JOB_STATES).optional(),
            job_type: commaList(JOB_TYPES).optional(),
            job_id: z.string().optional(),
        }),
        handle(call, { query }) {
            const { status, job_type, job_id } = query;
            const found = readableSubJobs(call).filter(
                (subJob) =>
                    (job_type === undefined || job_type.includes(subJob.job_type)) &&
                    (status === undefined || subJob.status === status) &&
                    (job_id === undefined || subJob.job_id === job_id),
            );
            return ok({ count: found.length });
        },
    }),
    route({
        operation: "BatchDeleteImageSubJobs",
        method: "PATCH",
        path: "/v1/:project_id/image-server-sub-jobs/actions/batch-delete",
        body: z.object({ items: z.array(z.string().min(1).max(64)).min(1).max(20) }),
        handle(call, { body }) {
            const records = subJobs.in(call.world, call.project);
            const found = body.items.map((id) => records.get(id)).filter((subJob) => subJob !== undefined);
            // Only records that ended as SUCCESS or FAILED can be cleared.
            const open = found.find(({ status }) => status !== "SUCCESS" && status !== "FAILED");
            if (open !== undefined) {
                throw conflict(`The sub-job ${open.id} is ${open.status}.`);
            }
            for (const { id } of found) {
                records.forget(id);
            }
            return ok();
        },
    }),
];
