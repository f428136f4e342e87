import { notAuthenticated, Refusal } from "../../gateway/refusal";
import { projectIdOf } from "../../identity/places";
import type { EmulatedService, ErrorShape } from "../../service";
import { algorithmServiceRoutes, algorithmServices } from "./algorithm-services";
import { batchRoutes } from "./batch-routes";
import { batchTasks, durations, invalid, SERVICE_NAME, settings, TASK_STATES, tasks } from "./model";
import { taskRoutes } from "./task-routes";
import { moveOn } from "./task-states";
import { videoGroupRoutes } from "./video-group-routes";
import { videoGroups, videoSources } from "./video-kinds";
import { videoSourceRoutes } from "./video-source-routes";

/** Regions in which VIAS has an endpoint. */
const REGIONS = ["cn-north-4", "cn-east-3", "cn-south-1", "ap-southeast-1", "ap-southeast-3", "ap-southeast-4"];

/** What every region is born with: no documented call publishes an algorithm. */
const BORN = {
    services: [
        { id: "a0000000000000000000000000000001", name: "people-counting", version: "1.0.0", commercial: false },
        { id: "a0000000000000000000000000000002", name: "vehicle-detection", version: "2.1.0", commercial: false },
        { id: "a0000000000000000000000000000003", name: "smoke-detection", version: "1.2.0", commercial: true },
    ],
    groups: [
        { id: "b0000000000000000000000000000001", name: "entrances" },
        { id: "b0000000000000000000000000000002", name: "carparks" },
    ],
    sources: [
        { id: "c0000000000000000000000000000001", name: "entrance-north", group: 0 },
        { id: "c0000000000000000000000000000002", name: "entrance-south", group: 0 },
        { id: "c0000000000000000000000000000003", name: "entrance-west", group: 0 },
        { id: "c0000000000000000000000000000004", name: "car-park-1", group: 1 },
        { id: "c0000000000000000000000000000005", name: "car-park-2", group: 1 },
    ],
} as const;

const errors: ErrorShape = {
    body: ({ code, message, details }) => ({
        error_code: code,
        error_msg: message,
        detail: message,
        params: [],
        reason: "",
        advice: "",
        ...details,
    }),
    invalid,
    methodNotAllowed: (method) => invalid(`Request method '${method}' not supported`),
    // The error table says no more than "authentication failed": a wrong signature never gets past the gateway.
    notAuthenticated(suffix, world) {
        const isAboutToken = /^(x-auth-token|decrypt token|token expires)/.test(suffix);
        if (settings.in(world).tokenErrors === "gateway" || !isAboutToken) {
            return notAuthenticated(suffix);
        }
        return new Refusal(401, "VIAS.00010005", "Authentication failed.");
    },
};

/** VIAS: batch tasks, the task that each has for every video source, and what these need. */
export const vias: EmulatedService = {
    name: SERVICE_NAME,
    errors,
    routes: [...batchRoutes, ...taskRoutes, ...algorithmServiceRoutes, ...videoGroupRoutes, ...videoSourceRoutes],
    kinds: [algorithmServices, videoGroups, videoSources, batchTasks, tasks],
    settings,
    durations,
    processes: {
        "create-task": {
            ids: "video source ids",
            outcomes: { fail: "the task is in CREATE_FAILED with `code` (VIAS.00010006) and `message`" },
        },
        "start-task": {
            ids: "task ids",
            outcomes: {
                fail: "the task ends in `status` (START_FAILED) with `code` (VIAS.00010006) and `message`",
                stuck: "the task stays STARTING",
                vanish: "the task is gone",
            },
            statuses: TASK_STATES,
        },
        "stop-task": {
            ids: "task ids",
            outcomes: { fail: "the task ends ABNORMAL", stuck: "the task stays STOPPING", vanish: "the task is gone" },
        },
        "delete-task": {
            ids: "task ids",
            outcomes: {
                fail: "the task stays, and the answer counts it as failed with `code` (VIAS.00010006) and `message`",
                stuck: "the task stays DELETING",
                lie: "the answer counts the task as done, and it stays as it is",
                vanish: "the task is gone at once",
            },
        },
    },
    events: { "task-moves": moveOn },
    furnish(world) {
        for (const region of REGIONS) {
            const birth = { world, project: projectIdOf(region), index: 0 };
            for (const { id, name, version, commercial } of BORN.services) {
                const versions = { function_version: version, alg_version: version };
                const names = { service_name: name, alg_name: name, package_name: name };
                algorithmServices.create(birth, { service_id: id, alg_id: id, ...names, ...versions, commercial });
            }
            for (const { id, name } of BORN.groups) {
                videoGroups.create(birth, { video_group_id: id, video_group_name: name });
            }
            for (const { id, name, group } of BORN.sources) {
                const video_group_ids = [BORN.groups[group].id];
                videoSources.create(birth, { video_source_id: id, video_source_name: name, video_group_ids });
            }
        }
        return {};
    },
};
