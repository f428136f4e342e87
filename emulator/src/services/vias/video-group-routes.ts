import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { queryInteger } from "../paging";
import { refusal, wrongState } from "./model";
import {
    ACCESS_TYPES,
    groupOf,
    groupsIn,
    groupView,
    SOURCE_STATES,
    sourceOf,
    sourcesOfGroup,
    type VideoGroup,
    videoGroups,
} from "./video-kinds";
import { pagedOf, paging, several } from "./video-queries";

const BASE = "/v2/:project_id/video-group";
/** The most groups of a project. */
const QUOTA = 1000;

const shared = {
    video_group_name: z
        .string()
        .regex(/^[\u4E00-\u9FA5A-Za-z0-9]{1,20}$/, "must be 1 to 20 letters, digits or Chinese characters"),
    description: z.string().optional(),
    video_source_ids: z.array(z.string().regex(/^[a-z0-9_-]{4,36}$/, "must be ids")).optional(),
};

function refuseSameGroup(call: Call, name: string, but?: VideoGroup): void {
    if (!groupsIn(call).some((other) => other.video_group_name === name && other !== but)) {
        return;
    }
    throw refusal("VIAS.00010003", `A video group named ${name} exists already.`, ["video_group_name"]);
}

/** Makes exactly these the sources of a group. */
function setSources(call: Call, group: VideoGroup, ids: readonly string[]): void {
    const wanted = ids.map((id) => sourceOf(call, id));
    const { video_group_id } = group;
    for (const source of sourcesOfGroup(call, group)) {
        source.video_group_ids = source.video_group_ids.filter((id) => id !== video_group_id);
    }
    for (const source of wanted) {
        source.video_group_ids = [...source.video_group_ids, video_group_id];
    }
}

/** Of what its sources are; "" for none. */
const typesIn = (call: Call, group: VideoGroup) =>
    [...new Set(sourcesOfGroup(call, group).map(({ type }) => type))].join(",");

const ranks = {
    create_at: ({ create_at }) => create_at,
    modify_at: ({ modify_at }) => modify_at,
    num_video_source: ({ num_video_source }) => num_video_source,
    num_task: ({ num_batch_task }) => num_batch_task,
} satisfies Record<string, (view: ReturnType<typeof groupView>) => number>;

export const videoGroupRoutes: readonly Route[] = [
    route({
        operation: "ListVideoGroups",
        method: "GET",
        path: `${BASE}/groups`,
        query: z.object({
            ...paging(queryInteger(1, 100_000)),
            sort_name: z.enum(["create_at", "modify_at", "num_video_source", "num_task"]).default("create_at"),
            order_by: z.enum(["asc", "desc"]).default("desc"),
            name: z.string().default(""),
            status: z.enum(SOURCE_STATES).optional(),
            access_type: several(z.enum(ACCESS_TYPES)).optional(),
            has_task: z.enum(["true", "false"]).optional(),
            type: several(z.string()).optional(),
        }),
        handle(call, { query }) {
            const { name, status, access_type, has_task, type, order_by } = query;
            const all = groupsIn(call);
            const sign = order_by === "asc" ? 1 : -1;
            const rank = ranks[query.sort_name];
            const found = all
                .filter((group) => {
                    const sources = sourcesOfGroup(call, group);
                    const { num_batch_task } = groupView(call, group);
                    return (
                        group.video_group_name.includes(name) &&
                        (status === undefined || sources.some((source) => SOURCE_STATES[source.status] === status)) &&
                        (access_type?.includes(group.access_type) ?? true) &&
                        (has_task === undefined || String(num_batch_task > 0) === has_task) &&
                        (type === undefined || sources.some((source) => type.includes(source.type)))
                    );
                })
                .map((group) => ({ ...groupView(call, group), type: typesIn(call, group) }))
                .sort((a, b) => sign * (rank(a) - rank(b)));
            return ok({
                video_group_number: found.length,
                total_number: all.length,
                quota_number: QUOTA,
                video_group_list: pagedOf(found, query),
            });
        },
    }),
    route({
        operation: "CreateVideoGroup",
        method: "POST",
        path: BASE,
        body: z.object({ ...shared, access_type: z.enum(ACCESS_TYPES).default("cloud") }),
        handle(call, { body }) {
            const { video_source_ids = [], description = "", ...given } = body;
            refuseSameGroup(call, body.video_group_name);
            for (const id of video_source_ids) {
                sourceOf(call, id);
            }
            const group = videoGroups.create(
                { world: call.world, project: call.project, index: 0 },
                { ...given, description },
            );
            setSources(call, group, video_source_ids);
            return ok({ video_group_id: group.video_group_id });
        },
    }),
    route({
        operation: "ShowVideoGroup",
        method: "GET",
        path: `${BASE}/:id`,
        handle(call, { params }) {
            const group = groupOf(call, params.id);
            return ok({ ...groupView(call, group), description: group.description });
        },
    }),
    route({
        operation: "UpdateVideoGroup",
        method: "PUT",
        path: `${BASE}/:id`,
        body: z.object(shared).partial(),
        handle(call, { params, body }) {
            const group = groupOf(call, params.id);
            const { video_group_name = group.video_group_name, description = group.description } = body;
            refuseSameGroup(call, video_group_name, group);
            if (body.video_source_ids !== undefined) {
                setSources(call, group, body.video_source_ids);
            }
            Object.assign(group, { video_group_name, description, modify_at: Math.floor(call.world.now()) });
            return { status: 204 };
        },
    }),
    route({
        operation: "DeleteVideoGroup",
        method: "DELETE",
        path: `${BASE}/:id`,
        handle(call, { params }) {
            const group = groupOf(call, params.id);
            if (sourcesOfGroup(call, group).length > 0) {
                throw wrongState("The video group has video sources.");
            }
            videoGroups.in(call.world, call.project).remove(group.video_group_id, "DeleteVideoGroup");
            return { status: 204 };
        },
    }),
];
