import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { isoSeconds } from "../../world/world";
import { pageOf, queryInteger } from "../paging";
import { createTask, type OtherInput, ofInput, serviceFor } from "./children";
import { invalid, notFound, settings, TASK_STATES, type Task, tasks, wrongState } from "./model";
import { createTaskBody, INPUT_SECRETS, OUTPUT_SECRETS, updateTaskBody } from "./task-body";
import { type Complaint, remove, start, stop } from "./task-states";
import { sourceOf, type VideoSource } from "./video-kinds";

const BASE = "/v2/:project_id/tasks";

function taskOf(call: Call, id: string | undefined): Task {
    const task = tasks.in(call.world, call.project).get(id ?? "");
    if (task === undefined) {
        throw notFound("task", id, "VIAS.00010007");
    }
    return task;
}

/** Text, where batch tasks have numbers. */
function timeOf({ world }: Call, ms: number): string {
    return settings.in(world).taskTimes === "iso" ? isoSeconds(ms) : String(ms);
}

/** In the list a task's type is a digit, alone it is a word. */
const TYPE_DIGITS = { cloud: "0", edge: "1" } as const;

function row(call: Call, task: Task) {
    const { id, name, service_id, created_at, state, video_source_name, title, type, algorithm_publish_id } = task;
    return {
        id,
        name,
        service_id,
        created_at: timeOf(call, created_at),
        state,
        video_source_name,
        title,
        type: TYPE_DIGITS[type],
        algorithm_publish_id,
    };
}

function errorOf(call: Call, { error }: Task): { error?: Task["error"] | null } {
    const { noError } = settings.in(call.world);
    if (error.message !== "" || noError === "empty") {
        return { error };
    }
    return noError === "null" ? { error: null } : {};
}

function view(call: Call, task: Task) {
    const { id, name, creator, project_id, description, release_id, service_id, state, schedule_status } = task;
    const { schedule, input, output, config, video_source_name, title, group_name, company } = task;
    const { type, resource_order_id, package_id, algorithm_publish_id } = task;
    return {
        id,
        name,
        creator,
        project_id,
        description,
        release_id,
        service_id,
        created_at: timeOf(call, task.created_at),
        updated_at: timeOf(call, task.updated_at),
        state,
        status: "",
        ...errorOf(call, task),
        schedule_status,
        schedule,
        input,
        output,
        config,
        video_source_name,
        title,
        group_name,
        company,
        task_config: "",
        type,
        resource_order_id,
        package_id,
        device_id: "",
        access_address: "",
        algorithm_publish_id,
    };
}

type TaskInput = z.infer<typeof createTaskBody>["input"];

/** What each of the data is a task of: a video source, which must exist, or something else. */
function sourcesOf(call: Call, { type, data }: TaskInput): (VideoSource | OtherInput)[] {
    return data.map((one) => (type === "video_source" ? sourceOf(call, one.video_source_id) : { type, data: [one] }));
}

/** What counts as failed in a batch is a refusal of the call on one. */
function refuseIf(complaint: Complaint): void {
    if (complaint === undefined) {
        return;
    }
    const [, code, message = complaint] = /^\S+: (VIAS\.\d+) (.*)$/.exec(complaint) ?? [];
    throw wrongState(message, code);
}

