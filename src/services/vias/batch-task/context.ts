import type { CloudClient } from "../../../cloud/call";
import type { Clock, Random } from "../../../util/clock";
import type { ChildCounts } from "./child-counts";

/** What work on batch tasks needs. */
export interface WorkContext {
    readonly client: CloudClient;
    readonly clock: Clock;
    readonly random: Random;
    /** Aborts at the deadline. */
    readonly signal: AbortSignal;
    /** Aborts when the operation is cancelled. */
    readonly cancelled: AbortSignal;
    readonly waiting: Waiting;
}

/** One batch task in the cloud, and what work on it needs. */
export interface BatchTaskContext extends WorkContext {
    readonly id: string;
    /** It has a schedule: a child outside its hours counts as started. */
    readonly scheduled: boolean;
    /** Whether this hook has changed it, or perhaps has. */
    readonly done: { anything: boolean };
    /** Called after each inspection. */
    readonly onInspected: (children: ChildCounts) => void;
}

/** How long a loop of polls may go on: the caller knows the deadline, and what a cancellation leaves time for. */
export interface Waiting {
    /** `begun`: something is under way that is worth waiting for after a cancellation. `inspectionTakes`: milliseconds, as far as is known. */
    start(begun: () => boolean, inspectionTakes: () => number): Wait;
    /** One inspection after the waiting has ended; undefined where there is no time for it. */
    lastInspection<T>(inspect: (signal: AbortSignal) => Promise<T>): Promise<T | undefined>;
}

export interface Wait {
    /** Aborts when the waiting is to end; the reason is a Problem. */
    readonly signal: AbortSignal;
    /** `begun` may have changed. */
    reconsider(): void;
    end(): Promise<void>;
}
