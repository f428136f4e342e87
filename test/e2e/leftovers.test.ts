import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { checkout, Stack } from "./stack";
import { Tenant } from "./tenant";

test("the example leftovers: what was made after up, and matches, goes with the stack; what is excepted or named otherwise lives", async () => {
    const tenant = await Tenant.open();
    const source = await readFile(join(checkout, "examples/leftovers/index.ts"), "utf8");
    const { outputText } = ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const stack = await Stack.create({ program: outputText, env: tenant.env });
    await tenant.add("workspaceapp", "imageServers", 1, { name: "other-{n}" });
    await stack.must("up", "--yes", "--skip-preview");

    await tenant.add("workspaceapp", "imageServers", 5, { name: "dev-{n}" });
    await tenant.add("workspaceapp", "imageServers", 1, { name: "dev-golden" });
    await stack.must("destroy", "--yes", "--skip-preview");
    const left = await tenant.control.objects("workspaceapp", "imageServers");
    expect(left.map(({ object }) => object.name).sort()).toEqual(["dev-golden", "other-0"]);
    expect(await stack.resources()).toEqual([]);
});