export const taskRoutes: readonly Route[] = [
    route({
        operation: "ListTasks",
        method: "GET",
        path: BASE,
        query: z.object({
            batch_id: z.string().optional(),
            task_state: z.enum(TASK_STATES).optional(),
            task_name: z.string().optional(),
            page_size: queryInteger(5, 1000).default(10),
            page: queryInteger(1, 1_000_000).default(1),
            sort_dir: z.enum(["asc", "desc"]).optional(),
            source_data_type: z.string().optional(),
            title: z.string().optional(),
            camera_name: z.string().optional(),
            video_group_id: z.string().optional(),
            company: z.string().optional(),
            alg_id: z.string().optional(),
        }),
        handle(call, { query }) {
            const rules = settings.in(call.world);
            const { page, page_size, sort_dir, task_state, task_name, title, camera_name, ...same } = query;
            const found = tasks
                .in(call.world, call.project)
                .list(rules.taskOrder)
                .filter(
                    (task) =>
                        (same.batch_id === undefined || task.batch_id === same.batch_id) &&
                        (task_state === undefined || task.state === task_state) &&
                        (task_name === undefined || task.name.includes(task_name)) &&
                        (title === undefined || task.title.includes(title)) &&
                        (camera_name === undefined || task.camera_name.includes(camera_name)) &&
                        (same.source_data_type === undefined || task.source_data_type === same.source_data_type) &&
                        (same.video_group_id === undefined || task.video_group_id === same.video_group_id) &&
                        (same.company === undefined || task.company === same.company) &&
                        (same.alg_id === undefined || task.alg_id === same.alg_id),
                );
            if (sort_dir !== undefined) {
                const sign = sort_dir === "asc" ? 1 : -1;
                found.sort((a, b) => sign * (a.created_at - b.created_at));
            }
            const shown = pageOf(found, (page - 1) * page_size, page_size);
            const count = rules.taskCount === "of-page" ? shown.length : found.length;
            return ok({ count, tasks: shown.map((task) => row(call, task)), page, page_size });
        },
    }),
    route({
        operation: "CreateTask",
        method: "POST",
        path: "/v2/:project_id/services/:service_name/tasks",
        body: createTaskBody,
        secrets: [...OUTPUT_SECRETS, ...INPUT_SECRETS],
        handle(call, { params, body }) {
            const service = serviceFor(call, params.service_name, body.service_version, body.resource_order_id);
            const sources = sourcesOf(call, body.input);
            const { name, description = "", schedule = null, output, config = {}, resource_order_id = "" } = body;
            const inherited = { batch_id: "", name, description, schedule, output, config, resource_order_id };
            return ok({
                tasks: sources.map((source) => ({ id: createTask(call, service, source, inherited, true).id })),
            });
        },
    }),
    route({
        operation: "ShowTask",
        method: "GET",
        path: `${BASE}/:task_id`,
        handle: (call, { params }) => ok(view(call, taskOf(call, params.task_id))),
    }),
    route({
        operation: "UpdateTask",
        method: "PUT",
        path: `${BASE}/:task_id`,
        body: updateTaskBody,
        secrets: [...OUTPUT_SECRETS, ...INPUT_SECRETS],
        handle(call, { params, body }) {
            const task = taskOf(call, params.task_id);
            if (task.state === "DELETING") {
                throw wrongState(`The task is ${task.state}.`);
            }
            const { input, is_saved_as_template: _, ...given } = body;
            const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
            const [source] = input === undefined ? [] : sourcesOf(call, input);
            const read = source === undefined ? {} : ofInput(call, source);
            Object.assign(task, changes, read, { updated_at: Math.floor(call.world.now()) });
            return ok({});
        },
    }),
    route({
        operation: "StartStopTask",
        method: "PUT",
        path: `${BASE}/:task_id/action/:action`,
        handle(call, { params }) {
            const { world, project } = call;
            const { action } = params;
            if (action !== "start" && action !== "stop") {
                throw invalid("action: must be start or stop");
            }
            const task = taskOf(call, params.task_id);
            refuseIf(action === "start" ? start(world, project, task) : stop(world, project, task));
            return ok({});
        },
    }),
    route({
        operation: "DeleteTask",
        method: "DELETE",
        path: `${BASE}/:task_id`,
        handle(call, { params }) {
            const { world, project, operation, requestId } = call;
            const task = taskOf(call, params.task_id);
            if (task.state === "DELETING") {
                world.auditLog.submittedAgain(call, task.id);
                throw wrongState(`The task is ${task.state}.`, settings.in(world).deletingCode);
            }
            refuseIf(remove(world, project, task, `${operation} ${requestId}`));
            return ok({});
        },
    }),
];
