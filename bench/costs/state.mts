import { startEmulator } from "../../emulator/src/index.ts";
import type { Cost } from "./cost.ts";
import { variables } from "./first-request.mts";
import { inProject } from "./project.mts";
import { ourText, ProviderProcess } from "./provider-process.mts";

const TARGETS = 1_000;

export const state: Cost = {
    name: "state",
    measure: async () => {
        const ids = Array.from({ length: TARGETS }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
        const emulator = await startEmulator({
            speed: 200,
            seed: {
                objects: [
                    { service: "clouddc", kind: "instances", objects: ids.map((id) => ({ id, state: "stopped" })) },
                ],
            },
        });
        try {
            const bytes = await inProject({}, async (directory) => {
                const provider = await ProviderProcess.start(directory, variables(emulator.url));
                try {
                    const inputs = await provider.check({
                        __provider: await ourText(),
                        __resource: "clouddc:InstanceBatchDeletion",
                        instanceIds: ids,
                        when: "create",
                    });
                    const outputs = await provider.create(inputs);
                    return kept(inputs) + kept(outputs);
                } finally {
                    provider.stop();
                }
            });
            const perTarget = bytes / TARGETS;
            const idBytes = ids[0]?.length ?? 0;
            return {
                name: "state",
                what: `state of a resource with ${TARGETS.toLocaleString("en")} targets, per target`,
                runs: 1,
                unit: "bytes",
                ours: perTarget,
                beside: { what: "one id", figure: idBytes },
                judged: { what: "inputs and outputs", figure: perTarget, most: 2 * (idBytes + 10) },
            };
        } finally {
            await emulator.close();
        }
    },
};

/** As the engine keeps it; our code, the same text for each resource, has a row of its own. */
function kept({ __provider, ...properties }: Readonly<Record<string, unknown>>): number {
    return Buffer.byteLength(JSON.stringify(properties));
}
