import { createHash } from "node:crypto";
import { notAuthenticated, Refusal } from "../../gateway/refusal";
import { HOME_REGION, projectIdOf } from "../../identity/places";
import type { EmulatedService, ErrorShape } from "../../service";
import type { Spoilable } from "../../world/outcomes";
import type { World } from "../../world/world";
import { creationRoutes } from "./creation-routes";
import { deletionRoutes } from "./deletion-routes";
import { instanceRoutes } from "./instance-routes";
import { ending, forgotten } from "./lifecycle";
import { instances, physicalServer, physicalServers } from "./model";
import { physicalServerRoutes, powerChanged } from "./physical-server-routes";
import { durations, invalid, SERVICE_NAME, settings } from "./rules";
import { throttled } from "./throttle";

const errors: ErrorShape = {
    body: (refusal) =>
        refusal.headers["Content-Type"] === "text/plain"
            ? refusal.message
            : { error_code: refusal.code, error_msg: refusal.message },
    invalid,
    emptyBody: () => invalid("body: received undefined"),
    notAuthenticated: (suffix, world) =>
        settings.in(world).notAuthenticated === "gateway"
            ? notAuthenticated(suffix)
            : new Refusal(401, "iMetal.0003", "Unauthorized"),
};

/** Where the service has endpoints, and the emulator's first region, where every service is. */
const REGIONS_WITH_SERVERS = [HOME_REGION, "cn-east-3", "cn-south-1", "cn-southwest-2", "ap-southeast-3"];
const SERVERS_PER_REGION = 100;

/** Nobody can create physical servers by a call: they stand there, ready, with the same ids in every emulator. */
function furnish(world: World): Record<string, string> {
    for (const region of REGIONS_WITH_SERVERS) {
        const project = projectIdOf(region);
        const hash = createHash("sha256").update(`physical servers of ${region}`).digest("hex");
        const prefix = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(12, 15)}-8${hash.slice(15, 18)}`;
        for (let n = 0; n < SERVERS_PER_REGION; n++) {
            const id = `${prefix}-${n.toString(16).padStart(12, "0")}`;
            physicalServers.in(world, project).add(physicalServer(id, n, project, world.now()));
        }
    }
    return {};
}

const INSTANCE_PROCESS: Spoilable = {
    ids: "instance ids",
    outcomes: {
        fail: "the instance ends in `status` (`modify-ip`: in its state) with `code` (iMetal.0099) and `message`",
        stuck: "the instance stays in the state that the process gave it",
        lie: "the operation is shown as succeeded, and the instance is in the state before it",
        vanish: "the instance goes without ever being `terminated`",
    },
    statuses: ["error", "failed"],
};

/** CloudDC: bare-metal instances (iMetal) and the physical servers below them. */
export const clouddc: EmulatedService = {
    name: SERVICE_NAME,
    errors,
    routes: [...instanceRoutes, ...creationRoutes, ...deletionRoutes, ...physicalServerRoutes].map(throttled),
    kinds: [physicalServers, instances],
    settings,
    durations,
    processes: {
        "create-instance": INSTANCE_PROCESS,
        "reinstall-instance": INSTANCE_PROCESS,
        "modify-ip": INSTANCE_PROCESS,
        "delete-instance": INSTANCE_PROCESS,
    },
    events: {
        installed: ending("installed"),
        reinstalled: ending("reinstalled"),
        "ip-modified": ending("ip-modified"),
        deleted: ending("deleted"),
        forgotten,
        "power-changed": powerChanged,
    },
    furnish,
};
