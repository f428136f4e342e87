import {
    addTargets,
    alive,
    type Deletion,
    declared,
    deletions,
    metastudio,
    ROMA_INSTANCE,
    roma,
    vias,
    workspaceapp,
} from "./deletions";
import { type Declared, programOf } from "./programs";
import { type Face, Stack } from "./stack";
import { Tenant } from "./tenant";

/** Something else in the program that fails as long as it is there. */
const BROKEN = `
const pulumi = require("@pulumi/pulumi");
class Broken extends pulumi.dynamic.Resource {
    constructor(name, dependsOn) {
        super({ create: async () => { throw new Error("broken"); } }, name, {}, { dependsOn }, "e2e", "Broken");
    }
}
`;
const withBroken = (program: string) => `${BROKEN}${program}\nnew Broken("broken");\n`;

interface Target {
    readonly deletion: Deletion;
    readonly ids: readonly string[];
}

/** Some of each service. */
async function some(tenant: Tenant, count: number): Promise<readonly Target[]> {
    return Promise.all(
        deletions.map(async (deletion) => ({ deletion, ids: await addTargets(tenant, deletion, count) })),
    );
}

const program = (
    targets: readonly Target[],
    suffix: string,
    more: { readonly options?: Declared["options"]; readonly [argument: string]: unknown } = {},
) => {
    const { options, ...args } = more;
    return targets.map(({ deletion, ids }) => ({
        ...declared(deletion, "destroy", ids, { name: `${deletion.service}-${suffix}`, ...args }),
        ...(options === undefined ? {} : { options }),
    }));
};

async function expectAlive(tenant: Tenant, targets: readonly Target[]): Promise<void> {
    for (const { deletion, ids } of targets) {
        expect([deletion.service, await alive(tenant, deletion)]).toEqual([deletion.service, [...ids]]);
    }
}

const gone = (targets: readonly Target[]) => targets.map(({ deletion }) => ({ deletion, ids: [] }));

/** Each was deleted once. */
async function expectDeletedOnce(tenant: Tenant, targets: readonly Target[]): Promise<void> {
    for (const { deletion, ids } of targets) {
        const submitted = (await tenant.submitted(deletion.service)).flat().sort();
        expect([deletion.service, submitted]).toEqual([deletion.service, [...ids]]);
    }
}

const task = (adopt: string, options = "") => `
new cloud.vias.BatchTask("task", {
    name: "adopted", serviceName: "people-counting", serviceVersion: "1.0.0", adopt: ${JSON.stringify(adopt)},
    batchInput: { videoSourceGroup: [{
        videoSourceGroupId: "b0000000000000000000000000000001",
        videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }],
    }] },
    output: { obs: { bucket: "counts", path: "north" } },
}, { ${options} });
`;
const taskUrn = (stack: Stack) =>
    `urn:pulumi:${stack.name}::${stack.project}::${"pulumi-nodejs:dynamic/huaweicloud-batch/vias:BatchTask"}::task`;

