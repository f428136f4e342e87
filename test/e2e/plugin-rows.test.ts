/** A row for each target: in previews, in runs and in reads, and never in the state. On the real engine. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Seed } from "../../emulator/src";
import { addTargets, alive, declared, workspaceapp } from "./deletions";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

const stepsSchema = z.object({
    steps: z.array(
        z.object({
            op: z.string(),
            urn: z.string(),
            newState: z.object({ outputs: z.record(z.string(), z.unknown()).default({}) }).optional(),
        }),
    ),
});

/** What `--output json` prints. */
const resultSchema = z.object({ resources: z.array(z.object({ urn: z.string(), op: z.string() })) });

const savedSchema = z.object({
    deployment: z.object({ resources: z.array(z.unknown()), pending_operations: z.array(z.unknown()).default([]) }),
});

/** What the state holds, without what differs from run to run: random ids, times, and jobs. */
async function savedBy(stack: Stack): Promise<z.infer<typeof savedSchema>["deployment"]> {
    const differs = ["id", "provider", "created", "modified", "jobs", "initErrors"];
    const same = (name: string, value: unknown) => (differs.includes(name) ? undefined : value);
    return savedSchema.parse(JSON.parse(await stack.exportText(), same)).deployment;
}

/** As an engine writes a row that it saves. */
function withSavedRow(exported: string, owner: string): string {
    const state = JSON.parse(exported);
    const { resources } = z.object({ resources: z.array(z.object({ urn: z.string() })) }).parse(state.deployment);
    const viewOf = resources.find(({ urn }) => urn.endsWith(`::${owner}`))?.urn ?? "";
    const type = "huaweicloud-batch:workspaceapp:Target";
    const urn = `${viewOf.slice(0, viewOf.lastIndexOf("::"))}$${type}::${owner}/saved`;
    state.deployment.resources.push({ urn, type, custom: false, parent: viewOf, viewOf, outputs: { id: "saved" } });
    return JSON.stringify(state);
}

const isRow = ({ urn }: { readonly urn: string }) => urn.includes(":Target::");

test("preview names each target, up says what became of it, destroy's preview what is there; the state holds no row", async () => {
    const tenant = await Tenant.open();
    const now = await addTargets(tenant, workspaceapp, 2, { name: "now-{n}" });
    const later = await addTargets(tenant, workspaceapp, 2, { name: "later-{n}" });
    const [first = ""] = now;
    const stack = await Stack.create({
        program: programOf(
            declared(workspaceapp, "create", [...now, "not-there"], { name: "now" }),
            declared(workspaceapp, "destroy", later, { name: "later" }),
        ),
        env: tenant.env,
        face: "plugin",
    });
    const preview = await stack.must("preview");
    for (const name of ["now-0", "now-1"]) {
        expect(preview.output).toMatch(
            new RegExp(`workspaceapp:Target now/\\d+ refresh\\w* ${name} \\(ACTIVE\\): delete`),
        );
    }
    expect(preview.output).toMatch(/Target now\/not-there refresh\w* gone already/);
    expect(preview.output).toMatch(/Target later\/\d+ refresh\w* later-0 \(ACTIVE\): delete/);
    const { steps } = stepsSchema.parse(JSON.parse((await stack.must("preview", "--json")).stdout));
    const row = steps.find(({ urn }) => urn.endsWith(`workspaceapp:Target::now/${first}`));
    expect(row).toMatchObject({ op: "refresh", newState: { outputs: { id: first, state: "ACTIVE", will: "delete" } } });
    const printed = async (...args: string[]) =>
        resultSchema
            .parse(JSON.parse((await stack.must(...args, "--output", "json")).stdout))
            .resources.filter(isRow)
            .map(({ urn, op }) => `${op} ${urn.split("::").at(-1)}`);
    expect(await printed("preview")).toContain(`refresh now/${first}`);
    expect(await alive(tenant, workspaceapp)).toEqual([...now, ...later].sort());

    const up = await stack.must("up", "--yes", "--skip-preview");
    expect(up.output).toMatch(new RegExp(`Target now/${first} refresh\\w* \\([\\d.]+s\\) submitted, job \\d+`));
    expect(up.output).toMatch(new RegExp(`Target now/${first} refresh\\w* \\([\\d.]+s\\) deleted`));
    expect(up.output).toMatch(/Target now\/not-there refresh\w* \([\d.]+s\) already gone/);

    // A row is no change.
    const refresh = await stack.must("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    expect(refresh.output).toMatch(/Target later\/\d+ \w+ \([\d.]+s\) later-0 \(ACTIVE\): delete/);

    const destroy = await stack.must("destroy", "--preview-only");
    expect(destroy.output).toMatch(/Target later\/\d+ refresh\w* later-0 \(ACTIVE\): delete/);
    const rows = await printed("destroy", "--preview-only");
    expect(rows).toEqual(expect.arrayContaining(later.map((id) => `refresh later/${id}`)));
    expect(rows.filter((row) => !row.startsWith("refresh "))).toEqual([]);
    expect((await stack.resources()).map(({ urn }) => urn.split("::").at(-1)).sort()).toEqual(["later", "now"]);
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, workspaceapp)).toEqual([]);
});

