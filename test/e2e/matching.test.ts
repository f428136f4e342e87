/** Targets by rule on the real engine, each service. */
import { addTargets, alive, type Deletion, declared, deletions, roma, vias } from "./deletions";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** What the rule of a story matches, and what it does not. */
const LEFTOVER = "leftover-{n}";
const OTHERS = "live-{n}";

/** The field of a kind that holds its name. */
const named = ({ template }: Deletion, name: string) => {
    const field = Object.keys(template).find((each) => /(^|_)name$/.test(each)) ?? "name";
    return { [field]: name };
};

const leftovers = (tenant: Tenant, deletion: Deletion, count: number) =>
    addTargets(tenant, deletion, count, named(deletion, LEFTOVER));

/** The arguments of a deletion with a rule instead of its ids. */
const byRule = (deletion: Deletion, names: readonly string[] = ["leftover-*"], maxItems = 20) => {
    const others = Object.entries(deletion.args([])).filter(([, value]) => !Array.isArray(value));
    return {
        ...Object.fromEntries(others),
        matching: deletion === roma ? { apps: { names } } : { names },
        maxItems,
    };
};

const ruled = (deletion: Deletion, when: "create" | "destroy", name = `${deletion.service}-leftovers`) => ({
    type: deletion.type,
    name,
    args: { when, ...byRule(deletion) },
});

test.each(deletions)(
    "$type: 5 things made after up are deleted by a plain destroy without the program, exactly those that match",
    async (deletion) => {
        const tenant = await Tenant.open();
        const before = await leftovers(tenant, deletion, 1);
        const others = await addTargets(tenant, deletion, 3, named(deletion, OTHERS));
        const stack = await Stack.create({ program: programOf(ruled(deletion, "destroy")), env: tenant.env });
        await stack.must("up", "--yes", "--skip-preview");
        expect(await tenant.submitted(deletion.service)).toEqual([]);

        const after = await leftovers(tenant, deletion, 5);
        await stack.must("preview", "--expect-no-changes");
        await stack.must("refresh", "--yes", "--skip-preview");
        await stack.must("preview", "--expect-no-changes");
        const stored = await stack.exportText();
        for (const id of [...before, ...after]) {
            expect(stored).not.toContain(id);
        }

        await stack.setProgram("throw new Error('destroy runs no program');");
        await stack.must("destroy", "--yes", "--skip-preview");
        expect((await tenant.submitted(deletion.service)).flat().sort()).toEqual([...before, ...after].sort());
        expect(await alive(tenant, deletion)).toEqual(others);
        expect(await tenant.doubles()).toEqual([]);
    },
);

test.each(deletions)(
    "$type, when: create: up deletes what matches, up --refresh what has come since, and nothing else",
    async (deletion) => {
        const tenant = await Tenant.open();
        const first = await leftovers(tenant, deletion, 2);
        const others = await addTargets(tenant, deletion, 2, named(deletion, OTHERS));
        const stack = await Stack.create({ program: programOf(ruled(deletion, "create")), env: tenant.env });
        await stack.must("up", "--yes", "--skip-preview");
        expect(await alive(tenant, deletion)).toEqual(others);
        await stack.must("preview", "--expect-no-changes");

        const second = await leftovers(tenant, deletion, 3);
        // Without a refresh nobody asks the cloud.
        await stack.must("preview", "--expect-no-changes");
        await stack.must("up", "--yes", "--skip-preview", "--refresh");
        expect(await alive(tenant, deletion)).toEqual(others);
        await stack.must("destroy", "--yes", "--skip-preview");
        expect((await tenant.submitted(deletion.service)).flat().sort()).toEqual([...first, ...second].sort());
    },
);

const title = ({ service }: Deletion) => `${service}-leftovers`;

test("renamed without an alias, handed over from a rule to ids and back: an up deletes nothing that it declares, destroy everything, once", async () => {
    const tenant = await Tenant.open();
    const targets = await Promise.all(
        deletions.map(async (deletion) => ({ deletion, ids: await leftovers(tenant, deletion, 2) })),
    );
    const expectAlive = async (gone = false) => {
        for (const { deletion, ids } of targets) {
            expect([deletion.service, await alive(tenant, deletion)]).toEqual([deletion.service, gone ? [] : ids]);
        }
    };
    const rules = (suffix: string) => deletions.map((each) => ruled(each, "destroy", `${title(each)}-${suffix}`));
    const ids = () =>
        targets.map(({ deletion, ids: known }) =>
            declared(deletion, "destroy", known, { name: `${deletion.service}-ids` }),
        );
    const stack = await Stack.create({ program: programOf(...rules("before")), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");

    const programs = [
        rules("after"),
        [...rules("after"), ...ids()],
        ids(),
        [...ids(), ...rules("again")],
        rules("again"),
    ];
    for (const program of programs) {
        await stack.setProgram(programOf(...program));
        await stack.must("up", "--yes", "--skip-preview");
        await expectAlive();
    }

    await stack.must("destroy", "--yes", "--skip-preview");
    await expectAlive(true);
    for (const { deletion, ids: all } of targets) {
        expect((await tenant.submitted(deletion.service)).flat().sort()).toEqual(all);
    }
});

test("--target leaves the rule without a check: dropped ids that it matches are left to it all the same", async () => {
    const tenant = await Tenant.open();
    const ids = await leftovers(tenant, vias, 2);
    const cloud = 'const cloud = require("pulumi-huaweicloud-batch");\n';
    const rule = `new cloud.${vias.type}("rule", ${JSON.stringify({ when: "destroy", ...byRule(vias) })});\n`;
    const dropped = `new cloud.${vias.type}("ids", ${JSON.stringify({ when: "destroy", ...vias.args(ids) })});\n`;
    const stack = await Stack.create({ program: cloud + rule + dropped, env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");

    await stack.setProgram(cloud + rule);
    const urn = (await stack.resource("ids")).urn;
    const { output } = await stack.must("up", "--yes", "--skip-preview", "--target", urn);
    expect(output).toContain("2 of 2 batch tasks left alone: this program declares them (rule)");
    expect(await alive(tenant, vias)).toEqual(ids);
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, vias)).toEqual([]);
});
