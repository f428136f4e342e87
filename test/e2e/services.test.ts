import {
    addTargets,
    alive,
    clouddc,
    type Deletion,
    declared,
    metastudio,
    ROMA_INSTANCE,
    roma,
    vias,
    workspaceapp,
} from "./deletions";
import { onBothFaces } from "./faces";
import { type Declared, programOf } from "./programs";
import type { Stack, StateResource } from "./stack";
import type { Tenant } from "./tenant";

/** However long the story takes, the record of an asset that is deleted for good can be read. */
const recordsKept = { metastudio: { deletedRecordSeconds: null } };
/** Two full requests and a half. */
const SERVERS = 45;

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

/** Batch tasks that are only there to be deleted go at once where they have no children. */
const addBatchTasks = (tenant: Tenant, count: number) => addTargets(tenant, vias, count, { num_task: 0 });

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

/** The ids of each batch request of the service, but for the first so many requests of all. */
async function submittedSince(tenant: Tenant, before: number, { service }: Deletion): Promise<string[][]> {
    const submissions = (await tenant.submissions()).slice(before).filter((each) => each.service === service);
    return submissions.map(({ ids }) => ids.toSorted()).sort();
}

onBothFaces("when: create, and actions. Up, nothing to do, another set, what came back, destroy", async (scene) => {
    const tenant = await scene.tenant({ seed: { settings: recordsKept } });
    const tasks = tasksOf(tenant);
    const apps = await addTargets(tenant, roma, 4);
    const fdiTasks = await tasks.add(3);
    const servers = await addTargets(tenant, workspaceapp, SERVERS + 1);
    const otherServers = await addTargets(tenant, workspaceapp, 3, { name: "other-{n}" });
    const instances = await addTargets(tenant, clouddc, 5);
    const binned = await addTargets(tenant, metastudio, 4);
    const forGood = await addTargets(tenant, metastudio, 4, { asset_name: "for-good-{n}" });
    const shown = await addTargets(tenant, metastudio, 3, { asset_name: "shown-{n}", asset_state: "UNACTIVED" });
    const batchTasks = await addBatchTasks(tenant, 4);

    /** `more`: whether the last of each is declared too. */
    const program = (more: 0 | 1, inOrder = (ids: readonly string[]) => ids): string => {
        const some = (ids: readonly string[]) => inOrder(ids.slice(0, ids.length - 1 + more));
        const resources: Declared[] = [
            {
                type: "roma.AssetBatchDeletion",
                name: "integrations",
                args: { when: "create", instanceId: ROMA_INSTANCE, appIds: some(apps), taskIds: some(fdiTasks) },
            },
            declared(workspaceapp, "create", some(servers), { name: "servers" }),
            declared(clouddc, "create", some(instances), { name: "instances" }),
            declared(metastudio, "create", some(binned), { name: "binned" }),
            declared(metastudio, "create", some(forGood), { name: "for-good", permanently: true }),
            declared(vias, "create", some(batchTasks), { name: "tasks" }),
            {
                type: "metastudio.AssetBatchAction",
                name: "shown",
                args: { assetIds: some(shown), onCreate: "ACTIVE", onDestroy: "UNACTIVE" },
            },
        ];
        return programOf(...resources);
    };
    const stack = await scene.stack({ program: program(0), env: tenant.env });

    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, roma)).toEqual(apps.slice(3));
    expect(await tasks.there()).toEqual(fdiTasks.slice(2));
    expect(await alive(tenant, workspaceapp)).toEqual([...servers.slice(SERVERS), ...otherServers].sort());
    expect(await alive(tenant, clouddc)).toEqual(instances.slice(4));
    expect(await alive(tenant, metastudio)).toEqual([...binned.slice(3), ...forGood.slice(3), ...shown].sort());
    expect(await alive(tenant, vias)).toEqual(batchTasks.slice(3));
    const serverRequests = await tenant.submitted("workspaceapp");
    expect(serverRequests.map(({ length }) => length).sort()).toEqual([20, 20, 5]);
    expect(serverRequests.flat().sort()).toEqual(servers.slice(0, SERVERS));
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
    const deletedAll = (count: number) => ({ counts: { deleted: count, failed: 0, unknown: 0 }, remaining: 0 });
    expect(await storedStates(stack)).toMatchObject({
        integrations: deletedAll(5),
        servers: { ...deletedAll(SERVERS), open: [], failed: [] },
        instances: deletedAll(4),
        binned: deletedAll(3),
        "for-good": deletedAll(3),
        tasks: deletedAll(3),
        shown: { counts: { done: 2, failed: 0, unknown: 0 }, remaining: 0 },
    });
    await stack.setProgram(program(0, (ids) => ids.toReversed()));
    await stack.must("preview", "--expect-no-changes");

    const before = (await tenant.submissions()).length;
    await stack.setProgram(program(1));
    await stack.must("up", "--yes", "--skip-preview");
    expect(await submittedSince(tenant, before, roma)).toEqual([[...apps.slice(3), ...fdiTasks.slice(2)].sort()]);
    expect(await submittedSince(tenant, before, workspaceapp)).toEqual([servers.slice(SERVERS)]);
    expect(await submittedSince(tenant, before, clouddc)).toEqual([instances.slice(4)]);
    const assets = [binned.slice(3), forGood.slice(3), shown.slice(2)];
    expect(await submittedSince(tenant, before, metastudio)).toEqual(assets.sort());
    expect(await submittedSince(tenant, before, vias)).toEqual([batchTasks.slice(3)]);
    expect(await assetState(tenant, shown[2] ?? "")).toBe("ACTIVED");

    const [app = "", server = "", instance = "", asset = "", gone = "", hidden = "", task = ""] = [
        apps,
        servers,
        instances,
        binned,
        forGood,
        shown,
        batchTasks,
    ].map(([id]) => id);
    await tenant.addOne("roma", "apps", { id: app, name: "app-back" });
    await tenant.addOne("roma", "tasks", { task_id: fdiTasks[0], task_name: "task-back" });
    await tenant.addOne("workspaceapp", "imageServers", { id: server, name: "server-back" });
    await tenant.addOne("clouddc", "instances", { id: instance, name: "instance-back" });
    await tenant.addOne("vias", "batchTasks", { ...vias.template, id: task, num_task: 0 });
    for (const id of [asset, gone]) {
        await tenant.control.change({ service: "metastudio", kind: "assets", id, changes: { asset_state: "ACTIVED" } });
    }
    const hiding = { service: "metastudio", kind: "assets", id: hidden, changes: { asset_state: "UNACTIVED" } };
    await tenant.control.change(hiding);
    await stack.must("refresh", "--yes", "--skip-preview");
    expect(await storedStates(stack)).toMatchObject({
        integrations: { remaining: 2, open: expect.arrayContaining([`app:${app}`, `task:${fdiTasks[0]}`]) },
        servers: { remaining: 1, open: [server] },
        instances: { remaining: 1, open: [instance] },
        binned: { remaining: 1, open: [asset] },
        "for-good": { remaining: 1, open: [gone] },
        tasks: { remaining: 1, open: [task] },
        // An action once done has no drift.
        shown: { remaining: 0, open: [] },
    });

    const beforeBack = (await tenant.submissions()).length;
    await stack.must("up", "--yes", "--skip-preview");
    const again = (await tenant.submissions()).slice(beforeBack).flatMap(({ ids }) => ids);
    expect(again.sort()).toEqual([app, fdiTasks[0], server, instance, asset, gone, task].sort());
    expect(await alive(tenant, roma)).toEqual([]);
    expect(await tasks.there()).toEqual([]);
    expect(await alive(tenant, workspaceapp)).toEqual(otherServers);
    expect(await alive(tenant, clouddc)).toEqual([]);
    expect(await alive(tenant, vias)).toEqual([]);
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
    expect(await stack.processes()).toEqual([]);
    expect(await tenant.doubles()).toEqual([]);
});

