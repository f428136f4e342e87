/** What the list tells of a batch task: neither its schedule, input, output and config nor its service. */
export interface BatchTask {
    readonly id: string;
    readonly name: string | undefined;
    readonly videoSourceName: string | undefined;
    readonly videoGroupName: string | undefined;
    /** The algorithm's name. */
    readonly algName: string | undefined;
    /** Who made the algorithm. */
    readonly company: string | undefined;
    /** "cloud" or "edge", or a number that stands for it. */
    readonly type: string | undefined;
    /** How many children it has. */
    readonly numTask: number | undefined;
    /** Milliseconds since the epoch. */
    readonly createdAt: number | undefined;
    /** How many children are in each state, states in lower case. */
    readonly statusInfo: Readonly<Record<string, number>>;
}

/** The filters of ListBatchTasks. */
export interface BatchTaskFilters {
    /** Video groups. */
    readonly videoGroup?: readonly string[];
    /** A child's state, in lower case: "running". */
    readonly taskState?: string;
    /** What `nameLike` is compared with. */
    readonly typeLike?: "batch_task_name" | "publish_service_name";
    /** Part of the name that `typeLike` chooses. */
    readonly nameLike?: string;
    /** Who made the algorithm. */
    readonly manufacturer?: string;
    readonly title?: string;
}
