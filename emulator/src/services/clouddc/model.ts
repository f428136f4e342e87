import * as z from "zod";
import { defaultDomainId } from "../../identity/identity";
import { bornAt, Kind } from "../../world/kind";
import { uuid } from "../../world/random";
import { isoSeconds, type World } from "../../world/world";
import { planStep } from "../steps";
import { durations, SERVICE_NAME, settings } from "./rules";

export const INSTANCE_STATES = [
    "pending",
    "running",
    "stopping",
    "stopped",
    "reinstalling",
    "shutting-down",
    "terminated",
    "error",
    "failed",
] as const;
const OPERATIONS = ["install", "reinstall", "switch-install", "modify-ip", "uninstall"] as const;
export type Operation = (typeof OPERATIONS)[number];
const operationStates = OPERATIONS.flatMap(
    (operation) => [`${operation}-processing`, `${operation}-succeed`, `${operation}-failed`] as const,
);
export const ERROR_TYPES = [
    "create_instance_error",
    "delete_instance_error",
    "reinstall_error",
    "modify_ip_error",
    "verify_server_error",
    "delete_server_error",
] as const;

const tagSchema = z.object({ key: z.string().max(128), value: z.string().max(255) });
export type Tag = z.infer<typeof tagSchema>;
const errorStatus = z.object({ error_code: z.string(), error_msg: z.string(), error_type: z.enum(ERROR_TYPES) });

const instanceSchema = z.object({
    id: z.string(),
    name: z.string(),
    vpc_id: z.string(),
    network_interfaces: z.array(z.object({ subnet_id: z.string(), ipv4_address: z.string() })).max(2),
    tags: z.array(tagSchema),
    image: z.object({ id: z.string(), name: z.string(), os_type: z.enum(["Linux", "Windows", "Other"]) }),
    description: z.string(),
    state: z.enum(INSTANCE_STATES),
    /** Null only until a seed has been completed. */
    operation_state: z.enum(operationStates).nullable(),
    metadata: z.record(z.string(), z.string()),
    user_data: z.string(),
    server_id: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
    launched_at: z.string(),
    error: errorStatus.nullable(),
    /** Not shown by the API: counts what was begun with the instance; an event planned for an earlier step does nothing. */
    step: z.number(),
    /** Not shown: what a deletion that only seemed to happen returns to. */
    previous_state: z.enum(INSTANCE_STATES),
    /** Not shown: the call that asked for the deletion. */
    deleted_by: z.string(),
    /** Not shown: no list shows it to the caller, as policies and enterprise projects may have it; its status is read by its id. */
    unlisted: z.boolean(),
});
export type Instance = z.infer<typeof instanceSchema>;

// Seeds by the thousand share these: only ids are drawn for each.
const SOME_VPC = "5f0b3b9c-4a0e-4a3c-9d59-6c8b1b1d2c01";
const SOME_SUBNET = "5f0b3b9c-4a0e-4a3c-9d59-6c8b1b1d2c02";
const SOME_IMAGE = "5f0b3b9c-4a0e-4a3c-9d59-6c8b1b1d2c03";

export const instances = new Kind<Instance>(SERVICE_NAME, "instances", {
    schema: instanceSchema,
    id: (instance) => instance.id,
    defaults(birth) {
        const { world, index } = birth;
        const now = isoSeconds(bornAt(birth));
        return {
            id: uuid(world.random),
            name: `instance-${index}`,
            vpc_id: SOME_VPC,
            network_interfaces: [
                {
                    subnet_id: SOME_SUBNET,
                    ipv4_address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
                },
            ],
            tags: [],
            image: { id: SOME_IMAGE, name: "Huawei Cloud EulerOS 2.0", os_type: "Linux" },
            description: "",
            state: "running",
            operation_state: null,
            metadata: {},
            user_data: "",
            server_id: uuid(world.random),
            created_at: now,
            updated_at: now,
            launched_at: now,
            error: null,
            step: 0,
            previous_state: "running",
            deleted_by: "somebody else",
            unlisted: false,
        };
    },
    onSeeded: goOnFromSeed,
});

export const MANAGE_STATES = [
    "delivering",
    "received",
    "onboard",
    "os-ready",
    "ready",
    "in-use",
    "maintain",
    "frozen",
    "offboarding",
] as const;
export const POWER_OPERATIONS = ["power-on", "power-off", "reboot"] as const;
const powerOperationStates = POWER_OPERATIONS.flatMap(
    (operation) => [`${operation}-processing`, `${operation}-succeed`, `${operation}-failed`] as const,
);

