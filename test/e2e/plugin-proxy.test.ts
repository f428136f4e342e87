import { addTargets, alive, declared, workspaceapp } from "./deletions";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

test("with a proxy in the environment the plugin finds the part of undici that its bundle leaves out", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, workspaceapp, 1);
    const stack = await Stack.create({
        program: programOf(declared(workspaceapp, "create", ids)),
        // Nothing listens there: requests to the emulator go straight to it, as all to this machine.
        env: { ...tenant.env, HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1" },
        face: "plugin",
    });
    await stack.must("up", "--yes", "--skip-preview");
    expect(await alive(tenant, workspaceapp)).toEqual([]);
});
