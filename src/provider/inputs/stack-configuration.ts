import * as z from "zod";
import { configurationKeys, NAMESPACE } from "../../cloud/settings/known";
import type { StackConfiguration } from "../../cloud/settings/settings";

/** All keys with this package's prefix, known or not. */
export function stackConfiguration(all: Readonly<Record<string, unknown>>): StackConfiguration {
    const ours: Record<string, string> = {};
    for (const [name, value] of Object.entries(all)) {
        if (name.startsWith(NAMESPACE) && typeof value === "string") {
            ours[name] = value;
        }
    }
    return ours;
}

/** The object that a dynamic provider gets (cmd/dynamic-provider/config.js): its interface reads one key, its field holds all. */
const configShape = z.object({ rawConfig: z.record(z.string(), z.unknown()) });

/** If another SDK version has no such field, the known keys are read one by one. */
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
