/** What releases have stored (test/states), put into a stack of the real engine. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { resources } from "../states/conditions";
import type { Declared } from "./programs";
import type { Stack } from "./stack";
import type { Tenant } from "./tenant";

const recordings = join(__dirname, "../states");

const storedSchema = z.object({
    id: z.string(),
    inputs: z.record(z.string(), z.unknown()),
    outputs: z.record(z.string(), z.unknown()),
    initErrors: z.boolean(),
});
const deploymentSchema = z.looseObject({
    deployment: z.looseObject({ resources: z.array(z.record(z.string(), z.unknown())) }),
});

export interface Recording extends z.infer<typeof storedSchema> {
    readonly name: string;
    /** `<namespace>:<Resource>` */
    readonly resource: string;
    readonly condition: string;
}

/** "v1" … */
export const recordedVersions = readdirSync(recordings).filter((name) => /^v\d+$/.test(name));

export function recorded(version: string): Recording[] {
    return readdirSync(join(recordings, version))
        .sort()
        .map((file) => {
            const [namespace = "", resource = "", condition = ""] = file.split(".");
            const stored = storedSchema.parse(JSON.parse(readFileSync(join(recordings, version, file), "utf8")));
            const name = `${version}-${namespace}-${resource}-${condition}`;
            return { ...stored, name, resource: `${namespace}:${resource}`, condition };
        });
}

/** The resource as its program declares it: without the hidden inputs. */
export function declaredAs({ name, resource, inputs }: Recording): Declared {
    const args = Object.fromEntries(Object.entries(inputs).filter(([input]) => !input.startsWith("__")));
    return { type: resource.replace(":", "."), name, args };
}

/** Something of a stack whose entries the recordings are put into. */
export const seed: Declared = {
    type: "workspaceapp.ImageServerBatchDeletion",
    name: "seed",
    args: { imageServerIds: [], when: "destroy" },
};

/** Entries as this engine writes them, with what was recorded inside. The stack has `seed` already. */
export async function putInto(stack: Stack, states: readonly Recording[]): Promise<void> {
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
}

/** Everything that any recording names, batch tasks excepted, is in the cloud. `but`: not what resources of this type act on. */
export async function seedTargets(tenant: Tenant, but?: string): Promise<void> {
    const seeded = new Set<string>();
    for (const { resource, objects } of resources) {
        if (resource !== but && !seeded.has(JSON.stringify(objects))) {
            seeded.add(JSON.stringify(objects));
            await tenant.control.seed({ objects });
        }
    }
}