test("a declared target that is to be kept fails the preview; beyond the cap there is one row for the others", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 5, { name: "web-{n}" });
    const stack = await Stack.create({
        program: programOf(declared(workspaceapp, "create", ids, { name: "servers" })),
        env: { ...tenant.env, HUAWEICLOUD_BATCH_ROWS: "3" },
        face: "plugin",
    });
    const capped = await stack.must("preview");
    expect(capped.output).toMatch(/Target servers\/and 2 more/);
    expect(new Set(capped.output.match(/Target servers\/\d+/g)).size).toBe(3);

    const keep = join(stack.directory, "program/keep.txt");
    await writeFile(keep, "web-4\n");
    stack.setEnv({ ...tenant.env, HUAWEICLOUD_BATCH_ROWS: "3", HUAWEICLOUD_BATCH_KEEP: "keep.txt" });
    const gated = await stack.run("preview");
    expect(gated.code).not.toBe(0);
    expect(gated.output).toMatch(/kept: .*keep\.txt/);
    expect(await alive(tenant, workspaceapp)).toEqual(ids);
});

test("500 targets: 200 rows and one for the others, those that fail among them; the state is that of a run without rows", async () => {
    const ids = Array.from({ length: 500 }, (_, n) => `5000000000000${String(n).padStart(7, "0")}`);
    const fails = ids.slice(-3);
    const seed: Seed = {
        objects: [{ service: "workspaceapp", kind: "imageServers", objects: ids.map((id) => ({ id })) }],
        outcomes: [
            {
                service: "workspaceapp",
                process: "delete-image-server",
                ids: fails,
                outcome: "fail",
                code: "WKS.1",
                message: "no",
            },
        ],
    };
    const program = programOf(declared(workspaceapp, "create", ids, { name: "servers" }));
    const states = [];
    for (const rows of ["200", "0"]) {
        const tenant = await Tenant.open({ seed, speed: 500 });
        const env = { ...tenant.env, HUAWEICLOUD_BATCH_ROWS: rows };
        const stack = await Stack.create({ program, env, face: "plugin" });
        const { steps } = stepsSchema.parse(JSON.parse((await stack.must("preview", "--json")).stdout));
        const names = steps.filter(isRow).map(({ urn }) => urn.split("::").at(-1));
        expect(names).toHaveLength(rows === "0" ? 0 : 201);
        const up = await stack.run("up", "--yes", "--skip-preview");
        expect(up.code).not.toBe(0);
        if (rows !== "0") {
            expect(names.at(-1)).toBe("servers/and 300 more");
            for (const id of fails) {
                expect(up.output).toMatch(new RegExp(`Target servers/${id} refresh\\w* .*failed: WKS\\.1`));
            }
            expect(up.output).toContain("Target servers/and 397 more");
        }
        states.push(await savedBy(stack));
    }
    const [withRows, without] = states;
    expect(withRows).toEqual(without);
    expect(withRows?.resources).toHaveLength(3);
    expect(withRows?.pending_operations).toEqual([]);
});

test("at destroy no row fails: what is to be kept is the resource's own error, nothing is left pending, and no row that a state holds stays", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 3, { name: "web-{n}" });
    const program = programOf(declared(workspaceapp, "destroy", ids, { name: "servers" }));
    const stack = await Stack.create({ program, env: tenant.env, face: "plugin" });
    await stack.must("up", "--yes", "--skip-preview");
    await writeFile(join(stack.directory, "program/keep.txt"), "web-2\n");
    stack.setEnv({ ...tenant.env, HUAWEICLOUD_BATCH_KEEP: "keep.txt" });
    const preview = await stack.must("destroy", "--preview-only");
    expect(preview.output).toMatch(/Target servers\/\d+ refresh\w* web-2 \(ACTIVE\): kept: .*keep\.txt/);
    const destroy = await stack.run("destroy", "--yes", "--skip-preview");
    expect(destroy.code).not.toBe(0);
    expect(destroy.output).toMatch(/ImageServerBatchDeletion \(servers\):\s+error: .*1 failed\n.*\n.*keep\.txt/);
    expect(destroy.output).toMatch(/Target servers\/\d+ refresh\w* .*failed: .*keep\.txt/);
    expect((await savedBy(stack)).pending_operations).toEqual([]);
    expect((await stack.resources()).map(({ urn }) => urn.split("::").at(-1))).toEqual(["servers"]);
    expect(await alive(tenant, workspaceapp)).toHaveLength(1);
    stack.setEnv(tenant.env);
    await stack.importState(withSavedRow(await stack.exportText(), "servers"));
    expect(await stack.resources()).toHaveLength(2);
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await stack.resources()).toEqual([]);
});
