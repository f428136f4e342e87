import { causeText, hookText, outcomeText, type Summary, type TargetSummary, totalsText } from "../summary/summary";

const COLUMNS: ReadonlyArray<readonly [title: string, value: (row: TargetSummary) => string]> = [
    ["OUTCOME", ({ outcome }) => outcomeText(outcome)],
    ["RESOURCE", ({ resource }) => resource],
    ["KIND", ({ kind }) => kind],
    ["ID", ({ id }) => id],
    ["NAME", ({ name = "" }) => name],
    ["REQUEST", ({ requestId = "" }) => requestId],
    ["JOB", ({ job = "" }) => job],
    ["SUBMITTED", ({ submittedAt = "" }) => submittedAt],
    ["SETTLED", ({ settledAt = "" }) => settledAt],
    ["ATTEMPTS", ({ attempts }) => String(attempts)],
    ["REASON", ({ code, message }) => (code === undefined ? "" : `${code}: ${message ?? ""}`)],
];

const RED = 31;
const YELLOW = 33;

/** Causes first, then what hooks failed with, then a table with a row for each target. */
export function asText(summary: Summary, { colours }: { readonly colours: boolean }): string {
    const paint = (colour: number, text: string) => (colours ? `\u001b[${colour}m${text}\u001b[0m` : text);
    const colourOf = { failed: RED, unknown: YELLOW } as const;
    const lines = [headline(summary)];
    const causes = summary.causes.map((cause) =>
        paint(colourOf[cause.outcome], `${outcomeText(cause.outcome).padEnd(8)} ${causeText(cause)}`),
    );
    const hooks = summary.hooks.flatMap((hook) => {
        const noted = hookText(hook);
        return noted === undefined ? [] : [`${hook.resource}, ${hook.hook}: ${noted}`];
    });
    for (const block of [causes, hooks, table(summary.targets, (row, line) => paintRow(row, line, paint))]) {
        if (block.length > 0) {
            lines.push("", ...block);
        }
    }
    return `${lines.join("\n")}\n`;
}

/** `4 targets: 1 failed, 3 deleted (2026-01-01T00:00:00.000Z to 2026-01-01T00:01:12.000Z)` */
export function headline(summary: Summary): string {
    const { totals, from, to } = summary;
    const targets = `${totals.targets} target${totals.targets === 1 ? "" : "s"}`;
    const counts = totalsText(summary);
    return `${targets}${counts === "" ? "" : `: ${counts}`}${from === undefined ? "" : ` (${from} to ${to})`}`;
}

function paintRow({ outcome }: TargetSummary, line: string, paint: (colour: number, text: string) => string): string {
    return outcome === "failed" ? paint(RED, line) : outcome === "unknown" ? paint(YELLOW, line) : line;
}

function table(rows: readonly TargetSummary[], paint: (row: TargetSummary, line: string) => string): string[] {
    if (rows.length === 0) {
        return [];
    }
    const cells = rows.map((row) => COLUMNS.map(([, value]) => value(row)));
    const widths = COLUMNS.map(([title], n) => {
        return cells.reduce((widest, row) => Math.max(widest, row[n]?.length ?? 0), title.length);
    });
    const line = (row: readonly string[]) =>
        row
            .map((cell, n) => (n === row.length - 1 ? cell : cell.padEnd(widths[n] ?? 0)))
            .join("  ")
            .trimEnd();
    return [line(COLUMNS.map(([title]) => title)), ...rows.flatMap((row, n) => paint(row, line(cells[n] ?? [])))];
}
