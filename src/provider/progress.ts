import { createRequire } from "node:module";
import type { OutcomeKind } from "../batch/outcome";
import type { Clock } from "../clock";

/** At most one line in this time for each resource. Milliseconds. */
const lineLasts = 1_000;

/** "debug" is shown where the CLI is asked for it (`pulumi up --debug`). */
export type Severity = "debug" | "info" | "warning" | "error";

/** What the engine's log service takes. */
export interface LogMessage {
    readonly urn: string;
    readonly severity: Severity;
    readonly text: string;
    /** Shown in the resource's row while it runs, and nowhere at the end. */
    readonly ephemeral: boolean;
}

/** Takes a message, and never fails: progress is no reason to fail a job. */
export type LogService = (message: LogMessage) => void;

export interface Progress {
    /**
     * The status line in the resource's own row. Of the lines that come within one second the last one is shown, when the second
     * is over; the others are not even asked for their text.
     */
    line(urn: string, say: () => string): void;
    /** A line that stays, in the diagnostics. */
    note(urn: string, severity: Severity, text: string): void;
    /** The hook has ended: a line that still waits is shown now, for the row keeps its last one; none is after this. */
    end(urn: string): void;
}

export interface ProgressCounts {
    /** "deletes" reads "61/100 deleted", "acts" reads "61/100 done". */
    readonly effect: "deletes" | "acts";
    readonly total: number;
    /** How many targets have each outcome by now. */
    readonly settled: Readonly<Partial<Record<OutcomeKind, number>>>;
    /** Jobs running now; `percent` from 0 to 100, where the cloud tells. */
    readonly jobs: ReadonlyArray<{ readonly id: string; readonly percent?: number }>;
    /** Milliseconds since the hook began. */
    readonly elapsed: number;
}

/** `61/100 deleted, 2 failed, job 4711 running, 0:42` */
export function progressText(counts: ProgressCounts): string {
    const { settled, jobs } = counts;
    const well = (settled.deleted ?? 0) + (settled.alreadyGone ?? 0) + (settled.done ?? 0) + (settled.alreadyDone ?? 0);
    const [job] = jobs;
    return [
        `${well}/${counts.total} ${counts.effect === "deletes" ? "deleted" : "done"}`,
        ...(settled.failed ? [`${settled.failed} failed`] : []),
        ...(settled.unknown ? [`${settled.unknown} unknown`] : []),
        ...(job === undefined
            ? []
            : [jobs.length === 1 ? `job ${job.id} running${percentage(job.percent)}` : `${jobs.length} jobs running`]),
        elapsedText(counts.elapsed),
    ].join(", ");
}

function percentage(percent: number | undefined): string {
    return percent === undefined ? "" : ` (${Math.round(percent)} %)`;
}

/** `0:42`, `12:07`, `1:02:03` */
export function elapsedText(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1_000));
    const two = (value: number) => String(value).padStart(2, "0");
    const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
    return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export function createProgress(clock: Clock, log: LogService): Progress {
    const rows = new Map<string, Row>();
    return {
        line: (urn, say) => {
            const row =
                rows.get(urn) ?? new Row(clock, (line) => log({ urn, severity: "info", text: line, ephemeral: true }));
            rows.set(urn, row);
            row.show(say);
        },
        note: (urn, severity, text) => log({ urn, severity, text, ephemeral: false }),
        end: (urn) => {
            rows.get(urn)?.end();
            rows.delete(urn);
        },
    };
}

class Row {
    readonly #clock: Clock;
    readonly #send: (text: string) => void;
    readonly #ended = new AbortController();
    #shown: string | undefined;
    #latest: (() => string) | undefined;
    #resting = false;

    constructor(clock: Clock, send: (text: string) => void) {
        this.#clock = clock;
        this.#send = send;
    }

    show(say: () => string): void {
        this.#latest = say;
        if (!this.#resting) {
            void this.#showLatest();
        }
    }

    end(): void {
        const last = this.#latest?.();
        if (last !== undefined && last !== this.#shown) {
            this.#shown = last;
            this.#send(last);
        }
        this.#ended.abort();
    }

    async #showLatest(): Promise<void> {
        this.#resting = true;
        for (let text = this.#latest?.(); text !== undefined && text !== this.#shown; text = this.#latest?.()) {
            this.#shown = text;
            this.#send(text);
            try {
                await this.#clock.sleep(lineLasts, this.#ended.signal);
            } catch (error) {
                if (this.#ended.signal.aborted) {
                    return;
                }
                throw error;
            }
        }
        this.#resting = false;
    }
}

/** Where there is no engine to tell. */
export const noLogService: LogService = () => {};

/**
 * The engine's log service (pulumi/pulumi pkg/host/host_server.go Log) at this address.
 * Needs @pulumi/pulumi and the gRPC that belongs to it; without them, or without an answer, messages are lost silently.
 */
export function engineLogService(address: { readonly host: string; readonly port: number }): LogService {
    let send: LogService | undefined;
    return (message) => {
        try {
            send ??= connectLog(address);
            send(message);
        } catch {
            // Progress is no reason to fail a job.
            send = noLogService;
        }
    };
}

function connectLog({ host, port }: { readonly host: string; readonly port: number }): LogService {
    // Two copies of gRPC do not understand each other's credentials: take the one that the SDK's clients use.
    const sdk = createRequire(require.resolve("@pulumi/pulumi"));
    const { credentials }: typeof import("@grpc/grpc-js") = sdk("@grpc/grpc-js");
    const { EngineClient }: typeof import("@pulumi/pulumi/proto/engine_grpc_pb") = sdk("./proto/engine_grpc_pb");
    const { LogRequest, LogSeverity }: typeof import("@pulumi/pulumi/proto/engine_pb") = sdk("./proto/engine_pb");
    const severities = {
        debug: LogSeverity.DEBUG,
        info: LogSeverity.INFO,
        warning: LogSeverity.WARNING,
        error: LogSeverity.ERROR,
    };
    const client = new EngineClient(`${host.includes(":") ? `[${host}]` : host}:${port}`, credentials.createInsecure());
    return (message) => {
        const request = new LogRequest();
        request.setUrn(message.urn);
        request.setSeverity(severities[message.severity]);
        request.setMessage(message.text);
        request.setEphemeral(message.ephemeral);
        // No stream id: messages of one stream are joined into one, and what the first of them is (ephemeral) all become.
        client.log(request, () => {});
    };
}
