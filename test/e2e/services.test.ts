import { addTargets, alive, clouddc, declared, metastudio, ROMA_INSTANCE, roma } from "./deletions";
import { type Declared, programOf } from "./programs";
import { Stack, type StateResource } from "./stack";
import { Tenant } from "./tenant";

/** However long the story takes, the record of an asset that is deleted for good can be read. */
const recordsKept = { metastudio: { deletedRecordSeconds: null } };

interface Tasks {
    readonly there: () => Promise<string[]>;
    readonly add: (count: number) => Promise<string[]>;
}

/** FDI tasks: what a ROMA deletion takes beside apps. */
const tasksOf = (tenant: Tenant): Tasks => ({
    there: async () =>
        (await tenant.control.objects("roma", "tasks")).map(({ object }) => String(object.task_id)).sort(),
    add: async (count) => (await tenant.add("roma", "tasks", count, { task_name: "task-{n}" })).sort(),
});

async function assetState(tenant: Tenant, id: string): Promise<unknown> {
    const assets = await tenant.control.objects("metastudio", "assets");
    return assets.find(({ object }) => object.asset_id === id)?.object.asset_state;
}

async function storedStates(stack: Stack): Promise<Record<string, StateResource["outputs"]>> {
    const named = (await stack.resources()).map(({ urn, outputs }) => [urn.split("::").at(-1) ?? urn, outputs]);
    return Object.fromEntries(named);
}

async function actionsSubmitted(tenant: Tenant): Promise<string[]> {
    const requests = (await tenant.requests()).filter(({ operation }) => operation === "BatchExecuteAssetAction");
    return requests.map(({ body }) => JSON.stringify(body)).sort();
}

test("when: create, and actions. Up, nothing to do, another set, what came back, destroy", async () => {
    const tenant = await Tenant.open({ seed: { settings: recordsKept } });
    const tasks = tasksOf(tenant);
    const apps = await addTargets(tenant, roma, 4);
    const fdiTasks = await tasks.add(3);
    const instances = await addTargets(tenant, clouddc, 5);
    const binned = await addTargets(tenant, metastudio, 4);
    const forGood = await addTargets(tenant, metastudio, 4, { asset_name: "for-good-{n}" });
    const shown = await addTargets(tenant, metastudio, 3, { asset_name: "shown-{n}", asset_state: "UNACTIVED" });

    const resources = (count: number): Declared[] => [
        {
            type: "roma.AssetBatchDeletion",
            name: "integrations",
            args: {
                when: "create",
                instanceId: ROMA_INSTANCE,
                appIds: apps.slice(0, count).reverse(),
                taskIds: fdiTasks.slice(0, count - 1),
            },
        },
        declared(clouddc, "create", instances.slice(0, count + 1), { name: "instances" }),
        declared(metastudio, "create", binned.slice(0, count), { name: "binned" }),
        declared(metastudio, "create", forGood.slice(0, count), { name: "for-good", permanently: true }),
        {
            type: "metastudio.AssetBatchAction",
            name: "shown",
            args: { assetIds: shown.slice(0, count - 1), onCreate: "ACTIVE", onDestroy: "UNACTIVE" },
        },
    ];
    const stack = await Stack.create({ program: programOf(...resources(3)), env: tenant.env });

    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, roma)).toEqual(apps.slice(3));
    expect(await tasks.there()).toEqual(fdiTasks.slice(2));
    expect(await alive(tenant, clouddc)).toEqual(instances.slice(4));
    expect(await alive(tenant, metastudio)).toEqual([...binned.slice(3), ...forGood.slice(3), ...shown].sort());
    expect(await actionsSubmitted(tenant)).toEqual(
        [
            { action: "ACTIVE", asset_ids: shown.slice(0, 2) },
            { action: "DELETE", asset_ids: binned.slice(0, 3) },
            { action: "DELETE_FORCE", asset_ids: forGood.slice(0, 3) },
        ]
            .map((body) => JSON.stringify(body))
            .sort(),
    );
    expect(await assetState(tenant, binned[0] ?? "")).toBe("DELETING");
    expect(await assetState(tenant, forGood[0] ?? "")).toBe("DELETED");
    expect(await assetState(tenant, shown[0] ?? "")).toBe("ACTIVED");
    expect(await storedStates(stack)).toMatchObject({
        integrations: { counts: { deleted: 5, failed: 0, unknown: 0 }, remaining: 0 },
        instances: { counts: { deleted: 4, failed: 0, unknown: 0 }, remaining: 0 },
        binned: { counts: { deleted: 3, failed: 0, unknown: 0 }, remaining: 0 },
        "for-good": { counts: { deleted: 3, failed: 0, unknown: 0 }, remaining: 0 },
        shown: { counts: { done: 2, failed: 0, unknown: 0 }, remaining: 0 },
    });
    await stack.must("preview", "--expect-no-changes");

    const before = (await tenant.submissions()).length;
    await stack.setProgram(programOf(...resources(4)));
    await stack.must("up", "--yes", "--skip-preview");
    const added = (await tenant.submissions()).slice(before).map(({ ids }) => ids.toSorted());
    expect(added.sort()).toEqual(
        [
            [...apps.slice(3), ...fdiTasks.slice(2)].sort(),
            instances.slice(4),
            binned.slice(3),
            forGood.slice(3),
            shown.slice(2),
        ].sort(),
    );
    expect(await assetState(tenant, shown[2] ?? "")).toBe("ACTIVED");

    const [app = "", instance = "", asset = "", gone = "", hidden = ""] = [apps, instances, binned, forGood, shown].map(
        ([id]) => id,
    );
    await tenant.addOne("roma", "apps", { id: app, name: "app-back" });
    await tenant.addOne("roma", "tasks", { task_id: fdiTasks[0], task_name: "task-back" });
    await tenant.addOne("clouddc", "instances", { id: instance, name: "instance-back" });
    for (const id of [asset, gone]) {
        await tenant.control.change({ service: "metastudio", kind: "assets", id, changes: { asset_state: "ACTIVED" } });
    }
    const hiding = { service: "metastudio", kind: "assets", id: hidden, changes: { asset_state: "UNACTIVED" } };
    await tenant.control.change(hiding);
    await stack.must("refresh", "--yes", "--skip-preview");
    expect(await storedStates(stack)).toMatchObject({
        integrations: { remaining: 2, open: expect.arrayContaining([`app:${app}`, `task:${fdiTasks[0]}`]) },
        instances: { remaining: 1, open: [instance] },
        binned: { remaining: 1, open: [asset] },
        "for-good": { remaining: 1, open: [gone] },
        // An action once done has no drift.
        shown: { remaining: 0, open: [] },
    });

    const beforeBack = (await tenant.submissions()).length;
    await stack.must("up", "--yes", "--skip-preview");
    const again = (await tenant.submissions()).slice(beforeBack).flatMap(({ ids }) => ids);
    expect(again.sort()).toEqual([app, fdiTasks[0], instance, asset, gone].sort());
    expect(await alive(tenant, roma)).toEqual([]);
    expect(await tasks.there()).toEqual([]);
    expect(await alive(tenant, clouddc)).toEqual([]);
    expect(await assetState(tenant, asset)).toBe("DELETING");
    expect(await assetState(tenant, gone)).toBe("DELETED");

    const beforeDestroy = (await tenant.submissions()).length;
    await stack.must("destroy", "--yes", "--skip-preview");
    expect((await tenant.submissions()).slice(beforeDestroy).map(({ ids }) => ids.toSorted())).toEqual([
        // The one that somebody else had hidden is as wanted already.
        shown.filter((id) => id !== hidden).sort(),
    ]);
    for (const id of shown) {
        expect(await assetState(tenant, id)).toBe("UNACTIVED");
    }
    expect(await stack.resources()).toEqual([]);
    expect(await tenant.doubles()).toEqual([]);
});

