import type { CostResult } from "./costs/cost";
import type { Result } from "./rows";
import { SERVICES } from "./services";

/** One figure of a row and what it has to be. */
export interface Aim {
    readonly what: string;
    readonly figure: number;
    readonly sign: "≤" | "≥";
    readonly aim: number;
}

/** What the figures have to be. */
export function misses(results: readonly Result[], costs: readonly CostResult[]): readonly string[] {
    return [...results.flatMap(missesOf), ...costs.flatMap(missOfCost)];
}

/** Empty for a row that is only shown. */
export function aimsOf(result: Result): readonly Aim[] {
    const { name, ours, bound, workSeconds, facts, targets } = result;
    const most = (what: string, figure: number, aim: number): Aim => ({ what, figure, sign: "≤", aim });
    const least = (what: string, figure: number, aim: number): Aim => ({ what, figure, sign: "≥", aim });
    const throttled = "used" in facts;
    const wallAim = name === "workspaceapp-1000" ? 1.05 : workSeconds >= 20 ? 1.1 : 1.25;
    // Without jobs the time is that of the round trips alone, so the number of requests is judged.
    const withoutJobs = SERVICES[result.service].work === "none";
    return [
        ...(throttled || withoutJobs ? [] : [most("wall ÷ bound", ours.wall / bound.wall, wallAim)]),
        ...(withoutJobs ? [most("requests let in ÷ bound", (ours.requests - ours.throttled) / bound.requests, 1)] : []),
        ...(throttled ? [] : [most("submits ÷ bound", ours.submits / bound.submits, 1)]),
        ...(name === "workspaceapp-1000" ? [most("looks at 50 jobs", ours.looks, 60)] : []),
        ...(name === "peer-200" ? [most("seconds", ours.wall / 1000, 70), most("requests", ours.requests, 40)] : []),
        ...(throttled && targets >= 1_000 && ours.requests >= 1_000
            ? [
                  least("share of the limit used", facts.used ?? 0, 0.9),
                  most("share refused", facts.refused ?? 1, 0.02),
                  most("seconds from a first 429", facts.secondsAfterFirst429 ?? 9, 1.5),
              ]
            : []),
        ...("mostLooksBetween" in facts
            ? [
                  most("looks between a job's end and the next submit", facts.mostLooksBetween ?? 9, 1),
                  most("submits refused as busy", facts.refusedAsBusy ?? 9, 0),
              ]
            : []),
    ];
}

function missesOf(result: Result): readonly string[] {
    return aimsOf(result)
        .filter(({ figure, sign, aim }) => !(sign === "≤" ? figure <= aim + 1e-9 : figure >= aim))
        .map(({ what, figure, sign, aim }) => `${result.name}: ${what} ${round(figure)}, aim ${sign} ${aim}`);
}

function missOfCost({ name, judged, unit }: CostResult): readonly string[] {
    return judged.figure <= judged.most
        ? []
        : [`${name}: ${judged.what} ${round(judged.figure)} ${unit}, aim ≤ ${judged.most}`];
}

export const round = (figure: number): string =>
    figure >= 100 ? Math.round(figure).toLocaleString("en") : String(Math.round(figure * 100) / 100);
