import type { Call } from "../../gateway/route";
import type { AgendaEvent } from "../../world/agenda";
import type { OutcomeFault } from "../../world/outcomes";
import { uuid } from "../../world/random";
import { isoSeconds, type World } from "../../world/world";
import {
    conflict,
    durations,
    type ImageServer,
    imageServers,
    invalid,
    type Job,
    type JobType,
    jobs,
    newJobId,
    SERVICE_NAME,
    type SubJob,
    settings,
    subJobs,
} from "./model";

/** Processes that outcome faults can spoil, by the type of job that carries them. */
const processOf: Partial<Record<JobType, string>> = {
    DELETE_SERVER: "delete-image-server",
    CREATE_SERVER: "create-image-server",
    CREATE_SERVER_IMAGE: "build-image",
};
const durationOf = (type: JobType) =>
    type === "DELETE_SERVER" ? "delete-image-server" : type === "CREATE_SERVER" ? "create-image-server" : "build-image";

const plan = (world: World, project: string, event: string, subject: string, inMs: number): void =>
    world.plan(inMs, { service: SERVICE_NAME, event, project, subject });

/** Begins a job with one sub-job for each server; it is WAITING at first. */
export function submitJob(world: World, project: string, type: JobType, servers: readonly ImageServer[]): Job {
    return submit(world, project, type, servers, ({ id, name }) => ({ resource_id: id, resource_name: name }));
}

/** The sub-job of an image that is made names the image, not the server of which it is made. */
export function submitImageJob(world: World, project: string, server: ImageServer, imageName: string): Job {
    const image = { resource_id: uuid(world.random), resource_name: imageName };
    return submit(world, project, "CREATE_SERVER_IMAGE", [server], () => image);
}

function submit(
    world: World,
    project: string,
    type: JobType,
    servers: readonly ImageServer[],
    resourceOf: (server: ImageServer) => SubJob["job_resource_info"],
): Job {
    const job: Job = {
        id: newJobId(world),
        job_type: type,
        begin_time: isoSeconds(world.now()),
        end_time: null,
        status: "WAITING",
        sub_job_ids: [],
        unfinished: servers.length,
        vanished: false,
    };
    for (const server of servers) {
        const subJob: SubJob = {
            id: newJobId(world),
            job_type: type,
            job_resource_info: resourceOf(server),
            begin_time: null,
            end_time: null,
            status: "WAITING",
            job_execute_info: null,
            project_id: project,
            job_id: job.id,
            image_server_id: server.id,
            previous_status: server.status,
        };
        job.sub_job_ids.push(subJob.id);
        subJobs.in(world, project).add(subJob);
    }
    jobs.in(world, project).add(job);
    plan(world, project, "job-starts", job.id, durations.draw(world, "job-waits"));
    return job;
}

/** PATCH batch-delete: which servers go, and the job that takes them. Undefined if there is nothing to do. */
export function deleteServers(call: Call, ids: readonly string[]): Job | undefined {
    const { world, project } = call;
    const rules = settings.in(world);
    const wanted = [...new Set(ids)];
    if (wanted.length < ids.length && rules.duplicateIds === "refuse-call") {
        throw invalid("items contains duplicates");
    }
    const found = wanted.map((id) => imageServers.in(world, project).get(id)).filter((server) => server !== undefined);
    const busy = found.filter(isBusy);
    const deleting = found.filter(({ status }) => status === "DELETING");
    for (const { id } of deleting) {
        world.auditLog.submittedAgain(call, id);
    }
    if (busy.length > 0 && rules.busyServers === "refuse-call") {
        throw conflict(`The image server is being created or is creating an image: ${idList(busy)}`, rules.busyCode);
    }
    if (deleting.length > 0 && rules.deletingServers === "refuse-call") {
        throw conflict(`The image server is being deleted: ${idList(deleting)}`);
    }
    const targets = found.filter(({ status }) => status !== "DELETING" || rules.deletingServers === "fail-sub-job");
    if (targets.length === 0 && rules.jobIdWhenNothingToDo === "absent") {
        return undefined;
    }
    const job = submitJob(world, project, "DELETE_SERVER", targets);
    for (const server of targets) {
        if (!isBusy(server)) {
            setStatus(world, server, "DELETING");
        }
    }
    return job;
}

const isBusy = ({ status }: Pick<ImageServer, "status">): boolean => status === "CREATING" || status === "BUILDING";
const idList = (servers: readonly ImageServer[]): string => servers.map(({ id }) => id).join(", ");

export function setStatus(world: World, server: ImageServer, status: ImageServer["status"]): void {
    server.status = status;
    server.update_time = isoSeconds(world.now());
}

