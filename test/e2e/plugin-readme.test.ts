/** What README shows of a preview with the plugin is what the engine prints. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { declared, workspaceapp } from "./deletions";
import { programOf } from "./programs";
import { checkout, Stack } from "./stack";
import { Tenant } from "./tenant";

const ID = "5000000000000000000";

test("README shows the rows of a preview as they are printed", async () => {
    const tenant = await Tenant.open();
    for (const [n, status] of ["ACTIVE", "BUILT", "ERROR"].entries()) {
        await tenant.addOne("workspaceapp", "imageServers", { id: `${ID}${n + 1}`, name: `web-${n + 1}`, status });
    }
    const ids = [1, 2, 3, 5].map((n) => `${ID}${n}`);
    const stack = await Stack.create({
        program: programOf(declared(workspaceapp, "create", ids, { name: "old" })),
        env: tenant.env,
        face: "plugin",
    });
    const { stdout } = await stack.must("preview");
    const readme = readFileSync(join(checkout, "README.md"), "utf8");
    const [, shown = ""] = /^\$ pulumi preview # with the plugin\n([\s\S]*?)^```/m.exec(readme) ?? [];
    expect(shown).not.toBe("");
    expect(lastRows(stdout)).toEqual(lastRows(shown));
});

/** What each row of the display says at last, sorted: the engine prints it again whenever it changes. */
function lastRows(output: string): string[] {
    const rows = output.matchAll(/^ *([+~] +\S+:\S+ \S+ .*?) *$/gm);
    const last = new Map<string, string>();
    for (const [, row = ""] of rows) {
        const words = row.split(/\s+/);
        last.set(words.slice(1, 3).join(" "), words.join(" "));
    }
    return [...last.values()].sort();
}
