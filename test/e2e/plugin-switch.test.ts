/**
 * From the dynamic types to the plugin's, and back: every state that a release has stored takes that way, and is destroyed without the
 * program. On the real engine.
 */
import { ArchiveServer } from "./archive-server";
import { addTargets, alive, changesOf, declared, deletions } from "./deletions";
import { type Declared, programOf } from "./programs";
import { declaredAs, putInto, type Recording, recorded, recordedVersions, seed, seedTargets } from "./recorded-states";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

const UP = ["up", "--yes", "--skip-preview"] as const;

/** The option with which a program of dynamic types takes a stack back. */
function fromPlugin({ type, ...rest }: Declared): Declared {
    return { ...rest, type, options: { aliases: [{ type: `huaweicloud-batch:${type.replace(".", ":")}` }] } };
}

const isOpen = ({ condition }: Recording) => ["partly-failed", "back-again", "stopped-for-update"].includes(condition);

/** Without a batch task's output, which both faces keep secret: the recordings hold it in clear, the engine's state never does. */
function shown(outputs: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(outputs).filter(([name]) => name !== "output"));
}

const ACTION = "metastudio:AssetBatchAction";

test("every recorded state goes over and back by one up each, unchanged, and nothing that changes anything is sent; destroyed from an empty directory, all that was recorded goes, once", async () => {
    const states = recordedVersions.flatMap(recorded);
    const tenant = await Tenant.open({ speed: 100 });
    const stack = await Stack.create({ program: programOf(seed), env: tenant.env });
    await stack.must(...UP);
    await putInto(stack, states);
    // The program is the one that left them: with what the update that failed has brought.
    const program = [
        seed,
        ...states.map((state) => {
            const { description } = state.outputs;
            const { args, ...rest } = declaredAs(state);
            return { ...rest, args: description === undefined ? args : { ...args, description } };
        }),
    ];
    // What is open is settled in the meantime: then the next up has only to see that.
    for (const { resource, id, inputs } of states) {
        if (resource === "vias:BatchTask") {
            await tenant.addOne("vias", "batchTasks", { id, batch_task_name: inputs.name, task_state: "RUNNING" });
        }
    }
    const assets = { service: "metastudio", kind: "assets" };
    const ofAction = states.find(({ resource, condition }) => resource === ACTION && condition === "created");
    const hidden = [Object(ofAction?.inputs.assetIds)].flat().map((asset_id: unknown, n) => ({
        asset_id,
        asset_name: `shown-${n}`,
        asset_state: "UNACTIVED",
    }));
    await tenant.control.seed({ objects: [{ ...assets, objects: hidden }] });
    const before = new Map((await stack.resources()).map(({ urn, ...rest }) => [urn.split("::").at(-1), rest]));

    const expectSame = async (type: RegExp) => {
        for (const state of states) {
            const { id, outputs, type: now } = await stack.resource(state.name);
            expect([state.name, now]).toEqual([state.name, expect.stringMatching(type)]);
            expect([state.name, id]).toEqual([state.name, state.id]);
            const old = before.get(state.name);
            if (isOpen(state)) {
                expect([state.name, outputs.remaining ?? 0, outputs.inDesiredState ?? true]).toEqual([
                    state.name,
                    0,
                    true,
                ]);
            } else {
                expect([state.name, shown(outputs)]).toEqual([state.name, shown(old?.outputs)]);
            }
            // Without the code, a stack that has gone back could not be destroyed.
            expect([state.name, outputs.__provider]).toEqual([state.name, old?.outputs.__provider]);
        }
        expect(await changesOf(tenant)).toEqual([]);
    };
    const settled = states.filter((state) => !isOpen(state)).length;
    await stack.setProgram(programOf(...program));
    await stack.setFace("plugin");
    const over = await stack.must(...UP);
    expect(over.output).toMatch(new RegExp(`~ ${states.length - settled} updated`));
    expect(over.output).toMatch(new RegExp(`(${settled + 1}|${settled + 2}) unchanged`));
    await expectSame(/^huaweicloud-batch:/);

    await stack.setFace("dynamic", { knowsPlugin: true });
    await stack.setProgram(programOf(...program.map(fromPlugin)));
    const back = await stack.must(...UP);
    // What the plugin has updated is stored with its own URN: the outputs follow, without a request.
    expect(back.output).toMatch(new RegExp(`~ ${states.length - settled} updated`));
    expect(back.output).not.toMatch(/created|deleted|replaced/);
    await expectSame(/^pulumi-nodejs:dynamic/);

    await stack.setFace("plugin");
    await stack.setProgram(programOf(...program));
    await stack.must("preview", "--expect-no-changes");
    await stack.must(...UP);
    await expectSame(/^huaweicloud-batch:/);

    await seedTargets(tenant, ACTION);
    const archives = await ArchiveServer.start();
    try {
        const ended = await stack.withoutCode(archives.env, "nodejs", "destroy", "--yes", "--skip-preview");
        expect(ended.code === 0 ? "" : ended.output).toBe("");
    } finally {
        archives.close();
    }
    expect(await stack.resources()).toEqual([]);
    for (const deletion of deletions) {
        expect([deletion.service, await alive(tenant, deletion)]).toEqual([deletion.service, []]);
    }
    expect(await tenant.doubles()).toEqual([]);
});

test("preview --expect-no-changes tells before the switch whether anything will be deleted; what the plugin has made goes back as well, and is then destroyed without the program", async () => {
    const tenant = await Tenant.open();
    const ids = await Promise.all(deletions.map((deletion) => addTargets(tenant, deletion, 3)));
    const deletionsOf = (when: "create" | "destroy", at: number, suffix: string) =>
        deletions.map((deletion, n) =>
            declared(deletion, when, ids[n]?.slice(at, at + 1) ?? [], { name: `${deletion.service}-${suffix}` }),
        );
    const program = [...deletionsOf("create", 0, "now"), ...deletionsOf("destroy", 1, "later")];
    const stack = await Stack.create({ program: programOf(...program), env: tenant.env });
    await stack.must(...UP);
    const sent = await changesOf(tenant);

    await stack.setFace("plugin");
    await stack.must("preview", "--expect-no-changes");
    // One is not declared any more: it would be deleted.
    await stack.setProgram(programOf(...program.slice(0, -1)));
    expect((await stack.run("preview", "--expect-no-changes")).code).not.toBe(0);

    const madeByPlugin = deletionsOf("destroy", 2, "new");
    await stack.setProgram(programOf(...program, ...madeByPlugin));
    await stack.must(...UP);
    await stack.setFace("dynamic", { knowsPlugin: true });
    await stack.setProgram(programOf(...[...program, ...madeByPlugin].map(fromPlugin)));
    const back = await stack.must(...UP);
    expect(back.output).toMatch(/~ 5 updated/);
    expect(await changesOf(tenant)).toEqual(sent);
    await stack.setFace("dynamic");
    await stack.setProgram("throw new Error('destroy runs no program');");
    await stack.must("destroy", "--yes", "--skip-preview");
    for (const deletion of deletions) {
        expect([deletion.service, await alive(tenant, deletion)]).toEqual([deletion.service, []]);
    }
});
