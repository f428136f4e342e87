import type { Call } from "../../gateway/route";
import {
    type AlgorithmService,
    algorithmServices,
    type BatchTask,
    enter,
    invalid,
    notFound,
    serviceName,
    type Task,
    tasks,
    type VideoGroup,
    type VideoSource,
    videoGroups,
    videoSources,
} from "./model";
import type { BatchInput } from "./taskBody";

/** A video source in the group in which a request names it. */
export interface Place {
    readonly group: VideoGroup;
    readonly source: VideoSource;
}

/** The sources of a request, all of which must exist, each once. */
export function placesOf({ world, project }: Call, input: BatchInput): Place[] {
    const places = input.video_source_group.flatMap(({ video_source_group_id, video_source_list }) => {
        const group = videoGroups.in(world, project).get(video_source_group_id);
        if (group === undefined) throw notFound("video group", video_source_group_id);
        return video_source_list.map(({ video_source_id }) => {
            const source = videoSources.in(world, project).get(video_source_id);
            if (source?.video_group_id !== group.id) throw notFound("video source", video_source_id);
            return { group, source };
        });
    });
    if (new Set(places.map(({ source }) => source.id)).size < places.length) {
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
    const service = all.find((candidate) => candidate.name === name && candidate.version === version);
    if (service === undefined) throw notFound("service", `${name} ${version}`);
    if (service.commercial && order === undefined) throw invalid("resource_order_id: is needed for this algorithm");
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
}

/** A new task on one video source: starting, stopped, or in CREATE_FAILED if a fault has it so. */
export function createTask(
    call: Call,
    service: AlgorithmService | undefined,
    source: VideoSource,
    inherited: Inheritance,
    starting: boolean,
): Task {
    const { world, project, identity } = call;
    const task = tasks.create(
        { world, project, index: 0 },
        {
            ...inherited,
            creator: identity?.userName ?? "",
            service_id: service?.id ?? "",
            release_id: service?.id ?? "",
            algorithm_publish_id: service?.id ?? "",
            alg_id: service?.alg_id ?? "",
            company: service?.company ?? "",
            video_source_id: source.id,
            video_source_name: source.name,
            camera_name: source.name,
            video_group_id: source.video_group_id,
            source_data_type: source.type,
            title: service?.alg_name ?? "",
            state: "STOPPED",
            schedule_status: starting && inherited.schedule !== null ? "ACTIVATED" : "INACTIVATED",
        },
    );
    const fault = world.outcomes.take(serviceName, "create-task", source.id);
    if (fault?.outcome === "fail") {
        task.error = `${fault.code ?? "VIAS.00010006"} ${fault.message ?? "Internal error."}`;
        enter(world, project, task, "CREATE_FAILED");
    } else if (starting) enter(world, project, task, "PENDING");
    return task;
}
