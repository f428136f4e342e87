import { Refusal } from "../../gateway/refusal";
import type { EmulatedService, ErrorShape } from "../../service";
import type { AgendaEvent } from "../../world/agenda";
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

/** Workspace APP: image servers and the jobs on them. */
export const workspaceapp: EmulatedService = {
    name: SERVICE_NAME,
    errors,
    routes: [...imageServerRoutes, ...attachedAppRoutes, ...jobRoutes],
    kinds: [imageServers, attachedApps, jobs, subJobs],
    settings,
    durations,
    processes: {
        "delete-image-server": "image server id",
        "create-image-server": "image server id",
        "build-image": "image server id",
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
