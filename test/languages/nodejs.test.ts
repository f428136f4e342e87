/** The SDK for Node.js, as `npm run sdks` makes it: a program takes it in the place of the package. */
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { ArchiveServer } from "../e2e/archive-server";
import { addTargets, alive, workspaceapp } from "../e2e/deletions";
import { checkout, Stack } from "../e2e/stack";
import { Tenant } from "../e2e/tenant";
import { must } from "./commands";

test("the example for the package compiles with the SDK too, and deletes with the stack what its configuration names", async () => {
    const schema = JSON.parse(await readFile(join(checkout, "src/provider/plugin/schema.json"), "utf8"));
    const { packageName } = schema.language.nodejs;
    const example = await readFile(join(checkout, "examples/teardown/index.ts"), "utf8");
    const source = example.replace('"pulumi-huaweicloud-batch"', JSON.stringify(packageName));
    expect(source).not.toBe(example);
    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
    const { outputText } = ts.transpileModule(source, { compilerOptions });

    const archives = await ArchiveServer.start();
    try {
        const tenant = await Tenant.open();
        const ids = await addTargets(tenant, workspaceapp, 2);
        const stack = await Stack.create({
            program: outputText,
            env: { ...tenant.env, ...archives.env },
            config: { imageServerIds: JSON.stringify(ids) },
        });
        const program = join(stack.directory, "program");
        const sdk = join(program, "node_modules", packageName);
        await cp(join(checkout, "sdks/nodejs/bin"), sdk, { recursive: true });
        expect(JSON.parse(await readFile(join(sdk, "package.json"), "utf8"))).toMatchObject({
            version: schema.version,
            pulumi: { resource: true, name: schema.name, version: schema.version, server: schema.pluginDownloadURL },
        });
        await stack.writeProgram("index.ts", source);
        const tsc = join(checkout, "node_modules/typescript/bin/tsc");
        const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "node20", "--target", "es2022"];
        await must(process.execPath, [tsc, ...options, "index.ts"], { cwd: program });

        await stack.must("up", "--yes", "--skip-preview");
        expect((await stack.resource("image-servers")).type).toBe(
            "huaweicloud-batch:workspaceapp:ImageServerBatchDeletion",
        );
        expect(await alive(tenant, workspaceapp)).toEqual(ids);
        await stack.must("destroy", "--yes", "--skip-preview");
        expect(await alive(tenant, workspaceapp)).toEqual([]);
    } finally {
        archives.close();
    }
});
