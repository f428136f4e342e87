import type { CostResult } from "./costs/cost";
import type { Result } from "./rows";
import { services } from "./services";

/** What the figures have to be. */
export function misses(results: readonly Result[], costs: readonly CostResult[]): readonly string[] {
    return [...results.flatMap(missesOf), ...costs.flatMap(missOfCost)];
}

function missesOf(result: Result): readonly string[] {
    const { name, ours, bound, workSeconds, facts, targets } = result;
    const must = (what: string, figure: number, sign: "≤" | "≥", aim: number) =>
        (sign === "≤" ? figure <= aim + 1e-9 : figure >= aim)
            ? []
            : [`${name}: ${what} ${round(figure)}, aim ${sign} ${aim}`];
    const throttled = "used" in facts;
    const wallAim = name === "workspaceapp-1000" ? 1.05 : workSeconds >= 20 ? 1.1 : 1.25;
    // Without jobs there are round trips alone: what counts is how many requests.
    const withoutJobs = services[result.service].work === "none";
    return [
        ...(throttled || withoutJobs ? [] : must("wall over bound", ours.wall / bound.wall, "≤", wallAim)),
        ...(withoutJobs
            ? must("requests let in, over bound", (ours.requests - ours.throttled) / bound.requests, "≤", 1)
            : []),
        ...(throttled ? [] : must("submits over bound", ours.submits / bound.submits, "≤", 1)),
        ...(name === "workspaceapp-1000" ? must("looks at 50 jobs", ours.looks, "≤", 60) : []),
        ...(name === "peer-200"
            ? [...must("seconds", ours.wall / 1000, "≤", 70), ...must("requests", ours.requests, "≤", 40)]
            : []),
        ...(throttled && targets >= 1_000 && ours.requests >= 1_000
            ? [
                  ...must("share of the limit used", facts.used ?? 0, "≥", 0.9),
                  ...must("share refused", facts.refused ?? 1, "≤", 0.02),
                  ...must("seconds from a first 429", facts.secondsAfterFirst429 ?? 9, "≤", 1.5),
              ]
            : []),
        ...("mostLooksBetween" in facts
            ? [
                  ...must("looks between a job's end and the next submit", facts.mostLooksBetween ?? 9, "≤", 1),
                  ...must("submits refused as busy", facts.refusedAsBusy ?? 9, "≤", 0),
              ]
            : []),
    ];
}

function missOfCost({ name, judged, unit }: CostResult): readonly string[] {
    return judged.figure <= judged.most
        ? []
        : [`${name}: ${judged.what} ${round(judged.figure)} ${unit}, aim ≤ ${judged.most}`];
}

export const round = (figure: number): string =>
    figure >= 100 ? Math.round(figure).toLocaleString("en") : String(Math.round(figure * 100) / 100);
