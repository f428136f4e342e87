import type { OutcomeKind } from "../../batch/outcome";
import { type Clock, pause } from "../../util/clock";
import type { Severity } from "../call";
import { type DeliverLog, type LogMessage, OrderedLog } from "./ordered-log";

/** At most one line in this time for each resource. Milliseconds. */
const LINE_LASTS = 1_000;

export interface Progress {
    /**
     * The status line in the resource's own row. Of the lines within one second only the last is shown, at the end of the second;
     * `say` is not called for the others.
     */
    line(urn: string, say: () => string): void;
    /** A line that stays in the diagnostics. A status line that still waits is shown before it. */
    note(urn: string, severity: Severity, text: string): void;
    /**
     * Call it when the hook has ended: a status line that still waits is shown now, because the row keeps its last one, and no line
     * follows. Resolves when the engine has all lines, after two seconds at most.
     */
    end(urn: string): Promise<void>;
}

export interface ProgressCounts {
    /** "deletes" reads "61/100 deleted", "acts" reads "61/100 done". */
    readonly effect: "deletes" | "acts";
    readonly total: number;
    /** How many targets have each outcome so far. */
    readonly settled: Readonly<Partial<Record<OutcomeKind, number>>>;
    /** Jobs running now. `progress`: 0 to 1, if the cloud gives it. */
    readonly jobs: ReadonlyArray<{ readonly id: string; readonly progress?: number }>;
    /** Milliseconds since the hook began. */
    readonly elapsed: number;
}

/** `61/100 deleted, 7 already gone, 2 failed, job 4711 running, 0:42`; `30 already gone, 0:01` */
export function progressText(counts: ProgressCounts): string {
    const { settled, jobs, effect, total } = counts;
    // Targets that were gone before this run are counted separately.
    const [mine, before, did, had] =
        effect === "deletes"
            ? [settled.deleted ?? 0, settled.alreadyGone ?? 0, "deleted", "already gone"]
            : [settled.done ?? 0, settled.alreadyDone ?? 0, "done", "already done"];
    const [job] = jobs;
    return [
        ...(before > 0 && before === total ? [] : [`${mine}/${total} ${did}`]),
        ...(before > 0 ? [`${before} ${had}`] : []),
        ...(settled.failed ? [`${settled.failed} failed`] : []),
        ...(settled.unknown ? [`${settled.unknown} unknown`] : []),
        ...(job === undefined
            ? []
            : [jobs.length === 1 ? `job ${job.id} running${percentage(job.progress)}` : `${jobs.length} jobs running`]),
        elapsedText(counts.elapsed),
    ].join(", ");
}

function percentage(progress: number | undefined): string {
    return progress === undefined ? "" : ` (${Math.round(progress * 100)} %)`;
}

/** `0:42`, `12:07`, `1:02:03` */
export function elapsedText(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1_000));
    const two = (value: number) => String(value).padStart(2, "0");
    const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
    return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `undelivered` gets each note that could not be delivered. */
export function createProgress(
    clock: Clock,
    deliver: DeliverLog,
    undelivered: (message: LogMessage) => void,
): Progress {
    const rows = new Map<string, Row>();
    const log = new OrderedLog(clock, deliver, undelivered);
    return {
        line: (urn, say) => {
            const row =
                rows.get(urn) ??
                new Row(clock, (line) => log.send({ urn, severity: "info", text: line, ephemeral: true }));
            rows.set(urn, row);
            row.show(say);
        },
        note: (urn, severity, text) => {
            rows.get(urn)?.showNow();
            log.send({ urn, severity, text, ephemeral: false });
        },
        end: async (urn) => {
            rows.get(urn)?.end();
            rows.delete(urn);
            // Messages without a resource belong to no row, so no other call waits for them.
            await Promise.all([log.delivered(urn), log.delivered("")]);
        },
    };
}

class Row {
    private readonly ended = new AbortController();
    private shown: string | undefined;
    private latest: (() => string) | undefined;
    private resting = false;

    constructor(
        private readonly clock: Clock,
        private readonly send: (text: string) => void,
    ) {}

    show(say: () => string): void {
        this.latest = say;
        if (!this.resting) {
            void this.showLatest();
        }
    }

    showNow(): void {
        const last = this.latest?.();
        if (last !== undefined && last !== this.shown) {
            this.shown = last;
            this.send(last);
        }
    }

    end(): void {
        this.showNow();
        this.ended.abort();
    }

    private async showLatest(): Promise<void> {
        this.resting = true;
        for (let text = this.latest?.(); text !== undefined && text !== this.shown; text = this.latest?.()) {
            this.shown = text;
            this.send(text);
            if (!(await pause(this.clock, LINE_LASTS, this.ended.signal))) {
                return;
            }
        }
        this.resting = false;
    }
}
