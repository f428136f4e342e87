import { table } from "../tools/table.mts";
import { aimsOf, round } from "./aims";
import type { CostResult } from "./costs/cost";
import type { Measured } from "./measured";
import type { Result } from "./rows";

type Line = readonly string[];

const seconds = (ms: number) => `${round(ms / 1000)} s`;
const both = ({ wall, requests }: Measured) => `${seconds(wall)} / ${round(requests)}`;

const rowHead: Line = [
    "row",
    "what",
    "ours: wall",
    "requests (submits, polls of jobs, inspections)",
    "bound: wall / requests",
    "wall ÷ bound",
    "requests ÷ bound",
    "submits ÷ bound",
    "aims",
    "one id a request: wall / requests",
    "fixed polls",
    "exponential back-off",
];

function rowLine(result: Result): Line {
    const { name, what, ours, bound, peers } = result;
    const aims = aimsOf(result).map(({ what: figure, sign, aim }) => `${figure} ${sign} ${aim}`);
    const peerCells = peers.map(({ measured, by }) => `${by === "computed" ? "≈ " : ""}${both(measured)}`);
    return [
        name,
        what,
        seconds(ours.wall),
        `${round(ours.requests)} (${round(ours.submits)}, ${round(ours.looks)}, ${round(ours.inspections)})`,
        `${seconds(bound.wall)} / ${round(bound.requests)}`,
        (ours.wall / bound.wall).toFixed(3),
        (ours.requests / bound.requests).toFixed(2),
        (ours.submits / bound.submits).toFixed(2),
        aims.length === 0 ? "none" : aims.join("; "),
        ...(peerCells.length === 0 ? ["", "", ""] : peerCells),
    ];
}

const factHead: Line = ["row", "what", "figure"];

const factNames: Readonly<Record<string, string>> = {
    used: "share of the hidden limit used while submitting",
    refused: "share of the requests refused",
    secondsAfterFirst429: "seconds from the first 429 to the next request",
    refusedAsBusy: "submits refused as busy",
    secondsFromEndToSubmit: "seconds from a job's end to the next submit",
    mostLooksBetween: "looks at most between a job's end and the next submit",
};

const factLines = (results: readonly Result[]): readonly Line[] =>
    results.flatMap(({ name, facts }) =>
        Object.entries(facts).map(([fact, figure]) => [name, factNames[fact] ?? fact, figure.toFixed(3)]),
    );

const costHead: Line = ["row", "what", "ours", "beside", "judged", "aim", "medians of"];

const costLine = ({ name, what, ours, beside, judged, unit, runs }: CostResult): Line => [
    name,
    what,
    `${round(ours)} ${unit}`,
    beside === undefined ? "" : `${beside.what}: ${round(beside.figure)} ${unit}`,
    `${judged.what}: ${round(judged.figure)}`,
    `≤ ${judged.most}`,
    `${runs}`,
];

export const rowTable = (results: readonly Result[]) => aligned(rowHead, results.map(rowLine));
export const factTable = (results: readonly Result[]) => aligned(factHead, factLines(results));
export const costTable = (results: readonly CostResult[]) => aligned(costHead, results.map(costLine));

export const rowMarkdown = (results: readonly Result[]) => markdown(rowHead, results.map(rowLine));
export const factMarkdown = (results: readonly Result[]) => markdown(factHead, factLines(results));
export const costMarkdown = (results: readonly CostResult[]) => markdown(costHead, results.map(costLine));

function aligned(head: Line, lines: readonly Line[]): string {
    return lines.length === 0 ? "" : table(head, lines);
}

function markdown(head: Line, lines: readonly Line[]): string {
    return [head, head.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
}
