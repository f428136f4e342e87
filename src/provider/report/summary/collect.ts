import type { OutcomeKind } from "../../../batch/outcome";
import { getOrCreate } from "../../../util/get-or-create";
import { Causes } from "../causes";
import type { ReportLine } from "../record/lines";
import { type CauseSummary, type HookSummary, OUTCOMES, type Summary, type TargetSummary } from "./summary";

type Line<Is extends ReportLine["is"]> = Extract<ReportLine, { is: Is }>;
type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** What one call says of one target. */
interface Seen {
    name?: string;
    submittedAt?: string;
    submitted?: Line<"submitted">;
    settled?: Line<"settled">;
    attempts: number;
}

interface Call {
    readonly hook: Mutable<HookSummary>;
    readonly order: string;
    kinds: readonly string[];
    noun: string;
    readonly targets: Map<string, Seen>;
}

const KILLED = {
    sent: {
        code: "Interrupted",
        message:
            "no outcome is written: the run was killed, or still goes on. Run the same command again: it goes on from what the cloud shows",
    },
    unsent: {
        code: "NotSubmitted",
        message: "nothing was sent for it before the run was killed, or it still goes on. Run the same command again",
    },
} as const;

/**
 * Puts the lines of all processes together. What was to be acted on and has no outcome is "unknown", so nothing that was sent is
 * missing, wherever the files end.
 */
export class Collector {
    private readonly calls: Call[] = [];
    private last: string | undefined;

    /** Takes the lines of one process, in their order. */
    file(name: string): (line: ReportLine) => void {
        const calls = new Map<number, Call>();
        return (line) => {
            if (this.last === undefined || line.at > this.last) {
                this.last = line.at;
            }
            if (line.is === "hook") {
                const call = newCall(line, `${line.at} ${name} ${String(line.call).padStart(9, "0")}`);
                calls.set(line.call, call);
                this.calls.push(call);
            } else if (line.is !== "process") {
                const call = calls.get(line.call);
                if (call !== undefined) {
                    take(call, line);
                }
            }
        };
    }

    summary(): Summary {
        this.calls.sort((a, b) => (a.order < b.order ? -1 : 1));
        const rows = new Map<string, TargetSummary>();
        for (const call of this.calls) {
            for (const [key, seen] of call.targets) {
                const row = rowOf(call, key, seen);
                const likeness = JSON.stringify([row.urn, row.kind, row.id]);
                rows.set(likeness, afterEarlier(row, rows.get(likeness)));
            }
        }
        const targets = sorted([...rows.values()]);
        const [first] = this.calls;
        return {
            version: 1,
            ...(first === undefined ? {} : { from: first.hook.beganAt }),
            ...(first === undefined || this.last === undefined ? {} : { to: this.last }),
            totals: totalsOf(targets),
            causes: causesOf(targets),
            hooks: this.calls.map(({ hook }) => hook),
            targets,
        };
    }
}

function newCall({ at, hook, urn, resource }: Line<"hook">, order: string): Call {
    return {
        hook: { resource: urn.split("::").at(-1) ?? urn, urn, type: resource, hook, beganAt: at },
        order,
        kinds: [],
        noun: "target",
        targets: new Map(),
    };
}

function take(call: Call, line: Exclude<ReportLine, Line<"hook"> | Line<"process">>): void {
    const seen = (key: string): Seen => getOrCreate(call.targets, key, () => ({ attempts: 0 }));
    switch (line.is) {
        case "place":
            call.hook.region = line.region;
            call.hook.projectId = line.projectId;
            break;
        case "targets":
            call.noun = line.noun;
            call.kinds = line.kinds;
            line.keys.forEach(seen);
            break;
        case "named":
            for (const [key, name] of line.names) {
                seen(key).name = name;
            }
            break;
        case "identified": {
            const known = seen(line.key);
            call.targets.delete(line.key);
            call.targets.set(line.id, known);
            break;
        }
        case "submitting":
            for (const target of line.keys.map(seen)) {
                target.attempts += 1;
                target.submittedAt ??= line.at;
            }
            break;
        case "submitted":
            for (const target of line.keys.map(seen)) {
                target.submitted = line;
                target.submittedAt ??= line.at;
            }
            break;
        case "settled":
            for (const target of line.keys.map(seen)) {
                target.settled = line;
            }
            break;
        case "counted":
            // Later looks of a run are for what has appeared meanwhile.
            call.hook.counts ??= line.counts;
            break;
        case "ended":
            call.hook.endedAt = line.at;
            if (line.error !== undefined) {
                call.hook.error = line.error;
            }
            break;
        case "jobEnded":
            break;
    }
}

