import { addTargets, alive, clouddc, declared, ROMA_INSTANCE, roma, workspaceapp } from "./deletions";
import { onBothFaces } from "./faces";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

onBothFaces(
    "dropped from the program: with when: destroy the targets go, with when: create nothing does",
    async (scene) => {
        const tenant = await scene.tenant();
        const leased = await addTargets(tenant, workspaceapp, 3);
        const dropped = await addTargets(tenant, clouddc, 3);
        const old = await addTargets(tenant, roma, 2);
        const stack = await scene.stack({
            program: programOf(
                declared(workspaceapp, "destroy", leased),
                declared(clouddc, "destroy", dropped),
                declared(roma, "create", old),
            ),
            env: tenant.env,
        });
        await stack.must("up", "--yes", "--skip-preview");
        const [back = ""] = old;
        await tenant.addOne("roma", "apps", { id: back, name: "back" });

        await stack.setProgram(programOf(declared(workspaceapp, "destroy", leased)));
        await stack.must("up", "--yes", "--skip-preview");
        expect(await alive(tenant, clouddc)).toEqual([]);
        expect(await alive(tenant, roma)).toEqual([back]);
        expect(await alive(tenant, workspaceapp)).toEqual(leased);
        expect(await tenant.submitted("roma")).toHaveLength(1);
        expect(await tenant.submitted("workspaceapp")).toEqual([]);
        expect(await stack.resources()).toHaveLength(1);
    },
);

test("renamed without an alias: what the new resource holds is left alone, and said to be", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 3);
    const stack = await Stack.create({
        program: programOf(declared(workspaceapp, "destroy", ids, { name: "before" })),
        env: tenant.env,
    });
    await stack.must("up", "--yes", "--skip-preview");

    await stack.setProgram(programOf(declared(workspaceapp, "destroy", ids.slice(1), { name: "after" })));
    const { output } = await stack.must("up", "--yes", "--skip-preview");
    expect(output).toContain("2 of 3 image servers left alone");
    expect(await alive(tenant, workspaceapp)).toEqual(ids.slice(1));
    expect(await tenant.submitted("workspaceapp")).toEqual([ids.slice(0, 1)]);
    expect((await stack.resources()).map(({ urn }) => urn.split("::").at(-1))).toEqual(["after"]);

    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, workspaceapp)).toEqual([]);
});

onBothFaces("another region, another ROMA instance: replaced, and each acts only in its own", async (scene) => {
    const elsewhere = "cn-east-3";
    const tenant = await scene.tenant();
    const here = await addTargets(tenant, clouddc, 2);
    // The same ids in both regions: only the place tells them apart.
    await tenant.control.seed({
        objects: [{ service: "clouddc", kind: "instances", project: elsewhere, objects: here.map((id) => ({ id })) }],
    });
    const second = await tenant.addOne("roma", "instances", { name: "second" });
    const inFirst = await addTargets(tenant, roma, 2);
    const inSecond = await addTargets(tenant, roma, 2, { name: "second-{n}", instance_id: second });
    const program = (region: string, instanceId: string, appIds: readonly string[]) =>
        programOf(declared(clouddc, "create", here, { region }), declared(roma, "destroy", appIds, { instanceId }));
    const stack = await scene.stack({ program: program("cn-north-4", ROMA_INSTANCE, inFirst), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, clouddc, "cn-north-4")).toEqual([]);
    expect(await alive(tenant, clouddc, elsewhere)).toEqual(here);
    const { id: idBefore } = await stack.resource("clouddc-targets");

    await stack.setProgram(program(elsewhere, second, inSecond));
    const { stdout } = await stack.must("up", "--yes", "--skip-preview");
    expect(stdout).toContain("+-2 replaced");
    expect(await alive(tenant, clouddc, elsewhere)).toEqual([]);
    const { id, outputs } = await stack.resource("clouddc-targets");
    expect(id).not.toBe(idBefore);
    expect(outputs).toMatchObject({ place: { region: elsewhere }, counts: { deleted: 2 } });
    // The first instance's apps lived as long as the resource that held them; the second's still do.
    expect(await alive(tenant, roma)).toEqual(inSecond);
    expect(await tenant.submitted("clouddc")).toHaveLength(2);
    expect((await tenant.submitted("roma")).map((ids) => ids.toSorted())).toEqual([inFirst]);
});

