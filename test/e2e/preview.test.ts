import { programOf } from "./programs";
import { blocksOf } from "./shell";
import { type Ended, Stack } from "./stack";
import { Tenant } from "./tenant";

/** What `pulumi preview` shows of what would happen in the cloud. */

const MISSING = ["50000000000000000001", "50000000000000000002", "50000000000000000003"];
const PROJECT = "0123456789abcdef0123456789abcdef";

const deletion = (ids: readonly string[], args: object, name = "old") => ({
    type: "workspaceapp.ImageServerBatchDeletion",
    name,
    args: { imageServerIds: ids, recursive: false, ...args },
});
const servers = (ids: readonly string[], args: object) => programOf(deletion(ids, args));

/** The lines of one row in the diagnostics; "e2e-dev" is the stack's. */
function saidOf({ stdout }: Ended, resource: string): string[] {
    const [, diagnostics = ""] = stdout.split("Diagnostics:\n");
    const [all = ""] = diagnostics.split("\nResources:\n");
    const block = all.split(/\n {2}(?=\S)/).find((part) => part.includes(`(${resource}):\n`)) ?? "";
    return block
        .split("\n")
        .slice(1)
        .map((line) => line.trim())
        .filter((line) => line !== "");
}

async function thirty(tenant: Tenant): Promise<string[]> {
    const add = (count: number, status: string, name: string) =>
        tenant.add("workspaceapp", "imageServers", count, { name, status });
    const active = await add(20, "ACTIVE", "web-{n}");
    const creating = await add(5, "CREATING", "new-{n}");
    const built = await add(2, "BUILT", "golden-{n}");
    return [...active, ...creating, ...built, ...MISSING];
}

test("a preview says by name and state what would be deleted, what is gone, and what must be waited for, as the README shows it", async () => {
    const tenant = await Tenant.open({ speed: 1 });
    const ids = await thirty(tenant);
    const stack = await Stack.create({ program: servers(ids, { when: "create" }), env: tenant.env });
    const said = saidOf(await stack.must("preview"), "old");
    expect(said).toEqual([
        expect.stringMatching(/^would delete 27 image servers .* and 7 more; 3 are gone already; 5 must/),
    ]);
    expect(blocksOf("README.md", "text")).toContainEqual(`${said.join("\n")}\n`);
    expect(await tenant.submissions()).toEqual([]);
    const asked = (await tenant.requests()).map(({ operation }) => operation);
    expect([...new Set(asked)]).toEqual(["KeystoneListProjects", "ListImageServers", "ShowImageServer"]);
});

test("what an up records, changes and leaves as it is: each preview says what it knows", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const ids = await tenant.add("workspaceapp", "imageServers", 3, { name: "web-{n}" });
    const stack = await Stack.create({ program: servers(ids.slice(0, 2), { when: "destroy" }), env: tenant.env });
    expect(saidOf(await stack.must("preview"), "old")).toEqual([
        "destroy would delete 2 image servers in cn-north-4 (region from HW_REGION_NAME): web-0 (ACTIVE), web-1 (ACTIVE)",
    ]);
    await stack.must("up", "--yes");
    const unchanged = await stack.must("preview", "--expect-no-changes");
    expect(saidOf(unchanged, "old")).toEqual([
        "destroy would delete 2 image servers in cn-north-4 (region from HW_REGION_NAME): web-0 (ACTIVE), web-1 (ACTIVE)",
    ]);

    await stack.setProgram(servers(ids, { when: "destroy" }));
    expect(saidOf(await stack.must("preview"), "old").sort()).toEqual([
        "1 id is new",
        "not looked: the stored place isn't known here; see plan",
    ]);
    const placed = { when: "destroy", region: "cn-north-4", projectId: PROJECT };
    await stack.setProgram(servers(ids, placed));
    expect(saidOf(await stack.must("preview"), "old").sort()).toEqual([
        "1 id is new",
        "destroy would delete 3 image servers in cn-north-4 (region from the argument region): web-0 (ACTIVE), web-1 (ACTIVE), web-2 (ACTIVE)",
    ]);
    expect(await tenant.submissions()).toEqual([]);

    await stack.setProgram(servers(ids, { ...placed, when: "create" }));
    const up = await stack.must("up", "--yes");
    expect(up.output).toMatch(/would delete up to 3 image servers/);
    await tenant.addOne("workspaceapp", "imageServers", { id: ids[0], name: "back" });
    expect(saidOf(await stack.must("preview"), "old")).toEqual([
        expect.stringMatching(
            /^would delete nothing of 3 image servers .*; 2 are gone already; 1 is left alone: it is there again, which/,
        ),
    ]);
    await stack.must("refresh", "--yes", "--skip-preview");
    expect(saidOf(await stack.must("preview"), "old").sort()).toEqual([
        "1 came back, or is left from an earlier run",
        expect.stringMatching(/^would delete up to 1 image server .*: back \(ACTIVE\); 2 are gone already$/),
    ]);
});

