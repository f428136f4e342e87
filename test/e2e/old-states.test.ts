import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SCHEMA_VERSION } from "../../src/provider/state";
import { resources } from "../states/conditions";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** Everything that any release has stored, as the present code meets it: imported into a stack on the real engine. */
const recordings = join(__dirname, "../states");

const storedSchema = z.object({
    id: z.string(),
    inputs: z.record(z.string(), z.unknown()),
    outputs: z.record(z.string(), z.unknown()),
    initErrors: z.boolean(),
});
type Entry = Record<string, unknown>;
const deploymentSchema = z.looseObject({
    deployment: z.looseObject({ resources: z.array(z.record(z.string(), z.unknown())) }),
});

interface Recording extends z.infer<typeof storedSchema> {
    readonly name: string;
    readonly resource: string;
    readonly condition: string;
}

function recorded(version: string): Recording[] {
    return readdirSync(join(recordings, version))
        .sort()
        .map((file) => {
            const [namespace = "", resource = "", condition = ""] = file.split(".");
            const stored = storedSchema.parse(JSON.parse(readFileSync(join(recordings, version, file), "utf8")));
            const name = `${namespace}-${resource}-${condition}`;
            return { ...stored, name, resource: `${namespace}:${resource}`, condition };
        });
}

/** What a program declares of it: without the hidden inputs. */
function declared({ inputs }: Recording): Entry {
    return Object.fromEntries(Object.entries(inputs).filter(([input]) => !input.startsWith("__")));
}

function program(entries: ReadonlyArray<{ name: string; resource: string; args: Entry }>): string {
    const lines = entries.map(({ name, resource, args }) => {
        const [namespace, type] = resource.split(":");
        return `new batch.${namespace}.${type}(${JSON.stringify(name)}, ${JSON.stringify(args)});`;
    });
    return ['const batch = require("pulumi-huaweicloud-batch");', ...lines].join("\n");
}

const versions = readdirSync(recordings).filter((name) => /^v\d+$/.test(name));

test.each(versions)("states of schema %s: imported, refreshed, updated and destroyed", async (version) => {
    const states = recorded(version);
    const tenant = await Tenant.open({ speed: 100 });
    const seed = {
        name: "seed",
        resource: "workspaceapp:ImageServerBatchDeletion",
        args: { imageServerIds: [], when: "destroy" },
    };
    const stack = await Stack.create({ program: program([seed]), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");

    // Entries as this engine writes them, with what was recorded inside.
    const exported = deploymentSchema.parse(JSON.parse(await stack.exportText()));
    const model = z
        .looseObject({ urn: z.string(), type: z.string(), inputs: z.looseObject({ __provider: z.string() }) })
        .parse(exported.deployment.resources.find(({ urn }) => String(urn).endsWith("::seed")));
    for (const state of states) {
        const [namespace, type] = state.resource.split(":");
        const token = `pulumi-nodejs:dynamic/huaweicloud-batch/${namespace}:${type}`;
        const urn = model.urn.replace(model.type, token).replace(/::seed$/, `::${state.name}`);
        const hidden = { __provider: model.inputs.__provider, __urn: urn };
        exported.deployment.resources.push({
            ...model,
            urn,
            type: token,
            id: state.id,
            inputs: { ...state.inputs, ...hidden },
            outputs: { ...state.outputs, ...hidden },
            ...(state.initErrors ? { initErrors: ["as it was recorded"] } : {}),
        });
    }
    await stack.importState(JSON.stringify(exported));

    // Everything that any of them names is there again.
    const seeded = new Set<string>();
    for (const { objects } of resources) {
        if (!seeded.has(JSON.stringify(objects))) {
            seeded.add(JSON.stringify(objects));
            await tenant.control.seed({ objects });
        }
    }
    for (const { resource, id, inputs } of states) {
        if (resource === "vias:BatchTask") {
            await tenant.addOne("vias", "batchTasks", { id, batch_task_name: inputs.name, task_state: "STOPPED" });
        }
    }
    await stack.must("refresh", "--yes", "--skip-preview");
    for (const { name, resource } of states) {
        // An action that is done has no drift; a batch task that was to be started is seen to be stopped.
        if (resource === "vias:BatchTask") {
            expect((await stack.resource(name)).outputs.inDesiredState).toBe(false);
        } else if (resource !== "metastudio:AssetBatchAction") {
            expect((await stack.resource(name)).outputs.remaining).toBeGreaterThan(0);
        }
    }

    const args = states.map((state) => ({ ...state, args: { ...declared(state), timeout: "10m" } }));
    await stack.setProgram(program([seed, ...args]));
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
    const args = { imageServerIds: ids, when: "destroy" };
    const stack = await Stack.create({
        program: program([{ name: "servers", resource: "workspaceapp:ImageServerBatchDeletion", args }]),
        env: tenant.env,
    });
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
