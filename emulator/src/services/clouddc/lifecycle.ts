import type { AgendaEvent } from "../../world/agenda";
import type { OutcomeFault } from "../../world/outcomes";
import { isoSeconds, type World } from "../../world/world";
import { stillMeant } from "../steps";
import {
    type ERROR_TYPES,
    type Instance,
    instances,
    type Operation,
    physicalServers,
    planFor,
    planForgetting,
} from "./model";
import { durations, SERVICE_NAME, settings } from "./rules";

interface Process {
    readonly operation: Operation;
    readonly duration: "create-instance" | "reinstall-instance" | "modify-ip" | "delete-instance";
    readonly from: readonly Instance["state"][];
    readonly errorType: (typeof ERROR_TYPES)[number];
    succeed(world: World, project: string, instance: Instance): void;
}

/** What can be under way with an instance, by the event that ends it. Outcome faults know it by its duration's name. */
const PROCESSES = {
    installed: {
        operation: "install",
        duration: "create-instance",
        from: ["pending"],
        errorType: "create_instance_error",
        succeed: start,
    },
    reinstalled: {
        operation: "reinstall",
        duration: "reinstall-instance",
        from: ["pending", "reinstalling"],
        errorType: "reinstall_error",
        succeed: start,
    },
    "ip-modified": {
        operation: "modify-ip",
        duration: "modify-ip",
        from: ["running", "stopped"],
        errorType: "modify_ip_error",
        succeed: () => undefined,
    },
    deleted: {
        operation: "uninstall",
        duration: "delete-instance",
        from: ["shutting-down"],
        errorType: "delete_instance_error",
        succeed: terminate,
    },
} as const satisfies Record<string, Process>;
type ProcessName = keyof typeof PROCESSES;

/** Begins a process; whatever else was under way with the instance is superseded. */
export function begin(
    world: World,
    project: string,
    instance: Instance,
    name: ProcessName,
    state: Instance["state"],
): void {
    const { operation, duration } = PROCESSES[name];
    instance.previous_state = instance.state;
    setState(world, instance, state);
    instance.operation_state = `${operation}-processing`;
    instance.error = null;
    instance.step += 1;
    planFor(world, project, name, instance, durations.draw(world, duration));
}

export function setState(world: World, instance: Instance, state: Instance["state"]): void {
    instance.state = state;
    instance.updated_at = isoSeconds(world.now());
}

export const ending = (name: ProcessName) => (world: World, event: AgendaEvent) => {
    const { project } = event;
    const store = instances.in(world, project);
    const instance = stillMeant(event.subject, (id) => store.get(id));
    const process: Process = PROCESSES[name];
    if (instance === undefined || !process.from.includes(instance.state)) {
        return;
    }
    const fault = world.outcomes.take(SERVICE_NAME, process.duration, instance.id);
    switch (fault?.outcome) {
        case "stuck":
            return;
        case "vanish":
            release(world, project, instance);
            store.remove(instance.id, instance.deleted_by);
            return;
        case "fail":
            fail(world, instance, process, fault);
            return;
        case "lie":
            setState(world, instance, instance.previous_state);
            break;
        default:
            process.succeed(world, project, instance);
    }
    instance.operation_state = `${process.operation}-succeed`;
};

function fail(
    world: World,
    instance: Instance,
    { operation, errorType }: Process,
    { code = "iMetal.0099", message = "Internal error", status }: Extract<OutcomeFault, { outcome: "fail" }>,
): void {
    if (operation !== "modify-ip") {
        setState(world, instance, status === "failed" ? "failed" : "error");
    }
    instance.operation_state = `${operation}-failed`;
    instance.error = { error_code: code, error_msg: message, error_type: errorType };
}

function start(world: World, project: string, instance: Instance): void {
    setState(world, instance, "running");
    instance.launched_at = isoSeconds(world.now());
    const server = physicalServers.in(world, project).get(instance.server_id);
    if (server !== undefined) {
        server.power_state = "on";
    }
}

function terminate(world: World, project: string, instance: Instance): void {
    release(world, project, instance);
    setState(world, instance, "terminated");
    const { id, deleted_by: by } = instance;
    if (settings.in(world).terminatedRetentionSeconds === 0) {
        instances.in(world, project).remove(id, by);
        return;
    }
    // Gone as of now, although its record can be read for a while.
    world.tombstones.push({ service: SERVICE_NAME, kind: "instances", project, id, at: world.now(), by });
    planForgetting(world, project, instance);
}

export function forgotten(world: World, { project, subject }: AgendaEvent): void {
    const store = instances.in(world, project);
    const instance = stillMeant(subject, (id) => store.get(id));
    if (instance?.state === "terminated") {
        store.forget(instance.id);
    }
}

/** The server under an instance is free again. */
function release(world: World, project: string, instance: Instance): void {
    const server = physicalServers.in(world, project).get(instance.server_id);
    if (server === undefined || server.instance_id !== instance.id) {
        return;
    }
    const idle = { manage_state: "ready", power_state: "off", operation_state: null };
    Object.assign(server, { ...idle, instance_id: null, step: server.step + 1 });
}
