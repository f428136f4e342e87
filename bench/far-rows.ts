import { aimsOf, round } from "./aims";
import type { Result } from "./rows";
import { SERVICES } from "./services";

const FAR_WALL = 1.25;
const FAR_REQUESTS = 3;
const FAR_REFUSED = 0.02;

/** Rows that are far from the bound in a figure that has no aim, each with the reason, for docs/performance.md. */
export function farRows(results: readonly Result[]): readonly string[] {
    return results.flatMap((result) => {
        const far = farFigures(result);
        return far.length === 0 ? [] : [`${result.name}: ${far.join(", ")}. ${reason(result)}`];
    });
}

function farFigures(result: Result): readonly string[] {
    const judged = new Set(aimsOf(result).map(({ what }) => what));
    const { ours, bound, facts } = result;
    const [wall, requests, refused] = [ours.wall / bound.wall, ours.requests / bound.requests, facts.refused ?? 0];
    return [
        ...(wall > FAR_WALL && !judged.has("wall ÷ bound") ? [`wall ÷ bound ${round(wall)}`] : []),
        ...(requests > FAR_REQUESTS ? [`requests ÷ bound ${round(requests)}`] : []),
        ...(refused > FAR_REFUSED && !judged.has("share refused") ? [`share refused ${round(refused)}`] : []),
    ];
}

function reason({ service, targets, facts, name }: Result): string {
    const { work, perRequest } = SERVICES[service];
    if ("used" in facts) {
        return "So few requests are sent in all that finding the limit is a large part of them.";
    }
    if (work === "none") {
        return "The work takes no time, so that round trips are all: the first request of an identity goes alone, and at most 12 are under way at first.";
    }
    if (name.endsWith("log-normal")) {
        return "A few jobs last many times as long as most, and are polled until they end; the bound sees the end with one poll.";
    }
    if (work === "job" && targets > perRequest) {
        return "One job excludes the next: each is polled until it ends, and what is left is read from a list that other deletions shorten.";
    }
    return SERVICES[service].lookOperations.length === 0
        ? "There are no jobs: the states of all targets are polled, and the bound sees the end with one poll."
        : "Jobs are polled until they end, and the bound sees the end with one poll.";
}
