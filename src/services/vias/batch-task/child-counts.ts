/** How many children of a batch task are in each state, from the list of batch tasks or from the list of children. */
export interface ChildCounts {
    readonly total: number;
    /** How many children are in each state, by its name in lower case. Only states that occur. */
    readonly states: ReadonlyMap<string, number>;
    /** running */
    readonly running: number;
    /** Becoming running, or waiting for it: pending, recovering, starting, upgrading, scheduling */
    readonly starting: number;
    /** stopping */
    readonly stopping: number;
    /** deleting */
    readonly deleting: number;
    /** succeeded */
    readonly succeeded: number;
    /** Failed, and not changing by itself: create_failed, start_failed, failed, frozen */
    readonly failed: number;
    /** Not running, but it may run again by itself: abnormal, freezing, lack_of_resources */
    readonly unwell: number;
    /** stopped, stopped_no_service */
    readonly stopped: number;
    /** States that the API's documentation does not name. */
    readonly other: number;
}

export type ChildGroup = Exclude<keyof ChildCounts, "total" | "states">;

export const CHILD_GROUPS = [
    "running",
    "starting",
    "stopping",
    "deleting",
    "succeeded",
    "failed",
    "unwell",
    "stopped",
    "other",
] as const satisfies readonly ChildGroup[];

const GROUPS: Readonly<Record<string, ChildGroup>> = {
    pending: "starting",
    recovering: "starting",
    starting: "starting",
    upgrading: "starting",
    scheduling: "starting",
    running: "running",
    stopping: "stopping",
    deleting: "deleting",
    succeeded: "succeeded",
    create_failed: "failed",
    start_failed: "failed",
    abnormal: "unwell",
    failed: "failed",
    freezing: "unwell",
    frozen: "failed",
    lack_of_resources: "unwell",
    stopped: "stopped",
    stopped_no_service: "stopped",
};

/** Groups the cloud's states, in upper or lower case, with the number of children in each. */
export function childCounts(counts: Iterable<readonly [state: string, children: number]>): ChildCounts {
    const states = new Map<string, number>();
    const groups: Record<ChildGroup, number> = {
        running: 0,
        starting: 0,
        stopping: 0,
        deleting: 0,
        succeeded: 0,
        failed: 0,
        unwell: 0,
        stopped: 0,
        other: 0,
    };
    let total = 0;
    for (const [spelled, children] of counts) {
        if (children <= 0) {
            continue;
        }
        const state = spelled.toLowerCase();
        states.set(state, (states.get(state) ?? 0) + children);
        groups[groupOf(state)] += children;
        total += children;
    }
    return { total, states, ...groups };
}

function groupOf(state: string): ChildGroup {
    return Object.hasOwn(GROUPS, state) ? (GROUPS[state] ?? "other") : "other";
}

/** Whether a child in this state is counted in this group. */
export function isGroup(state: string, group: ChildGroup): boolean {
    return groupOf(state.toLowerCase()) === group;
}

/** No child is starting, running, stopping, unwell, or in a state that the API's documentation does not name. */
export function isStopped(children: ChildCounts): boolean {
    return underWay(children) + children.other === 0;
}

/** How many children the cloud could not create. */
export function notCreated({ states }: ChildCounts): number {
    return states.get("create_failed") ?? 0;
}

/** How many children may have to stop before the cloud updates or deletes the batch task. */
export function underWay(children: ChildCounts): number {
    return children.running + children.starting + children.stopping + children.unwell;
}

/** "2 running, 1 stopping" */
export function childCountsText(children: ChildCounts): string {
    return children.total === 0 ? "none" : [...children.states].map(([state, count]) => `${count} ${state}`).join(", ");
}

/** A number, or a text with its digits; 0 for anything else. No schema (see wire.ts): it takes a hundred times as long for the counts of a long list. */
export function countIn(value: unknown): number {
    if (typeof value === "number") {
        return value;
    }
    return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : 0;
}