test("(a) renamed without an alias, and the first up fails half-way: the next up deletes nothing that the renamed ones hold, destroy all of it, once", async () => {
    const tenant = await Tenant.open();
    const targets = await some(tenant, 2);
    const stack = await Stack.create({ program: programOf(...program(targets, "before")), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");

    await stack.setProgram(withBroken(programOf(...program(targets, "after"))));
    expect((await stack.up()).code).not.toBe(0);
    await stack.setProgram(programOf(...program(targets, "after")));
    const { output } = await stack.must("up", "--yes", "--skip-preview");
    expect(output).toContain("2 of 2 image servers left alone: this program declares them (workspaceapp-after)");
    await expectAlive(tenant, targets);
    expect(await stack.resources()).toHaveLength(deletions.length);

    await stack.must("destroy", "--yes", "--skip-preview");
    await expectAlive(tenant, gone(targets));
    await expectDeletedOnce(tenant, targets);
});

test("(d) handed over in two steps, with protect on the one that stays: nothing is deleted before destroy", async () => {
    const tenant = await Tenant.open();
    const targets = await some(tenant, 2);
    const first = program(targets, "first");
    const second = program(targets, "second", { options: { protect: true } });
    const stack = await Stack.create({ program: programOf(...first), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    await stack.setProgram(programOf(...first, ...second));
    await stack.must("up", "--yes", "--skip-preview");
    await stack.setProgram(programOf(...second));
    await stack.must("up", "--yes", "--skip-preview");
    await expectAlive(tenant, targets);
    expect(await stack.resources()).toHaveLength(deletions.length);
});

describe.each<Face>(["dynamic", "plugin"])("%s face", (face) => {
    test("(e) another profile of the same place replaces, something else fails: the next up finishes the delete and takes nothing", async () => {
        const tenant = await Tenant.open();
        const targets = await some(tenant, 2);
        const profiles = ["one", "other"].map((name) => ({
            name,
            mode: "AKSK",
            accessKeyId: "emulator",
            secretAccessKey: "emulator",
            region: "cn-north-4",
        }));
        const stack = await Stack.create({
            program: programOf(...program(targets, "targets", { profile: "one" })),
            env: tenant.env,
            face,
        });
        await stack.writeHome(".hcloud/config.json", JSON.stringify({ current: "one", profiles }));
        await stack.must("up", "--yes", "--skip-preview");

        await stack.setProgram(withBroken(programOf(...program(targets, "targets", { profile: "other" }))));
        expect((await stack.up()).code).not.toBe(0);
        await stack.setProgram(programOf(...program(targets, "targets", { profile: "other" })));
        await stack.must("up", "--yes", "--skip-preview");
        await expectAlive(tenant, targets);
        expect(await stack.resources()).toHaveLength(deletions.length);
        await stack.must("destroy", "--yes", "--skip-preview");
        await expectAlive(tenant, gone(targets));
        await expectDeletedOnce(tenant, targets);
    });
});

test("(b), (c) an adopted batch task: --replace, taint and replaceOnChanges after a failure leave it alone, destroy deletes it", async () => {
    const tenant = await Tenant.open();
    const [adopted = ""] = await tenant.add("vias", "batchTasks", 1, {
        batch_task_name: "adopted",
        task_state: "STOPPED",
    });
    const cloud = 'const cloud = require("pulumi-huaweicloud-batch");\n';
    const stack = await Stack.create({ program: cloud + task(adopted), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");

    const replaced = await stack.must("up", "--yes", "--skip-preview", "--replace", taskUrn(stack));
    expect(replaced.output).toContain("replaced");
    expect(replaced.output).toContain("left alone");
    expect(await alive(tenant, vias)).toEqual([adopted]);

    await stack.must("state", "taint", "--yes", taskUrn(stack));
    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, vias)).toEqual([adopted]);

    // Its state says that it failed to initialise: the engine then replaces what says replaceOnChanges.
    const state = JSON.parse(await stack.exportText());
    for (const resource of state.deployment.resources) {
        if (resource.urn.endsWith("::task")) {
            resource.initErrors = ["as if it had failed half-way"];
        }
    }
    await stack.importState(JSON.stringify(state));
    await stack.setProgram(cloud + task(adopted, 'replaceOnChanges: ["*"]'));
    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, vias)).toEqual([adopted]);
    expect(await tenant.submitted("vias")).toEqual([]);

    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, vias)).toEqual([]);
});

