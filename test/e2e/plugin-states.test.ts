/** The provider plugin: what it stores, and what it refuses. On the real engine. */
import { addTargets, alive, declared, vias, workspaceapp } from "./deletions";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

const UP = ["up", "--yes", "--skip-preview"] as const;
const DESTROY = ["destroy", "--yes", "--skip-preview"] as const;

test("secret ids are in clear neither in the state nor in what is printed: their rows are #3 of 30", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 30);
    const stack = await Stack.create({
        program: `
            const { secret } = require("@pulumi/pulumi");
            const { workspaceapp } = require("pulumi-huaweicloud-batch");
            new workspaceapp.ImageServerBatchDeletion("servers", { when: "destroy", imageServerIds: secret(${JSON.stringify(ids)}) });`,
        env: tenant.env,
        face: "plugin",
    });
    const preview = await stack.must("preview", "--diff");
    const json = await stack.must("preview", "--json");
    await stack.must(...UP);
    const state = await stack.exportText();
    const destroyed = await stack.must("destroy", "--preview-only");
    const gone = await stack.must(...DESTROY);
    const said = [preview, json, destroyed, gone].map(({ output }) => output);
    for (const id of ids) {
        expect([state, ...said].join("\n")).not.toContain(id);
    }
    for (const output of said) {
        expect(output).toContain("servers/#3 of 30");
    }
    expect(await alive(tenant, workspaceapp)).toEqual([]);
});

test("a wrong argument, a wrong key of configuration and an import are refused by name", async () => {
    const tenant = await Tenant.open();
    const [id = ""] = await addTargets(tenant, vias, 1);
    const program = programOf(declared(vias, "create", [id], { name: "tasks", timeout: "soon" }));
    const stack = await Stack.create({ program, env: tenant.env, face: "plugin" });
    const wrong = await stack.run(...UP);
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toMatch(/timeout.*soon|soon.*timeout/s);

    await stack.setProgram(programOf(declared(vias, "create", [id], { name: "tasks" })));
    const imported = await stack.run(
        "import",
        "huaweicloud-batch:vias:BatchTaskDeletion",
        "x",
        id,
        "--yes",
        "--generate-code=false",
    );
    expect(imported.output).toContain("can't be imported");

    await stack.must("config", "set", "--plaintext", "huaweicloud-batch:regoin", "cn-north-4");
    const key = await stack.run(...UP);
    expect(key.code).not.toBe(0);
    expect(key.output).toContain("did you mean huaweicloud-batch:region?");
    expect(await alive(tenant, vias)).toEqual([id]);
});

test("a list function of the plugin shows what the package's own shows", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 3);
    const stack = await Stack.create({
        program: `
            const { workspaceapp } = require("pulumi-huaweicloud-batch");
            module.exports = async () => ({ ids: (await workspaceapp.listImageServers({ all: true })).ids.sort() });`,
        env: tenant.env,
        face: "plugin",
    });
    const ended = await stack.must(...UP);
    for (const id of ids) {
        expect(ended.output).toContain(id);
    }
});
