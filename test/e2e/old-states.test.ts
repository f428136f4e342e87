import { SCHEMA_VERSION } from "../../src/provider/state";
import { programOf } from "./programs";
import { declaredAs, putInto, recorded, recordedVersions, seed, seedTargets } from "./recorded-states";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** Everything that any release has stored, as the present code meets it: imported into a stack on the real engine. */
test.each(recordedVersions)("states of schema %s: imported, refreshed, updated and destroyed", async (version) => {
    const states = recorded(version);
    const tenant = await Tenant.open({ speed: 100 });
    const stack = await Stack.create({ program: programOf(seed), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    await putInto(stack, states);

    await seedTargets(tenant);
    for (const { resource, id, inputs } of states) {
        if (resource === "vias:BatchTask") {
            await tenant.addOne("vias", "batchTasks", { id, batch_task_name: inputs.name, task_state: "STOPPED" });
        }
    }
    await stack.must("refresh", "--yes", "--skip-preview");
    for (const { name, resource, condition } of states) {
        // An action that is done has no drift, nor has a rule that acts at destroy; a batch task that was to be started is seen to be stopped.
        if (resource === "vias:BatchTask") {
            expect((await stack.resource(name)).outputs.inDesiredState).toBe(false);
        } else if (resource !== "metastudio:AssetBatchAction" && condition !== "rule-recorded") {
            expect((await stack.resource(name)).outputs.remaining).toBeGreaterThan(0);
        }
    }

    const changed = states.map(declaredAs).map((each) => ({ ...each, args: { ...each.args, timeout: "10m" } }));
    await stack.setProgram(programOf(seed, ...changed));
    await stack.must("up", "--yes", "--skip-preview");
    for (const { name, resource, condition } of states) {
        const { outputs } = await stack.resource(name);
        const settled = resource === "vias:BatchTask" ? { inDesiredState: true } : { remaining: 0 };
        expect({ name, ...outputs }).toMatchObject({
            timeout: "10m",
            ...(condition === "recorded" ? {} : settled),
            schemaVersion: SCHEMA_VERSION,
        });
    }
    await stack.must("destroy", "--yes", "--skip-preview");
    expect(await stack.resources()).toEqual([]);
    expect(await tenant.doubles()).toEqual([]);
});

test("the state of a newer release is refused, and nothing is sent", async () => {
    const tenant = await Tenant.open();
    const ids = await tenant.add("workspaceapp", "imageServers", 1);
    const program = programOf({ ...seed, name: "servers", args: { imageServerIds: ids, when: "destroy" } });
    const stack = await Stack.create({ program, env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    await stack.importState(
        (await stack.exportText()).replaceAll(
            `"schemaVersion": ${SCHEMA_VERSION}`,
            `"schemaVersion": ${SCHEMA_VERSION + 1}`,
        ),
    );
    const before = (await tenant.requests()).length;
    const destroyed = await stack.destroy();
    expect(destroyed.code).not.toBe(0);
    expect(destroyed.output).toContain(
        `written by a newer release of pulumi-huaweicloud-batch (schema ${SCHEMA_VERSION + 1}`,
    );
    expect(await tenant.requests()).toHaveLength(before);
});
