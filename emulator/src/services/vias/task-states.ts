import * as z from "zod";
import type { AgendaEvent } from "../../world/agenda";
import type { World } from "../../world/world";
import {
    batchTasks,
    enter,
    noError,
    SERVICE_NAME,
    settings,
    TASK_STATES,
    type Task,
    type TaskState,
    tasks,
} from "./model";

const AT_REST: readonly TaskState[] = ["CREATE_FAILED", "START_FAILED", "STOPPED", "SUCCEEDED", "FAILED", "FROZEN"];

/** Whether a task still does, or is about to do, something. */
export const isActive = ({ state }: Task): boolean => state !== "DELETING" && !AT_REST.includes(state);

/** What a call on several tasks did to one of them: nothing said is well done. */
export type Complaint = string | undefined;

const complaint = (task: Task, text: string): string => `${task.id}: ${text}`;

export function start(world: World, project: string, task: Task): Complaint {
    if (task.state === "FROZEN" || task.state === "DELETING" || isActive(task)) {
        return complaint(task, `VIAS.00010004 The task is ${task.state}.`);
    }
    task.error = noError;
    if (task.schedule !== null) {
        task.schedule_status = "ACTIVATED";
    }
    enter(world, project, task, "PENDING");
    return undefined;
}

export function stop(world: World, project: string, task: Task): Complaint {
    if (!isActive(task) || task.state === "STOPPING") {
        return complaint(task, `VIAS.00010004 The task is ${task.state}.`);
    }
    task.schedule_status = "INACTIVATED";
    enter(world, project, task, "STOPPING");
    return undefined;
}

/** Sets out to delete a task; `by` names the call for the audit log. */
export function remove(world: World, project: string, task: Task, by: string): Complaint {
    const rules = settings.in(world);
    if (task.state === "DELETING") {
        return undefined;
    }
    if (isActive(task) && rules.deleteActive !== "allow") {
        return complaint(task, `VIAS.00010004 The task is ${task.state}.`);
    }
    const fault = world.outcomes.take(SERVICE_NAME, "delete-task", task.id);
    if (fault?.outcome === "fail") {
        return complaint(task, `${fault.code ?? "VIAS.00010006"} ${fault.message ?? "Internal error."}`);
    }
    if (fault?.outcome === "lie") {
        return undefined;
    }
    task.deleted_by = by;
    enter(world, project, task, "DELETING");
    if (fault?.outcome === "stuck") {
        task.due = null;
    } else if (fault?.outcome === "vanish" || rules.afterDelete === "at-once") {
        bury(world, project, task);
    }
    return undefined;
}

/** A task leaves the world, and its batch task with the last of its children. */
function bury(world: World, project: string, task: Task): void {
    tasks.in(world, project).remove(task.id, task.deleted_by ?? "somebody else");
    const batch = batchTasks.in(world, project).get(task.batch_id);
    if (batch === undefined) {
        return;
    }
    batch.task_ids = batch.task_ids.filter((id) => id !== task.id);
    buryIfEmpty(world, project, batch.id);
}

export function buryIfEmpty(world: World, project: string, batchId: string): void {
    const batch = batchTasks.in(world, project).get(batchId);
    if (batch === undefined || batch.deleted_by === null) {
        return;
    }
    if (batch.task_ids.some((id) => tasks.in(world, project).get(id) !== undefined)) {
        return;
    }
    batchTasks.in(world, project).remove(batch.id, batch.deleted_by);
}

const failedState = z.enum(TASK_STATES).catch("START_FAILED");

/** The state of a task has lasted its time. */
export function moveOn(world: World, { project, subject, at }: AgendaEvent): void {
    const task = tasks.in(world, project).get(subject);
    // An event of an earlier state, left since by a call.
    if (task === undefined || task.due === null || at < task.due) {
        return;
    }
    task.due = null;
    switch (task.state) {
        case "PENDING":
            enter(world, project, task, "STARTING");
            return;
        case "STARTING": {
            const fault = world.outcomes.take(SERVICE_NAME, "start-task", task.id);
            if (fault?.outcome === "stuck") {
                return;
            }
            if (fault?.outcome === "vanish") {
                bury(world, project, task);
            } else if (fault?.outcome === "fail") {
                const { code = "VIAS.00010006", message = "The task could not be started." } = fault;
                task.error = { code, message };
                enter(world, project, task, failedState.parse(fault.status));
            } else {
                enter(world, project, task, "RUNNING");
            }
            return;
        }
        case "STOPPING": {
            const fault = world.outcomes.take(SERVICE_NAME, "stop-task", task.id);
            if (fault?.outcome === "stuck") {
                return;
            }
            if (fault?.outcome === "vanish") {
                bury(world, project, task);
            } else {
                enter(world, project, task, fault?.outcome === "fail" ? "ABNORMAL" : "STOPPED");
            }
            return;
        }
        case "DELETING":
            bury(world, project, task);
    }
}
