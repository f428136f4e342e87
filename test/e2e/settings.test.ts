import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addTargets, alive, clouddc, declared, workspaceapp } from "./deletions";
import { programOf } from "./programs";
import { shell } from "./shell";
import { environmentIn, Stack } from "./stack";
import { Tenant } from "./tenant";

/** What is set is honoured, or refused by name: on the real engine, with stack configuration as it hands it over. */

const keysOf = (accessKey: string, secretKey: string) => ({ HW_ACCESS_KEY: accessKey, HW_SECRET_KEY: secretKey });

async function placeAlone(tenant: Tenant): Promise<Record<string, string>> {
    const { HW_ACCESS_KEY: _access, HW_SECRET_KEY: _secret, ...place } = tenant.env;
    return place;
}

async function writeProfiles(stack: Stack, ...profiles: object[]): Promise<void> {
    const directory = join(stack.directory, "home/.hcloud");
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "config.json"), JSON.stringify({ current: "none", profiles }));
}

test("a profile that stack configuration names acts alone, and moves no stored place", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, clouddc, 2);
    const env = { ...tenant.env, ...keysOf("nobody", "wrong") };
    const stack = await Stack.create({
        program: programOf(declared(clouddc, "destroy", ids.slice(0, 1))),
        env,
        config: { "huaweicloud-batch:profile": "ops" },
    });
    await writeProfiles(stack, {
        name: "ops",
        mode: "AKSK",
        accessKeyId: "emulator",
        secretAccessKey: "emulator",
        region: "cn-north-4",
    });
    await stack.must("up", "--yes", "--skip-preview");
    const [place] = (await stack.resources()).map(({ outputs }) => outputs.place);
    expect(place).not.toHaveProperty("profile");
    await stack.must("preview", "--expect-no-changes");

    // Another profile of another region: the place stays, and the new one acts.
    await writeProfiles(stack, {
        name: "others",
        mode: "AKSK",
        accessKeyId: "emulator",
        secretAccessKey: "emulator",
        region: "cn-east-3",
    });
    await stack.must("config", "set", "huaweicloud-batch:profile", "others");
    await stack.must("preview", "--expect-no-changes");
    await stack.setProgram(programOf(declared(clouddc, "destroy", ids)));
    await stack.must("up", "--yes", "--skip-preview");
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, clouddc)).toEqual([]);
    expect(new Set((await tenant.requests()).flatMap(({ identity }) => identity ?? []))).toEqual(new Set(["emulator"]));
});

test("a cloud that stack configuration names may only be the cloud's own; nothing is sent", async () => {
    const tenant = await Tenant.open();
    const stack = await Stack.create({
        program: programOf(declared(clouddc, "create", await addTargets(tenant, clouddc, 1))),
        env: tenant.env,
        config: { "huaweicloud-batch:cloud": "evil.example.com" },
    });
    const refused = await stack.up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("huaweicloud-batch:cloud");
    expect(await tenant.requests()).toEqual([]);
});

test("an unknown key of stack configuration: an error in up, a warning in refresh and destroy, which go on", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, clouddc, 2);
    const stack = await Stack.create({
        program: programOf(declared(clouddc, "destroy", ids.slice(0, 1))),
        env: { ...tenant.env, HUAWEICLOUD_BATCH_TIMEOTU: "1m" },
        config: { "huaweicloud-batch:regoin": "cn-east-3" },
    });
    const told = "huaweicloud-batch:regoin is not known (did you mean huaweicloud-batch:region?)";
    const created = await stack.up();
    expect(created.code).not.toBe(0);
    expect(timesIn(created.output, told)).toBe(1);
    expect(created.output).not.toMatch(/^\s+at /m);
    expect(await tenant.requests()).toEqual([]);
    const previewed = await stack.preview();
    expect(previewed.output).toContain(`warning: stack configuration: ${told}`);

    await stack.must("config", "rm", "huaweicloud-batch:regoin");
    const made = await stack.must("up", "--yes", "--skip-preview");
    expect(made.output).toContain("HUAWEICLOUD_BATCH_TIMEOTU (did you mean HUAWEICLOUD_BATCH_TIMEOUT?)");
    expect(made.output).toMatch(/\b1 warning\b/);
    await stack.must("config", "set", "huaweicloud-batch:regoin", "cn-east-3");
    await stack.setProgram(programOf(declared(clouddc, "destroy", ids)));
    const updated = await stack.up();
    expect(updated.code).not.toBe(0);
    expect(timesIn(updated.output, told)).toBe(1);

    for (const command of ["refresh", "destroy"]) {
        const ended = await stack.must(command, "--yes", "--skip-preview");
        expect(ended.output).toContain(`warning: stack configuration: ${told}`);
    }
    expect(await alive(tenant, clouddc)).toEqual(ids.slice(1));
});

