import type { CloudClient } from "../../../cloud/call";
import type { Clock, Random } from "../../../util/clock";
import type { ChildCounts } from "./child-counts";

/** The context for work on batch tasks. */
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

/** One batch task in the cloud, and the context for work on it. */
export interface BatchTaskContext extends WorkContext {
    readonly id: string;
    /** Whether it has a schedule: then a child outside its hours counts as started. */
    readonly scheduled: boolean;
    /** Whether this hook has changed the batch task, or may have. */
    readonly done: { anything: boolean };
    /** Called after each inspection. */
    readonly onInspected: (children: ChildCounts) => void;
}

/** Limits the poll loops. The caller provides it, because it knows the deadline and the cancellation. */
export interface Waiting {
    /** `begun`: whether something is under way that a cancelled hook should still wait for. `inspectionTakes`: milliseconds, 0 if not known. */
    start(begun: () => boolean, inspectionTakes: () => number): Wait;
    /** One inspection after the wait has ended; undefined if it fails or is not done in time. */
    lastInspection<T>(inspect: (signal: AbortSignal) => Promise<T>): Promise<T | undefined>;
}

export interface Wait {
    /** Aborts when the wait must end; the reason is a Problem. */
    readonly signal: AbortSignal;
    /** Call it when `begun` may have become false. */
    reconsider(): void;
    end(): Promise<void>;
}