test("when: destroy. Up only records; destroy deletes with the plain CLI, no program, and another key", async () => {
    const tenant = await Tenant.open({ seed: { settings: recordsKept } });
    const tasks = tasksOf(tenant);
    const apps = await addTargets(tenant, roma, 3);
    const fdiTasks = await tasks.add(2);
    const instances = await addTargets(tenant, clouddc, 4);
    const binned = await addTargets(tenant, metastudio, 3);
    const forGood = await addTargets(tenant, metastudio, 3, { asset_name: "for-good-{n}" });
    const shown = await addTargets(tenant, metastudio, 2, { asset_name: "shown-{n}" });
    const all = [...apps, ...fdiTasks, ...instances, ...binned, ...forGood];

    const resources = (dropped: number): Declared[] => [
        {
            type: "roma.AssetBatchDeletion",
            name: "integrations",
            args: { when: "destroy", instanceId: ROMA_INSTANCE, appIds: apps.slice(dropped), taskIds: fdiTasks },
        },
        declared(clouddc, "destroy", instances.slice(dropped), { name: "instances" }),
        declared(metastudio, "destroy", binned.slice(dropped), { name: "binned" }),
        declared(metastudio, "destroy", forGood.slice(dropped), { name: "for-good", permanently: true }),
        { type: "metastudio.AssetBatchAction", name: "shown", args: { assetIds: shown, onDestroy: "UNACTIVE" } },
    ];
    const stack = await Stack.create({ program: programOf(...resources(0)), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    await stack.must("preview", "--expect-no-changes");
    await stack.setProgram(programOf(...resources(1)));
    await stack.must("up", "--yes", "--skip-preview");
    expect(await tenant.submissions()).toEqual([]);

    const taken = instances[1] ?? "";
    await tenant.control.remove({ service: "clouddc", kind: "instances", id: taken });
    await stack.must("refresh", "--yes", "--skip-preview");
    expect(await storedStates(stack)).toMatchObject({
        integrations: { remaining: 4 },
        instances: { remaining: 2, open: instances.slice(2) },
        binned: { remaining: 2 },
        "for-good": { remaining: 2 },
        shown: { remaining: expect.any(Number) },
    });
    await stack.must("preview", "--expect-no-changes");

    const rotated = { access: "ROTATED0000000000000", secret: "another-secret-of-forty-characters-00000" };
    await tenant.addOne("iam", "accessKeys", rotated);
    await tenant.control.remove({ service: "iam", kind: "accessKeys", id: "emulator" });
    stack.setEnv({ ...tenant.env, HW_ACCESS_KEY: rotated.access, HW_SECRET_KEY: rotated.secret });
    await stack.setProgram("throw new Error('destroy runs no program');");
    await stack.must("destroy", "--yes", "--skip-preview");

    const dropped = [apps[0], instances[0], binned[0], forGood[0]];
    const submitted = (await tenant.submissions()).flatMap(({ ids }) => ids);
    expect(submitted.sort()).toEqual([...all.filter((id) => !dropped.includes(id) && id !== taken), ...shown].sort());
    expect(await alive(tenant, roma)).toEqual([apps[0]]);
    expect(await tasks.there()).toEqual([]);
    expect(await alive(tenant, clouddc)).toEqual([instances[0]]);
    expect(await alive(tenant, metastudio)).toEqual([binned[0], forGood[0], ...shown].sort());
    expect(await assetState(tenant, forGood[1] ?? "")).toBe("DELETED");
    expect(await assetState(tenant, shown[0] ?? "")).toBe("UNACTIVED");
    expect(await stack.resources()).toEqual([]);
    expect(await tenant.doubles()).toEqual([]);
});
