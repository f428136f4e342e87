import type { Call } from "../../gateway/route";
import { type AlgorithmService, algorithmServices } from "./algorithm-services";
import { type BatchTask, enter, invalid, notFound, SERVICE_NAME, type Task, tasks } from "./model";
import type { BatchInput } from "./task-body";
import { groupOf, groupsIn, type VideoGroup, type VideoSource, videoSources } from "./video-kinds";

/** A video source in the group in which a request names it. */
export interface Place {
    readonly group: VideoGroup;
    readonly source: VideoSource;
}

/** The sources of a request, all of which must exist, each once. */
export function placesOf(call: Call, input: BatchInput): Place[] {
    const places = input.video_source_group.flatMap(({ video_source_group_id, video_source_list }) => {
        const group = groupOf(call, video_source_group_id);
        return video_source_list.map(({ video_source_id }) => {
            const source = videoSources.in(call.world, call.project).get(video_source_id);
            if (!source?.video_group_ids.includes(group.video_group_id)) {
                throw notFound("video source", video_source_id);
            }
            return { group, source };
        });
    });
    if (new Set(places.map(({ source }) => source.video_source_id)).size < places.length) {
        throw invalid("batch_input: a video source comes twice");
    }
    return places;
}

/** The published algorithm that a task is to run. */
export function serviceFor(
    { world, project }: Call,
    name: string | undefined,
    version: string,
    order: string | undefined,
): AlgorithmService {
    const all = algorithmServices.in(world, project).list("insertion");
    const service = all.find((candidate) => candidate.service_name === name && candidate.function_version === version);
    if (service === undefined) {
        throw notFound("service", `${name} ${version}`);
    }
    if (service.commercial && order === undefined) {
        throw invalid("resource_order_id: is needed for this algorithm");
    }
    return service;
}

export const childrenOf = ({ world, project }: Call, batch: BatchTask): Task[] =>
    batch.task_ids.map((id) => tasks.in(world, project).get(id)).filter((task) => task !== undefined);

interface Inheritance {
    readonly name: string;
    readonly description: string;
    readonly batch_id: string;
    readonly schedule: unknown;
    readonly output: unknown;
    readonly config: unknown;
    readonly resource_order_id: string;
}

/** What a task reads that is not a video source. */
export interface OtherInput {
    readonly type: string;
    readonly data: readonly unknown[];
}

/** What a task has of that which it reads. */
export function ofInput(call: Call, source: VideoSource | OtherInput) {
    if ("data" in source) {
        const none = {
            video_source_id: "",
            video_source_name: "",
            camera_name: "",
            video_group_id: "",
            group_name: "",
        };
        return { input: source, source_data_type: source.type, ...none };
    }
    const { video_source_id, video_source_name, video_group_ids, type } = source;
    const groups = groupsIn(call).filter(({ video_group_id }) => video_group_ids.includes(video_group_id));
    return {
        input: { type: "video_source", data: [{ video_source_id }] },
        source_data_type: type,
        video_source_id,
        video_source_name,
        camera_name: video_source_name,
        video_group_id: groups[0]?.video_group_id ?? "",
        group_name: groups.map(({ video_group_name }) => video_group_name).join(","),
    };
}

/** A new task on one video source, or on what else it reads: starting, stopped, or in CREATE_FAILED if a fault has it so. */
export function createTask(
    call: Call,
    service: AlgorithmService | undefined,
    source: VideoSource | OtherInput,
    inherited: Inheritance,
    starting: boolean,
): Task {
    const { world, project, identity } = call;
    const task = tasks.create(
        { world, project, index: 0 },
        {
            ...inherited,
            creator: identity?.userName ?? "",
            service_id: service?.service_id ?? "",
            release_id: service?.service_id ?? "",
            algorithm_publish_id: service?.service_id ?? "",
            package_id: service?.package_id ?? "",
            type: service?.deploy_type ?? "cloud",
            alg_id: service?.alg_id ?? "",
            company: service?.company ?? "",
            ...ofInput(call, source),
            title: service?.alg_name ?? "",
            state: "STOPPED",
            schedule_status: starting && inherited.schedule !== null ? "ACTIVATED" : "INACTIVATED",
        },
    );
    const fault = world.outcomes.take(SERVICE_NAME, "create-task", task.video_source_id);
    if (fault?.outcome === "fail") {
        task.error = { code: fault.code ?? "VIAS.00010006", message: fault.message ?? "Internal error." };
        enter(world, project, task, "CREATE_FAILED");
    } else if (starting) {
        enter(world, project, task, "PENDING");
    }
    return task;
}
