import { aimsOf } from "./aims";
import type { CostResult } from "./costs/cost";
import { farRows } from "./far-rows";
import type { Result } from "./rows";
import { costMarkdown, factMarkdown, rowMarkdown } from "./table";

/** docs/performance.md */
export function page(
    results: readonly Result[],
    costs: readonly CostResult[],
    missed: readonly string[],
    command: string,
): string {
    const misses =
        missed.length === 0
            ? `Every aim is reached. ${withAims(results)}`
            : `Missed:\n\n${missed.map((line) => `- ${line}`).join("\n")}`;
    return `# Performance

\`${command}\` made this page, its picture and [performance.json](performance.json); \`npm run bench -- --only ROW\`
measures one row again, with the same seeds (${[...new Set(results.flatMap(({ seeds }) => seeds))].join(", ")}; more than 1,000 targets: 1).

![Wall over bound and requests over bound, ours and three others, against the number of targets](performance.svg)

## What is measured

The real hooks, batch engine, services and cloud client run against the emulator in one process and in virtual time: seconds
are the cloud's, and exactly repeatable. Every request takes 50 ms there and back. The gateway lets 200 requests a second through for each
API, as its documentation says. The base case is 1,000 image servers in one resource with jobs of 60 s; each row changes one thing.
Figures are means over the seeds: ten for \`workspaceapp-1000\`, \`peer-200\` and each duration, two for \`tenant\`, one above 1,000 targets, three for all
others. Of the peers only *exponential back-off* is random, so it is played with up to three of them, the other two with the first alone.
\`--largest N\` leaves rows of more targets out; \`vias-100000\`, a list of 500 pages at each look, takes longer than all others and
runs only with \`--all\` or by its name.

The **bound** of a row is the least that any client needs: the calls that inspect everything once, the full submits, one look that sees the
end; their three round trips, the work's own duration (the longest of it, or where one job excludes the next the sum, with
its two round trips each), and what the throttle makes anyone wait. What we do beyond it: the looks before the last one, and a second
inspection, since a job that says SUCCESS is a claim.

MetaStudio acts at once, so that its rows are round trips alone, and judged by their requests. Ours take one round trip more where inspecting
takes several requests, since the first request of an identity goes alone: a wrong signature must cost one try, not the key. And no more
than 12 requests are under way at first, 48 later, where the bound has all at once.

**Others' ways**, played on the same emulator with the same seed, and beyond 1,000 targets computed from that (≈), since they share nothing:
*one id a request*: ten at a time, first poll after 10 s and then every 30 s, minutes of sleep after a 429; *fixed polls*: full chunks, ten at a time, each job asked for every 10 s;
*exponential back-off*: the same with a random wait of at most 2·2ⁿ s, 120 s at most. They neither inspect before nor verify afterwards.

${misses}

Far from the bound, in figures that have no aim:

${farRows(results)
    .map((line) => `- ${line}`)
    .join("\n")}

## Time and requests

${rowMarkdown(results)}

## Throttling and exclusivity

${factMarkdown(results)}

## What the package costs

On real processes, as medians, each beside what it is compared with in the same run.

${costMarkdown(costs)}
`;
}

function withAims(results: readonly Result[]): string {
    const without = results.filter((result) => aimsOf(result).length === 0).map(({ name }) => name);
    const shown = without.length === 0 ? "" : ` Without an aim, only shown: ${without.join(", ")}.`;
    return `The column *aims* says which figures of a row have one.${shown}`;
}
