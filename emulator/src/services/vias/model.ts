import * as z from "zod";
import { Refusal } from "../../gateway/refusal";
import { seconds } from "../../world/duration";
import { bornAt, Kind } from "../../world/kind";
import { hex32 } from "../../world/random";
import { Durations, Settings } from "../../world/settings";
import type { World } from "../../world/world";

export const SERVICE_NAME = "vias";

export const TASK_STATES = [
    "PENDING",
    "RECOVERING",
    "STARTING",
    "UPGRADING",
    "CREATE_FAILED",
    "START_FAILED",
    "RUNNING",
    "STOPPING",
    "STOPPED",
    "ABNORMAL",
    "SUCCEEDED",
    "FAILED",
    "DELETING",
    "FREEZING",
    "FROZEN",
    "SCHEDULING",
    "LACK_OF_RESOURCES",
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** Where a task runs. */
export const TASK_TYPES = ["cloud", "edge"] as const;

const batchTaskSchema = z.object({
    id: z.string(),
    batch_task_name: z.string(),
    description: z.string(),
    service_name: z.string(),
    service_version: z.string(),
    video_source_name: z.string(),
    video_group_name: z.string(),
    video_group_ids: z.array(z.string()),
    alg_name: z.string(),
    company: z.string(),
    type: z.enum(TASK_TYPES),
    title: z.string(),
    created_at: z.number(),
    output: z.unknown(),
    config: z.unknown(),
    schedule: z.unknown(),
    /** With how many children a seed is born, and in which state. */
    num_task: z.number().int().min(0),
    task_state: z.enum(TASK_STATES),
    task_ids: z.array(z.string()),
    /** The call that deletes it, once all its children are on their way. */
    deleted_by: z.string().nullable(),
});
export type BatchTask = z.infer<typeof batchTaskSchema>;
export const batchTasks: Kind<BatchTask> = new Kind<BatchTask>(SERVICE_NAME, "batchTasks", {
    schema: batchTaskSchema,
    id: (batch) => batch.id,
    defaults(birth) {
        const { world, index } = birth;
        const born = Math.floor(bornAt(birth));
        return {
            id: hex32(world.random),
            batch_task_name: `batch-${index}`,
            description: "",
            service_name: "people-counting",
            service_version: "1.0.0",
            video_source_name: "",
            video_group_name: "",
            video_group_ids: [],
            alg_name: "people-counting",
            company: "emulator",
            type: "cloud",
            title: "",
            created_at: born,
            output: { event_center: true },
            config: {},
            schedule: null,
            num_task: 1,
            task_state: "RUNNING",
            task_ids: [],
            deleted_by: null,
        };
    },
    onSeeded(world, project, batch) {
        for (let index = 0; index < batch.num_task; index++) {
            const name = `${batch.batch_task_name}-${index}`;
            tasks.seed({ world, project, index }, { name, batch_id: batch.id, state: batch.task_state });
        }
    },
});

export const noError = { code: "", message: "" };

const taskSchema = z.object({
    id: z.string(),
    /** "" for a task of its own. */
    batch_id: z.string(),
    name: z.string(),
    creator: z.string(),
    project_id: z.string(),
    description: z.string(),
    release_id: z.string(),
    service_id: z.string(),
    created_at: z.number(),
    updated_at: z.number(),
    state: z.enum(TASK_STATES),
    /** Both "" while nothing is wrong. */
    error: z.object({ code: z.string(), message: z.string() }),
    schedule_status: z.enum(["ACTIVATED", "INACTIVATED"]),
    schedule: z.unknown(),
    /** What it reads: of a batch task's children, one video source. */
    input: z.unknown(),
    output: z.unknown(),
    config: z.unknown(),
    video_source_id: z.string(),
    video_source_name: z.string(),
    /** Of the groups that its source was in when it was made. */
    video_group_id: z.string(),
    group_name: z.string(),
    camera_name: z.string(),
    source_data_type: z.string(),
    title: z.string(),
    type: z.enum(TASK_TYPES),
    resource_order_id: z.string(),
    package_id: z.string(),
    algorithm_publish_id: z.string(),
    alg_id: z.string(),
    company: z.string(),
    /** World time (ms) of the move to the next state; null if it stays. */
    due: z.number().nullable(),
    deleted_by: z.string().nullable(),
});
export type Task = z.infer<typeof taskSchema>;
export const tasks: Kind<Task> = new Kind<Task>(SERVICE_NAME, "tasks", {
    schema: taskSchema,
    id: (task) => task.id,
    defaults(birth) {
        const { world, project, index } = birth;
        const born = Math.floor(bornAt(birth));
        return {
            id: hex32(world.random),
            batch_id: "",
            name: `task-${index}`,
            creator: "emulator",
            project_id: project,
            description: "",
            release_id: "",
            service_id: "",
            created_at: born,
            updated_at: born,
            state: "RUNNING",
            error: noError,
            schedule_status: "INACTIVATED",
            schedule: null,
            input: { type: "video_source", data: [] },
            output: {},
            config: {},
            video_source_id: "",
            video_source_name: `camera-${index}`,
            video_group_id: "",
            group_name: "",
            camera_name: `camera-${index}`,
            source_data_type: "url",
            title: "",
            type: "cloud",
            resource_order_id: "",
            package_id: "",
            algorithm_publish_id: "",
            alg_id: "",
            company: "emulator",
            due: null,
            deleted_by: null,
        };
    },
    onSeeded(world, project, task) {
        batchTasks.in(world, project).get(task.batch_id)?.task_ids.push(task.id);
        enter(world, project, task, task.state);
    },
});

/** How long a state lasts that leads to another by itself. */
const LASTING = {
    PENDING: "task-waits",
    STARTING: "task-starts",
    STOPPING: "task-stops",
    DELETING: "task-deletes",
} as const;
const passes = (state: TaskState): state is keyof typeof LASTING => Object.hasOwn(LASTING, state);

/** Puts a task into a state, and plans its way out if it has one. */
export function enter(world: World, project: string, task: Task, state: TaskState): void {
    task.state = state;
    task.updated_at = Math.floor(world.now());
    task.due = null;
    if (!passes(state)) {
        return;
    }
    const inMs = durations.draw(world, LASTING[state]);
    task.due = world.now() + inMs;
    world.plan(inMs, { service: SERVICE_NAME, project, event: "task-moves", subject: task.id });
}

const listOrder = z.enum(["insertion", "newest-first", "arbitrary", "shuffled"]).default("arbitrary");

/** What the API's documentation leaves open. */
export const settings = new Settings(
    SERVICE_NAME,
    z.strictObject({
        /** Deleting what is not stopped: the call is refused, or it counts those tasks as failed, or it goes through. */
        deleteActive: z.enum(["refuse", "count-failed", "allow"]).default("refuse"),
        /** Updating a batch task of which a child is not stopped. */
        updateActive: z.enum(["refuse", "allow"]).default("refuse"),
        /** What start and stop say of children that are as wanted already. */
        idleChildren: z.enum(["count-failed", "count-succeeded"]).default("count-failed"),
        /** After a deletion was answered: tasks show DELETING for a while, or are gone. */
        afterDelete: z.enum(["deleting", "at-once"]).default("deleting"),
        /** Deleting what is being deleted. */
        deletingCode: z.string().default("VIAS.00010004"),
        /** A missing or wrong token: VIAS.00010005 or the gateway's APIGW.0301, both 401. Signatures are the gateway's. */
        tokenErrors: z.enum(["service", "gateway"]).default("service"),
        /** Whether `count` of the task list is that of the page (as the documentation has it) or of all. */
        taskCount: z.enum(["of-page", "of-all"]).default("of-page"),
        /** In which order the list shows tasks. `arbitrary` is stable, `shuffled` differs from call to call. */
        taskOrder: listOrder,
        /** Times of tasks are text, of a kind that no page names. */
        taskTimes: z.enum(["milliseconds", "iso"]).default("milliseconds"),
        /** `error` of a task with which nothing is wrong. */
        noError: z.enum(["empty", "null", "absent"]).default("empty"),
    }),
);

export const durations = new Durations(SERVICE_NAME, {
    "task-waits": seconds(2),
    "task-starts": seconds(30),
    "task-stops": seconds(10),
    "task-deletes": seconds(20),
});

export const refusal = (code: string, message: string, params: readonly string[] = []): Refusal =>
    new Refusal(400, code, message, { params });
export const invalid = (problem: string): Refusal => {
    const [field = ""] = problem.split(/[.:]/);
    return refusal("VIAS.00010001", `Invalid parameter: ${problem}`, /^\w+$/.test(field) ? [field] : []);
};
export const notFound = (what: string, id: string | undefined, code = "VIAS.00010002"): Refusal =>
    refusal(code, `The ${what} ${id} does not exist.`);
export const wrongState = (message: string, code = "VIAS.00010004"): Refusal => refusal(code, message);
