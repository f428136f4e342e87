import type { Call } from "../../gateway/route";
import type { AgendaEvent } from "../../world/agenda";
import type { OutcomeFault } from "../../world/outcomes";
import { hex32 } from "../../world/random";
import type { World } from "../../world/world";
import {
    type App,
    type Asset,
    type AssetJob,
    apps,
    durations,
    type FdiTask,
    jobs,
    type Reason,
    refusal,
    SERVICE_NAME,
    settings,
    tasks,
} from "./model";

export type FoundAsset =
    | { readonly type: "application"; readonly object: App }
    | { readonly type: "task"; readonly object: FdiTask };

/** The application or task itself, if the instance has it. */
export function findAsset(world: World, project: string, instance: string, asset: Asset): FoundAsset | undefined {
    if (asset.type === "application") {
        const object = apps.in(world, project).get(asset.id);
        return object?.instance_id === instance ? { type: "application", object } : undefined;
    }
    const object = tasks.in(world, project).get(asset.id);
    return object?.instance_id === instance ? { type: "task", object } : undefined;
}

export const nameOf = (found: FoundAsset): string =>
    found.type === "application" ? found.object.name : found.object.task_name;

export const mayDelete = (found: FoundAsset): boolean =>
    found.type === "task" || found.object.roles.includes("delete") || found.object.roles.includes("admin");

const runningJobs = (world: World): AssetJob[] =>
    jobs
        .read(world)
        .map(({ object }) => object)
        .filter(({ state }) => state === "RUNNING");

/** One user, one asset job at a time, whatever its kind. */
export function refuseSecondJob({ world, identity }: Call, instance: string): void {
    const { exclusivity } = settings.in(world);
    const inTheWay = runningJobs(world).some(
        (job) => job.user_id === identity?.userId && (exclusivity === "per-user" || job.instance_id === instance),
    );
    if (!inTheWay) {
        return;
    }
    throw refusal("ROMA.10012", "An asset management task is running. Try again after the task is complete.");
}

/** Notes what is asked to be deleted while a job is at it already. */
export function noteDoubleSubmissions(call: Call, assets: readonly Asset[]): void {
    const { world } = call;
    const deleting = runningJobs(world).filter(({ action }) => action === "delete");
    const underWay = new Set(deleting.flatMap((job) => job.assets).map(({ id }) => id));
    for (const { id } of assets) {
        if (underWay.has(id)) {
            world.auditLog.submittedAgain(call, id);
        }
    }
}

export function submitJob(
    call: Call,
    instance: string,
    action: AssetJob["action"],
    assets: readonly Asset[],
): AssetJob {
    const { world, project, identity } = call;
    const job = jobs.create(
        { world, project, index: 0 },
        { instance_id: instance, user_id: identity?.userId ?? "", action, assets: [...assets] },
    );
    const length = durations.draw(world, action === "delete" ? "delete-assets" : "export-assets");
    const steps = stepsOf(job);
    for (let step = 1; step <= steps; step++) {
        world.plan((length * step) / steps, { service: SERVICE_NAME, project, event: "job-steps", subject: job.id });
    }
    return job;
}

export const stepsOf = (job: AssetJob): number => Math.max(1, job.assets.length);

/** A job comes to its next asset. */
export function step(world: World, { project, subject }: AgendaEvent): void {
    const job = jobs.in(world, project).get(subject);
    if (job === undefined || job.state !== "RUNNING" || job.stuck) {
        return;
    }
    const { disappearance } = settings.in(world);
    const last = job.steps + 1 >= stepsOf(job);
    if (job.action === "delete") {
        const due = disappearance === "gradually" ? job.assets.slice(job.steps, job.steps + 1) : last ? job.assets : [];
        if (!deleteAssets(world, project, job, due)) {
            job.stuck = true;
            return;
        }
    }
    job.steps += 1;
    if (last) {
        end(world, project, job);
    }
}

/** False if the job gets stuck on the way. */
function deleteAssets(world: World, project: string, job: AssetJob, due: readonly Asset[]): boolean {
    const { othersOnFailure, disappearance } = settings.in(world);
    const going: Asset[] = [];
    for (const asset of due) {
        if (othersOnFailure === "stay" && job.failures.length > 0) {
            break;
        }
        const process = asset.type === "application" ? "delete-app" : "delete-task";
        const fault = world.outcomes.take(SERVICE_NAME, process, asset.id);
        if (fault?.outcome === "stuck") {
            return false;
        }
        // Still happens; only the record of it can't be read any more.
        if (fault?.outcome === "vanish") {
            job.vanished = true;
        }
        const failure = failureOf(world, project, job, asset, fault);
        if (failure !== undefined) {
            job.failures.push(failure);
        } else if (fault?.outcome !== "lie") {
            going.push(asset);
        }
    }
    const allStay = disappearance === "at-end" && othersOnFailure === "stay" && job.failures.length > 0;
    if (!allStay) {
        for (const asset of going) {
            remove(world, project, asset, `job ${job.id}`);
        }
    }
    return true;
}

export function remove(world: World, project: string, { type, id }: Asset, by: string): void {
    const store = type === "application" ? apps.in(world, project) : tasks.in(world, project);
    store.remove(id, by);
}

function failureOf(
    world: World,
    project: string,
    job: AssetJob,
    asset: Asset,
    fault: OutcomeFault | undefined,
): Reason | undefined {
    const { goneDuringJob, runningTasks, notFoundCode } = settings.in(world);
    const found = findAsset(world, project, job.instance_id, asset);
    const failed = (error_code: string, error_msg: string): Reason => ({
        resource_type: asset.type,
        // What is gone has no name left to give.
        resource_name: found === undefined ? asset.id : nameOf(found),
        error_code,
        error_msg,
    });
    if (fault?.outcome === "fail") {
        return failed(fault.code ?? "ROMA.10010", fault.message ?? "Failed to delete the asset.");
    }
    if (found === undefined) {
        return goneDuringJob === "ignore" ? undefined : failed(notFoundCode, "The resource does not exist.");
    }
    if (!mayDelete(found)) {
        return failed("ROMA.12001", "No permission to operate the application.");
    }
    if (found.type === "task" && found.object.status === 1 && runningTasks === "fail-job") {
        return failed("ROMA.10010", "The task is running.");
    }
    return undefined;
}

function end(world: World, project: string, job: AssetJob): void {
    job.state = job.failures.length === 0 ? "SUCCEEDED" : "FAILED";
    job.end = world.now();
    if (job.action === "export") {
        job.archive_id = hex32(world.random);
    }
    const { jobRetentionSeconds } = settings.in(world);
    if (jobRetentionSeconds === null) {
        return;
    }
    const event = "job-forgotten";
    world.plan(jobRetentionSeconds * 1000, { service: SERVICE_NAME, project, event, subject: job.id });
}

export function forgetJob(world: World, { project, subject }: AgendaEvent): void {
    jobs.in(world, project).forget(subject);
}