onBothFaces(
    "when: destroy. Up only records; destroy deletes with the plain CLI, no program, and another key",
    async (scene) => {
        const tenant = await scene.tenant({ seed: { settings: recordsKept } });
        const tasks = tasksOf(tenant);
        const apps = await addTargets(tenant, roma, 3);
        const fdiTasks = await tasks.add(2);
        const servers = await addTargets(tenant, workspaceapp, 3);
        const instances = await addTargets(tenant, clouddc, 4);
        const binned = await addTargets(tenant, metastudio, 3);
        const forGood = await addTargets(tenant, metastudio, 3, { asset_name: "for-good-{n}" });
        const shown = await addTargets(tenant, metastudio, 2, { asset_name: "shown-{n}" });
        const batchTasks = await addBatchTasks(tenant, 3);
        const all = [apps, fdiTasks, servers, instances, binned, forGood, batchTasks].flat();

        const resources = (dropped: number): Declared[] => [
            {
                type: "roma.AssetBatchDeletion",
                name: "integrations",
                args: { when: "destroy", instanceId: ROMA_INSTANCE, appIds: apps.slice(dropped), taskIds: fdiTasks },
            },
            declared(workspaceapp, "destroy", servers.slice(dropped), { name: "servers" }),
            declared(clouddc, "destroy", instances.slice(dropped), { name: "instances" }),
            declared(metastudio, "destroy", binned.slice(dropped), { name: "binned" }),
            declared(metastudio, "destroy", forGood.slice(dropped), { name: "for-good", permanently: true }),
            declared(vias, "destroy", batchTasks.slice(dropped), { name: "tasks" }),
            { type: "metastudio.AssetBatchAction", name: "shown", args: { assetIds: shown, onDestroy: "UNACTIVE" } },
        ];
        const stack = await scene.stack({ program: programOf(...resources(0)), env: tenant.env });
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
            servers: { remaining: 2 },
            instances: { remaining: 2, open: instances.slice(2) },
            binned: { remaining: 2 },
            "for-good": { remaining: 2 },
            tasks: { remaining: 2 },
            shown: { remaining: expect.any(Number) },
        });
        await stack.must("preview", "--expect-no-changes");

        const rotated = { access: "ROTATED0000000000000", secret: "another-secret-of-forty-characters-00000" };
        await tenant.addOne("iam", "accessKeys", rotated);
        await tenant.control.remove({ service: "iam", kind: "accessKeys", id: "emulator" });
        stack.setEnv({ ...tenant.env, HW_ACCESS_KEY: rotated.access, HW_SECRET_KEY: rotated.secret });
        await stack.setProgram("throw new Error('destroy runs no program');");
        await stack.must("destroy", "--yes", "--skip-preview");

        const dropped = [apps, servers, instances, binned, forGood, batchTasks].map(([id]) => id);
        const submitted = (await tenant.submissions()).flatMap(({ ids }) => ids);
        expect(submitted.sort()).toEqual(
            [...all.filter((id) => !dropped.includes(id) && id !== taken), ...shown].sort(),
        );
        expect(await alive(tenant, roma)).toEqual([apps[0]]);
        expect(await tasks.there()).toEqual([]);
        expect(await alive(tenant, workspaceapp)).toEqual([servers[0]]);
        expect(await alive(tenant, clouddc)).toEqual([instances[0]]);
        expect(await alive(tenant, metastudio)).toEqual([binned[0], forGood[0], ...shown].sort());
        expect(await alive(tenant, vias)).toEqual([batchTasks[0]]);
        expect(await assetState(tenant, forGood[1] ?? "")).toBe("DELETED");
        expect(await assetState(tenant, shown[0] ?? "")).toBe("UNACTIVED");
        expect(await stack.resources()).toEqual([]);
        expect(await tenant.doubles()).toEqual([]);
    },
);
