import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** What people read, on the real engine. */

const servers = (args: Readonly<Record<string, unknown>>) =>
    programOf({ type: "workspaceapp.ImageServerBatchDeletion", name: "servers", args });

test("a plan that was saved binds up to the ids that were previewed", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const ids = await tenant.add("workspaceapp", "imageServers", 3);
    const args = { recursive: false, when: "create", timeout: "2m" };
    const stack = await Stack.create({
        program: servers({ ...args, imageServerIds: ids.slice(0, 2) }),
        env: { ...tenant.env, PULUMI_EXPERIMENTAL: "true" },
    });
    await stack.must("preview", "--save-plan=plan.json");
    await stack.setProgram(servers({ ...args, imageServerIds: ids }));
    expect(await stack.up("--plan=plan.json")).not.toMatchObject({ code: 0 });
    expect(await tenant.submitted("workspaceapp")).toEqual([]);
    await stack.setProgram(servers({ ...args, imageServerIds: ids.slice(0, 2) }));
    await stack.must("up", "--yes", "--skip-preview", "--plan=plan.json");
    expect(await tenant.ids("workspaceapp", "imageServers")).toEqual(ids.slice(2));
});

test("an error of check shows the value that is wrong and not thousands of others, and no secret", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const many = Array.from({ length: 2_000 }, (_, n) => `server-${n}`);
    const common = { recursive: false, when: "create" };
    const stack = await Stack.create({
        program: servers({ ...common, imageServerIds: many, maxItems: 50 }),
        env: tenant.env,
    });
    const tooMany = await stack.preview();
    expect(tooMany.output).toContain("property maxItems value {50} has a problem: 2000 targets are declared");
    expect(tooMany.output).not.toContain("server-7");

    await stack.setProgram(
        servers({ ...common, imageServerIds: ["fine", "a b\u001b[2J", Number("5123456789012345678")] }),
    );
    const wrong = await stack.preview();
    expect(wrong.output).toMatch(/imageServerIds\[1\].*, not "a b\\u\{1b\}\[2J"/);
    expect(wrong.output).toMatch(
        /imageServerIds\[2\].* is a number, and as one has lost its last digits.*--type string/,
    );
    expect(wrong.output).not.toContain("\u001b[2J");

    await stack.setProgram(`
const pulumi = require("@pulumi/pulumi");
const { vias } = require("pulumi-huaweicloud-batch");
new vias.BatchTask("task", {
    name: pulumi.secret("PLANTED name"), serviceName: "counting", serviceVersion: "1.0.0",
    batchInput: { videoSourceGroup: [] }, output: "PLANTED output",
});`);
    const secret = await stack.preview();
    expect(secret.output).toMatch(/name: .*, not a secret value/);
    expect(secret.output).not.toContain("PLANTED");
});

test("most ids of digits become numbers without --type string, and the message names that option; with it they are the ids", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const stack = await Stack.create({
        program: `
const pulumi = require("@pulumi/pulumi");
const { workspaceapp } = require("pulumi-huaweicloud-batch");
const imageServerIds = new pulumi.Config().requireObject("imageServerIds");
new workspaceapp.ImageServerBatchDeletion("servers", { imageServerIds, recursive: false, when: "create", onMissing: "ignore" });`,
        env: tenant.env,
    });
    const ids = ["1234567", "512345678901234567", "12345678901234567890", "51234567890123456789"];
    for (const [n, id] of ids.entries()) {
        await stack.must("config", "set", "--path", `imageServerIds[${n}]`, id);
    }
    const { output } = await stack.preview();
    const way = "what is asked for is a string. .*set it with `--type string`";
    expect(output).toMatch(new RegExp(`imageServerIds\\[0\\] .*: 1234567 is a number; ${way}`));
    expect(output).toMatch(new RegExp(`imageServerIds\\[1\\] .* has lost its last digits; ${way}`));
    expect(output).toMatch(new RegExp(`imageServerIds\\[2\\] .* has lost its last digits; ${way}`));
    // What no integer of 64 bits holds is left as it is.
    expect(output).not.toContain("imageServerIds[3]");

    for (const [n, id] of ids.entries()) {
        await stack.must("config", "set", "--type", "string", "--path", `imageServerIds[${n}]`, id);
    }
    await stack.must("preview");
    expect(JSON.parse((await stack.must("config", "get", "imageServerIds")).output)).toEqual(ids);
});

test("of ids and a project that are secret nothing is in clear: state, output, errors, failures", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const ids = await tenant.add("workspaceapp", "imageServers", 3);
    await tenant.control.seed({
        outcomes: [
            {
                service: "workspaceapp",
                process: "delete-image-server",
                ids: ids.slice(1, 2),
                outcome: "fail",
                code: "WKS.1",
                message: `${ids[1]} is locked`,
            },
        ],
    });
    const program = (when: string) => `
const pulumi = require("@pulumi/pulumi");
const { workspaceapp } = require("pulumi-huaweicloud-batch");
new workspaceapp.ImageServerBatchDeletion("servers", {
    imageServerIds: pulumi.secret(${JSON.stringify(ids)}), recursive: false, when: "${when}", timeout: "2m",
});`;
    const stack = await Stack.create({ program: program("create"), env: tenant.env });
    const failed = await stack.up();
    expect(failed.code).not.toBe(0);
    expect(failed.output).toMatch(/#\d of 3/);
    const seen = async () => {
        const runs = [failed, await stack.refresh(), await stack.preview("--diff"), await stack.exportText()];
        return runs.map((run) => (typeof run === "string" ? run : run.output)).join("\n");
    };
    const text = await seen();
    expect(ids.filter((id) => text.includes(id))).toEqual([]);
    const { outputs } = await stack.resource("servers");
    expect(outputs).toMatchObject({ remaining: 1, open: expect.objectContaining({ ciphertext: expect.any(String) }) });
    const destroyed = await stack.destroy();
    expect(destroyed.code).toBe(0);
});

test("a package that the program alone can load is refused before anything is registered, with what to do", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const stack = await Stack.create({ program: servers({ imageServerIds: ["1"], when: "create" }), env: tenant.env });
    await stack.wrap();
    const refused = await stack.preview();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/can't be loaded from .*program: .*npm i pulumi-huaweicloud-batch/);
    expect(refused.output).not.toContain("Cannot find module");
});