/** A resource whose ids are known only once it is made; another `of` replaces it. */
const inventory = (of: string, ids: readonly string[]) => `
const pulumi = require("@pulumi/pulumi");
class Inventory extends pulumi.dynamic.Resource {
    constructor(name, args) {
        super({
            diff: async (id, olds, news) => ({ changes: olds.of !== news.of, replaces: olds.of !== news.of ? ["of"] : [] }),
            create: async ({ of, found }) => ({ id: of, outs: { of, found, ids: found } }),
        }, name, { ids: undefined, ...args }, undefined, "e2e", "Inventory");
    }
}
const inventory = new Inventory("inventory", { of: ${JSON.stringify(of)}, found: ${JSON.stringify(ids)} });
const { workspaceapp, clouddc } = require("pulumi-huaweicloud-batch");
`;

onBothFaces("a target list that is not known yet passes preview, and updates rather than replaces", async (scene) => {
    const tenant = await scene.tenant();
    const ids = await addTargets(tenant, workspaceapp, 4);
    const instances = await addTargets(tenant, clouddc, 2);
    const program = (of: string, found: readonly string[]) => `${inventory(of, found)}
new workspaceapp.ImageServerBatchDeletion("now", { when: "create", imageServerIds: inventory.ids });
new clouddc.InstanceBatchDeletion("later", {
    when: "destroy",
    instanceIds: [inventory.ids[0].apply(() => ${JSON.stringify(instances[0])}), ${JSON.stringify(instances[1])}],
});`;
    const stack = await scene.stack({ program: program("first", ids.slice(0, 2)), env: tenant.env });
    const preview = await stack.preview();
    expect(preview).toMatchObject({ code: 0, stdout: expect.stringContaining("+ 4 to create") });
    expect(preview.stdout).toContain("not looked: imageServerIds: not known yet, nor how many");
    expect(preview.stdout).toContain("1 of 2 ids of instanceIds are not known yet");
    // What is known is looked for, and nothing else is asked.
    const asked = (await tenant.requests()).map(({ method, operation }) => `${method} ${operation}`);
    expect(asked).toEqual(["GET KeystoneListProjects", "GET ListInstances"]);
    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, workspaceapp)).toEqual(ids.slice(2));

    await stack.setProgram(program("second", ids));
    const { stdout } = await stack.must("preview");
    expect(stdout).toContain("~ 2 to update");
    expect(stdout).toContain("+-1 to replace");
    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, workspaceapp)).toEqual([]);
    expect(await alive(tenant, clouddc)).toEqual(instances);
    expect((await tenant.submitted("workspaceapp")).map((request) => request.toSorted())).toEqual([
        ids.slice(0, 2),
        ids.slice(2),
    ]);
});

test("ignoreChanges keeps the set as it was; protect keeps destroy from deleting anything", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 3);
    const instances = await addTargets(tenant, clouddc, 2);
    const program = (declaredIds: readonly string[]) =>
        programOf(
            {
                ...declared(workspaceapp, "create", declaredIds),
                options: { ignoreChanges: ["imageServerIds"] },
            },
            { ...declared(clouddc, "destroy", instances), options: { protect: true } },
        );
    const stack = await Stack.create({ program: program(ids.slice(0, 1)), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");

    await stack.setProgram(program(ids));
    await stack.must("preview", "--expect-no-changes");
    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, workspaceapp)).toEqual(ids.slice(1));

    const refused = await stack.destroy();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("protect");
    expect(await alive(tenant, clouddc)).toEqual(instances);
    expect(await tenant.submitted("clouddc")).toEqual([]);

    // The engine takes the others out all the same; then their sets would be created anew, and nothing ignored.
    await stack.setProgram(programOf(declared(clouddc, "destroy", instances)));
    await stack.must("up", "--yes", "--skip-preview");
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, clouddc)).toEqual([]);
    expect(await alive(tenant, workspaceapp)).toEqual(ids.slice(1));
});
