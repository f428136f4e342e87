import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { isoSeconds } from "../../world/world";
import { INSTANCE_PATH, instanceOf } from "./instance-routes";
import { findAsset, mayDelete, noteDoubleSubmissions, refuseSecondJob, stepsOf, submitJob } from "./jobs";
import { type Asset, type AssetJob, invalid, jobs, refusal, settings } from "./model";

const MAX_REASONS = 10;
const appIds = z.array(z.object({ id: z.string().min(1).max(64) })).max(100);
const taskIds = z.array(z.object({ id: z.string().min(1).max(32) })).max(100);

const assetsOf = (body: { apps: { id: string }[]; tasks: { id: string }[] }): Asset[] => [
    ...body.apps.map(({ id }): Asset => ({ type: "application", id })),
    ...body.tasks.map(({ id }): Asset => ({ type: "task", id })),
];

/** The assets that a job is to take, as far as the call is not refused for one of them. */
function judged(call: Call, instance: string, given: readonly Asset[]): Asset[] {
    const { world, project } = call;
    const rules = settings.in(world);
    if (rules.assetLimit === "in-total" && given.length > 100) {
        throw invalid("apps and tasks: at most 100 applications and tasks");
    }
    const distinct = [...new Map(given.map((asset) => [`${asset.type} ${asset.id}`, asset])).values()];
    if (distinct.length < given.length && rules.duplicateIds === "refuse-call") {
        throw invalid("apps and tasks: the same id twice");
    }
    return distinct.filter((asset) => {
        const found = findAsset(world, project, instance, asset);
        if (found === undefined) {
            if (rules.unknownIds !== "refuse-call") {
                return rules.unknownIds === "fail-job";
            }
            const message = "Failed to create the asset task.";
            throw refusal(rules.unknownIdCode, message, `The ${asset.type} ${asset.id} does not exist.`);
        }
        if (!mayDelete(found) && rules.missingRole === "refuse-call") {
            throw refusal("ROMA.12001", "No permission to operate the application.", asset.id);
        }
        return true;
    });
}

const SPELLINGS = {
    "RUNNING|SUCCEEDED|FAILED": { RUNNING: "RUNNING", SUCCEEDED: "SUCCEEDED", FAILED: "FAILED" },
    "Running|Success|Failed": { RUNNING: "Running", SUCCEEDED: "Success", FAILED: "Failed" },
    "Running|Finished|Failed": { RUNNING: "Running", SUCCEEDED: "Finished", FAILED: "Failed" },
} as const;

function jobView({ world }: Call, job: AssetJob): object {
    const rules = settings.in(world);
    const time = (ms: number) => (rules.jobTimes === "iso" ? isoSeconds(ms) : Math.floor(ms));
    const type = job.action === "export" ? "exportAsset" : rules.deleteJobType;
    const ended = job.state !== "RUNNING";
    return {
        id: job.id,
        ...(type === null ? {} : { type }),
        status: SPELLINGS[rules.jobStatusSpelling][job.state],
        ...(ended && job.failures.length > 0 ? { [rules.reasonField]: job.failures.slice(0, MAX_REASONS) } : {}),
        progress_percent: Math.round((job.steps / stepsOf(job)) * 100) / 100,
        ...(job.archive_id === null ? {} : { archive_id: job.archive_id }),
        begin_time: time(job.begin),
        ...(job.end === null ? {} : { end_time: time(job.end) }),
    };
}

export const assetRoutes: readonly Route[] = [
    route({
        operation: "DeleteAsset",
        method: "POST",
        path: `${INSTANCE_PATH}/assets/delete`,
        body: z.object({ apps: appIds, tasks: taskIds }),
        handle(call, { params, body }) {
            const { world } = call;
            const instance = instanceOf(call, params.instance_id).id;
            const given = assetsOf(body);
            const ids = given.map(({ id }) => id);
            const submission = world.auditLog.open(call, ids);
            noteDoubleSubmissions(call, given);
            if (given.length === 0 && settings.in(world).noAssets === "refuse-call") {
                throw invalid("apps and tasks: both are empty");
            }
            refuseSecondJob(call, instance);
            const job = submitJob(call, instance, "delete", judged(call, instance, given));
            submission.accepted = true;
            submission.job = job.id;
            return ok({ job_id: job.id });
        },
    }),
    route({
        operation: "ExportAsset",
        method: "POST",
        path: `${INSTANCE_PATH}/assets/export`,
        body: z.object({ apps: appIds, tasks: taskIds.default([]) }),
        handle(call, { params, body }) {
            const instance = instanceOf(call, params.instance_id).id;
            refuseSecondJob(call, instance);
            const assets = assetsOf(body).filter((asset) => {
                if (findAsset(call.world, call.project, instance, asset) !== undefined) {
                    return true;
                }
                const message = "Failed to create the asset task.";
                throw refusal("ROMA.10010", message, `The ${asset.type} ${asset.id} does not exist.`);
            });
            return ok({ job_id: submitJob(call, instance, "export", assets).id });
        },
    }),
    route({
        operation: "CheckAssetJobStatus",
        method: "GET",
        path: `${INSTANCE_PATH}/assets/jobs/:job_id`,
        handle(call, { params }) {
            const instance = instanceOf(call, params.instance_id).id;
            const job = jobs.in(call.world, call.project).get(params.job_id ?? "");
            if (job === undefined || job.vanished || job.instance_id !== instance) {
                const { jobNotFoundStatus, jobNotFoundCode } = settings.in(call.world);
                const details = `The asset job ${params.job_id} does not exist.`;
                throw refusal(jobNotFoundCode, "Invalid parameters.", details, jobNotFoundStatus);
            }
            return ok(jobView(call, job));
        },
    }),
];
