import { type Deletion, deletions, metastudio, vias } from "../e2e/deletions";
import { type Kept, VideoTenant } from "./batch-task-tenant";

const RESOURCES = 1_000;
/** The engine's default on two processors. */
const AT_ONCE = 8;

/** A stack of many resources with one target each, which are recorded only. */
async function stackOf(deletion: Deletion, resources = RESOURCES) {
    const { service, kind, type, template } = deletion;
    const tenant = new VideoTenant();
    const [ids = []] = await tenant.control.seed({ objects: [{ service, kind, count: resources, template }] });
    const stack: Kept[] = [];
    for (const [n, id] of ids.entries()) {
        const declared = { when: "destroy", onMissing: "ignore", ...deletion.args([id]) };
        stack.push(
            await tenant.create({
                __resource: type.replace(".", ":"),
                __urn: `urn:${n}`,
                __provider: "code",
                ...declared,
            }),
        );
    }
    return { tenant, ids, stack };
}

/** Reads each resource, a few at once; answers with the state of each, and with what was asked. */
async function read({ tenant, stack }: Awaited<ReturnType<typeof stackOf>>) {
    const lifecycle = tenant.newProcess();
    const before = (await tenant.control.requests()).length;
    const remaining: unknown[] = [];
    const left = [...stack.entries()];
    const lane = async () => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
            const [n, { id, outs }] = next;
            remaining[n] = (await lifecycle.read(id, outs)).props.remaining;
        }
    };
    await tenant.clock.run(Promise.all(Array.from({ length: AT_ONCE }, lane)));
    const operations = (await tenant.control.requests()).slice(before).map(({ operation }) => String(operation));
    const count = (pattern: RegExp) => operations.filter((operation) => pattern.test(operation)).length;
    return { remaining, lists: count(/^List/), reads: count(/^(Show|Check)/) };
}

/** The fewest lists that show all of them at once. */
const FEWEST: Readonly<Record<string, number>> = { roma: 2, workspaceapp: 10, clouddc: 10, metastudio: 10, vias: 5 };
/** The most that a few at a time may take. MetaStudio: the first are asked about by their ids, until the whole list costs no more. */
const MOST: Readonly<Record<string, number>> = { roma: 2, workspaceapp: 10, clouddc: 1, metastudio: 15, vias: 5 };

test.each(deletions)(
    "$service: a thousand resources that are there, and read a few at a time, share the lists",
    async (deletion) => {
        const { remaining, lists, reads } = await read(await stackOf(deletion));
        expect(remaining).toEqual(Array.from({ length: RESOURCES }, () => 1));
        expect(reads).toBe(0);
        expect(lists).toBeLessThanOrEqual(MOST[deletion.service] ?? 0);
    },
);

test.each(deletions)(
    "$service: a thousand resources that are gone take hardly more than one read of each id, or the list twice",
    async (deletion) => {
        const { service, kind } = deletion;
        const scene = await stackOf(deletion);
        for (const id of scene.ids) {
            await scene.tenant.control.remove({ service, kind, id });
        }
        const { remaining, lists, reads } = await read(scene);
        expect(remaining).toEqual(Array.from({ length: RESOURCES }, () => 0));
        const fewest = service === "vias" ? 2 : RESOURCES + (FEWEST[service] ?? 0);
        expect((lists + reads) / fewest).toBeLessThanOrEqual(1.25);
    },
);

test("what one resource submits makes the list out of date that others of its service have read", async () => {
    const deletion = metastudio;
    const { tenant, ids, stack } = await stackOf(deletion, 8);
    const lifecycle = tenant.newProcess();
    const readAll = async () => {
        const read = await tenant.clock.run(Promise.all(stack.map(({ id, outs }) => lifecycle.read(id, outs))));
        return read.map(({ props }) => props.remaining);
    };
    expect(await readAll()).toEqual(ids.map(() => 1));
    const [first = ""] = ids;
    const action = { onCreate: "DELETE_FORCE", assetIds: [first] };
    await tenant.create({
        __resource: "metastudio:AssetBatchAction",
        __urn: "urn:action",
        __provider: "code",
        ...action,
    });
    expect(await readAll()).toEqual([0, ...ids.slice(1).map(() => 1)]);
});

test("resources with rules that are read at once share one reading of the list, and each counts what it matches itself", async () => {
    const { tenant } = await stackOf(metastudio, 8);
    const lifecycle = tenant.newProcess();
    const rules = ["asset-1", "asset-2", "asset-*"];
    const stack: Kept[] = [];
    for (const [n, name] of rules.entries()) {
        const declared = {
            when: "destroy",
            onMissing: "ignore",
            permanently: false,
            maxItems: 9,
            matching: { names: [name] },
        };
        const common = { __resource: "metastudio:AssetBatchDeletion", __urn: `urn:rule-${n}`, __provider: "code" };
        stack.push(await tenant.create({ ...common, ...declared }));
    }
    tenant.lines.length = 0;
    const before = (await tenant.control.requests()).length;
    await tenant.clock.run(Promise.all(stack.map(({ id, outs }) => lifecycle.read(id, outs))));
    const requests = (await tenant.control.requests()).slice(before);
    expect(requests.map(({ operation }) => operation)).toEqual(["ListAssets"]);
    expect(tenant.lines.map((line) => line.match(/\d+ assets? match/)?.[0])).toEqual([
        "1 asset match",
        "1 asset match",
        "8 assets match",
    ]);
});

test("a batch task that was made after others were read is found, by who records its deletion", async () => {
    const { tenant, stack } = await stackOf(vias, 8);
    const lifecycle = tenant.newProcess();
    await tenant.clock.run(Promise.all(stack.map(({ id, outs }) => lifecycle.read(id, outs))));
    const { service, kind, template } = vias;
    const [[made = ""] = []] = await tenant.control.seed({ objects: [{ service, kind, count: 1, template }] });
    const common = { __resource: "vias:BatchTaskDeletion", __urn: "urn:made", __provider: "code" };
    const { outs } = await tenant.create({ ...common, when: "destroy", ...vias.args([made]) });
    expect(outs).toMatchObject({ batchTaskIds: [made] });
    expect(tenant.notes).toEqual([]);
});
