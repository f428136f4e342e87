/**
 * Resource options, `--replace`, taint and import, on all resources of the five services with both values of `when`. Judged by the
 * emulator's log. What both faces promise is one list of stories. On the real engine.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { changesOf } from "./deletions";
import { EveryResource } from "./every-resource";
import { programOf } from "./programs";
import { type Face, Stack } from "./stack";
import { Tenant } from "./tenant";

const UP = ["up", "--yes", "--skip-preview"] as const;
const DESTROY = ["destroy", "--yes", "--skip-preview"] as const;

type Ids = ReadonlyMap<string, string | undefined>;

/** What the state holds: ids by the resource's name, without the suffix, and URNs. */
async function stored(stack: Stack): Promise<{ readonly ids: Ids; readonly urns: readonly string[] }> {
    const resources = await stack.resources();
    const ids = new Map(resources.map(({ urn, id }) => [nameOf(urn), id]));
    return { ids, urns: resources.map(({ urn }) => urn) };
}

function nameOf(urn: string): string {
    return (urn.split("::").at(-1) ?? urn).replace("-renamed", "");
}

/** The names of those whose id is another one. */
function replaced(before: Ids, after: Ids): readonly string[] {
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    return [...after].flatMap(([name, id]) => (id === before.get(name) ? [] : [name])).sort();
}

describe.each<Face>(["dynamic", "plugin"])("%s face", (face) => {
    test("--replace, taint, replaceOnChanges, aliases: what is still declared is not deleted, a batch task that was made is made anew, and destroy deletes the rest, once", async () => {
        const tenant = await Tenant.open();
        const all = await EveryResource.in(tenant);
        // The plugin is not told of --replace and taint before the new one is made: names of batch tasks are unique.
        const deletedFirst = (name: string) => (name === "made" ? { deleteBeforeReplace: true } : {});
        const program = programOf(...all.declared({ options: deletedFirst }));
        const stack = await Stack.create({ program, env: tenant.env, face });
        await stack.must(...UP);
        const there = await all.later();
        const afterUp = await all.submitted();
        const deletedNow = all.targets.flatMap(({ now }) => now);
        expect(deletedNow.map((id) => afterUp[id])).toEqual(deletedNow.map(() => 1));
        expect(await all.assetStates()).toEqual(["ACTIVED"]);
        let state = await stored(stack);
        // The id of an adopted batch task is the cloud's.
        const anew = [...state.ids.keys()].filter((name) => name !== "adopted").sort();
        const expectReplaced = async (names: readonly string[]) => {
            expect(await all.tasks()).toEqual(["all-adopted", "all-made"]);
            const now = await stored(stack);
            expect(replaced(state.ids, now.ids)).toEqual(names);
            state = now;
        };
        const expectUntouched = async (names: readonly string[]) => {
            expect(await all.submitted()).toEqual(afterUp);
            expect(await all.later()).toEqual(there);
            await expectReplaced(names);
        };
        await stack.must(...UP, ...state.urns.flatMap((urn) => ["--replace", urn]));
        await expectUntouched(anew);
        await stack.must("state", "taint", "--yes", ...state.urns);
        await stack.must(...UP);
        await expectUntouched(anew);

        const renamed = (name: string) => ({ aliases: [{ name }] });
        await stack.setProgram(programOf(...all.declared({ suffix: "-renamed", options: renamed })));
        await stack.must(...UP);
        await expectUntouched([]);

        // The plugin tells the engine which arguments have changed. A dynamic provider can't: there it strikes after a failure only.
        const strict = () => ({ replaceOnChanges: ["*"] });
        const less = { suffix: "-renamed", options: strict, changed: true, withoutFirst: true };
        await stack.setProgram(programOf(...all.declared(less)));
        await stack.must(...UP);
        await expectReplaced(face === "plugin" ? anew : []);
        const afterFirst = Object.entries(there).map(([service, ids]) => [service, ids.slice(1)]);
        expect(await all.later()).toEqual(face === "plugin" ? Object.fromEntries(afterFirst) : there);

        await stack.must(...DESTROY);
        const first = Object.entries(there).map(([service, ids]) => [service, ids.slice(0, 1)]);
        const none = Object.entries(there).map(([service]) => [service, []]);
        expect(await all.later()).toEqual(Object.fromEntries(face === "plugin" ? none : first));
        expect(await all.tasks()).toEqual([]);
        expect(await all.assetStates()).toEqual(["UNACTIVED"]);
        expect(await tenant.doubles()).toEqual([]);
        expect(await stack.resources()).toEqual([]);
    });

    test("retainOnDelete, deletedWith: the resources go, by an up or a destroy, and nothing is sent for them", async () => {
        const tenant = await Tenant.open();
        const retained = await EveryResource.in(tenant, "retained");
        const together = await EveryResource.in(tenant, "together");
        const group = [
            'const { ComponentResource } = require("@pulumi/pulumi");',
            'const group = new ComponentResource("e2e:index:Group", "group");',
        ].join("\n");
        const withGroup = programOf(
            ...together.declared({ suffix: "-together", options: () => ({ deletedWith: "GROUP" }) }),
        ).replaceAll('"GROUP"', "group");
        const keeping = programOf(...retained.declared({ suffix: "-kept", options: () => ({ retainOnDelete: true }) }));
        const stack = await Stack.create({
            program: `${group}\n${withGroup}\n{\n${keeping}\n}`,
            env: tenant.env,
            face,
        });
        await stack.must(...UP);
        const left = { retained: await retained.later(), together: await together.later() };
        const sent = await changesOf(tenant);

        await stack.setProgram(`${group}\n${withGroup}`);
        await stack.must(...UP);
        expect((await stored(stack)).urns.filter((urn) => urn.endsWith("-kept"))).toEqual([]);
        await stack.must(...DESTROY);
        expect(await stack.resources()).toEqual([]);
        expect({ retained: await retained.later(), together: await together.later() }).toEqual(left);
        expect([...(await retained.tasks()), ...(await together.tasks())]).toEqual(
            ["retained", "together"].flatMap((label) => [`${label}-adopted`, `${label}-made`]),
        );
        expect(await changesOf(tenant)).toEqual(sent);
    });
});

