import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { recordCall } from "../../../src/provider/report/record/file-record";
import { ReportFile } from "../../../src/provider/report/record/report-file";
import { asMarkdown, asText, readReports } from "../../../src/provider/report/reports";
import { CHUNK_SIZE } from "../../../src/util/chunks";
import { systemClock } from "../../../src/util/clock";
import { filesIn, newDirectory, removeDirectories } from "./reports-of-a-world";

afterAll(removeDirectories);

const MANY = 100_000;
const PER_REQUEST = 20;
const keys = Array.from({ length: MANY }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);

/** As a run with so many targets has its listener called: in chunks, between which the event loop gets its turn. */
test("100,000 targets: each is in the report, what is done at once is bounded, and lines are shared", async () => {
    const directory = newDirectory();
    let yields = 0;
    let writes = 0;
    let longestWrite = 0;
    const clock = {
        ...systemClock,
        yieldToEventLoop: () => {
            yields += 1;
            return systemClock.yieldToEventLoop();
        },
    };
    const { writeSync } = jest.requireActual<typeof import("node:fs")>("node:fs");
    const write = (file: number, bytes: Uint8Array) => {
        writes += 1;
        longestWrite = Math.max(longestWrite, bytes.length);
        return writeSync(file, bytes);
    };
    const file = new ReportFile({ directory, clock, version: "0.0.0", write });
    const recorded = { hook: "create", urn: "urn::many", resource: "clouddc:InstanceBatchDeletion" } as const;
    const record = recordCall(file, clock, recorded, (text) => text);
    await record.targets(keys, { noun: "instance", kinds: [] });
    expect(yields).toBeGreaterThanOrEqual(MANY / CHUNK_SIZE - 1);
    for (let from = 0; from < MANY; from += CHUNK_SIZE) {
        const chunk = keys.slice(from, from + CHUNK_SIZE);
        record.onEvent({
            is: "observed",
            states: chunk.map((key, n) => [key, { is: "ready", facts: { name: `web-${from + n}` } }]),
        });
        for (let at = 0; at < chunk.length; at += PER_REQUEST) {
            const request = chunk.slice(at, at + PER_REQUEST);
            record.onEvent({ is: "submitting", keys: request, operation: "DeleteInstances" });
            record.onEvent({ is: "submitted", keys: request, requestId: `r${from + at}` });
        }
        await systemClock.yieldToEventLoop();
    }
    for (const key of keys) {
        record.onEvent({ is: "settled", key, outcome: { is: "deleted" } });
    }
    record.ended();
    await systemClock.yieldToEventLoop();
    const [name = ""] = filesIn(directory);
    const path = join(directory, name);
    // Those that are settled at one moment share lines: 100,000 of their own would be twice the size.
    expect(readFileSync(path, "utf8").match(/"is":"settled"/g)).toHaveLength(MANY / 100);
    expect(statSync(path).size).toBeLessThan(MANY * 300);
    expect(writes).toBeLessThan((2 * MANY) / PER_REQUEST);
    expect(longestWrite).toBeLessThan(MANY * 50);

    const { summary, problems } = await readReports(directory);
    expect(problems).toEqual([]);
    expect(summary.totals).toMatchObject({ targets: MANY, deleted: MANY });
    expect(summary.targets.at(-1)).toMatchObject({ id: keys.at(-1), name: `web-${MANY - 1}`, attempts: 1 });
    expect(asText(summary, { colours: false }).trimEnd().split("\n")).toHaveLength(MANY + 3);
    expect(asMarkdown(summary)).toContain(`of ${MANY} targets more`);
});
