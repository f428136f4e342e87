import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { addTargets, declared, deletions } from "./deletions";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** `plan` on the states of real stacks: what it says is what destroy and up then do. */

test("scratch", async () => {
    const tenant = await Tenant.open({ speed: 100 });
    const sets = [];
    for (const deletion of deletions) {
        sets.push({ deletion, ids: await addTargets(tenant, deletion, 3) });
    }
    const program = programOf(...sets.map(({ deletion, ids }) => declared(deletion, "destroy", ids)));
    const stack = await Stack.create({ program, env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    console.log((await stack.command("plan")).output);
    console.log((await stack.command("plan", "--for", "up")).output);
    console.log((await stack.command("plan", "--markdown")).output);
    const json = await stack.command("plan", "--json", "--out", "approved.json");
    console.log(json.code, json.output.slice(0, 2000));
    console.log(await readFile(join(stack.directory, "program/approved.json"), "utf8"));
});
