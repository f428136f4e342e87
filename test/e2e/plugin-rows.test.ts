/** A row for each target: in previews, in runs and in reads, and never in the state. On the real engine. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
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
    expect(await alive(tenant, workspaceapp)).toEqual([...now, ...later].sort());

    const up = await stack.must("up", "--yes", "--skip-preview");
    expect(up.output).toMatch(new RegExp(`Target now/${first} refresh\\w* \\([\\d.]+s\\) submitted, job \\d+`));
    expect(up.output).toMatch(new RegExp(`Target now/${first} refresh\\w* \\([\\d.]+s\\) deleted`));
    expect(up.output).toMatch(/Target now\/not-there refresh\w* \([\d.]+s\) already gone/);

    const destroy = await stack.must("destroy", "--preview-only");
    expect(destroy.output).toMatch(/Target later\/\d+ refresh\w* later-0 \(ACTIVE\): delete/);
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
