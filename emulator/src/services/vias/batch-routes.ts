import * as z from "zod";
import { type Call, ok, type Route, type RouteReply, route } from "../../gateway/route";
import { pageOf, queryInteger } from "../paging";
import { algorithmServices } from "./algorithm-services";
import { childrenOf, createTask, type Place, placesOf, serviceFor } from "./children";
import {
    type BatchTask,
    batchTasks,
    invalid,
    notFound,
    refusal,
    settings,
    TASK_STATES,
    type Task,
    wrongState,
} from "./model";
import { createBatchBody, OUTPUT_SECRETS, updateBatchBody } from "./task-body";
import { buryIfEmpty, type Complaint, isActive, remove, start, stop } from "./task-states";

const BASE = "/v2/:project_id/batch-tasks";
/** Documented among the keys of the status info, though no task is ever in it. */
const shownStates = [...TASK_STATES.map((state) => state.toLowerCase()), "stopped_no_service"];

const noneInAnyState: Readonly<Record<string, number>> = Object.fromEntries(shownStates.map((state) => [state, 0]));

function batchOf(call: Call, id: string | undefined): BatchTask {
    const batch = batchTasks.in(call.world, call.project).get(id ?? "");
    if (batch === undefined) {
        throw notFound("batch task", id, "VIAS.00010008");
    }
    return batch;
}

function view(call: Call, batch: BatchTask) {
    const info: Record<string, number> = { ...noneInAnyState };
    const children = childrenOf(call, batch);
    for (const { state } of children) {
        info[state.toLowerCase()] = (info[state.toLowerCase()] ?? 0) + 1;
    }
    const { id, batch_task_name, video_source_name, video_group_name, alg_name, company, type, created_at } = batch;
    const told = { id, batch_task_name, video_source_name, video_group_name, alg_name, company, type, created_at };
    return { ...told, num_task: children.length, batch_task_status_info: info };
}

function batchOperation(id: string, complaints: readonly Complaint[]): RouteReply {
    const error_list = complaints.filter((complaint) => complaint !== undefined);
    const total_count = complaints.length;
    const failed_count = error_list.length;
    return ok({ total_count, failed_count, succeed_count: total_count - failed_count, id, error_list });
}

function refuseSameName({ world, project }: Call, name: string, but?: BatchTask): void {
    const all = batchTasks.in(world, project).list("insertion");
    if (!all.some((other) => other.batch_task_name === name && other !== but)) {
        return;
    }
    throw refusal("VIAS.00010011", `A task named ${name} exists already.`, ["name"]);
}

const namesOf = (places: readonly Place[]) => ({
    video_source_name: places.map(({ source }) => source.video_source_name).join(","),
    video_group_name: [...new Set(places.map(({ group }) => group.video_group_name))].join(","),
    video_group_ids: [...new Set(places.map(({ group }) => group.video_group_id))],
});

const failureOf = (task: Task): Complaint =>
    task.state === "CREATE_FAILED" ? `${task.video_source_id}: ${task.error.code} ${task.error.message}` : undefined;

/** What every child takes over from its batch task. */
const inheritanceOf = (batch: BatchTask, { source }: Place, order: string | undefined) => ({
    batch_id: batch.id,
    name: `${batch.batch_task_name}-${source.video_source_name}`,
    description: batch.description,
    schedule: batch.schedule,
    output: batch.output,
    config: batch.config,
    resource_order_id: order ?? "",
});

