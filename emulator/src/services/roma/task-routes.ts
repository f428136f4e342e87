import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { clampedInteger, withoutEmpty } from "../paging";
import { FDI_PATH, instanceOf, isListedTo, listed, notFound, refuseOthers } from "./instance-routes";
import { remove } from "./jobs";
import { apps, EXECUTE_STATES, type FdiTask, refusal, settings, TASK_TYPES, tasks } from "./model";
import { run, terminate } from "./task-execution";

const id = z.string().max(64);
const taskBody = z.object({
    task: z.object({
        task_name: z
            .string()
            .regex(
                /^[A-Za-z0-9][A-Za-z0-9._-]{2,99}$/,
                "must be 3 to 100 letters, digits or . _ - and begin with one of the former two",
            ),
        task_type: z.enum(TASK_TYPES),
        source_app_id: id.optional(),
        target_app_id: id.optional(),
        source_instance_id: id.optional(),
        target_instance_id: id.optional(),
        source_datasource_id: id,
        target_datasource_id: id,
        ext_type: z.string().optional(),
        enterprise_project_id: id.optional(),
        task_tag: z
            .string()
            .regex(/^[A-Za-z0-9_-]*$/, "must be letters, digits, - or _")
            .optional(),
        description: z.string().optional(),
    }),
    task_detail: z.string().refine(isJson, "must be JSON in a string"),
});

function isJson(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        // Refused as a value that does not fit.
        return false;
    }
}

/** A task as the list has it: another shape than that of one task. */
const row = (task: FdiTask) => {
    const {
        instance_id: _,
        creator_id: ______,
        task_detail: __,
        source_datasource_id: ___,
        target_datasource_id: ____,
        description: _____,
        ...row
    } = task;
    return { ...row, created_date: new Date(task.created_date).toISOString().slice(0, 10) };
};

/** One task, as the calls on one answer it. */
const shown = ({ world, project }: Call, task: FdiTask) => {
    const { task_id, task_name, source_datasource_id, target_datasource_id, description, task_tag } = task;
    const nameOf = (appId: string) => apps.in(world, project).get(appId)?.name ?? "";
    return ok({
        task: {
            task_id,
            task_name,
            task_type: task.task_type.toLowerCase(),
            status: task.status === 1 ? "running" : "stop",
            project_id: project,
            source_datasource_id,
            target_datasource_id,
            source_datasource_name: "",
            target_datasource_name: "",
            source_app_id: task.source_app_id,
            target_app_id: task.target_app_id,
            source_app_name: nameOf(task.source_app_id),
            target_app_name: nameOf(task.target_app_id),
            created_date: task.created_date,
            last_modified_date: task.last_modified_time,
            description,
            task_tag,
        },
        task_detail: task.task_detail,
    });
};

function tasksOf(call: Call, instanceId: string | undefined): FdiTask[] {
    const instance = instanceOf(call, instanceId).id;
    const all = tasks.in(call.world, call.project).list("insertion");
    return all.filter(({ instance_id }) => instance_id === instance);
}

function taskOf(call: Call, instanceId: string | undefined, taskId: string | undefined): FdiTask {
    const instance = instanceOf(call, instanceId).id;
    const task = tasks.in(call.world, call.project).get(taskId ?? "");
    if (task === undefined || task.instance_id !== instance) {
        throw notFound(call, "task", taskId);
    }
    return task;
}

function refuseRunning(task: FdiTask): void {
    if (task.status === 1) {
        throw refusal("ROMA.13000", "Invalid parameters.", `The task ${task.task_id} is running.`);
    }
}