const physicalServerSchema = z.object({
    id: z.string(),
    name: z.string(),
    project_id: z.string(),
    domain_id: z.string(),
    manage_state: z.enum(MANAGE_STATES),
    frozen_state: z.number().int().min(0).max(7),
    power_state: z.enum(["on", "off"]),
    /** Null until its power is changed for the first time. */
    operation_state: z.enum(powerOperationStates).nullable(),
    health_state: z.enum(["OK", "Warning", "Critical", "Unknown"]),
    onboard_time: z.string(),
    location: z.object({ dc: z.string(), rack: z.string(), unit: z.string() }),
    hardware_attributes: z.object({
        sn: z.string(),
        manufacturer: z.string(),
        model: z.string(),
        main_board_manufacturer: z.string(),
        main_board_serial_number: z.string(),
    }),
    tags: z.array(tagSchema),
    error: errorStatus.nullable(),
    /** Not shown: the instance on it. */
    instance_id: z.string().nullable(),
    /** Not shown: counts power changes, so that one superseded by another does not end. */
    step: z.number(),
});
export type PhysicalServer = z.infer<typeof physicalServerSchema>;
export const physicalServers = new Kind<PhysicalServer>(SERVICE_NAME, "physicalServers", {
    schema: physicalServerSchema,
    id: (server) => server.id,
    defaults: ({ world, project, index }) => physicalServer(uuid(world.random), index, project, world.now()),
});

export const physicalServer = (id: string, index: number, project: string, now: number): PhysicalServer => ({
    id,
    name: `server-${index}`,
    project_id: project,
    domain_id: defaultDomainId,
    manage_state: "ready",
    frozen_state: 0,
    power_state: "off",
    operation_state: null,
    health_state: "OK",
    onboard_time: isoSeconds(now),
    location: { dc: "dc-1", rack: "rack-1", unit: String(index + 1) },
    hardware_attributes: {
        sn: `sn-${index}`,
        manufacturer: "emulated",
        model: "emulated",
        main_board_manufacturer: "emulated",
        main_board_serial_number: `board-${index}`,
    },
    tags: [],
    error: null,
    instance_id: null,
    step: 0,
});

/** Plans an event that only happens if nothing else is begun with the instance before. */
export function planFor(world: World, project: string, event: string, instance: Instance, inMs: number): void {
    planStep(world, instance, inMs, { service: SERVICE_NAME, event, project, id: instance.id });
}

/** A terminated instance is listed for a while. */
export function planForgetting(world: World, project: string, instance: Instance): void {
    const { terminatedRetentionSeconds } = settings.in(world);
    if (terminatedRetentionSeconds === null) {
        return;
    }
    instance.step += 1;
    planFor(world, project, "forgotten", instance, terminatedRetentionSeconds * 1000);
}

const operationStateOf = (state: Instance["state"]): Instance["operation_state"] => {
    if (state === "pending") {
        return "install-processing";
    }
    if (state === "reinstalling") {
        return "reinstall-processing";
    }
    if (state === "shutting-down") {
        return "uninstall-processing";
    }
    if (state === "terminated") {
        return "uninstall-succeed";
    }
    return state === "error" || state === "failed" ? "install-failed" : "install-succeed";
};

/** A seed in the middle of something goes on to its end, as if begun at the seed; a running one has a server. */
function goOnFromSeed(world: World, project: string, instance: Instance): void {
    const { state } = instance;
    instance.operation_state ??= operationStateOf(state);
    const servers = physicalServers.in(world, project);
    const server =
        servers.get(instance.server_id) ?? physicalServer(instance.server_id, servers.size, project, world.now());
    if (state !== "terminated") {
        server.manage_state = "in-use";
        server.instance_id = instance.id;
        server.power_state = state === "running" ? "on" : "off";
    }
    servers.add(server);
    if (state === "terminated") {
        planForgetting(world, project, instance);
    }
    if (state === "pending") {
        planFor(world, project, "installed", instance, durations.draw(world, "create-instance"));
    }
    if (state === "reinstalling") {
        planFor(world, project, "reinstalled", instance, durations.draw(world, "reinstall-instance"));
    }
    if (state === "shutting-down") {
        planFor(world, project, "deleted", instance, durations.draw(world, "delete-instance"));
    }
}
