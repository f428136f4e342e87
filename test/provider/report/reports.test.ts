import { readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { recordCall } from "../../../src/provider/report/record/file-record";
import { ReportFile } from "../../../src/provider/report/record/report-file";
import { asText } from "../../../src/provider/report/render/text";
import { parseLine } from "../../../src/provider/report/summary/parse-line";
import { readReports } from "../../../src/provider/report/summary/read-directory";
import type { Summary } from "../../../src/provider/report/summary/summary";
import { VirtualClock } from "../../virtual-clock";
import {
    cutOff,
    filesIn,
    linesOf,
    newDirectory,
    type Program,
    removeDirectories,
    reportingWorld,
} from "./reports-of-a-world";

afterAll(removeDirectories);

const SERVERS = "workspaceapp:ImageServerBatchDeletion";
const ids = (count: number, from = 0) => Array.from({ length: count }, (_, n) => String(5_000 + from + n));
const deletion = (imageServerIds: readonly string[], more: object = {}) => ({
    __resource: SERVERS,
    imageServerIds,
    recursive: false,
    when: "create",
    ...more,
});

function servers(list: readonly string[]) {
    return {
        service: "workspaceapp",
        kind: "imageServers",
        objects: list.map((id) => ({ id, name: `web-${id}` })),
    };
}

/** Two resources over 90 image servers, throttled, three of them locked; killed at that await, and run again. */
async function killedAt(kill: number) {
    const { world, reports, engine } = reportingWorld(kill);
    const { control } = world.emulator;
    const program: Program = { one: deletion(ids(60)), two: deletion(ids(30, 60)) };
    await world.run(async () => {
        await control.seed({
            objects: [servers(ids(90))],
            throttles: [{ service: "workspaceapp", limit: 3, windowSeconds: 2 }],
            outcomes: [
                {
                    service: "workspaceapp",
                    process: "delete-image-server",
                    outcome: "fail",
                    code: "WKS.1",
                    message: "locked",
                    times: 3,
                },
            ],
        });
        world.killNextAt = kill;
        await engine.up(program);
    });
    return { world, reports, engine, program, control };
}

function rowsById(summary: Summary) {
    return new Map(summary.targets.map((row) => [`${row.resource} ${row.id}`, row]));
}

test.each([8, 12, 17, 25, 40, 60, 90])(
    "a process that is killed at its await %i: what the report calls deleted is deleted, what was submitted is in it, nothing is missing",
    async (kill) => {
        const { reports, world, control } = await killedAt(kill);
        const { summary, problems } = await readReports(reports);
        const log = await world.run(() => control.auditLog());
        const objects = await world.run(() => control.objects("workspaceapp", "imageServers"));
        const left = new Set(objects.map(({ object }) => object.id));
        expect(left.size).toBeGreaterThan(0);
        expect(problems).toEqual([]);
        const rows = new Map(summary.targets.map((row) => [row.id, row]));
        const submitted = new Set(log.submissions.flatMap((submission) => submission.ids));
        for (const id of submitted) {
            expect([id, rows.has(id)]).toEqual([id, true]);
        }
        for (const { id, outcome, submittedAt, code, job } of summary.targets) {
            if (outcome === "deleted") {
                expect([id, left.has(id)]).toEqual([id, false]);
            }
            if (outcome === "unknown") {
                expect(code).toBe(submittedAt === undefined ? "NotSubmitted" : "Interrupted");
                const known = log.submissions.find(
                    (submission) => submission.ids.includes(id) && submission.job !== null,
                );
                expect(job === undefined || job === known?.job).toBe(true);
            }
        }
    },
);

test("after a kill and a second run each target has the last word on it, and its attempts are those of both", async () => {
    const { reports, world, engine, program } = await killedAt(60);
    const before = (await readReports(reports)).summary;
    expect(before.totals.unknown).toBeGreaterThan(0);
    const open = before.hooks.filter(({ endedAt }) => endedAt === undefined);
    expect(open.map(({ resource }) => resource).sort()).toEqual(["one", "two"]);
    await world.run(() => engine.up(program));
    const { summary } = await readReports(reports);
    expect(filesIn(reports)).toHaveLength(2);
    expect(summary.totals).toMatchObject({ targets: 90, unknown: 0 });
    expect(summary.totals.failed + summary.totals.deleted + summary.totals.alreadyGone).toBe(90);
    const early = rowsById(before);
    for (const [key, { attempts }] of rowsById(summary)) {
        expect(attempts).toBeGreaterThanOrEqual(early.get(key)?.attempts ?? 0);
    }
    // The hooks that were killed are told of, though their targets have outcomes by now.
    expect(summary.hooks).toHaveLength(4);
});

test("a row tells resource, kind, id, name, outcome, code, message, request, job, times and attempts", async () => {
    const { reports } = await killedAt(Number.POSITIVE_INFINITY);
    const { summary } = await readReports(reports);
    expect(summary.totals).toMatchObject({ targets: 90, failed: 3, deleted: 87 });
    const [failed] = summary.targets;
    expect(failed).toMatchObject({
        kind: "image server",
        outcome: "failed",
        code: "WKS.1",
        message: expect.stringContaining("locked"),
        name: `web-${failed?.id}`,
        job: expect.any(String),
        submittedAt: expect.stringMatching(/^2026-01-01T.*Z$/),
        settledAt: expect.stringMatching(/^2026-01-01T.*Z$/),
    });
    expect(["one", "two"]).toContain(failed?.resource);
    for (const row of summary.targets) {
        expect(row.attempts).toBeGreaterThanOrEqual(1);
        expect(row.requestId).toEqual(expect.any(String));
        expect(Date.parse(row.settledAt ?? "")).toBeGreaterThan(Date.parse(row.submittedAt ?? ""));
    }
    // Throttled: what was tried again counts.
    expect(Math.max(...summary.targets.map(({ attempts }) => attempts))).toBeGreaterThan(1);
    expect(summary.causes).toMatchObject([{ outcome: "failed", code: "WKS.1", count: 3 }]);
});

/** Of all the bytes. A double would nearly always be close to 0. */
const fraction = fc.nat(10_000).map((n) => n / 10_000);

test("whatever prefix of its bytes a report directory has, all that was submitted is an outcome or unknown", async () => {
    const { reports, world, engine, program } = await killedAt(60);
    await world.run(() => engine.up(program));
    const full = rowsById((await readReports(reports)).summary);
    await fc.assert(
        fc.asyncProperty(
            // Anywhere, or among the first lines, where little is known of many targets.
            fc.array(
                fc.oneof(
                    fraction,
                    fraction.map((part) => part ** 3),
                ),
                { minLength: 2, maxLength: 2 },
            ),
            async (parts) => {
                let n = 0;
                const copy = cutOff(reports, (_, size) => Math.floor(size * (parts[n++] ?? 1)));
                const { summary, problems } = await readReports(copy);
                expect(problems).toEqual([]);
                const rows = rowsById(summary);
                let settled = 0;
                for (const file of filesIn(copy)) {
                    const names = new Map<unknown, string>();
                    for (const text of readFileSync(join(copy, file), "utf8").split("\n")) {
                        const line = parseLine(text);
                        if (line?.is === "hook") {
                            names.set(line.call, line.urn.split("::").at(-1) ?? "");
                        } else if (line !== undefined && "keys" in line) {
                            settled += line.is === "settled" ? line.keys.length : 0;
                            for (const key of line.keys) {
                                const row = rows.get(`${names.get(line.call)} ${key}`);
                                expect([line.is, row?.outcome]).not.toEqual([line.is, undefined]);
                            }
                        }
                    }
                }
                const { targets, ...counts } = summary.totals;
                expect(targets).toBe(summary.targets.length);
                expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(targets);
                expect(targets - summary.totals.unknown).toBeLessThanOrEqual(settled);
                for (const key of rows.keys()) {
                    expect(full.has(key)).toBe(true);
                }
            },
        ),
        { numRuns: 100 },
    );
});

test("lines are bounded and whole, files are this user's alone, and what only looks or writes down is in it", async () => {
    const { world, reports, engine } = reportingWorld(3);
    const { control } = world.emulator;
    const program = { later: deletion(ids(450), { when: "destroy" }) };
    await world.run(async () => {
        await control.seed({ objects: [servers(ids(450))] });
        await engine.up(program);
    });
    const [file = ""] = filesIn(reports);
    expect(statSync(join(reports, file)).mode & 0o777).toBe(0o600);
    expect((await readReports(reports)).summary).toMatchObject({ totals: { targets: 0 }, hooks: [{ hook: "create" }] });
    await world.run(() => engine.destroy());
    const { summary } = await readReports(reports);
    expect(summary.totals).toMatchObject({ targets: 450, deleted: 450 });
    for (const name of filesIn(reports)) {
        const longest = Math.max(
            ...readFileSync(join(reports, name), "utf8")
                .split("\n")
                .map(({ length }) => length),
        );
        expect(longest).toBeLessThan(10_000);
        expect(linesOf(join(reports, name))[0]).toMatchObject({ is: "process", version: 1 });
    }
});

test("a rule: what it matches is counted at up and refresh, and each that it matches at destroy is a row", async () => {
    const { world, reports, engine } = reportingWorld(5);
    const { control } = world.emulator;
    const rule = { matching: { names: ["web-500?"], except: ["web-5003"] }, maxItems: 50 };
    const program = {
        rest: { __resource: SERVERS, recursive: false, when: "destroy", ...rule },
        one: deletion(["5999"]),
    };
    await world.run(async () => {
        await control.seed({ objects: [servers(ids(40)), servers(["5999"])] });
        await engine.up(program);
        await engine.refresh();
    });
    const counted = async () => (await readReports(reports)).summary.hooks.filter(({ counts }) => counts !== undefined);
    expect((await counted()).map(({ resource, hook, counts }) => [resource, hook, counts])).toEqual([
        ["rest", "create", { matching: 9, kept: 0, listed: expect.any(Number) }],
        ["rest", "read", { matching: 9, kept: 0, listed: 40 }],
        ["one", "read", { targets: 1, there: 0, notSeen: 0 }],
    ]);
    await world.run(() => engine.destroy());
    const { summary } = await readReports(reports);
    const rows = summary.targets.filter(({ resource }) => resource === "rest");
    expect(rows.map(({ id, outcome }) => [id, outcome]).sort()).toEqual(
        ids(10)
            .filter((id) => id !== "5003")
            .map((id) => [id, "deleted"]),
    );
    expect(asText(summary, { colours: false })).toContain("rest, read: matching 9, kept 0, listed 40\n");
});

test("a line that says what is submitted is in the file before anything else runs, or nothing is sent", () => {
    const directory = newDirectory();
    const clock = new VirtualClock();
    let isFull = false;
    const write = (to: number, bytes: Uint8Array) => {
        if (isFull) {
            throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        }
        return writeSync(to, bytes);
    };
    const file = new ReportFile({ directory, clock, version: "0.0.0", write });
    const record = recordCall(file, clock, { hook: "create", urn: "urn::one", resource: SERVERS }, (text) => text);
    record.onEvent({ is: "submitting", keys: ["1", "2"], operation: "Delete" });
    const [name = ""] = filesIn(directory);
    expect(linesOf(join(directory, name)).at(-1)).toMatchObject({ is: "submitting", keys: ["1", "2"] });
    isFull = true;
    expect(() => record.onEvent({ is: "submitting", keys: ["3"], operation: "Delete" })).toThrow("ENOSPC");
    isFull = false;
    // What follows a write that failed would be the rest of a torn line.
    expect(() => record.onEvent({ is: "submitting", keys: ["4"], operation: "Delete" })).toThrow("ENOSPC");
    expect(linesOf(join(directory, name))).toHaveLength(3);
    expect(record.failure?.message).toContain("nothing is sent without it");
});

test("a disk that is full in the middle of a run: nothing more is sent, what was sent is unknown in the report, a warning says so", async () => {
    let left = 14_000;
    const { world, reports, engine } = reportingWorld(6, {
        writeReport: (file, bytes) => {
            const taken = bytes.subarray(0, left);
            left -= taken.length;
            return writeSync(file, taken);
        },
    });
    const { control } = world.emulator;
    const { is, log } = await world.run(async () => {
        await control.seed({
            objects: [servers(ids(400))],
            throttles: [{ service: "workspaceapp", limit: 3, windowSeconds: 2 }],
        });
        const up = await engine.up({ one: deletion(ids(400)) });
        return { is: up.is, log: await control.auditLog() };
    });
    expect(is).toBe("failed");
    const { summary, problems } = await readReports(reports);
    expect(problems).toEqual([]);
    const submitted = log.submissions.flatMap((submission) => submission.ids);
    expect(submitted.length).toBeGreaterThan(0);
    expect(submitted.length).toBeLessThan(400);
    const rows = new Map(summary.targets.map((row) => [row.id, row]));
    for (const id of submitted) {
        expect(rows.get(id)?.outcome).toBe("unknown");
    }
    expect(world.notes.join("\n")).toMatch(
        /the report is not complete: HUAWEICLOUD_BATCH_REPORT: .* \(no space is left\)/,
    );
});

test("a directory that can't be written stops the hook before anything is sent, and says which", async () => {
    const file = join(newDirectory(), "a-file");
    writeFileSync(file, "");
    const { world, engine } = reportingWorld(4, { reports: join(file, "reports") });
    const { hooks, is } = await world.run(() => engine.up({ one: deletion(ids(3)) }));
    expect(is).toBe("failed");
    expect(hooks[0]?.result).toMatchObject({
        message: expect.stringMatching(/^HUAWEICLOUD_BATCH_REPORT: .* \/.*\/a-file\/reports \(ENOTDIR\)/),
    });
    expect(world.network.log).toEqual([]);
});