export const taskRoutes: readonly Route[] = [
    route({
        operation: "ListTasks",
        method: "GET",
        path: `${FDI_PATH}/tasks`,
        query: z.preprocess(
            withoutEmpty,
            z.object({
                limit: clampedInteger(0, 999).optional(),
                offset: clampedInteger(0, 999_999).default(0),
                task_id: z.string().optional(),
                name: z.string().optional(),
                status: z.enum(["0", "1"]).transform(Number).optional(),
                task_type: z.enum(["realtime", "timing"]).optional(),
                source_datasource_id: z.string().optional(),
                target_datasource_id: z.string().optional(),
                sort_field: z.enum(["CREATED_DATE", "STATUS"]).default("CREATED_DATE"),
                sort_type: z.enum(["ASC", "DESC"]).default("DESC"),
                execute_status: z.enum(EXECUTE_STATES).optional(),
                source_app_id: z.string().optional(),
                target_app_id: z.string().optional(),
                task_tag: z.string().optional(),
            }),
        ),
        handle(call, { params, query }) {
            const { limit, offset, name, task_type, sort_field, sort_type, ...same } = query;
            const found = tasksOf(call, params.instance_id).filter(
                (task) =>
                    isListedTo(call, task.creator_id) &&
                    (name === undefined || task.task_name.includes(name)) &&
                    (task_type === undefined || task.task_type.toLowerCase() === task_type) &&
                    (same.task_id === undefined || task.task_id === same.task_id) &&
                    (same.status === undefined || task.status === same.status) &&
                    (same.source_datasource_id === undefined ||
                        task.source_datasource_id === same.source_datasource_id) &&
                    (same.target_datasource_id === undefined ||
                        task.target_datasource_id === same.target_datasource_id) &&
                    (same.execute_status === undefined || task.execute_status === same.execute_status) &&
                    (same.source_app_id === undefined || task.source_app_id === same.source_app_id) &&
                    (same.target_app_id === undefined || task.target_app_id === same.target_app_id) &&
                    (same.task_tag === undefined || task.task_tag === same.task_tag),
            );
            const rank = sort_field === "STATUS" ? (t: FdiTask) => t.status : (t: FdiTask) => t.created_date;
            found.sort((a, b) => (sort_type === "ASC" ? rank(a) - rank(b) : rank(b) - rank(a)));
            return listed(call, "entities", found, { offset, limit }, row);
        },
    }),
    route({
        operation: "CreateTask",
        method: "POST",
        path: `${FDI_PATH}/tasks`,
        body: taskBody,
        secrets: ["task_detail"],
        handle(call, { params, body }) {
            const instance_id = instanceOf(call, params.instance_id).id;
            const birth = { world: call.world, project: call.project, index: 0 };
            const creator = call.identity === undefined ? {} : { creator_id: call.identity.userId };
            const given = { ...body.task, task_detail: body.task_detail, instance_id, ...creator };
            return shown(call, tasks.create(birth, given));
        },
    }),
    route({
        operation: "ShowTask",
        method: "GET",
        path: `${FDI_PATH}/tasks/:task_id`,
        handle(call, { params }) {
            const task = taskOf(call, params.instance_id, params.task_id);
            refuseOthers(call, task.creator_id, task.task_id);
            return shown(call, task);
        },
    }),
    route({
        operation: "UpdateTask",
        method: "PUT",
        path: `${FDI_PATH}/tasks/:task_id`,
        body: taskBody,
        secrets: ["task_detail"],
        handle(call, { params, body }) {
            const task = taskOf(call, params.instance_id, params.task_id);
            refuseRunning(task);
            const last_modified_time = Math.floor(call.world.now());
            Object.assign(task, body.task, { task_detail: body.task_detail, last_modified_time });
            return shown(call, task);
        },
    }),
    route({
        operation: "DeleteTask",
        method: "DELETE",
        path: `${FDI_PATH}/tasks/:task_id`,
        handle(call, { params }) {
            const task = taskOf(call, params.instance_id, params.task_id);
            refuseRunning(task);
            remove(call.world, call.project, { type: "task", id: task.task_id }, "DeleteTask");
            return { status: 204 };
        },
    }),
    route({
        operation: "RunTask",
        method: "POST",
        path: `${FDI_PATH}/tasks/:task_id/run`,
        handle(call, { params }) {
            const task = taskOf(call, params.instance_id, params.task_id);
            run(call, task);
            return ok();
        },
    }),
    route({
        operation: "TerminateTask",
        method: "POST",
        path: `${FDI_PATH}/tasks/:task_id/terminate`,
        handle(call, { params }) {
            const task = taskOf(call, params.instance_id, params.task_id);
            terminate(task);
            return ok({ message: "The task is stopped." });
        },
    }),
    route({
        operation: "BatchOperateTasks",
        method: "POST",
        path: `${FDI_PATH}/batch-operation/tasks`,
        body: z.object({
            action_id: z.enum(["start", "stop"]),
            list: z.array(z.object({ task_id: z.string().min(1).max(32) })).default([]),
        }),
        handle(call, { params, body }) {
            const instance = instanceOf(call, params.instance_id).id;
            const success: object[] = [];
            const failure: object[] = [];
            for (const { task_id } of body.list) {
                const task = tasks.in(call.world, call.project).get(task_id);
                if (task === undefined || task.instance_id !== instance) {
                    const { notFoundCode } = settings.in(call.world);
                    const error_msg = `The task ${task_id} does not exist.`;
                    failure.push({ task_id, task_name: "", error_code: notFoundCode, error_msg });
                    continue;
                }
                body.action_id === "start" ? run(call, task) : terminate(task);
                success.push({ task_id, task_name: task.task_name });
            }
            return ok({ success_count: success.length, failure_count: failure.length, success, failure });
        },
    }),
];
