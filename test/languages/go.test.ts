/** The SDK for Go, as `npm run sdks` makes it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { ArchiveServer } from "../e2e/archive-server";
import { addTargets, alive, workspaceapp } from "../e2e/deletions";
import { checkout, environmentIn, Stack } from "../e2e/stack";
import { Tenant } from "../e2e/tenant";
import { must } from "./commands";

test("the SDK and the example compile, and the example deletes with the stack what its configuration names", async () => {
    const schema = JSON.parse(await readFile(join(checkout, "src/provider/plugin/schema.json"), "utf8"));
    const { importBasePath } = schema.language.go;
    const module = importBasePath.slice(0, importBasePath.lastIndexOf("/"));
    expect(JSON.parse(await readFile(join(checkout, "sdks/go/huaweicloudbatch/pulumi-plugin.json"), "utf8"))).toEqual({
        resource: true,
        name: schema.name,
        version: schema.version,
        server: schema.pluginDownloadURL,
    });

    const archives = await ArchiveServer.start();
    try {
        const tenant = await Tenant.open();
        const ids = await addTargets(tenant, workspaceapp, 2);
        const stack = await Stack.ofProject("examples/teardown-go", { ...tenant.env, ...archives.env });
        const cwd = join(stack.directory, "program");
        // Go's host is not to be had as a Go module: ours, which runs what is compiled.
        const hosts = join(stack.directory, "hosts");
        await mkdir(hosts);
        const script = `#!/bin/sh\nexec node '${join(checkout, "tools/engine/language-host.mts")}' "$@"\n`;
        await writeFile(join(hosts, "pulumi-language-go"), script, { mode: 0o755 });
        const Path = [hosts, environmentIn("").PATH].join(delimiter);
        stack.setEnv({ ...tenant.env, ...archives.env, PATH: Path });
        const project = await readFile(join(cwd, "Pulumi.yaml"), "utf8");
        const compiled = project.replace("runtime: go\n", "runtime: {name: go, options: {binary: ./teardown}}\n");
        await stack.writeProgram("Pulumi.yaml", compiled);
        const go = { cwd, env: { ...process.env, GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "0" } };
        // It is not published: the one that was made here.
        await must("go", ["mod", "edit", `-replace=${module}=${join(checkout, "sdks/go")}`], go);
        await must("go", ["build", "-mod=readonly", `${importBasePath}/...`], go);
        await must("go", ["build", "-mod=readonly", "-o", "teardown", "."], go);

        await stack.must("config", "set", "imageServerIds", JSON.stringify(ids));
        await stack.must("up", "--yes", "--skip-preview");
        expect((await stack.resource("image-servers")).outputs).toMatchObject({ remaining: 2 });
        expect(await alive(tenant, workspaceapp)).toEqual(ids);
        await stack.must("destroy", "--yes", "--skip-preview");
        expect(await alive(tenant, workspaceapp)).toEqual([]);
    } finally {
        archives.close();
    }
});
