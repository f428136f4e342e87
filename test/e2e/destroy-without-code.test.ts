/** A stack of dynamic resources that is destroyed from an empty directory; of the plugin's: plugin-installed.test.ts. */
import { join } from "node:path";
import { addTargets, alive, declared, deletions } from "./deletions";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

test("without the package a destroy says what is missing and deletes nothing; NODE_PATH to where it is installed is enough", async () => {
    const tenant = await Tenant.open();
    const ids = await Promise.all(deletions.map((deletion) => addTargets(tenant, deletion, 2)));
    const program = programOf(...deletions.map((deletion, n) => declared(deletion, "destroy", ids[n] ?? [])));
    const stack = await Stack.create({ program, env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    const before = await tenant.requests();

    const failed = await stack.withoutCode({}, "nodejs", "destroy", "--yes", "--skip-preview");
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain("Cannot find module '@pulumi/pulumi/cmd/dynamic-provider'");
    expect(await tenant.requests()).toEqual(before);
    expect(await stack.resources()).toHaveLength(deletions.length);

    const installed = { NODE_PATH: join(stack.directory, "program/node_modules") };
    const ended = await stack.withoutCode(installed, "nodejs", "destroy", "--yes", "--skip-preview");
    expect(ended.code === 0 ? "" : ended.output).toBe("");
    for (const deletion of deletions) {
        expect(await alive(tenant, deletion)).toEqual([]);
    }
    expect(await stack.resources()).toEqual([]);
});
