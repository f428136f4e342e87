import fc from "fast-check";
import type { Mutant } from "../world/world";
import { type Account, play } from "./play";
import { type Schedule, schedules } from "./schedule";

export interface CampaignOptions {
    readonly runs: number;
    readonly seed: number;
    readonly mutant?: Mutant;
    /** Plays that may go into making a broken schedule smaller. */
    readonly shrinks: number;
    readonly onPlayed?: (played: number) => void;
}

/** Many schedules, added up. */
export interface Tally {
    readonly schedules: number;
    readonly requests: number;
    readonly virtualHours: number;
    readonly faults: Readonly<Record<string, number>>;
    readonly outcomes: Readonly<Record<string, number>>;
    /** The first schedule in which a promise was broken, made as small as could be. */
    readonly broken: Broken | null;
}

export interface Broken {
    readonly seed: number;
    readonly path: string;
    readonly schedule: Schedule;
    readonly what: readonly string[];
}

export const nothing: Tally = {
    schedules: 0,
    requests: 0,
    virtualHours: 0,
    faults: {},
    outcomes: {},
    broken: null,
};

/** Plays random schedules until all are played or a promise is broken. */
export async function campaign(options: CampaignOptions): Promise<Tally> {
    let tally = nothing;
    let left = options.shrinks;
    const property = fc.asyncProperty(schedules, async (schedule) => {
        if (tally.broken !== null) {
            left -= 1;
            if (left < 0) {
                return;
            }
        }
        const account = await play(schedule, options.mutant);
        if (tally.broken === null) {
            tally = add(tally, once(account));
            options.onPlayed?.(tally.schedules);
        }
        if (account.broken.length > 0) {
            tally = { ...tally, broken: { seed: options.seed, path: "", schedule, what: account.broken } };
            throw new Error(account.broken.join("\n"));
        }
    });
    const { counterexamplePath } = await fc.check(property, {
        numRuns: options.runs,
        seed: options.seed,
        endOnFailure: options.shrinks === 0,
    });
    return tally.broken === null ? tally : { ...tally, broken: { ...tally.broken, path: counterexamplePath ?? "" } };
}

function once({ requests, virtualMs, faults, outcomes }: Account): Tally {
    return { schedules: 1, requests, virtualHours: virtualMs / 3_600_000, faults, outcomes, broken: null };
}

export function add(a: Tally, b: Tally): Tally {
    return {
        schedules: a.schedules + b.schedules,
        requests: a.requests + b.requests,
        virtualHours: a.virtualHours + b.virtualHours,
        faults: sums(a.faults, b.faults),
        outcomes: sums(a.outcomes, b.outcomes),
        broken: a.broken ?? b.broken,
    };
}

function sums(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
    const sum = { ...a };
    for (const [kind, count] of Object.entries(b)) {
        sum[kind] = (sum[kind] ?? 0) + count;
    }
    return sum;
}

/** For people. */
export function report(tally: Tally): string {
    const lines = [
        `schedules        ${tally.schedules}`,
        `requests         ${tally.requests}`,
        `virtual hours    ${Math.round(tally.virtualHours)}`,
        "faults",
        ...table(tally.faults),
        "outcomes",
        ...table(tally.outcomes),
        `broken promises  ${tally.broken === null ? 0 : tally.broken.what.length}`,
    ];
    if (tally.broken !== null) {
        const { seed, path, schedule, what } = tally.broken;
        lines.push(`seed ${seed}, path "${path}"`, ...what, JSON.stringify(schedule));
    }
    return lines.join("\n");
}

function table(counts: Readonly<Record<string, number>>): readonly string[] {
    return Object.entries(counts)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([kind, count]) => `  ${kind.padEnd(40)} ${String(count).padStart(8)}`);
}
