import type { OutcomeKind } from "../../../batch/outcome";
import type { HookName } from "../record/lines";

/** What became of one target, from the last hook call that had it. Times: ISO 8601, UTC. */
export interface TargetSummary {
    /** The resource's name in the program. */
    readonly resource: string;
    readonly urn: string;
    /** "image server" */
    readonly kind: string;
    /** As the cloud has it; `#3 of 30` where the program marks it secret, `(new)` where it had none yet. */
    readonly id: string;
    readonly name?: string;
    readonly outcome: OutcomeKind;
    readonly code?: string;
    readonly message?: string;
    /** Of the refusal, or of the last request that was accepted. */
    readonly requestId?: string;
    readonly job?: string;
    /** When the first request with it was sent; missing where none was. */
    readonly submittedAt?: string;
    readonly settledAt?: string;
    /** Requests with it that were sent, in all calls. */
    readonly attempts: number;
}

/** One call of a hook. */
export interface HookSummary {
    readonly resource: string;
    readonly urn: string;
    /** "workspaceapp:ImageServerBatchDeletion" */
    readonly type: string;
    readonly hook: HookName;
    readonly beganAt: string;
    /** Missing where no end is written: it was killed, or still runs. */
    readonly endedAt?: string;
    readonly region?: string;
    readonly projectId?: string;
    /** What it failed with. */
    readonly error?: string;
    /** What its first look counted: `{"matching": 27, "kept": 2, "listed": 40}`. */
    readonly counts?: Readonly<Record<string, number>>;
}

/** Targets that failed, or are unknown, for one reason. */
export interface CauseSummary {
    readonly outcome: "failed" | "unknown";
    readonly kind: string;
    readonly code: string;
    readonly message: string;
    readonly count: number;
    /** The first 20. */
    readonly ids: readonly string[];
    /** The first 20. */
    readonly requestIds: readonly string[];
    /** The first 20. */
    readonly jobs: readonly string[];
}

/** What the files of one report directory say. */
export interface Summary {
    readonly version: 1;
    /** When its first hook call began, and its last event; missing where there is none. */
    readonly from?: string;
    readonly to?: string;
    readonly totals: { readonly targets: number } & Readonly<Record<OutcomeKind, number>>;
    /** Largest first. */
    readonly causes: readonly CauseSummary[];
    /** In the order of their begin. */
    readonly hooks: readonly HookSummary[];
    /** Failed ones first, then unknown ones. */
    readonly targets: readonly TargetSummary[];
}

export const OUTCOMES = [
    "failed",
    "unknown",
    "deleted",
    "done",
    "alreadyGone",
    "alreadyDone",
] as const satisfies readonly OutcomeKind[];

/** For people: "already gone". */
export function outcomeText(outcome: OutcomeKind): string {
    return outcome.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`);
}

/** `1 failed, 3 deleted`; without those that are 0. */
export function totalsText({ totals }: Summary): string {
    return OUTCOMES.filter((outcome) => totals[outcome] > 0)
        .map((outcome) => `${totals[outcome]} ${outcomeText(outcome)}`)
        .join(", ");
}

/** `3 image servers failed: WKS.1 locked (request r1): 501, 502`, without the word of the outcome. */
export function causeText({ kind, code, message, count, ids, requestIds, jobs }: CauseSummary): string {
    const some = (values: readonly string[]) => values.slice(0, SHOWN).join(", ");
    const request = requestIds[0] === undefined ? "" : ` (request ${requestIds[0]})`;
    const more = count > SHOWN ? ` and ${count - SHOWN} more` : "";
    const job = jobs.length === 0 ? "" : `; ${jobs.length === 1 ? "job" : "jobs"} ${some(jobs)}`;
    return `${count} ${kind}${count === 1 ? "" : "s"}: ${code} ${message}${request}: ${some(ids)}${more}${job}`;
}

const SHOWN = 20;

/** Why a hook call is no success: it failed, or no end of it is written. */
export function hookProblem({ error, endedAt }: HookSummary): string | undefined {
    return error ?? (endedAt === undefined ? "no end is written: it was killed, or still runs" : undefined);
}

/** What is of note of a hook call: `matching 27, kept 2, listed 40`, and its problem. Undefined: nothing. */
export function hookText(hook: HookSummary): string | undefined {
    const counts = Object.entries(hook.counts ?? {}).map(([what, count]) => `${countName(what)} ${count}`);
    const parts = [...(counts.length === 0 ? [] : [counts.join(", ")]), hookProblem(hook)];
    const known = parts.filter((part) => part !== undefined);
    return known.length === 0 ? undefined : known.join("; ");
}

/** "notSeen" → "not seen" */
function countName(name: string): string {
    return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
