import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { approvedEntryOf, approvedFileText } from "../../src/provider/guards/approved-list";
import { readStoredState } from "../../src/provider/state";
import { definitionOf, services } from "../../src/services/registry";
import { addTargets, alive, clouddc, type Deletion, declared, workspaceapp } from "./deletions";
import { programOf } from "./programs";
import { EVENT_LOG, lastLine, rowOf, withEventLog } from "./rows";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** What a reviewer decided binds a destroy, and an up, on the real engine: two services in one stack. */

async function writeFileOf(stack: Stack, path: string, text: string): Promise<void> {
    const file = join(stack.directory, "program", path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text);
}

/** The ids in all requests that change something, accepted or not. */
async function sent(tenant: Tenant): Promise<readonly string[]> {
    return (await tenant.submissions()).flatMap(({ ids }) => ids).sort();
}

async function setUp(when: "create" | "destroy") {
    const tenant = await Tenant.open();
    const instances = await addTargets(tenant, clouddc, 3);
    const servers = await addTargets(tenant, workspaceapp, 3);
    const program = programOf(declared(clouddc, when, instances), declared(workspaceapp, when, servers));
    return { tenant, instances, servers, program };
}

/** The name that the cloud shows of a target. */
async function nameOf(tenant: Tenant, { service, kind }: Deletion, id: string | undefined): Promise<string> {
    const objects = await tenant.control.objects(service, kind);
    return String(objects.find(({ object }) => object.id === id)?.object.name);
}

test("keep list: what it holds survives destroy by name, with file and stack configuration of the last up; the rest goes", async () => {
    const { tenant, instances, servers, program } = await setUp("destroy");
    const [keptInstance = "", ...otherInstances] = instances;
    const [keptServer = ""] = servers;
    const env = { ...tenant.env, ...withEventLog, HUAWEICLOUD_BATCH_KEEP: "guards/keep.txt" };
    const stack = await Stack.create({
        program,
        env,
        config: { "huaweicloud-batch:keep": await nameOf(tenant, workspaceapp, keptServer) },
    });
    await writeFileOf(stack, "guards/keep.txt", `\ufeff# the ledger\r\n\r\n${keptInstance}\r\n`);
    await stack.must("up", "--yes", "--skip-preview");
    // The rule is out of the configuration, and destroy still sees that of the last up.
    await stack.must("config", "rm", "huaweicloud-batch:keep");

    const refused = await stack.destroy("--parallel", "2", EVENT_LOG);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(
        `1 instance failed: Kept the keep list ${join(stack.directory, "program/guards/keep.txt")} has its id: ${keptInstance}`,
    );
    expect(refused.output).toMatch(/Kept: for what is not to stay, take its rule out of the keep list/);
    const row = lastLine(await rowOf(stack, "clouddc-targets"));
    expect(row).toContain("keep list: 2 rules (1 from the stack configuration of the last up)");
    // The other one may not have begun when this one failed.
    await stack.destroy();
    expect(await alive(tenant, clouddc)).toEqual([keptInstance]);
    expect(await alive(tenant, workspaceapp)).toEqual([keptServer]);
    expect(await sent(tenant)).toEqual([...otherInstances, ...servers.slice(1)].sort());
    expect(await stack.resources()).toHaveLength(2);

    // As the message says.
    await writeFileOf(stack, "guards/keep.txt", "# nothing of this stack\nnone-of-it-*\n");
    const second = await stack.destroy("--parallel", "2");
    expect(second.code).not.toBe(0);
    expect(second.output).toContain(
        `Kept stack configuration huaweicloud-batch:keep keeps what is named "${await nameOf(tenant, workspaceapp, keptServer)}": ${keptServer}`,
    );
    await stack.must("destroy", "--yes", "--skip-preview", "--run-program");
    expect([await alive(tenant, clouddc), await alive(tenant, workspaceapp)]).toEqual([[], []]);
});

