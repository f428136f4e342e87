/** A bare-metal instance. */
export interface Instance {
    readonly id: string;
    readonly name: string | undefined;
    readonly description: string | undefined;
    /** pending, running, stopping, stopped, reinstalling, shutting-down, terminated, error, failed */
    readonly state: string | undefined;
    /** The operation under way, or the one that failed: "uninstall-processing", "uninstall-failed". */
    readonly operationState: string | undefined;
    /** The physical server that it runs on. */
    readonly serverId: string | undefined;
    readonly vpcId: string | undefined;
    /** The image that it was made from. */
    readonly imageId: string | undefined;
    readonly tags: ReadonlyArray<{ readonly key: string; readonly value: string }>;
    /** As the cloud prints it. */
    readonly createdAt: string | undefined;
    /** As the cloud prints it. */
    readonly updatedAt: string | undefined;
    /** As the cloud prints it. */
    readonly launchedAt: string | undefined;
    /** The error of the last failed operation. */
    readonly error: InstanceError | undefined;
}

/** `stopping`, `reinstalling` and `failed` are newer than the others. */
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

export type InstanceState = (typeof INSTANCE_STATES)[number];

/** The error of the last failed operation on an instance. */
export interface InstanceError {
    readonly errorCode: string | undefined;
    readonly errorMsg: string | undefined;
    /** "delete_instance_error" */
    readonly errorType: string | undefined;
}

/** The filters of ListInstances. It accepts ids of instances or ids of servers, not both, and at most 100. */
export interface InstanceFilters {
    readonly instanceState?:
        | "pending"
        | "running"
        | "stopping"
        | "stopped"
        | "reinstalling"
        | "shutting-down"
        | "terminated"
        | "failed";
    readonly instanceIds?: readonly string[];
    /** Ids of physical servers. */
    readonly serverIds?: readonly string[];
}
