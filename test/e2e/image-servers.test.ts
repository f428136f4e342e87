import { Stack } from "./stack";
import { Tenant } from "./tenant";

const SERVICE = "workspaceapp";
const KIND = "imageServers";

const program = (ids: readonly string[], when: "create" | "destroy") => `
const { workspaceapp } = require("pulumi-huaweicloud-batch");
const servers = new workspaceapp.ImageServerBatchDeletion("servers", {
    imageServerIds: ${JSON.stringify(ids)},
    recursive: false,
    when: ${JSON.stringify(when)},
});
exports.remaining = servers.remaining;
`;

test("when: create. Up deletes what is declared and nothing else; what comes back is deleted again; destroy deletes nothing", async () => {
    const tenant = await Tenant.open();
    const declared = await tenant.add(SERVICE, KIND, 45);
    const others = await tenant.add(SERVICE, KIND, 3, { name: "other-{n}" });
    const stack = await Stack.create({ program: program(declared, "create"), env: tenant.env });

    await stack.must("up", "--yes", "--skip-preview");
    expect((await tenant.ids(SERVICE, KIND)).sort()).toEqual([...others].sort());
    const requests = await tenant.submitted(SERVICE);
    expect(requests.map(({ length }) => length).sort()).toEqual([20, 20, 5]);
    expect(requests.flat().sort()).toEqual([...declared].sort());
    expect((await stack.resource("servers")).outputs).toMatchObject({
        counts: { deleted: 45, alreadyGone: 0, failed: 0, unknown: 0 },
        remaining: 0,
        open: [],
        failed: [],
    });

    await stack.setProgram(program([...declared].reverse(), "create"));
    await stack.must("preview", "--expect-no-changes");

    const [back = ""] = declared;
    await tenant.addOne(SERVICE, KIND, { id: back, name: "back" });
    await stack.must("refresh", "--yes", "--skip-preview");
    expect((await stack.resource("servers")).outputs).toMatchObject({ remaining: 1, open: [back] });
    await stack.must("up", "--yes", "--skip-preview");
    expect((await tenant.submitted(SERVICE)).slice(3)).toEqual([[back]]);
    expect((await tenant.ids(SERVICE, KIND)).sort()).toEqual([...others].sort());

    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await tenant.submitted(SERVICE)).toHaveLength(4);
    expect(await stack.resources()).toEqual([]);
    expect(await stack.processes()).toEqual([]);
});

test("when: destroy. Up only records; destroy, which runs no program, deletes what is still there", async () => {
    const tenant = await Tenant.open();
    const declared = await tenant.add(SERVICE, KIND, 21);
    const stack = await Stack.create({ program: program(declared, "destroy"), env: tenant.env });

    await stack.must("up", "--yes", "--skip-preview");
    expect(await tenant.submitted(SERVICE)).toEqual([]);
    expect(await tenant.ids(SERVICE, KIND)).toHaveLength(21);

    await tenant.control.remove({ service: SERVICE, kind: KIND, id: declared[0] ?? "" });
    await stack.setProgram("throw new Error('destroy runs no program');");
    await stack.must("destroy", "--yes", "--skip-preview");
    expect((await tenant.submitted(SERVICE)).flat().sort()).toEqual(declared.slice(1).sort());
    expect(await tenant.ids(SERVICE, KIND)).toEqual([]);
    expect((await tenant.control.auditLog()).doubleSubmissions).toEqual([]);
});
