import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { pageOf, queryInteger } from "../paging";
import {
    algorithmServices,
    notFound,
    refusal,
    tasks,
    type VideoGroup,
    type VideoSource,
    videoGroups,
    videoSources,
    wrongState,
} from "./model";
import { description, taskName } from "./taskBody";

const groupPath = "/v2/:project_id/video-group";
const sourcePath = "/v2/:project_id/source";
const servicePath = "/v2/:project_id/algorithm/services";

const paging = { page_size: queryInteger(5, 200).default(10), page_num: queryInteger(1, 10_000).default(1) };
const page = <T>(found: readonly T[], { page_size, page_num }: { page_size: number; page_num: number }): T[] =>
    pageOf(found, (page_num - 1) * page_size, page_size);

const groupBody = z.object({ name: taskName, description: description.default("") });
const sourceBody = z.object({
    name: taskName,
    description: description.default(""),
    video_group_id: z.string().min(1),
    type: z.string().default("url"),
    url: z.string().default(""),
});

function groupOf({ world, project }: Call, id: string | undefined): VideoGroup {
    const group = videoGroups.in(world, project).get(id ?? "");
    if (group === undefined) throw notFound("video group", id);
    return group;
}

function sourceOf({ world, project }: Call, id: string | undefined): VideoSource {
    const source = videoSources.in(world, project).get(id ?? "");
    if (source === undefined) throw notFound("video source", id);
    return source;
}

const sourcesIn = ({ world, project }: Call) => videoSources.in(world, project).list("insertion");

function refuseSameGroup({ world, project }: Call, name: string, but?: VideoGroup): void {
    const all = videoGroups.in(world, project).list("insertion");
    if (!all.some((other) => other.name === name && other !== but)) return;
    throw refusal("VIAS.00010003", `A video group named ${name} exists already.`, ["name"]);
}

function refuseSameSource(call: Call, name: string, but?: VideoSource): void {
    if (!sourcesIn(call).some((other) => other.name === name && other !== but)) return;
    throw refusal("VIAS.00010010", `A video source named ${name} exists already.`, ["name"]);
}

/** Where sources can hold credentials. */
const sourceSecrets = ["url"];

export const videoRoutes: readonly Route[] = [
    route({
        operation: "ListAlgorithmServices",
        method: "GET",
        path: `${servicePath}/user`,
        query: z.object(paging),
        handle({ world, project }, { query }) {
            const all = algorithmServices.in(world, project).list("insertion");
            return ok({ count: all.length, services: page(all, query) });
        },
    }),
    route({
        operation: "ShowAlgorithmService",
        method: "GET",
        path: `${servicePath}/:service_id`,
        handle({ world, project }, { params }) {
            const service = algorithmServices.in(world, project).get(params.service_id ?? "");
            if (service === undefined) throw notFound("service", params.service_id);
            return ok(service);
        },
    }),
    route({
        operation: "ListVideoGroups",
        method: "GET",
        path: `${groupPath}/groups`,
        query: z.object(paging),
        handle({ world, project }, { query }) {
            const all = videoGroups.in(world, project).list("insertion");
            return ok({ count: all.length, groups: page(all, query) });
        },
    }),
    route({
        operation: "CreateVideoGroup",
        method: "POST",
        path: groupPath,
        body: groupBody,
        handle(call, { body }) {
            refuseSameGroup(call, body.name);
            return ok(videoGroups.create({ world: call.world, project: call.project, index: 0 }, body));
        },
    }),
    route({
        operation: "ShowVideoGroup",
        method: "GET",
        path: `${groupPath}/:id`,
        handle: (call, { params }) => ok(groupOf(call, params.id)),
    }),
    route({
        operation: "UpdateVideoGroup",
        method: "PUT",
        path: `${groupPath}/:id`,
        body: groupBody,
        handle(call, { params, body }) {
            const group = groupOf(call, params.id);
            refuseSameGroup(call, body.name, group);
            return ok(Object.assign(group, body));
        },
    }),
    route({
        operation: "DeleteVideoGroup",
        method: "DELETE",
        path: `${groupPath}/:id`,
        handle(call, { params }) {
            const { id } = groupOf(call, params.id);
            if (sourcesIn(call).some(({ video_group_id }) => video_group_id === id)) {
                throw wrongState("The video group has video sources.");
            }
            videoGroups.in(call.world, call.project).remove(id, "DeleteVideoGroup");
            return ok({ id });
        },
    }),
    route({
        operation: "ListVideoSources",
        method: "GET",
        path: `${sourcePath}/sources`,
        query: z.object({ ...paging, video_group_id: z.string().optional(), name: z.string().optional() }),
        handle(call, { query }) {
            const { video_group_id, name } = query;
            const found = sourcesIn(call).filter(
                (source) =>
                    (video_group_id === undefined || source.video_group_id === video_group_id) &&
                    (name === undefined || source.name.includes(name)),
            );
            return ok({ count: found.length, sources: page(found, query) });
        },
    }),
    route({
        operation: "ShowVideoSource",
        method: "GET",
        path: `${sourcePath}/sources/:id`,
        handle: (call, { params }) => ok(sourceOf(call, params.id)),
    }),
    route({
        operation: "CreateVideoSource",
        method: "POST",
        path: sourcePath,
        body: sourceBody,
        secrets: sourceSecrets,
        handle(call, { body }) {
            groupOf(call, body.video_group_id);
            refuseSameSource(call, body.name);
            return ok(videoSources.create({ world: call.world, project: call.project, index: 0 }, body));
        },
    }),
    route({
        operation: "UpdateVideoSource",
        method: "PUT",
        path: `${sourcePath}/:id`,
        body: sourceBody,
        secrets: sourceSecrets,
        handle(call, { params, body }) {
            const source = sourceOf(call, params.id);
            groupOf(call, body.video_group_id);
            refuseSameSource(call, body.name, source);
            return ok(Object.assign(source, body));
        },
    }),
    route({
        operation: "DeleteVideoSource",
        method: "DELETE",
        path: `${sourcePath}/:id`,
        handle(call, { params }) {
            const { world, project } = call;
            const { id } = sourceOf(call, params.id);
            if (
                tasks
                    .in(world, project)
                    .list("insertion")
                    .some(({ video_source_id }) => video_source_id === id)
            ) {
                throw wrongState("The video source is used by a task.");
            }
            videoSources.in(world, project).remove(id, "DeleteVideoSource");
            return ok({ id });
        },
    }),
];
