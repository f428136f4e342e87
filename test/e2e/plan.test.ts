import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { addTargets, alive, declared, deletions, workspaceapp } from "./deletions";
import { programOf } from "./programs";
import { blocksOf } from "./shell";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** `plan` on the states of real stacks: what it says is what destroy then does. */

test("plan, approve, destroy: what appears since lives, destroy names it and keeps the state, and a new plan lets it go", async () => {
    const tenant = await Tenant.open({ speed: 100 });
    const ids = await addTargets(tenant, workspaceapp, 10);
    const later = "59999999999999999999";
    const program = programOf(declared(workspaceapp, "destroy", [...ids, later], { onMissing: "ignore" }));
    const stack = await Stack.create({ program, env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    const reviewed = await stack.command("plan", "--out", "approved.json");
    expect(reviewed).toMatchObject({ code: 2, stderr: "" });
    expect(reviewed.stdout).toContain("Total: 10 to delete, 1 gone already");

    await tenant.addOne("workspaceapp", "imageServers", { id: later, name: "eleventh" });
    stack.setEnv({ ...tenant.env, HUAWEICLOUD_BATCH_APPROVED: "approved.json" });
    const bound = await stack.command("plan");
    expect(bound.code).toBe(2);
    expect(bound.stdout).toMatch(
        new RegExp(`${later} +eleventh .*not approved: the approved list .* does not have it`),
    );
    const destroyed = await stack.destroy();
    expect(destroyed.code).not.toBe(0);
    expect(destroyed.output).toMatch(new RegExp(`NotApproved[^\\n]*${later}`));
    expect(await alive(tenant, workspaceapp)).toEqual([later]);
    expect(await stack.resources()).toHaveLength(1);

    expect(await stack.command("plan", "--out", "approved.json")).toMatchObject({ code: 2 });
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, workspaceapp)).toEqual([]);
    expect(await stack.command("plan")).toMatchObject({ code: 0, stderr: "" });
});

