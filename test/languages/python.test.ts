/** The Python SDK, as `npm run sdks` makes it, in programs that the Automation API runs: they need no language host. */
import { readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { ArchiveServer } from "../e2e/archive-server";
import { addTargets, alive, workspaceapp } from "../e2e/deletions";
import { checkout, environmentIn, Stack } from "../e2e/stack";
import { Tenant } from "../e2e/tenant";
import { must } from "./commands";

const venv = join(checkout, "node_modules/.cache/pulumi-huaweicloud-batch/python");
const python = join(venv, "bin/python");
let archives: ArchiveServer;

beforeAll(async () => {
    await must("python3", ["-m", "venv", venv], { cwd: checkout });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    await must(python, [...pip, "-r", join(__dirname, "requirements.txt")], { cwd: checkout });
    const anew = ["--force-reinstall", "--no-deps", "--no-build-isolation"];
    await must(python, [...pip, ...anew, join(checkout, "sdks/python")], { cwd: checkout });
    archives = await ArchiveServer.start();
});
afterAll(() => archives.close());

/** A stack that the Automation API makes: `Stack` has the directory, and looks at the state. */
async function place(tenant: Tenant) {
    const stack = await Stack.ofProject("examples/teardown-python", { ...tenant.env, ...archives.env });
    const inherited = environmentIn(stack.directory);
    const env = { ...inherited, ...tenant.env, ...archives.env, PATH: dirname(python) + delimiter + inherited.PATH };
    return { stack, run: (...args: string[]) => must(python, args, { cwd: join(stack.directory, "program"), env }) };
}

test("the SDK has the version of the package, and knows where the plugin is had from", async () => {
    const { version, pluginDownloadURL } = JSON.parse(
        await readFile(join(checkout, "src/provider/plugin/schema.json"), "utf8"),
    );
    const said = await must(
        python,
        [
            "-c",
            "from pulumi_huaweicloud_batch import _utilities as u; print(u.get_version(), u.get_plugin_download_url())",
        ],
        { cwd: checkout },
    );
    expect(said.trim()).toBe(`${version} ${pluginDownloadURL}`);
});

test("the example automation.py deletes with the stack what it was given, with the code and from an empty directory", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 2);
    const others = await addTargets(tenant, workspaceapp, 1);
    const { stack, run } = await place(tenant);
    expect(await run("automation.py", "up", ...ids)).toContain("still there: 2");
    expect(await alive(tenant, workspaceapp)).toEqual([...ids, ...others].sort());
    await run("automation.py", "destroy");
    expect(await alive(tenant, workspaceapp)).toEqual(others);
    expect(await stack.resources()).toEqual([]);

    await run("automation.py", "up", ...others);
    const ended = await stack.withoutCode(archives.env, "python", "destroy", "--yes", "--skip-preview");
    expect(ended.code === 0 ? "" : ended.output).toBe("");
    expect(await alive(tenant, workspaceapp)).toEqual([]);
});

test("the example's plain program declares the same", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 2);
    const { stack, run } = await place(tenant);
    // As the language host runs it, which is not to be had here: the file as __main__, in its own directory.
    const driver = `
import runpy
from pulumi import automation
program = lambda: runpy.run_path("__main__.py", run_name="__main__")
stack = automation.create_or_select_stack("dev", project_name="teardown", program=program)
stack.set_config("imageServerIds", automation.ConfigValue('${JSON.stringify(ids)}'))
stack.up()
`;
    await run("-c", driver);
    expect((await stack.resource("image-servers")).inputs).toMatchObject({
        imageServerIds: ids,
        recursive: true,
        when: "destroy",
        timeout: "2h",
        allowedFailures: 0,
    });
    expect(await alive(tenant, workspaceapp)).toEqual(ids);
});
