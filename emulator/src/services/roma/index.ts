import { notAuthenticated } from "../../gateway/refusal";
import { HOME_PROJECT_ID, projectIdOf } from "../../identity/places";
import type { EmulatedService, ErrorShape } from "../../service";
import { appRoutes } from "./app-routes";
import { assetRoutes } from "./asset-routes";
import { instanceRoutes } from "./instance-routes";
import { forgetJob, step } from "./jobs";
import {
    apps,
    durations,
    HOME_INSTANCE_ID,
    instanceIdOf,
    instances,
    invalid,
    jobs,
    refusal,
    SERVICE_NAME,
    settings,
    tasks,
} from "./model";
import { endExecution, executeTask } from "./task-execution";
import { taskRoutes } from "./task-routes";

/** Regions in which ROMA has an endpoint. */
const REGIONS = [
    "cn-north-1",
    "cn-north-4",
    "cn-east-3",
    "cn-east-2",
    "cn-south-1",
    "ap-southeast-1",
    "ap-southeast-3",
    "ru-northwest-2",
];

const errors: ErrorShape = {
    body: ({ code, message, details }, requestId) => ({
        error_code: code,
        error_msg: message,
        ...details,
        request_id: requestId,
    }),
    invalid,
    emptyBody: () => refusal("ROMA.13001", "No request body."),
    // The error table speaks of tokens only: a wrong signature never reaches ROMA.
    notAuthenticated(suffix, world) {
        if (settings.in(world).tokenErrors === "gateway") {
            return notAuthenticated(suffix);
        }
        if (suffix.startsWith("x-auth-token")) {
            return refusal("ROMA.1000", "No token.");
        }
        const isAboutToken = suffix.startsWith("decrypt token") || suffix.startsWith("token expires");
        return isAboutToken ? refusal("ROMA.1002", "Incorrect token.") : notAuthenticated(suffix);
    },
};

/** They strike when the job comes to the asset. */
const OUTCOMES = {
    fail: "the asset stays, and the job fails with `code` (ROMA.10010) and `message` for it",
    stuck: "the job never ends, and keeps its user from any other",
    lie: "the job succeeds, and the asset stays",
    vanish: "the asset goes, and the job can't be read any more",
} as const;

/** ROMA Connect: one instance in each region, its integration applications, FDI tasks, and the jobs that delete them. */
export const roma: EmulatedService = {
    name: SERVICE_NAME,
    errors,
    routes: [...instanceRoutes, ...appRoutes, ...taskRoutes, ...assetRoutes],
    kinds: [instances, apps, tasks, jobs],
    settings,
    durations,
    processes: {
        "delete-app": { ids: "application ids", outcomes: OUTCOMES },
        "delete-task": { ids: "FDI task ids", outcomes: OUTCOMES },
    },
    events: {
        "job-steps": step,
        "job-forgotten": forgetJob,
        "task-executes": executeTask,
        "task-executed": endExecution,
    },
    furnish(world) {
        for (const region of REGIONS) {
            const project = projectIdOf(region);
            const name = project === HOME_PROJECT_ID ? "roma-home" : `roma-${region}`;
            instances.create({ world, project, index: 0 }, { id: instanceIdOf(project), name });
        }
        return { ROMA_INSTANCE_ID: HOME_INSTANCE_ID };
    },
};
