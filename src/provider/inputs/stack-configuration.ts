import * as z from "zod";
import { configurationKeys, NAMESPACE } from "../../cloud/settings/known";
import type { StackConfiguration } from "../../cloud/settings/settings";

/** What of all the stack's configuration is ours, known to us or not. */
export function stackConfiguration(all: Readonly<Record<string, unknown>>): StackConfiguration {
    const ours: Record<string, string> = {};
    for (const [name, value] of Object.entries(all)) {
        if (name.startsWith(NAMESPACE) && typeof value === "string") {
            ours[name] = value;
        }
    }
    return ours;
}

/** What the engine hands to a dynamic provider (cmd/dynamic-provider/config.js): made to be asked for one key, and holding them all. */
const configShape = z.object({ rawConfig: z.record(z.string(), z.unknown()) });

/** Where an SDK keeps them elsewhere, those that are known are asked for. */
export function configurationOf(
    config: { get(key: string): string | undefined } | undefined,
    services: readonly string[],
): StackConfiguration {
    const held = configShape.safeParse(config);
    return stackConfiguration(
        held.success
            ? held.data.rawConfig
            : Object.fromEntries(
                  configurationKeys(services).map((key) => [`${NAMESPACE}${key}`, config?.get(`${NAMESPACE}${key}`)]),
              ),
    );
}
