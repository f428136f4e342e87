import type { CallRecord } from "./call-record";

/** "debug" is shown where the CLI is asked for it (`pulumi up --debug`). */
export type Severity = "debug" | "info" | "warning" | "error";

export interface Limit {
    readonly ms: number;
    /** As the user wrote it. */
    readonly text: string;
    /** What to change for another limit. */
    readonly source: string;
}

export interface Limits extends Limit {
    /** No limit without progress unless one is asked for. */
    readonly stallMs: number | undefined;
}

/** What belongs to one call of a hook. The face that the engine called gives it; a hook asks nothing else who called. */
export interface CallContext {
    /** Of the resource. */
    readonly urn: string;
    /** How long the call may take. Throws where the setting that says so is no duration. */
    timeout(): Limits;
    /** When the call came. Milliseconds since the epoch. */
    readonly began: number;
    /** Aborts when the engine cancels the operation. */
    readonly cancelled: AbortSignal;
    /** A message that stays. */
    log(severity: Severity, text: string): void;
    /** What happens, for the report that `HUAWEICLOUD_BATCH_REPORT` asks for. */
    readonly record: CallRecord;
    /** The status line of the resource's row. Of lines that come fast only the last is asked for its text. */
    row(say: () => string): void;
}