test("a wrong region warns: none is there, and after the up that another one is stored", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const ids = await tenant.add("workspaceapp", "imageServers", 2, { name: "web-{n}" });
    const elsewhere = { ...tenant.env, HW_REGION_NAME: "cn-east-3" };
    const stack = await Stack.create({ program: servers(ids, { when: "create" }), env: elsewhere });
    const preview = await stack.must("preview");
    expect(saidOf(preview, "old")).toEqual([
        "would delete nothing of 2 image servers in cn-east-3 (region from HW_REGION_NAME); 2 are gone already",
        expect.stringMatching(
            /^warning: none of the 2 image servers is there, in region cn-east-3 \(HW_REGION_NAME\), project .*: gone, or the region/,
        ),
    ]);
    stack.setEnv(tenant.env);
    await stack.setProgram(servers(ids, { when: "destroy" }));
    await stack.must("up", "--yes", "--skip-preview");
    stack.setEnv(elsewhere);
    expect((await stack.must("preview")).output).toMatch(
        /warning: the stored region is cn-north-4 \(HW_REGION_NAME\), and HW_REGION_NAME now says cn-east-3/,
    );
});

test("without credentials a preview says so in one line, with a refused key in one line too, and ends well", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const program = programOf(...MISSING.map((id, n) => deletion([id], { when: "create" }, `old-${n}`)));
    const { HW_ACCESS_KEY: _, HW_SECRET_KEY: __, ...without } = tenant.env;
    const stack = await Stack.create({ program, env: without });
    const missing = saidOf(await stack.must("preview"), "e2e-dev");
    expect(missing).toEqual([
        expect.stringMatching(
            /^preview did not look at the cloud for old-0, old-1, old-2: CredentialsMissing: no credentials: /,
        ),
    ]);
    expect(await tenant.requests()).toEqual([]);
    stack.setEnv({ ...tenant.env, HW_SECRET_KEY: "wrong", HW_PROJECT_ID: PROJECT });
    const refused = saidOf(await stack.must("preview"), "e2e-dev");
    expect(refused).toEqual([expect.stringMatching(/^preview did not look at the cloud for .*: .*HTTP 401/)]);
    expect(await tenant.requests()).toHaveLength(1);
});

test("switched off, a preview asks the cloud nothing; a word that is neither on nor off is told", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const env = { ...tenant.env, HUAWEICLOUD_BATCH_PREVIEW: "off" };
    const stack = await Stack.create({ program: servers(MISSING, { when: "create" }), env });
    const off = await stack.must("preview");
    expect(saidOf(off, "old")).toEqual([]);
    stack.setEnv({ ...env, HUAWEICLOUD_BATCH_PREVIEW: "false" });
    expect((await stack.must("preview")).output).toContain(
        'HUAWEICLOUD_BATCH_PREVIEW is "false", and may be on or off',
    );
    expect(await tenant.requests()).toEqual([]);
});

test("arguments that check refuses fail the preview as ever, and nothing hangs", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const stack = await Stack.create({ program: servers(["no id"], { when: "create" }), env: tenant.env });
    const ended = await stack.preview();
    expect(ended.code).not.toBe(0);
    expect(ended.output).toMatch(/imageServerIds/);
    expect(ended.output).not.toMatch(/not looked|did not look/);
});