test("what acts only at create holds nothing: a dropped when: destroy resource deletes all the same", async () => {
    const tenant = await Tenant.open();
    const targets = await some(tenant, 2);
    const atCreate = targets.map(({ deletion, ids }) =>
        declared(deletion, "create", ids, { name: `${deletion.service}-now` }),
    );
    const shared: Declared = {
        type: "metastudio.AssetBatchAction",
        name: "shared",
        args: { assetIds: targets.find(({ deletion }) => deletion === metastudio)?.ids, onCreate: "ACTIVE" },
    };
    const stack = await Stack.create({ program: programOf(shared), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    await stack.setProgram(programOf(shared, ...atCreate));
    await stack.must("up", "--yes", "--skip-preview");
    // They come back, unseen by the resources that deleted them.
    for (const { deletion, ids } of targets) {
        await tenant.control.seed({
            objects: [
                {
                    service: deletion.service,
                    kind: deletion.kind,
                    objects: ids.map((id, n) => ({
                        ...deletion.template,
                        [deletion === metastudio ? "asset_id" : "id"]: id,
                        ...named(deletion, n),
                    })),
                },
            ],
        });
    }
    await stack.setProgram(programOf(shared, ...atCreate, ...program(targets, "leased")));
    await stack.must("up", "--yes", "--skip-preview");
    await expectAlive(tenant, targets);
    await stack.setProgram(programOf(shared, ...atCreate));
    await stack.must("up", "--yes", "--skip-preview");
    await expectAlive(tenant, gone(targets));
});

const named = ({ template }: Deletion, n: number) =>
    Object.fromEntries(
        Object.entries(template).flatMap(([key, value]) =>
            typeof value === "string" && value.includes("{n}") ? [[key, value.replace("{n}", `again-${n}`)]] : [],
        ),
    );

test("renamed stack: an up changes the outputs without a request, and destroy --run-program right after a rename deletes all, once", async () => {
    const tenant = await Tenant.open();
    const targets = await some(tenant, 2);
    const stack = await Stack.create({ program: programOf(...program(targets, "targets")), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    await stack.must("stack", "rename", "renamed");
    await tenant.control.clearRequests();
    const { stdout } = await stack.must("up", "--yes", "--skip-preview");
    expect(stdout).toContain("~ 5 updated");
    expect(await tenant.requests()).toEqual([]);
    for (const { urn, outputs } of await stack.resources()) {
        expect(outputs.__urn).toBe(urn);
    }
    await stack.must("preview", "--expect-no-changes");
    await stack.must("stack", "rename", "again");
    await stack.must("destroy", "--yes", "--skip-preview", "--run-program");
    await expectAlive(tenant, gone(targets));
    await expectDeletedOnce(tenant, targets);
});

test("--target, --exclude: what the program declares and they leave out is not deleted; a destroy of one deletes its own", async () => {
    const tenant = await Tenant.open();
    const targets = await some(tenant, 2);
    const first = program(targets, "first");
    const second = program(targets, "second");
    const urnOf = (stack: Stack, { deletion }: Target, suffix: string) =>
        `urn:pulumi:${stack.name}::${stack.project}::pulumi-nodejs:dynamic/huaweicloud-batch/${deletion.type.replace(".", ":")}::${deletion.service}-${suffix}`;
    const stack = await Stack.create({ program: programOf(...first, ...second), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    await stack.setProgram(programOf(...second));
    const dropped = targets.slice(0, 2).flatMap((target) => ["--target", urnOf(stack, target, "first")]);
    await stack.must("up", "--yes", "--skip-preview", ...dropped);
    await expectAlive(tenant, targets);
    expect(await stack.resources()).toHaveLength(2 * deletions.length - 2);
    const excluded = targets.flatMap((target) => ["--exclude", urnOf(stack, target, "second")]);
    await stack.must("up", "--yes", "--skip-preview", ...excluded);
    await expectAlive(tenant, targets);
    expect(await stack.resources()).toHaveLength(deletions.length);

    const [one, ...others] = targets;
    if (one === undefined) {
        throw new Error("no targets");
    }
    await stack.must("destroy", "--yes", "--skip-preview", "--target", urnOf(stack, one, "second"));
    await expectAlive(tenant, [...gone([one]), ...others]);
});

test("an explicit provider serves the dropped one, the default provider the one that stays: each process learns what the other one holds", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 3);
    const stays = (name: string, held: readonly string[], options = "") =>
        `new cloud.workspaceapp.ImageServerBatchDeletion(${JSON.stringify(name)}, { when: "destroy", recursive: false, imageServerIds: ${JSON.stringify(held)} }, { ${options} });\n`;
    const explicit = `const pulumi = require("@pulumi/pulumi");
const cloud = require("pulumi-huaweicloud-batch");
class Nodejs extends pulumi.ProviderResource {
    constructor(name) { super("pulumi-nodejs", name, {}); }
}
const own = new Nodejs("own");
`;
    const stack = await Stack.create({
        program: `${explicit}${stays("dropped", ids, "provider: own")}${stays("stays", ids.slice(1))}`,
        env: tenant.env,
    });
    await stack.must("up", "--yes", "--skip-preview");
    await stack.setProgram(`${explicit}${stays("stays", ids.slice(1))}`);
    const { output } = await stack.must("up", "--yes", "--skip-preview");
    expect(output).toContain("2 of 3 image servers left alone: this program declares them (stays)");
    expect(await alive(tenant, workspaceapp)).toEqual(ids.slice(1));
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, workspaceapp)).toEqual([]);
});

test("replaced delete-first by taint, moved into a component: nothing is deleted, and destroy --run-program deletes all, once", async () => {
    const tenant = await Tenant.open();
    const targets = await some(tenant, 2);
    const before = program(targets, "before");
    const typeOf = ({ deletion }: Target) =>
        `pulumi-nodejs:dynamic/huaweicloud-batch/${deletion.type.replace(".", ":")}`;
    const stack = await Stack.create({ program: programOf(...before), env: tenant.env });
    const urnOf = (target: Target, suffix: string) =>
        `urn:pulumi:${stack.name}::${stack.project}::${typeOf(target)}::${target.deletion.service}-${suffix}`;
    const up = async (source: string) => {
        await stack.setProgram(source);
        await stack.must("up", "--yes", "--skip-preview");
        await expectAlive(tenant, targets);
        expect((await stack.resources()).filter(({ type }) => type.startsWith("pulumi-nodejs"))).toHaveLength(
            deletions.length,
        );
    };
    await stack.must("up", "--yes", "--skip-preview");
    await stack.must("state", "taint", "--yes", ...targets.map((target) => urnOf(target, "before")));
    await up(programOf(...program(targets, "before", { options: { deleteBeforeReplace: true } })));

    const inComponent = before.map(
        ({ type, name, args }) =>
            `new cloud.${type}(${JSON.stringify(name)}, ${JSON.stringify(args)}, { parent: component });`,
    );
    const component = [
        'const pulumi = require("@pulumi/pulumi");',
        'const cloud = require("pulumi-huaweicloud-batch");',
        'const component = new pulumi.ComponentResource("e2e:index:Component", "component");',
        ...inComponent,
    ];
    await up(component.join("\n"));
    expect((await tenant.submissions()).filter(({ operation }) => operation !== "BatchStartStopTask")).toEqual([]);
    await stack.must("destroy", "--yes", "--skip-preview", "--run-program");
    await expectAlive(tenant, gone(targets));
    await expectDeletedOnce(tenant, targets);
});

test("a container is replaced delete-first: what lives in it is deleted before it, and what another resource declares elsewhere is not", async () => {
    const tenant = await Tenant.open();
    const second = await tenant.addOne("roma", "instances", { name: "second" });
    const inFirst = await addTargets(tenant, roma, 2);
    const inSecond = await addTargets(tenant, roma, 2, { name: "second-{n}", instance_id: second });
    const source = (instance: string, ids: readonly string[]) => `
const pulumi = require("@pulumi/pulumi");
const cloud = require("pulumi-huaweicloud-batch");
class Instance extends pulumi.dynamic.Resource {
    constructor(name, of) {
        super({
            diff: async (id, olds, news) => ({ changes: olds.of !== news.of, replaces: olds.of !== news.of ? ["of"] : [], deleteBeforeReplace: true }),
            create: async ({ of }) => ({ id: of, outs: { of, instanceId: of } }),
        }, name, { of, instanceId: undefined }, undefined, "e2e", "Instance");
    }
}
const instance = new Instance("instance", ${JSON.stringify(instance)});
new cloud.roma.AssetBatchDeletion("apps", { when: "destroy", instanceId: instance.instanceId, appIds: ${JSON.stringify(ids)}, taskIds: [] });
`;
    const stack = await Stack.create({ program: source(ROMA_INSTANCE, inFirst), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    await stack.setProgram(source(second, inSecond));
    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, roma)).toEqual(inSecond);
    expect((await stack.resource("apps")).outputs).toMatchObject({ instanceId: second });
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, roma)).toEqual([]);
});

test("a batch task made here: --replace, taint and another service delete it and make it anew, its name being unique", async () => {
    const tenant = await Tenant.open();
    const source = (service: string) => `
const cloud = require("pulumi-huaweicloud-batch");
new cloud.vias.BatchTask("task", {
    name: "counting", serviceName: ${JSON.stringify(service)}, serviceVersion: "1.0.0",
    batchInput: { videoSourceGroup: [{
        videoSourceGroupId: "b0000000000000000000000000000001",
        videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }],
    }] },
    output: { obs: { bucket: "counts", path: "north" } },
});
`;
    const stack = await Stack.create({ program: source("people-counting"), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    const ids = [(await stack.resource("task")).id];
    const anew = async (...flags: string[]) => {
        await stack.must("up", "--yes", "--skip-preview", ...flags);
        const { id } = await stack.resource("task");
        expect(ids).not.toContain(id);
        expect(await alive(tenant, vias)).toEqual([id]);
        ids.push(id);
    };
    await anew("--replace", taskUrn(stack));
    await stack.must("state", "taint", "--yes", taskUrn(stack));
    await anew();
    await stack.setProgram(source("vehicle-detection").replace('"1.0.0"', '"2.1.0"'));
    await anew();
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, vias)).toEqual([]);
});
