import { spawnSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { alive, clouddc, type Deletion, declared, workspaceapp } from "./deletions";
import { again } from "./interruptions";
import { programOf } from "./programs";
import { checkout, Stack } from "./stack";
import { Tenant } from "./tenant";

const up = ["up", "--yes", "--skip-preview"];
/** Relative: it counts from the folder of Pulumi.yaml, wherever the command is run. */
const REPORTS = "reports";

const summarySchema = z.object({
    totals: z.record(z.string(), z.number()),
    hooks: z.array(z.object({ resource: z.string(), hook: z.string(), endedAt: z.string().optional() })),
    targets: z.array(
        z.object({
            resource: z.string(),
            kind: z.string(),
            id: z.string(),
            name: z.string().optional(),
            outcome: z.string(),
            code: z.string().optional(),
            job: z.string().optional(),
            submittedAt: z.string().optional(),
            attempts: z.number(),
        }),
    ),
});

function report(stack: Stack, ...options: string[]) {
    const directory = join(stack.directory, "program", REPORTS);
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join(checkout, "dist/cli.js"), "report", directory, ...options],
        { encoding: "utf8", env: {} },
    );
    return { status, stdout, stderr };
}

function summary(stack: Stack) {
    const { status, stdout, stderr } = report(stack, "--json");
    expect([status, stderr]).toEqual([0, ""]);
    return summarySchema.parse(JSON.parse(stdout));
}

async function killedInTheMiddle(deletion: Deletion, who: "provider" | "CLI") {
    const AWhile = { kind: "uniform", minMs: 1_000, maxMs: 60_000 } as const;
    const tenant = await Tenant.open({
        seed: {
            throttles: [{ service: deletion.service, operation: deletion.operation, limit: 2, windowSeconds: 1 }],
            durations: {
                workspaceapp: { "delete-image-server": AWhile },
                clouddc: { "delete-instance": AWhile },
            },
        },
    });
    const ids = await tenant.add(deletion.service, deletion.kind, 10 * deletion.perRequest, deletion.template);
    const halves = [ids.slice(0, ids.length / 2), ids.slice(ids.length / 2)];
    const stack = await Stack.create({
        program: programOf(...halves.map((half, n) => declared(deletion, "create", half, { name: `half-${n}` }))),
        env: { ...tenant.env, HUAWEICLOUD_BATCH_REPORT: REPORTS },
    });
    const run = stack.start(...up);
    while ((await tenant.submissions()).filter(({ accepted }) => accepted).length < 4) {
        await sleep(10);
    }
    if (who === "CLI") {
        run.kill();
    } else {
        for (const pid of await stack.providers()) {
            process.kill(pid, "SIGKILL");
        }
    }
    await run.ended;
    while ((await stack.providers()).length > 0) {
        await sleep(50);
    }
    return { tenant, stack, ids };
}

describe.each([
    { deletion: clouddc, who: "provider" as const },
    { deletion: workspaceapp, who: "CLI" as const },
])("$deletion.service: kill -9 of the $who in the middle of a throttled run, then report", ({ deletion, who }) => {
    test("what it calls deleted is deleted, what was submitted is in it, nothing is missing; a second run settles it", async () => {
        const { tenant, stack, ids } = await killedInTheMiddle(deletion, who);
        const killed = summary(stack);
        const left = await alive(tenant, deletion);
        const rows = new Map(killed.targets.map((row) => [row.id, row]));
        expect([...rows.keys()].sort()).toEqual([...ids].sort());
        const submitted = (await tenant.submissions()).flatMap((submission) => submission.ids);
        expect(submitted.length).toBeGreaterThan(0);
        for (const id of submitted) {
            expect(rows.get(id)?.submittedAt).toEqual(expect.any(String));
        }
        const jobs = new Map(
            (await tenant.submissions()).flatMap(({ ids: those, job }) => those.map((id) => [id, job])),
        );
        for (const { id, outcome, submittedAt, code, job, name } of killed.targets) {
            if (outcome === "deleted") {
                expect(left).not.toContain(id);
            } else {
                expect([outcome, code]).toEqual([
                    "unknown",
                    submittedAt === undefined ? "NotSubmitted" : "Interrupted",
                ]);
            }
            expect(job ?? jobs.get(id) ?? "").toBe(jobs.get(id) ?? "");
            expect(name).toEqual(expect.stringMatching(/^(server|instance)-/));
        }
        expect(killed.totals.unknown).toBeGreaterThan(0);
        await again(stack, up);
        const settled = summary(stack);
        expect(settled.totals).toMatchObject({ targets: ids.length, unknown: 0, failed: 0 });
        expect(await alive(tenant, deletion)).toEqual([]);
        const { status, stdout } = report(stack, "--junit");
        expect([status, stdout.match(/<testcase /g)?.length]).toEqual([0, ids.length]);
    });
});

test("a preview writes nothing; an up, a refresh and a destroy do, with the debug log in the engine's own", async () => {
    const tenant = await Tenant.open();
    const [now = "", later = ""] = await tenant.add("clouddc", "instances", 2, clouddc.template);
    const stack = await Stack.create({
        program: programOf(
            declared(clouddc, "create", [now], { name: "now" }),
            declared(clouddc, "destroy", [later], { name: "later" }),
        ),
        env: { ...tenant.env, HUAWEICLOUD_BATCH_REPORT: REPORTS, HUAWEICLOUD_BATCH_LOG: "debug" },
    });
    await stack.must("preview");
    await expect(readdir(join(stack.directory, "program", REPORTS))).rejects.toThrow("ENOENT");
    expect(report(stack)).toMatchObject({ status: 1, stdout: "" });

    const upped = await stack.must(...up);
    expect(upped.output).toMatch(
        new RegExp(`debug: clouddc DeleteInstances: 202 in \\d+ ms, attempt 1, request \\w+, targets ${now}\n`),
    );
    expect(summary(stack).targets).toMatchObject([{ resource: "now", kind: "instance", id: now, outcome: "deleted" }]);
    await stack.must("preview", "--expect-no-changes");
    await stack.refresh();
    await stack.must("destroy", "--yes", "--skip-preview");
    const all = summary(stack);
    expect(all.hooks.map(({ resource, hook }) => `${hook} ${resource}`).sort()).toEqual(
        ["create later", "create now", "delete later", "delete now", "read later", "read now"].sort(),
    );
    expect(all.totals).toMatchObject({ targets: 2, deleted: 2 });
    const { stdout } = report(stack);
    expect(stdout).toMatch(/^2 targets: 2 deleted \(/);
    expect(
        stdout
            .trimEnd()
            .split("\n")
            .slice(-2)
            .every((row) => row.startsWith("deleted ")),
    ).toBe(true);
});

test("a report that can't be written stops up before anything is sent", async () => {
    const tenant = await Tenant.open();
    const [id = ""] = await tenant.add("clouddc", "instances", 1);
    const stack = await Stack.create({
        program: programOf(declared(clouddc, "create", [id], { name: "now" })),
        env: { ...tenant.env, HUAWEICLOUD_BATCH_REPORT: "index.js/reports" },
    });
    const { code, output } = await stack.up();
    expect(code).not.toBe(0);
    expect(output).toContain("HUAWEICLOUD_BATCH_REPORT: the report can't be written to /");
    expect(output).toContain("/program/index.js/reports (ENOTDIR)");
    expect(await tenant.submissions()).toEqual([]);
});
