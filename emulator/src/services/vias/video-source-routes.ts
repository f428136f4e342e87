import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { queryInteger } from "../paging";
import { refusal, wrongState } from "./model";
import {
    ACCESS_TYPES,
    groupOf,
    groupsIn,
    SOURCE_STATES,
    sourceOf,
    sourcesIn,
    sourceView,
    tasksOn,
    type VideoSource,
    videoSources,
} from "./video-kinds";
import { pagedOf, paging, several } from "./video-queries";

const BASE = "/v2/:project_id/source";
/** The most sources of a project. */
const QUOTA = 10_000;
/** Addresses and passwords of cameras. */
const SECRETS = ["type_config"];

const degrees = (most: number) =>
    z
        .string()
        .refine(
            (text) => text === "" || (/^-?\d{1,3}(\.\d{1,5})?$/.test(text) && Math.abs(Number(text)) <= most),
            `must be degrees up to ${most}`,
        );

const shared = {
    video_source_name: z
        .string()
        .regex(
            /^(?! )[\u4E00-\u9FA5A-Za-z0-9 ._()（）-]{1,100}(?<! )$/,
            "must be 1 to 100 letters, digits, spaces, brackets, ., - or _",
        ),
    latitude: degrees(90).optional(),
    longitude: degrees(180).optional(),
    type_config: z.string().optional(),
    tag: z
        .array(z.string().regex(/^[\u4E00-\u9FA5A-Za-z0-9_-]{1,10}$/, "must be 1 to 10 letters, digits, - or _"))
        .max(4)
        .optional(),
};

function refuseSameSource(call: Call, name: string, but?: VideoSource): void {
    if (!sourcesIn(call).some((other) => other.video_source_name === name && other !== but)) {
        return;
    }
    throw refusal("VIAS.00010010", `A video source named ${name} exists already.`, ["video_source_name"]);
}

const given = (body: object) => Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));

const isNamedAs = (call: Call, source: VideoSource, scope: string, by: "source_name" | "group_name") =>
    by === "source_name"
        ? source.video_source_name.includes(scope)
        : groupsIn(call).some(
              (group) =>
                  source.video_group_ids.includes(group.video_group_id) && group.video_group_name.includes(scope),
          );

export const videoSourceRoutes: readonly Route[] = [
    route({
        operation: "ListVideoSources",
        method: "GET",
        path: `${BASE}/sources`,
        query: z.object({
            ...paging(queryInteger(1, 100_000)),
            scope: z.string().default(""),
            scope_name: z.enum(["source_name", "group_name"]).default("source_name"),
            status: several(z.enum(SOURCE_STATES)).optional(),
            type: several(z.string()).optional(),
            video_group_id: several(z.string().regex(/^[0-9a-zA-Z-_]{1,36}$/, "must be ids")).optional(),
            sort_name: z.enum(["create_at", "num_task", "num_template"]).default("create_at"),
            order_by: z.enum(["asc", "desc"]).default("desc"),
            access_type: several(z.enum(ACCESS_TYPES)).optional(),
            platform_name: z.string().optional(),
            tag: z.string().optional(),
        }),
        handle(call, { query }) {
            const { scope, scope_name, status, type, video_group_id, sort_name, order_by, access_type, tag } = query;
            const all = sourcesIn(call);
            const found = all.filter(
                (source) =>
                    isNamedAs(call, source, scope, scope_name) &&
                    (status?.includes(SOURCE_STATES[source.status]) ?? true) &&
                    (type?.includes(source.type) ?? true) &&
                    (video_group_id?.some((id) => source.video_group_ids.includes(id)) ?? true) &&
                    (access_type?.includes(source.access_type) ?? true) &&
                    (tag === undefined || source.tag.includes(tag)),
            );
            const rank = (source: VideoSource) => {
                if (sort_name === "create_at") {
                    return source.create_at;
                }
                return sort_name === "num_task" ? tasksOn(call, source).length : 0;
            };
            const sign = order_by === "asc" ? 1 : -1;
            const page = pagedOf(
                found.toSorted((a, b) => sign * (rank(a) - rank(b))),
                query,
            );
            return ok({
                video_source_number: found.length,
                total_number: all.length,
                quota_number: QUOTA,
                video_source_list: page.map((source) => ({
                    video_source_id: source.video_source_id,
                    ...sourceView(call, source),
                    num_tasks: tasksOn(call, source).length,
                    num_service_config_templates: 0,
                })),
            });
        },
    }),
    route({
        operation: "ShowVideoSource",
        method: "GET",
        path: `${BASE}/sources/:id`,
        handle: (call, { params }) =>
            ok({ ...sourceView(call, sourceOf(call, params.id)), service_config_templates: [], image: "" }),
    }),
    route({
        operation: "CreateVideoSource",
        method: "POST",
        path: BASE,
        body: z.object({
            ...shared,
            access_type: z.enum(ACCESS_TYPES).default("cloud"),
            type: z.string().min(1).default("url"),
            video_group_ids: z.array(z.string().min(1)).optional(),
        }),
        secrets: SECRETS,
        handle(call, { body }) {
            for (const id of body.video_group_ids ?? []) {
                groupOf(call, id);
            }
            refuseSameSource(call, body.video_source_name);
            const birth = { world: call.world, project: call.project, index: 0 };
            return ok({ video_source_id: videoSources.create(birth, given(body)).video_source_id });
        },
    }),
    route({
        operation: "UpdateVideoSource",
        method: "PUT",
        path: `${BASE}/:id`,
        body: z.object(shared).partial(),
        secrets: SECRETS,
        handle(call, { params, body }) {
            const source = sourceOf(call, params.id);
            if (body.video_source_name !== undefined) {
                refuseSameSource(call, body.video_source_name, source);
            }
            Object.assign(source, given(body));
            return ok(sourceView(call, source));
        },
    }),
    route({
        operation: "DeleteVideoSource",
        method: "DELETE",
        path: `${BASE}/:id`,
        handle(call, { params }) {
            const source = sourceOf(call, params.id);
            if (tasksOn(call, source).length > 0) {
                throw wrongState("The video source is used by a task.");
            }
            videoSources.in(call.world, call.project).remove(source.video_source_id, "DeleteVideoSource");
            return { status: 204 };
        },
    }),
];
