import * as z from "zod";

/** Where the children of a batch task stand, from the counts in the list of batch tasks or from the children themselves. */
export interface ChildCounts {
    readonly total: number;
    /** How many are in each state, by its name in lower case. Only states that some child is in. */
    readonly states: ReadonlyMap<string, number>;
    /** running */
    readonly running: number;
    /** On the way to running, or waiting for it: pending, recovering, starting, upgrading, scheduling */
    readonly starting: number;
    /** stopping */
    readonly stopping: number;
    /** deleting */
    readonly deleting: number;
    /** succeeded */
    readonly succeeded: number;
    /** create_failed, start_failed, failed, frozen: not as wished, and at rest */
    readonly failed: number;
    /** abnormal, freezing, lack_of_resources: not as wished, and not at rest either: it may run again by itself */
    readonly unwell: number;
    /** stopped, stopped_no_service */
    readonly stopped: number;
    /** States that the API's pages do not name. */
    readonly other: number;
}

type Group = Exclude<keyof ChildCounts, "total" | "states">;

const GROUPS: Readonly<Record<string, Group>> = {
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

/** States as the cloud spells them, in upper or lower case, with how many children are in each. */
export function childCounts(counts: Iterable<readonly [state: string, children: number]>): ChildCounts {
    const states = new Map<string, number>();
    const groups: Record<Group, number> = {
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

function groupOf(state: string): Group {
    return Object.hasOwn(GROUPS, state) ? (GROUPS[state] ?? "other") : "other";
}

/** In which group of `Standing` a child is counted. */
export function isGroup(state: string, group: Group): boolean {
    return groupOf(state.toLowerCase()) === group;
}

/** None is starting, running, stopping, unwell, or in a state that nobody knows. */
export function isStopped(children: ChildCounts): boolean {
    return underWay(children) + children.other === 0;
}

/** How many the cloud could not make. */
export function notCreated({ states }: ChildCounts): number {
    return states.get("create_failed") ?? 0;
}

/** How many may have to be stopped before the cloud updates or deletes the batch task. */
export function underWay(children: ChildCounts): number {
    return children.running + children.starting + children.stopping + children.unwell;
}

/** "2 running, 1 stopping" */
export function inWords(children: ChildCounts): string {
    return children.total === 0 ? "none" : [...children.states].map(([state, count]) => `${count} ${state}`).join(", ");
}

/*
 * The SDK's models and the API's pages differ in what is a number and what is text: either is read.
 */

/** A number, or text of its digits. */
export const count = z
    .union([
        z.int().min(0),
        z
            .string()
            .regex(/^\d{1,15}$/)
            .transform(Number),
    ])
    .optional()
    .catch(undefined);

/** The same, a hundred times cheaper: for the many counts of a long list. 0 for what is none. */
export function countIn(value: unknown): number {
    if (typeof value === "number") {
        return value;
    }
    return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : 0;
}

/** Milliseconds since the epoch, from such a number, its digits, or a date. */
export const moment = z
    .union([z.number(), z.string()])
    .transform((value) => {
        const ms = typeof value === "number" ? value : /^\d{1,15}$/.test(value) ? Number(value) : Date.parse(value);
        return Number.isFinite(ms) ? ms : undefined;
    })
    .optional()
    .catch(undefined);
