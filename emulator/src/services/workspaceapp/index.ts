import { Refusal } from "../../gateway/refusal";
import type { EmulatedService, ErrorShape } from "../../service";
import type { AgendaEvent } from "../../world/agenda";
import type { Spoilable } from "../../world/outcomes";
import type { World } from "../../world/world";
import { attachedAppRoutes, attachedApps } from "./attached-app-routes";
import { imageServerRoutes } from "./image-server-routes";
import { jobRoutes } from "./job-routes";
import { endSubJob, forgetJob, setStatus, startJob } from "./jobs";
import { durations, type ImageServer, imageServers, invalid, jobs, SERVICE_NAME, settings, subJobs } from "./model";

const errors: ErrorShape = {
    body: (refusal) => ({ error_code: refusal.code, error_msg: refusal.message }),
    invalid,
    emptyBody: () => new Refusal(400, "WKS.0001", "The request body is empty."),
    methodNotAllowed: (method) => new Refusal(405, "WKS.00211102", `Request method '${method}' not supported`),
};

/** Seeded servers move on without a job, if they are still in the state in which they were seeded. */
function moveOn(from: ImageServer["status"], step: (world: World, project: string, server: ImageServer) => void) {
    return (world: World, { project, subject }: AgendaEvent): void => {
        const server = imageServers.in(world, project).get(subject);
        if (server?.status === from) {
            step(world, project, server);
        }
    };
}

const SERVER_PROCESS: Spoilable = {
    ids: "image server ids",
    outcomes: {
        fail: "the sub-job ends in `status` (FAILED) with `code` (WKS.00211401) and `message`",
        stuck: "the sub-job never ends, nor does its job",
        lie: "the sub-job succeeds, and the server is as it was",
        vanish: "it is done, and the job can't be read any more",
    },
    statuses: ["FAILED", "ABNORMAL"],
};

/** Workspace APP: image servers and the jobs on them. */
export const workspaceapp: EmulatedService = {
    name: SERVICE_NAME,
    errors,
    routes: [...imageServerRoutes, ...attachedAppRoutes, ...jobRoutes],
    kinds: [imageServers, attachedApps, jobs, subJobs],
    settings,
    durations,
    processes: {
        "delete-image-server": SERVER_PROCESS,
        "create-image-server": SERVER_PROCESS,
        "build-image": SERVER_PROCESS,
    },
    events: {
        "job-starts": startJob,
        "sub-job-ends": endSubJob,
        "job-forgotten": forgetJob,
        "server-created": moveOn("CREATING", (world, _, server) => setStatus(world, server, "ACTIVE")),
        "image-built": moveOn("BUILDING", (world, _, server) => setStatus(world, server, "BUILT")),
        "server-deleted": moveOn("DELETING", (world, project, server) => {
            imageServers.in(world, project).remove(server.id, "somebody else");
        }),
    },
};