test("approved list: what is not on it survives destroy, which fails naming it and keeps the state; with a new list the next destroy ends well", async () => {
    const { tenant, instances, servers, program } = await setUp("destroy");
    const [unreviewed = "", ...reviewed] = instances;
    const stack = await Stack.create({ program, env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");

    await writeFileOf(stack, "approved.txt", `# Wednesday\n${[...reviewed, ...servers].join("\n")}\n`);
    stack.setEnv({ ...tenant.env, HUAWEICLOUD_BATCH_APPROVED: "approved.txt" });
    const refused = await stack.destroy("--parallel", "2");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(
        `1 instance failed: NotApproved the approved list ${join(stack.directory, "program/approved.txt")} does not have it: ${unreviewed}`,
    );
    expect(await alive(tenant, clouddc)).toEqual([unreviewed]);
    expect(await sent(tenant)).not.toContain(unreviewed);
    const kept = await stack.resource("clouddc-targets");

    // A new list, as plan writes it.
    const definition = definitionOf("clouddc:InstanceBatchDeletion", services);
    if (definition === undefined) {
        throw new Error("no such resource");
    }
    const { place } = readStoredState(kept.outputs);
    const acting = { definition, place, properties: kept.outputs };
    const text = approvedFileText(instances.map((id) => approvedEntryOf(acting, id)));
    await writeFileOf(stack, "approved.txt", text.replaceAll(place.projectId, "another"));
    const elsewhere = await stack.destroy();
    expect(elsewhere.output).toContain("has nothing for this place: it is for region cn-north-4, project another");
    expect(await alive(tenant, clouddc)).toEqual([unreviewed]);

    await writeFileOf(stack, "approved.txt", text);
    await stack.must("destroy", "--yes", "--skip-preview");
    expect([await alive(tenant, clouddc), await alive(tenant, workspaceapp)]).toEqual([[], []]);
    expect(await stack.resources()).toEqual([]);
});

test("when: create: up keeps and asks for approval as well, and the next up goes on", async () => {
    const { tenant, instances, servers, program } = await setUp("create");
    const stack = await Stack.create({
        program,
        env: {
            ...tenant.env,
            HUAWEICLOUD_BATCH_KEEP: "keep.txt",
            HUAWEICLOUD_BATCH_APPROVED: "approved.txt",
        },
    });
    await writeFileOf(stack, "keep.txt", await nameOf(tenant, clouddc, instances[0]));
    await writeFileOf(stack, "approved.txt", [...instances, ...servers.slice(1)].join("\n"));
    const refused = await stack.up("--parallel", "2");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(`CloudDC instances: 2 of 3 deleted, 0 already gone, 1 failed`);
    expect(refused.output).toContain(`Workspace APP image servers: 2 of 3 deleted, 0 already gone, 1 failed`);
    expect(await alive(tenant, clouddc)).toEqual(instances.slice(0, 1));
    expect(await alive(tenant, workspaceapp)).toEqual(servers.slice(0, 1));
    expect((await stack.resource("clouddc-targets")).outputs).toMatchObject({ remaining: 1, open: [instances[0]] });

    await writeFileOf(stack, "keep.txt", "none-of-it");
    await writeFileOf(stack, "approved.txt", [...instances, ...servers].join("\n"));
    await stack.must("up", "--yes", "--skip-preview");
    expect([await alive(tenant, clouddc), await alive(tenant, workspaceapp)]).toEqual([[], []]);
});

test("a list that is named and can't be used stops up and destroy before the first request", async () => {
    const { tenant, program } = await setUp("destroy");
    const stack = await Stack.create({ program, env: { ...tenant.env, HUAWEICLOUD_BATCH_KEEP: "kept.txt" } });
    const path = join(stack.directory, "program/kept.txt");
    const refused = await stack.up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(`HUAWEICLOUD_BATCH_KEEP: ${path} can't be read (ENOENT: there is no such file)`);
    expect(refused.output).not.toMatch(/^\s+at /m);
    expect(await tenant.requests()).toEqual([]);

    stack.setEnv(tenant.env);
    await stack.must("up", "--yes", "--skip-preview");
    const before = (await tenant.requests()).length;
    for (const approved of ["", "none.json"]) {
        stack.setEnv({ ...tenant.env, HUAWEICLOUD_BATCH_APPROVED: approved });
        const ended = await stack.destroy();
        expect(ended.code).not.toBe(0);
        expect(ended.output).toContain("HUAWEICLOUD_BATCH_APPROVED");
    }
    expect(await tenant.requests()).toHaveLength(before);
});

test("ids that the program marks as secret are refused by their place in the list", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, clouddc, 3);
    const stack = await Stack.create({
        program: `const cloud = require("pulumi-huaweicloud-batch");
const pulumi = require("@pulumi/pulumi");
new cloud.clouddc.InstanceBatchDeletion("quiet", { when: "destroy", instanceIds: pulumi.secret(${JSON.stringify(ids)}) });
`,
        env: { ...tenant.env, HUAWEICLOUD_BATCH_KEEP: "keep.txt" },
    });
    await writeFileOf(stack, "keep.txt", `${ids[1]}\n`);
    await stack.must("up", "--yes", "--skip-preview");
    const refused = await stack.destroy();
    expect(refused.output).toMatch(/1 instance failed: Kept the keep list .* has its id: #2 of 3/);
    for (const id of ids) {
        expect(refused.output).not.toContain(id);
    }
    expect(await alive(tenant, clouddc)).toEqual(ids.slice(1, 2));
});

test("matching: what appeared after the review survives destroy by name, what is kept is left out, and above maxItems nothing more is sent", async () => {
    const tenant = await Tenant.open();
    const instances = await addTargets(tenant, clouddc, 3);
    const servers = await addTargets(tenant, workspaceapp, 2);
    const rule = (names: string, maxItems: number) => ({ when: "destroy", matching: { names: [names] }, maxItems });
    const stack = await Stack.create({
        program: programOf(
            { type: clouddc.type, name: "instances", args: rule("instance-*", 10) },
            { type: workspaceapp.type, name: "servers", args: { ...rule("server-*", 2), recursive: false } },
        ),
        env: tenant.env,
    });
    await stack.must("up", "--yes", "--skip-preview");
    const [since = ""] = await addTargets(tenant, clouddc, 1, { name: "instance-since" });
    const more = await addTargets(tenant, workspaceapp, 1, { name: "server-since" });
    const [kept = "", ...reviewed] = instances;
    await writeFileOf(stack, "keep.txt", `${kept}\n`);
    await writeFileOf(stack, "approved.txt", [...reviewed, ...servers, ...more].join("\n"));
    const env = { ...tenant.env, HUAWEICLOUD_BATCH_KEEP: "keep.txt" };
    stack.setEnv({ ...env, HUAWEICLOUD_BATCH_APPROVED: "approved.txt" });

    const refused = await stack.destroy("--parallel", "2");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(`does not have it: ${since}`);
    expect(refused.output).toMatch(/1 image server failed: MaxItems maxItems is 2: this run sends no more: \d+/);
    expect(await alive(tenant, clouddc)).toEqual([kept, since].sort());
    expect(await alive(tenant, workspaceapp)).toHaveLength(1);

    await writeFileOf(stack, "approved.txt", [...instances, since, ...servers, ...more].join("\n"));
    await stack.must("destroy", "--yes", "--skip-preview");
    expect([await alive(tenant, clouddc), await alive(tenant, workspaceapp)]).toEqual([[kept], []]);
    expect(await sent(tenant)).not.toContain(kept);
});