export const batchRoutes: readonly Route[] = [
    route({
        operation: "ListBatchTasks",
        method: "GET",
        path: BASE,
        query: z.object({
            is_paged: z.enum(["true", "false"]).default("true"),
            page_size: queryInteger(5, 200).default(10),
            page_num: queryInteger(1, 10_000).default(1),
            order_by: z.enum(["asc", "desc"]).default("desc"),
            sort_name: z.enum(["task_count", "created_at"]).default("created_at"),
            video_group: z.string().optional(),
            task_state: z
                .string()
                .refine((state) => shownStates.includes(state), "must be a state in lower case")
                .optional(),
            type_like: z.enum(["batch_task_name", "publish_service_name"]).optional(),
            name_like: z.string().max(100).optional(),
            manufacturer: z.string().optional(),
            title: z.string().optional(),
        }),
        handle(call, { query }) {
            const { video_group, task_state, type_like, name_like, manufacturer, title } = query;
            if (name_like !== undefined && type_like === undefined) {
                throw invalid("type_like: is needed with name_like");
            }
            const groups = video_group?.split(",");
            const found = batchTasks
                .in(call.world, call.project)
                .list("insertion")
                .filter((batch) => {
                    const named = type_like === "batch_task_name" ? batch.batch_task_name : batch.service_name;
                    return (
                        (groups === undefined || groupsOf(batch).some((group) => groups.includes(group))) &&
                        (name_like === undefined || named.includes(name_like)) &&
                        (manufacturer === undefined || batch.company === manufacturer) &&
                        (title === undefined || batch.title.includes(title)) &&
                        (task_state === undefined ||
                            childrenOf(call, batch).some(({ state }) => state.toLowerCase() === task_state))
                    );
                });
            const rank = query.sort_name === "task_count" ? countOf : createdAt;
            const sign = query.order_by === "asc" ? 1 : -1;
            const sorted = [...found].sort((a, b) => sign * (rank(a) - rank(b)));
            const { page_num, page_size } = query;
            const page = query.is_paged === "true" ? pageOf(sorted, (page_num - 1) * page_size, page_size) : sorted;
            return ok({ count: found.length, batch_task_list: page.map((batch) => view(call, batch)) });
        },
    }),
    route({
        operation: "CreateBatchTask",
        method: "POST",
        path: BASE,
        body: createBatchBody,
        secrets: OUTPUT_SECRETS,
        handle(call, { body }) {
            const { world, project } = call;
            const service = serviceFor(call, body.service_name, body.service_version, body.resource_order_id);
            const places = placesOf(call, body.batch_input);
            refuseSameName(call, body.name);
            const batch = batchTasks.create(
                { world, project, index: 0 },
                {
                    batch_task_name: body.name,
                    description: body.description ?? "",
                    service_name: service.service_name,
                    service_version: service.function_version,
                    type: service.deploy_type,
                    alg_name: service.alg_name,
                    title: service.alg_name,
                    company: service.company,
                    ...namesOf(places),
                    output: body.output,
                    config: body.config ?? {},
                    schedule: body.schedule ?? null,
                    num_task: places.length,
                    task_state: "PENDING",
                },
            );
            const children = places.map((place) =>
                createTask(call, service, place.source, inheritanceOf(batch, place, body.resource_order_id), true),
            );
            batch.task_ids = children.map(({ id }) => id);
            return batchOperation(batch.id, children.map(failureOf));
        },
    }),
    route({
        operation: "UpdateBatchTask",
        method: "PUT",
        path: `${BASE}/:id`,
        body: updateBatchBody,
        secrets: OUTPUT_SECRETS,
        handle(call, { params, body }) {
            const { world, project, requestId } = call;
            const batch = batchOf(call, params.id);
            const old = childrenOf(call, batch);
            const active = old.find(isActive);
            if (active !== undefined && settings.in(world).updateActive === "refuse") {
                throw wrongState(`The task ${active.id} is ${active.state}.`);
            }
            if (batch.deleted_by !== null) {
                throw wrongState("The batch task is being deleted.");
            }
            const places = placesOf(call, body.batch_input);
            refuseSameName(call, body.name, batch);
            const { name, description = "", output, config = {}, schedule = null } = body;
            Object.assign(batch, { batch_task_name: name, description, output, config, schedule, ...namesOf(places) });
            const services = algorithmServices.in(world, project).list("insertion");
            const service = services.find(
                ({ service_name, function_version }) =>
                    service_name === batch.service_name && function_version === batch.service_version,
            );
            const complaints = places.map((place) => {
                const inherited = inheritanceOf(batch, place, body.resource_order_id);
                const kept = old.find(({ video_source_id }) => video_source_id === place.source.video_source_id);
                if (kept !== undefined) {
                    Object.assign(kept, inherited, { updated_at: Math.floor(world.now()) });
                    return undefined;
                }
                const added = createTask(call, service, place.source, inherited, active !== undefined);
                batch.task_ids.push(added.id);
                return failureOf(added);
            });
            const wanted = new Set(places.map(({ source }) => source.video_source_id));
            for (const task of old) {
                if (!wanted.has(task.video_source_id)) {
                    complaints.push(remove(world, project, task, `UpdateBatchTask ${requestId}`));
                }
            }
            return batchOperation(batch.id, complaints);
        },
    }),
    route({
        operation: "BatchStartStopTask",
        method: "PUT",
        path: `${BASE}/:id/action/:action`,
        handle(call, { params }) {
            const { world, project } = call;
            const { action } = params;
            if (action !== "start" && action !== "stop") {
                throw invalid("action: must be start or stop");
            }
            const batch = batchOf(call, params.id);
            if (batch.deleted_by !== null) {
                throw wrongState("The batch task is being deleted.");
            }
            const complaints = childrenOf(call, batch).map((task) =>
                action === "start" ? start(world, project, task) : stop(world, project, task),
            );
            const { idleChildren } = settings.in(world);
            return batchOperation(
                batch.id,
                idleChildren === "count-failed" ? complaints : complaints.map(() => undefined),
            );
        },
    }),
    route({
        operation: "DeleteBatchTask",
        method: "DELETE",
        path: `${BASE}/:id`,
        handle(call, { params }) {
            const { world, project, operation, requestId } = call;
            const { id = "" } = params;
            const submission = world.auditLog.open(call, [id]);
            const batch = batchOf(call, id);
            const rules = settings.in(world);
            if (batch.deleted_by !== null) {
                world.auditLog.submittedAgain(call, id);
                throw wrongState("The batch task is being deleted.", rules.deletingCode);
            }
            const children = childrenOf(call, batch);
            const active = children.find(isActive);
            if (active !== undefined && rules.deleteActive === "refuse") {
                throw wrongState(`The task ${active.id} is ${active.state}.`);
            }
            const by = `${operation} ${requestId}`;
            const complaints = children.map((task) => remove(world, project, task, by));
            // One that complains of all of them has deleted nothing, though it answers 200.
            submission.accepted = complaints.length === 0 || complaints.includes(undefined);
            // A lie leaves the child where it was, and its batch task with it.
            if (childrenOf(call, batch).every(({ state }) => state === "DELETING")) {
                batch.deleted_by = by;
            }
            buryIfEmpty(world, project, batch.id);
            return batchOperation(id, complaints);
        },
    }),
];

/** The reference does not say whether the filter takes ids or names. */
const groupsOf = (batch: BatchTask): string[] => [...batch.video_group_ids, ...batch.video_group_name.split(",")];
const countOf = (batch: BatchTask): number => batch.task_ids.length;
const createdAt = (batch: BatchTask): number => batch.created_at;
