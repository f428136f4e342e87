import * as z from "zod";
import type { Call } from "../../gateway/route";
import { Kind } from "../../world/kind";
import { hex32 } from "../../world/random";
import { batchTasks, notFound, SERVICE_NAME, tasks } from "./model";

export const ACCESS_TYPES = ["cloud", "edge"] as const;
/** Level and name of what a source can be: in service, out of it, or broken. */
export const SOURCE_STATES = { ONLINE: "1", OFFLINE: "2", EXCEPTION: "9" } as const;
const STATE_NAMES = ["ONLINE", "OFFLINE", "EXCEPTION"] as const;

const groupSchema = z.object({
    video_group_id: z.string(),
    video_group_name: z.string(),
    description: z.string(),
    access_type: z.enum(ACCESS_TYPES),
    create_at: z.number(),
    modify_at: z.number(),
});
export type VideoGroup = z.infer<typeof groupSchema>;
export const videoGroups = new Kind<VideoGroup>(SERVICE_NAME, "videoGroups", {
    schema: groupSchema,
    id: (group) => group.video_group_id,
    defaults: ({ world, index }) => ({
        video_group_id: hex32(world.random),
        video_group_name: `group${index}`,
        description: "",
        access_type: "cloud",
        create_at: Math.floor(world.now()),
        modify_at: Math.floor(world.now()),
    }),
});

const sourceSchema = z.object({
    video_source_id: z.string(),
    video_source_name: z.string(),
    /** The groups that it is in: shown as `video_packages`. */
    video_group_ids: z.array(z.string()),
    access_type: z.enum(ACCESS_TYPES),
    type: z.string(),
    latitude: z.string(),
    longitude: z.string(),
    /** XML, perhaps with passwords. */
    type_config: z.string(),
    tag: z.array(z.string()),
    stream_path: z.string(),
    status: z.enum(STATE_NAMES),
    create_at: z.number(),
});
export type VideoSource = z.infer<typeof sourceSchema>;
export const videoSources = new Kind<VideoSource>(SERVICE_NAME, "sources", {
    schema: sourceSchema,
    id: (source) => source.video_source_id,
    defaults: ({ world, index }) => ({
        video_source_id: hex32(world.random),
        video_source_name: `camera-${index}`,
        video_group_ids: [],
        access_type: "cloud",
        type: "url",
        latitude: "",
        longitude: "",
        type_config: "",
        tag: [],
        stream_path: "",
        status: "ONLINE",
        create_at: Math.floor(world.now()),
    }),
});

export const sourcesIn = ({ world, project }: Call) => videoSources.in(world, project).list("insertion");
export const groupsIn = ({ world, project }: Call) => videoGroups.in(world, project).list("insertion");

export function groupOf({ world, project }: Call, id: string | undefined): VideoGroup {
    const group = videoGroups.in(world, project).get(id ?? "");
    if (group === undefined) {
        throw notFound("video group", id);
    }
    return group;
}

export function sourceOf({ world, project }: Call, id: string | undefined): VideoSource {
    const source = videoSources.in(world, project).get(id ?? "");
    if (source === undefined) {
        throw notFound("video source", id);
    }
    return source;
}

export const sourcesOfGroup = (call: Call, { video_group_id }: VideoGroup): VideoSource[] =>
    sourcesIn(call).filter(({ video_group_ids }) => video_group_ids.includes(video_group_id));

/** Tasks that read a source. */
export const tasksOn = ({ world, project }: Call, { video_source_id }: VideoSource) =>
    tasks
        .in(world, project)
        .list("insertion")
        .filter((task) => task.video_source_id === video_source_id);

/** A group as lists and sources show it. */
export function groupView(call: Call, group: VideoGroup) {
    const { video_group_id, video_group_name, access_type, create_at, modify_at } = group;
    const sources = sourcesOfGroup(call, group);
    const count = (state: VideoSource["status"]) => sources.filter(({ status }) => status === state).length;
    const batches = batchTasks.in(call.world, call.project).list("insertion");
    return {
        video_group_id,
        video_group_name,
        access_type,
        create_at,
        modify_at,
        num_video_source: sources.length,
        group_status: {
            num_online: count("ONLINE"),
            num_exception: count("EXCEPTION"),
            num_offline: count("OFFLINE"),
        },
        num_batch_task: batches.filter(({ video_group_ids }) => video_group_ids.includes(video_group_id)).length,
    };
}

/** A source as all calls show it; its id only in the list. */
export function sourceView(call: Call, source: VideoSource) {
    const { video_source_id: _, video_group_ids, status, ...shown } = source;
    const groups = groupsIn(call).filter(({ video_group_id }) => video_group_ids.includes(video_group_id));
    return {
        ...shown,
        status: { status, name: status.toLowerCase(), level: SOURCE_STATES[status] },
        video_packages: groups.map((group) => ({ ...groupView(call, group), description: group.description })),
        scene_recommend: [],
        video_source_quality: [],
    };
}
