import fc from "fast-check";
import type { Mutant } from "../world/world";
import { type Account, play } from "./play";
import { type Schedule, schedules } from "./schedule";

export interface CampaignOptions {
    readonly seed: number;
    /** Number of the first schedule among those of the seed. Default: 0. Those before it need not be played. */
    readonly from?: number;
    readonly runs: number;
    readonly mutant?: Mutant;
    /** Most plays for making a broken schedule smaller. */
    readonly shrinks: number;
    /** Ends when so many schedules broke a promise. */
    readonly mostBroken: number;
}

/** Many schedules, added up. */
export interface Tally {
    readonly schedules: number;
    readonly requests: number;
    readonly virtualHours: number;
    readonly faults: Readonly<Record<string, number>>;
    readonly outcomes: Readonly<Record<string, number>>;
    /** Schedules in which a promise was broken, made as small as could be. */
    readonly broken: readonly Broken[];
}

export interface Broken {
    readonly seed: number;
    /** Number of the schedule, and how it was made smaller. */
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
    broken: [],
};

/** Plays random schedules. A seed and a number make a schedule, whether those before it are played or not. */
export async function campaign(options: CampaignOptions): Promise<Tally> {
    const { from = 0, runs, mostBroken } = options;
    let tally = nothing;
    while (tally.schedules < runs && tally.broken.length < mostBroken) {
        tally = add(tally, await untilBroken(options, from + tally.schedules, runs - tally.schedules));
    }
    return tally;
}

async function untilBroken(options: CampaignOptions, from: number, runs: number): Promise<Tally> {
    let tally = nothing;
    let broken: Omit<Broken, "seed" | "path"> | undefined;
    let left = options.shrinks;
    const property = fc.asyncProperty(schedules, async (schedule) => {
        if (broken !== undefined) {
            left -= 1;
            if (left < 0) {
                return;
            }
        }
        const account = await play(schedule, options.mutant);
        if (broken === undefined) {
            tally = add(tally, once(account));
        }
        if (account.broken.length > 0) {
            broken = { schedule, what: account.broken };
            throw new Error(account.broken.join("\n"));
        }
    });
    const { seed, shrinks } = options;
    const { counterexamplePath } = await fc.check(property, {
        numRuns: runs,
        seed,
        path: String(from),
        endOnFailure: shrinks === 0,
    });
    return broken === undefined
        ? tally
        : { ...tally, broken: [{ seed, path: counterexamplePath ?? String(from), ...broken }] };
}

function once({ requests, virtualMs, faults, outcomes }: Account): Tally {
    return { schedules: 1, requests, virtualHours: virtualMs / 3_600_000, faults, outcomes, broken: [] };
}

export function add(a: Tally, b: Tally): Tally {
    return {
        schedules: a.schedules + b.schedules,
        requests: a.requests + b.requests,
        virtualHours: a.virtualHours + b.virtualHours,
        faults: sums(a.faults, b.faults),
        outcomes: sums(a.outcomes, b.outcomes),
        broken: [...a.broken, ...b.broken],
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
        `broken promises  ${tally.broken.flatMap(({ what }) => what).length}`,
    ];
    for (const { seed, path, schedule, what } of tally.broken) {
        lines.push(`seed ${seed}, path "${path}"`, ...what, JSON.stringify(schedule));
    }
    return lines.join("\n");
}

function table(counts: Readonly<Record<string, number>>): readonly string[] {
    return Object.entries(counts)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([kind, count]) => `  ${kind.padEnd(40)} ${String(count).padStart(8)}`);
}