test("every service, for destroy and for up, as text, JSON and Markdown; a file instead of a stack; reads only", async () => {
    const tenant = await Tenant.open({ speed: 100 });
    const sets = [];
    for (const deletion of deletions) {
        sets.push({ deletion, ids: await addTargets(tenant, deletion, 3) });
    }
    const program = programOf(...sets.map(({ deletion, ids }) => declared(deletion, "destroy", ids)));
    const stack = await Stack.create({ program, env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    const text = await stack.command("plan", "--stack", "dev");
    expect(text).toMatchObject({ code: 2, stderr: "" });
    const json = JSON.parse((await stack.command("plan", "--json")).stdout);
    expect(json.totals.due).toBe(15);
    const markdown = (await stack.command("plan", "--markdown")).stdout;
    for (const id of sets.flatMap(({ ids }) => ids)) {
        expect(text.stdout).toContain(id);
        expect(JSON.stringify(json.resources)).toContain(id);
        expect(markdown).toContain(id);
    }
    expect(await stack.command("plan", "--for", "up")).toMatchObject({ code: 0 });
    await stack.must("stack", "export", "--file", "state.json");
    const fromFile = await stack.command("plan", "--file", "state.json");
    const withoutAges = (said: string) => said.replace(/ +(\d+s +)?(?=delete$)/gm, " ");
    expect([fromFile.code, withoutAges(fromFile.stdout)]).toEqual([2, withoutAges(text.stdout)]);
    expect(await tenant.submissions()).toEqual([]);
});

test("plan prints what the README shows", async () => {
    const tenant = await Tenant.open({ speed: 1 });
    const create_time = new Date(Date.now() - 3.5 * 24 * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
    const objects = [
        { id: "50000000000000000001", name: "web-1", status: "ACTIVE", create_time },
        { id: "50000000000000000002", name: "web-2", status: "BUILT", create_time },
        { id: "50000000000000000003", name: "web-3", status: "CREATING", create_time },
        { id: "50000000000000000004", name: "golden", status: "ACTIVE", create_time },
    ];
    await tenant.control.seed({ objects: [{ service: "workspaceapp", kind: "imageServers", objects }] });
    const ids = [...objects.map(({ id }) => id), "50000000000000000005"];
    const program = programOf(declared(workspaceapp, "destroy", ids, { name: "leftovers" }));
    const stack = await Stack.create({ program, env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    await stack.writeProgram("keep.txt", "golden\n");
    stack.setEnv({ ...tenant.env, HUAWEICLOUD_BATCH_KEEP: "keep.txt" });
    const { stdout, code } = await stack.command("plan", "--out", "approved.json");
    const shown = stdout.replaceAll(stack.directory, "/work").replaceAll("/work/program/", "/work/");
    expect(code).toBe(2);
    expect(blocksOf("README.md", "console")).toContainEqual(
        `$ npx --no -- pulumi-huaweicloud-batch plan --out approved.json\n${shown}`,
    );
    const approved = JSON.parse(await readFile(join(stack.directory, "program/approved.json"), "utf8"));
    expect(approved.approved.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 3));
});

test("a rule: the criteria as they were understood, what matches today, what appears since is not approved", async () => {
    const tenant = await Tenant.open({ speed: 100 });
    await tenant.add("workspaceapp", "imageServers", 3, { name: "tmp-{n}" });
    await tenant.add("workspaceapp", "imageServers", 2, { name: "web-{n}" });
    const args = { when: "destroy", recursive: false, maxItems: 10, matching: { names: ["tmp-*"], except: ["tmp-0"] } };
    const program = programOf({ type: workspaceapp.type, name: "leftovers", args });
    const stack = await Stack.create({ program, env: tenant.env });
    const preview = await stack.must("preview");
    expect(preview.stdout).toContain(
        "destroy would delete 2 image servers in cn-north-4 (region from HW_REGION_NAME): tmp-1 (ACTIVE), tmp-2 (ACTIVE)",
    );
    await stack.must("up", "--yes", "--skip-preview");
    const reviewed = await stack.command("plan", "--out", "approved.json");
    expect(reviewed.code).toBe(2);
    expect(reviewed.stdout).toContain("matching names tmp-*; except tmp-0: 2 of 5 listed");
    expect(reviewed.stdout).toContain("Total: 2 to delete");

    await tenant.add("workspaceapp", "imageServers", 1, { name: "tmp-late" });
    stack.setEnv({ ...tenant.env, HUAWEICLOUD_BATCH_APPROVED: "approved.json" });
    expect((await stack.command("plan")).stdout).toContain("Total: 2 to delete, 1 not approved");
    const destroyed = await stack.destroy();
    expect(destroyed.code).not.toBe(0);
    expect(destroyed.output).toContain("NotApproved");
    const left = (await tenant.control.objects("workspaceapp", "imageServers")).map(({ object }) => object.name);
    expect(left.sort()).toEqual(["tmp-0", "tmp-late", "web-0", "web-1"]);
    expect(await stack.command("plan", "--out", "approved.json")).toMatchObject({ code: 2 });
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await tenant.ids("workspaceapp", "imageServers")).toHaveLength(3);
});

test("what it can't tell ends with 1 and one line: no credentials, no state, secret ids", async () => {
    const tenant = await Tenant.open({ speed: 100 });
    const ids = await addTargets(tenant, workspaceapp, 2);
    const program = `
        const cloud = require("pulumi-huaweicloud-batch");
        const pulumi = require("@pulumi/pulumi");
        new cloud.workspaceapp.ImageServerBatchDeletion("hidden", {
            imageServerIds: pulumi.secret(${JSON.stringify(ids)}), recursive: false, when: "destroy",
        });`;
    const stack = await Stack.create({ program, env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    const sealed = await stack.command("plan");
    expect(sealed.code).toBe(1);
    expect(sealed.stdout).toContain("imageServerIds");
    expect(sealed.stdout).toContain("give --show-secrets");
    const shown = await stack.command("plan", "--show-secrets");
    expect(shown.code).toBe(2);
    expect(shown.stdout).toContain("#1 of 2");
    const refused = await stack.command("plan", "--show-secrets", "--out", "approved.json");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("--out: the ids of hidden are secret") });
    await expect(readFile(join(stack.directory, "program/approved.json"))).rejects.toThrow("ENOENT");
    for (const { output } of [sealed, shown, refused]) {
        expect(ids.filter((id) => output.includes(id))).toEqual([]);
    }
    const { HW_ACCESS_KEY: _, HW_SECRET_KEY: __, ...without } = tenant.env;
    stack.setEnv(without);
    expect(await stack.command("plan", "--show-secrets")).toMatchObject({
        code: 1,
        stdout: expect.stringContaining("could not be looked at: CredentialsMissing"),
    });
    const line = /^pulumi-huaweicloud-batch: [^\n]+\n$/;
    for (const args of [
        ["--stack", "other"],
        ["--file", "none.json"],
        ["--for", "refresh"],
        ["--file", "index.js"],
    ]) {
        const ended = await stack.command("plan", ...args);
        expect([args, ended.code, ended.stdout]).toEqual([args, 1, ""]);
        expect(ended.stderr).toMatch(line);
    }
});
