import { programOf } from "./programs";
import { type Ended, Stack } from "./stack";
import { Tenant } from "./tenant";

/** What `pulumi preview` shows of what would happen in the cloud. */

const servers = (ids: readonly string[], args: object) =>
    programOf({
        type: "workspaceapp.ImageServerBatchDeletion",
        name: "old",
        args: { imageServerIds: ids, recursive: false, ...args },
    });

/** The lines of the resource in the diagnostics. */
function saidOf({ stdout }: Ended, resource: string): string[] {
    const [, diagnostics = ""] = stdout.split("Diagnostics:\n");
    const block = diagnostics.split("\n\n  ").find((part) => new RegExp(`\\(${resource}\\):\n`).test(part)) ?? "";
    return block
        .split("\n")
        .slice(1)
        .map((line) => line.trim())
        .filter((line) => line !== "" && !/^(Resources:|[+~-]* ?\d+ (to |unchanged))/.test(line));
}

async function thirty(tenant: Tenant): Promise<string[]> {
    const add = (count: number, status: string, name: string) =>
        tenant.add("workspaceapp", "imageServers", count, { name, status });
    const active = await add(20, "ACTIVE", "web-{n}");
    const creating = await add(5, "CREATING", "new-{n}");
    const built = await add(2, "BUILT", "golden-{n}");
    return [...active, ...creating, ...built, "50000000000000000001", "50000000000000000002", "50000000000000000003"];
}

test("a preview says what would be deleted, by name and state, what is gone, and what must be waited for", async () => {
    const tenant = await Tenant.open({ speed: 1 });
    const ids = await thirty(tenant);
    const stack = await Stack.create({ program: servers(ids, { when: "create" }), env: tenant.env });
    const preview = await stack.must("preview");
    expect(saidOf(preview, "old")).toEqual([
        "would delete 27 image servers in cn-north-4 (region from HW_REGION_NAME): " +
            "golden-0 (BUILT), golden-1 (BUILT), new-0 (CREATING), new-1 (CREATING), new-2 (CREATING), new-3 (CREATING), new-4 (CREATING), " +
            `${Array.from({ length: 13 }, (_, n) => `web-${n} (ACTIVE)`).join(", ")} … and 7 more; 3 are gone already; 5 must finish CREATING first`,
    ]);
    expect(await tenant.submissions()).toEqual([]);
});