test("import, on the command line, as an option and by get: refused for all seven, with the way instead, and nothing is sent", async () => {
    const tenant = await Tenant.open();
    const stack = await Stack.create({ program: "", env: tenant.env, face: "plugin" });
    const types = (await EveryResource.in(tenant)).declared().map(({ type }) => type);
    const tokens = [...new Set(types)].map((type) => `huaweicloud-batch:${type.replace(".", ":")}`);
    expect(tokens).toHaveLength(7);
    const resources = tokens.map((type, n) => ({ type, name: `imported-${n}`, id: `id-${n}` }));
    await writeFile(join(stack.directory, "program/resources.json"), JSON.stringify({ resources }));
    const imported = await stack.run("import", "--file", "resources.json", "--yes", "--generate-code=false");
    expect(imported.code).not.toBe(0);
    for (const token of tokens) {
        const resource = token.replace("huaweicloud-batch:", "");
        const way = resource === "vias:BatchTask" ? "argument adopt" : "declare the ids";
        expect(imported.output).toMatch(new RegExp(`${resource} can't be imported: .*${way}`));
    }
    await stack.setProgram(`
        const { vias, clouddc } = require("pulumi-huaweicloud-batch");
        new vias.BatchTaskDeletion("option", { when: "create", batchTaskIds: ["a"] }, { import: "a" });
        new clouddc.InstanceBatchDeletion("get", undefined, { id: "b" });
    `);
    const ended = await stack.up();
    expect(ended.code).not.toBe(0);
    expect(ended.output).toContain("vias:BatchTaskDeletion can't be imported");
    expect(ended.output).toContain("clouddc:InstanceBatchDeletion can't be imported");
    expect(await tenant.requests()).toEqual([]);
    expect(await stack.resources()).toEqual([]);
});