function rowOf(call: Call, key: string, { name, submittedAt, submitted, settled, attempts }: Seen): TargetSummary {
    const { resource, urn } = call.hook;
    const kind = call.kinds.find((each) => key.startsWith(`${each}:`));
    const requestId = settled?.requestId ?? submitted?.requestId;
    const job = settled?.job ?? submitted?.job;
    return {
        resource,
        urn,
        kind: kind ?? call.noun,
        id: kind === undefined ? key : key.slice(kind.length + 1),
        ...(name === undefined ? {} : { name }),
        ...(settled === undefined ? unsettled(call, submittedAt !== undefined) : outcomeOf(settled)),
        ...(requestId === undefined ? {} : { requestId }),
        ...(job === undefined ? {} : { job }),
        ...(submittedAt === undefined ? {} : { submittedAt }),
        ...(settled === undefined ? {} : { settledAt: settled.at }),
        attempts,
    };
}

function outcomeOf({ outcome, code, message }: Line<"settled">) {
    return {
        outcome,
        ...(code === undefined ? {} : { code }),
        ...(message === undefined ? {} : { message }),
    };
}

function unsettled({ hook }: Call, isSent: boolean) {
    const outcome: OutcomeKind = "unknown";
    const { code, message } = isSent ? KILLED.sent : KILLED.unsent;
    return hook.error === undefined ? { outcome, code, message } : { outcome, code: "HookFailed", message: hook.error };
}

/** The last call has the last word; what it does not know, an earlier one does. */
function afterEarlier(row: TargetSummary, earlier: TargetSummary | undefined): TargetSummary {
    if (earlier === undefined) {
        return row;
    }
    const name = row.name ?? earlier.name;
    const submittedAt = earlier.submittedAt ?? row.submittedAt;
    const job = row.job ?? (row.outcome === "unknown" ? earlier.job : undefined);
    return {
        ...row,
        ...(name === undefined ? {} : { name }),
        ...(submittedAt === undefined ? {} : { submittedAt }),
        ...(job === undefined ? {} : { job }),
        attempts: earlier.attempts + row.attempts,
    };
}

/** By outcome, then as they were recorded. */
function sorted(rows: readonly TargetSummary[]): readonly TargetSummary[] {
    const byOutcome = Map.groupBy(rows, ({ outcome }) => outcome);
    return OUTCOMES.flatMap((outcome) => byOutcome.get(outcome) ?? []);
}

function totalsOf(rows: readonly TargetSummary[]): Summary["totals"] {
    const totals = { targets: rows.length, deleted: 0, alreadyGone: 0, done: 0, alreadyDone: 0, failed: 0, unknown: 0 };
    for (const { outcome } of rows) {
        totals[outcome] += 1;
    }
    return totals;
}

const KEPT = 20;

function causesOf(rows: readonly TargetSummary[]): readonly CauseSummary[] {
    const ids = new Set(rows.map(({ id }) => id));
    return (["failed", "unknown"] as const).flatMap((outcome) => {
        const causes = new Causes((id) => ids.has(id));
        for (const { outcome: is, id, kind, name, job, code = "", message = "", requestId } of rows) {
            if (is === outcome) {
                const problem = { code, message, ...(requestId === undefined ? {} : { requestId }) };
                causes.add({ id, kind, name, job, problem });
            }
        }
        const listed = causes.list().map((cause): CauseSummary => {
            const { kind = "target", code, message, requestIds, jobs } = cause;
            return {
                outcome,
                kind,
                code,
                message,
                count: cause.ids.length,
                ids: cause.ids.slice(0, KEPT),
                requestIds: [...requestIds].slice(0, KEPT),
                jobs: [...jobs].slice(0, KEPT),
            };
        });
        const { length: count } = causes.others;
        const others: CauseSummary = {
            outcome,
            kind: "target",
            code: "OtherCauses",
            message: "of other causes; the rows name them",
            count,
            ids: causes.others.slice(0, KEPT),
            requestIds: [],
            jobs: [],
        };
        return count === 0 ? listed : [...listed, others];
    });
}
