/** A batch task as the list shows it: without its schedule, input, output, config and service. */
export interface BatchTask {
    readonly id: string;
    readonly name: string | undefined;
    readonly videoSourceName: string | undefined;
    readonly videoGroupName: string | undefined;
    /** The algorithm's name. */
    readonly algName: string | undefined;
    /** The maker of the algorithm. */
    readonly company: string | undefined;
    /** "cloud", "edge", or a number for one of them. */
    readonly type: string | undefined;
    /** How many children it has. */
    readonly numTask: number | undefined;
    /** Milliseconds since the epoch. */
    readonly createdAt: number | undefined;
    /** The same as the cloud prints it. */
    readonly created: string | number | undefined;
    /** How many children are in each state, states in lower case. */
    readonly statusInfo: Readonly<Record<string, number>>;
}

/** The states of a batch task's children, as the list shows them. */
export const CHILD_STATES = [
    "pending",
    "recovering",
    "starting",
    "upgrading",
    "create_failed",
    "start_failed",
    "running",
    "stopping",
    "stopped",
    "abnormal",
    "succeeded",
    "failed",
    "deleting",
    "freezing",
    "frozen",
    "stopped_no_service",
    "scheduling",
    "lack_of_resources",
] as const;

export type ChildState = (typeof CHILD_STATES)[number];

/** The filters of ListBatchTasks. */
export interface BatchTaskFilters {
    /** Video groups. */
    readonly videoGroup?: readonly string[];
    /** A child's state, in lower case: "running". */
    readonly taskState?: string;
    /** The name that `nameLike` is compared with. */
    readonly typeLike?: "batch_task_name" | "publish_service_name";
    /** Part of the name that `typeLike` selects. */
    readonly nameLike?: string;
    /** The maker of the algorithm. */
    readonly manufacturer?: string;
    readonly title?: string;
}
