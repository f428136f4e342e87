/**
 * `npm run bench`: what a deletion takes, against the least it can take and against others' ways. `-- --only NAME` for one
 * row (several times: several rows), `--list` for their names, `--write` to put table, figures and picture into docs/, with `--from FILE`
 * (several times) of what earlier runs with `--json` have measured.
 */
import { fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import "../tools/typescript-hooks.mts";
import type { Cost, CostResult } from "./costs/cost.ts";
import type { Result } from "./rows.ts";

const { rows, measureRow } = await import("./rows.ts");
const { costs } = await import("./costs/costs.mts");
const { costTable, factTable, rowTable } = await import("./table.ts");
const { misses } = await import("./aims.ts");
const { page } = await import("./page.ts");
const { picture } = await import("./picture.ts");

const { values } = parseArgs({
    options: {
        only: { type: "string", multiple: true },
        /** Also the row that takes longer than all the others. */
        all: { type: "boolean", default: false },
        /** Only rows with at most so many targets. */
        largest: { type: "string", default: "1000000" },
        list: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
        from: { type: "string", multiple: true },
        /** The JSON of all that was measured, instead of the tables. */
        json: { type: "boolean", default: false },
        worker: { type: "boolean", default: false },
    },
});

if (values.worker) {
    process.on("message", async (name) => {
        const row = rows.find((candidate) => candidate.name === name);
        if (row !== undefined) {
            process.send?.(await measureRow(row));
        }
    });
} else if (values.list) {
    console.log([...rows.map(({ name }) => name), ...costs.map(({ name }) => name)].join("\n"));
} else {
    await bench();
}

async function bench(): Promise<void> {
    const wanted = ({ name }: { readonly name: string }) => values.only?.includes(name) ?? true;
    const chosen = rows.filter(
        (row) =>
            wanted(row) &&
            row.scenario.targets <= Number(values.largest) &&
            (values.all || values.only !== undefined || row.takesLong === undefined),
    );
    const chosenCosts = costs.filter(wanted);
    if (chosen.length + chosenCosts.length === 0) {
        console.error(`there is no row ${values.only?.join(", ")}: see --list`);
        process.exitCode = 2;
        return;
    }
    const began = Date.now();
    const [results, costResults] =
        values.from === undefined
            ? await measured(
                  chosen.map(({ name }) => name),
                  chosenCosts,
              )
            : measuredBefore(values.from);
    if (values.json) {
        console.log(JSON.stringify({ rows: results, costs: costResults }, null, 2));
    } else {
        console.log([rowTable(results), factTable(results), costTable(costResults)].filter(Boolean).join("\n\n"));
    }
    const missed = misses(results, costResults);
    note(`${Math.round((Date.now() - began) / 1000)} s; ${missed.length === 0 ? "every aim is reached" : "missed:"}`);
    for (const line of missed) {
        note(`  ${line}`);
    }
    if (values.write && values.only === undefined) {
        const docs = join(import.meta.dirname, "..", "docs");
        writeFileSync(
            join(docs, "performance.json"),
            `${JSON.stringify({ rows: results, costs: costResults }, null, 2)}\n`,
        );
        writeFileSync(join(docs, "performance.svg"), picture(results));
        writeFileSync(
            join(docs, "performance.md"),
            page(
                results,
                costResults,
                missed,
                `npm run bench -- ${values.from === undefined ? process.argv.slice(2).join(" ") : "--write"}`,
            ),
        );
    }
    process.exitCode = missed.length === 0 ? 0 : 1;
}

async function measured(
    names: readonly string[],
    chosenCosts: readonly Cost[],
): Promise<[readonly Result[], readonly CostResult[]]> {
    const results = await inWorkers(names);
    // One after the other, for these measure real time.
    const costResults: CostResult[] = [];
    for (const cost of chosenCosts) {
        costResults.push(await cost.measure());
        note(`${cost.name} done`);
    }
    return [results, costResults];
}

/** In the order of a whole run. Of a row that several files have, the last one counts. */
function measuredBefore(files: readonly string[]): [readonly Result[], readonly CostResult[]] {
    const parts = files.map((file): Measurements => JSON.parse(readFileSync(file, "utf8")));
    const results = new Map(parts.flatMap((part) => part.rows.map((row) => [row.name, row])));
    const costResults = new Map(parts.flatMap((part) => part.costs.map((cost) => [cost.name, cost])));
    return [
        rows.flatMap(({ name }) => results.get(name) ?? []),
        costs.flatMap(({ name }) => costResults.get(name) ?? []),
    ];
}

interface Measurements {
    readonly rows: readonly Result[];
    readonly costs: readonly CostResult[];
}

/** The longest rows come first, so that no worker is left with one of them at the end. */
async function inWorkers(names: readonly string[]): Promise<readonly Result[]> {
    const size = (name: string) => rows.find((row) => row.name === name)?.scenario.targets ?? 0;
    const queue = [...names].sort((a, b) => size(b) - size(a));
    const found = new Map<string, Result>();
    const worker = async () => {
        for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
            found.set(name, await oneRow(name));
            note(`${name} done`);
        }
    };
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), names.length) }, worker));
    return names.flatMap((name) => found.get(name) ?? []);
}

/** In a process of its own: a world of 100,000 targets and 200,000 requests leaves little room for what the row before it left. */
function oneRow(name: string): Promise<Result> {
    const child = fork(import.meta.filename, ["--worker"], { execArgv: ["--max-old-space-size=4096"] });
    return new Promise((resolve, reject) => {
        const died = (code: number | null) => reject(new Error(`the worker of ${name} ended with ${code}`));
        child.once("exit", died);
        child.once("message", (result: Result) => {
            child.off("exit", died);
            child.disconnect();
            resolve(result);
        });
        child.send(name);
    });
}

function note(line: string): void {
    process.stderr.write(`${line}\n`);
}