test("a key of stack configuration that was rotated: refresh and destroy name the three ways, and each works", async () => {
    const tenant = await Tenant.open();
    const sets = [await addTargets(tenant, clouddc, 1), await addTargets(tenant, workspaceapp, 1)];
    const program = programOf(
        declared(clouddc, "destroy", sets[0] ?? []),
        declared(workspaceapp, "destroy", sets[1] ?? []),
    );
    const stack = await Stack.create({ program, env: await placeAlone(tenant) });
    const setKey = async (secret: string) => {
        await stack.must("config", "set", "--secret", "huaweicloud-batch:accessKey", "emulator");
        await stack.must("config", "set", "--secret", "huaweicloud-batch:secretKey", secret);
    };
    await setKey("emulator");
    await stack.must("up", "--yes", "--skip-preview");

    const change = { service: "iam", kind: "accessKeys", id: "emulator", changes: { secret: "rotated-secret" } };
    expect(await tenant.control.change(change)).toBe(true);
    await setKey("rotated-secret");
    for (const command of ["refresh", "destroy"]) {
        const refused = await stack.run(command, "--yes", "--skip-preview");
        expect(refused.code).not.toBe(0);
        for (const words of ["huaweicloud-batch:accessKey", "`pulumi up` first", "--run-program", "HW_ACCESS_KEY"]) {
            expect(refused.output).toContain(words);
        }
        expect(refused.output).not.toContain("clock");
        expect(refused.output).not.toContain("rotated-secret");
    }
    await tenant.control.clock({ do: "advance", ms: 600_000 });

    stack.setEnv({ ...tenant.env, ...keysOf("emulator", "rotated-secret") });
    await stack.must("refresh", "--yes", "--skip-preview");
    stack.setEnv(await placeAlone(tenant));
    await stack.must("refresh", "--yes", "--skip-preview", "--run-program");
    await stack.must("up", "--yes", "--skip-preview");
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await alive(tenant, clouddc)).toEqual([]);
    expect(await alive(tenant, workspaceapp)).toEqual([]);
});

test("a filter from configuration that is not set lists nothing, and deletes nothing", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 3);
    const program = `
const pulumi = require("@pulumi/pulumi");
const { workspaceapp } = require("pulumi-huaweicloud-batch");
const serverName = new pulumi.Config().get("prefix");
const found = workspaceapp.listImageServersOutput({ serverName: pulumi.output(serverName) });
new workspaceapp.ImageServerBatchDeletion("found", {
    when: "create", recursive: false, imageServerIds: found.apply((servers) => servers.map(({ id }) => id)),
});
`;
    const stack = await Stack.create({ program, env: tenant.env });
    for (const run of [await stack.preview(), await stack.up()]) {
        expect(run.code).not.toBe(0);
        expect(run.output).toContain("workspaceapp.listImageServers: serverName is given and is undefined");
    }
    expect(await tenant.requests()).toEqual([]);
    await stack.must("config", "set", "prefix", "server-2");
    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, workspaceapp)).toHaveLength(ids.length - 1);
});

test("Automation API, inline: lists act as the host process; a refusal is not final for the next up in it", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, clouddc, 2);
    const stack = await Stack.create({ program: "", env: tenant.env });
    const script = `
const { LocalWorkspace } = require("@pulumi/pulumi/automation");
const { clouddc } = require("pulumi-huaweicloud-batch");
const program = async () => {
    const found = await clouddc.listInstances({ all: true });
    new clouddc.InstanceBatchDeletion("found", { when: "create", instanceIds: found.map(({ id }) => id) });
    return { found: found.map(({ id }) => id) };
};
(async () => {
    const stack = await LocalWorkspace.createOrSelectStack(
        { stackName: "inline", projectName: "inline", program },
        // The provider acts by these, in the directory where the package is found; the host's own environment stays as it is.
        { workDir: __dirname, envVars: ${JSON.stringify(keysOf("emulator", "emulator"))} },
    );
    const refused = await stack.up().then(() => "let in", (error) => String(error.message));
    console.log("REFUSED", /nothing more is sent with the credentials from the environment/.test(refused));
    process.env.HW_SECRET_KEY = "emulator";
    const { outputs } = await stack.up();
    console.log("FOUND", JSON.stringify(outputs.found.value));
})().catch((error) => { console.error(error.message); process.exitCode = 1; });
`;
    const cwd = join(stack.directory, "program");
    await writeFile(join(cwd, "inline.js"), script);
    const env = { ...environmentIn(stack.directory), ...tenant.env, ...keysOf("emulator", "wrong") };
    const output = await shell("node inline.js", {
        cwd,
        env: { ...env, PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "1" },
    });
    expect(output).toContain("REFUSED true");
    expect(JSON.parse(/^FOUND (.*)$/m.exec(output)?.[1] ?? "[]").toSorted()).toEqual(ids.toSorted());
    expect(await alive(tenant, clouddc)).toEqual([]);
    expect((await tenant.requests()).filter(({ status }) => status === 401)).toHaveLength(1);
});

/** In the diagnostics, which repeat what rows showed before. */
function timesIn(output: string, told: string): number {
    return output.slice(output.indexOf("Diagnostics:")).split(told).length - 1;
}
