import { addTargets, alive, declared, deletions } from "./deletions";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

describe.each(["dynamic", "plugin"] as const)("%s face", (face) => {
    test.each(deletions.map((deletion) => [deletion.service, deletion] as const))(
        "%s: up deletes what is due now, destroy without the program what is due then",
        async (_service, deletion) => {
            const tenant = await Tenant.open();
            const now = await addTargets(tenant, deletion, 3);
            const later = await addTargets(tenant, deletion, 3);
            const others = await addTargets(tenant, deletion, 2);
            const program = programOf(
                declared(deletion, "create", now, { name: "now" }),
                declared(deletion, "destroy", later, { name: "later" }),
            );
            const stack = await Stack.create({ program, env: tenant.env, face });
            await stack.must("preview");
            expect(await alive(tenant, deletion)).toEqual([...now, ...later, ...others].sort());
            await stack.must("up", "--yes", "--skip-preview");
            expect(await alive(tenant, deletion)).toEqual([...later, ...others].sort());
            expect((await stack.resource("now")).outputs).toMatchObject({ counts: { deleted: 3 }, remaining: 0 });
            await stack.must("preview", "--expect-no-changes");
            await stack.must("destroy", "--yes", "--skip-preview");
            expect(await alive(tenant, deletion)).toEqual(others);
            expect(await stack.resources()).toEqual([]);
        },
    );
});