/** The job leaves WAITING and its sub-jobs begin. */
export function startJob(world: World, { project, subject }: AgendaEvent): void {
    const job = jobs.in(world, project).get(subject);
    if (job === undefined || job.status !== "WAITING") {
        return;
    }
    job.status = "RUNNING";
    if (job.sub_job_ids.length === 0) {
        endJob(world, project, job);
    }
    for (const id of job.sub_job_ids) {
        const subJob = subJobs.in(world, project).get(id);
        if (subJob === undefined) {
            continue;
        }
        subJob.status = "RUNNING";
        subJob.begin_time = isoSeconds(world.now());
        plan(world, project, "sub-job-ends", id, durations.draw(world, durationOf(job.job_type)));
    }
}

export function endSubJob(world: World, { project, subject }: AgendaEvent): void {
    const subJob = subJobs.in(world, project).get(subject);
    const job = subJob && jobs.in(world, project).get(subJob.job_id);
    if (subJob === undefined || job === undefined) {
        return;
    }
    const target = subJob.image_server_id ?? subJob.job_resource_info.resource_id;
    const server = imageServers.in(world, project).get(target);
    const fault = world.outcomes.take(SERVICE_NAME, processOf[subJob.job_type] ?? "", target);
    if (fault?.outcome === "stuck") {
        return;
    }
    subJob.end_time = isoSeconds(world.now());
    const failure = failureOf(subJob, fault);
    if (failure === undefined) {
        subJob.status = "SUCCESS";
        if (server !== undefined) {
            if (fault?.outcome === "lie") {
                restore(world, subJob, server);
            } else {
                succeed(world, project, subJob, server);
            }
        }
    } else {
        subJob.status = failure.status;
        subJob.job_execute_info = { error_code: failure.code, error_message: failure.message };
        if (server !== undefined) {
            fail(world, subJob, server);
        }
    }
    job.unfinished -= 1;
    if (job.unfinished === 0) {
        endJob(world, project, job);
    }
    // The rest of a vanished job still happens; only its record can't be read any more.
    if (fault?.outcome === "vanish") {
        job.vanished = true;
    }
}

function failureOf(subJob: SubJob, fault: OutcomeFault | undefined) {
    if (fault?.outcome === "fail") {
        const status: SubJob["status"] = fault.status === "ABNORMAL" ? "ABNORMAL" : "FAILED";
        const { code = "WKS.00211401", message = "Operation failed. Try again later." } = fault;
        return { status, code, message };
    }
    const { previous_status } = subJob;
    // Let into a job by the settings only to fail in it.
    if (subJob.job_type !== "DELETE_SERVER" || previous_status === null || turns(previous_status)) {
        return undefined;
    }
    const message = `The image server is ${previous_status} and cannot be deleted.`;
    const status: SubJob["status"] = "FAILED";
    return { status, code: "WKS.00211103", message };
}

function succeed(world: World, project: string, subJob: SubJob, server: ImageServer): void {
    switch (subJob.job_type) {
        case "DELETE_SERVER":
            imageServers.in(world, project).remove(server.id, `job ${subJob.job_id}`);
            return;
        case "CREATE_SERVER":
            setStatus(world, server, "ACTIVE");
            return;
        default:
            server.image_id = subJob.job_resource_info.resource_id;
            setStatus(world, server, "BUILT");
    }
}

function fail(world: World, subJob: SubJob, server: ImageServer): void {
    if (subJob.job_type !== "DELETE_SERVER") {
        setStatus(world, server, "ERROR");
    } else if (settings.in(world).afterFailedDeletion === "previous") {
        restore(world, subJob, server);
    } else if (server.status === "DELETING") {
        setStatus(world, server, "ERROR");
    }
}

/** A server that this job did not turn to DELETING goes its own way. */
function restore(world: World, subJob: SubJob, server: ImageServer): void {
    const { previous_status } = subJob;
    if (server.status === "DELETING" && previous_status !== null && turns(previous_status)) {
        setStatus(world, server, previous_status);
    }
}

/** Whether a deletion turns a server of this status to DELETING. */
const turns = (status: ImageServer["status"]): boolean => status !== "DELETING" && !isBusy({ status });

function endJob(world: World, project: string, job: Job): void {
    const ended = job.sub_job_ids.map((id) => subJobs.in(world, project).get(id)?.status);
    job.status = ended.every((status) => status === "SUCCESS" || status === undefined) ? "SUCCESS" : "FAILED";
    job.end_time = isoSeconds(world.now());
    const { jobRetentionSeconds } = settings.in(world);
    if (jobRetentionSeconds !== null) {
        plan(world, project, "job-forgotten", job.id, jobRetentionSeconds * 1000);
    }
}

export function forgetJob(world: World, { project, subject }: AgendaEvent): void {
    for (const id of jobs.in(world, project).get(subject)?.sub_job_ids ?? []) {
        subJobs.in(world, project).forget(id);
    }
    jobs.in(world, project).forget(subject);
}
