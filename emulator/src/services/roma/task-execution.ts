import type { Call } from "../../gateway/route";
import type { AgendaEvent } from "../../world/agenda";
import type { World } from "../../world/world";
import { durations, type FdiTask, SERVICE_NAME, tasks } from "./model";

export function run({ world, project }: Call, task: FdiTask): void {
    if (task.status === 1) {
        return;
    }
    task.status = 1;
    task.execute_status = "WAITING";
    const inMs = durations.draw(world, "task-waits");
    world.plan(inMs, { service: SERVICE_NAME, project, event: "task-executes", subject: task.task_id });
}

export function terminate(task: FdiTask): void {
    if (task.status === 1) {
        task.execute_status = "CANCELLED";
    }
    task.status = 0;
}

/** A task that was started executes; a timed one comes to an end of this execution, and waits for the next. */
export function executeTask(world: World, { project, subject }: AgendaEvent): void {
    const task = tasks.in(world, project).get(subject);
    if (task?.status !== 1 || task.execute_status !== "WAITING") {
        return;
    }
    task.execute_status = "RUNNING";
    if (task.task_type === "REALTIME") {
        return;
    }
    const inMs = durations.draw(world, "task-executes");
    world.plan(inMs, { service: SERVICE_NAME, project, event: "task-executed", subject });
}

export function endExecution(world: World, { project, subject }: AgendaEvent): void {
    const task = tasks.in(world, project).get(subject);
    if (task?.status !== 1 || task.execute_status !== "RUNNING") {
        return;
    }
    task.execute_status = "SUCCESS";
}
