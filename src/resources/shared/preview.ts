import * as pulumi from "@pulumi/pulumi";
import { engineAddress } from "./declarations";

/** The class of a declared resource, and its outputs. */
export interface ForeseenFacts {
    readonly namespace: string;
    readonly resource: string;
    readonly outputs: readonly string[];
}

const SWITCH = "HUAWEICLOUD_BATCH_PREVIEW";

/**
 * In a preview: looks at the cloud, reads only, and shows in the resource's row what would happen. The program goes on meanwhile; its end
 * waits for it. Nothing of it can fail the program. HUAWEICLOUD_BATCH_PREVIEW=off: does nothing.
 */
export function foresee(
    resource: pulumi.CustomResource,
    facts: ForeseenFacts,
    name: string,
    properties: Readonly<Record<string, unknown>>,
): void {
    if (!pulumi.runtime.isDryRun() || engineAddress() === undefined || !isOn()) {
        return;
    }
    const operation = pulumi.runtime.getMonitor() ?? NO_OPERATION;
    const configuration = pulumi.runtime.allConfig();
    // The SDK closes the connection to the engine once nothing keeps it.
    const done = pulumi.runtime.rpcKeepAlive();
    look().then(done, done);

    async function look(): Promise<void> {
        const inputs = await plain(properties);
        const outputs = [...facts.outputs, ...Object.keys(properties).filter((key) => !key.startsWith("__"))];
        const answered = await plain({
            ...Object.fromEntries(outputs.map((key) => [key, Reflect.get(resource, key)])),
            // The SDK leaves out what is named `id`.
            resourceId: resource.id,
        });
        const lines: Array<Promise<void>> = [];
        await loadProgramPreview().foresee(
            { resource: `${facts.namespace}:${facts.resource}`, name, inputs, answered },
            configuration,
            operation,
            {
                info: (text) => lines.push(pulumi.log.info(text, resource)),
                warn: (text) => lines.push(pulumi.log.warn(text, resource)),
                ofStack: (text) => lines.push(pulumi.log.info(text)),
            },
        );
        await Promise.all(lines);
    }
}

const NO_OPERATION = {};

/** As the SDK sends values to the engine: what is not known yet is the engine's marker, also inside a list. */
async function plain(values: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    return pulumi.runtime.serializeProperties("preview", { ...values });
}

const refused = new Set<string>();

function isOn(): boolean {
    const value = process.env[SWITCH] ?? "";
    if (value === "" || value === "on") {
        return true;
    }
    if (value !== "off" && !refused.has(value)) {
        refused.add(value);
        void pulumi.log.warn(`${SWITCH} is ${JSON.stringify(value.slice(0, 40))}, and may be on or off: taken for off`);
    }
    return false;
}

function loadProgramPreview(): typeof import("../../provider/dynamic/program-preview") {
    return require("../../provider/dynamic/program-preview");
}
