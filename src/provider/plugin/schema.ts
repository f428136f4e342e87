import * as z from "zod";
import packageSchema from "./schema.json";

const shape = z.object({
    resources: z.record(
        z.string(),
        z.object({
            inputProperties: z.record(z.string(), z.unknown()),
            properties: z.record(z.string(), z.unknown()),
        }),
    ),
});

const { resources } = shape.parse(packageSchema);

export const schemaText = JSON.stringify(packageSchema);

/** The names of a resource's outputs that are no inputs. */
export function outputsOf(token: string): readonly string[] {
    const { inputProperties = {}, properties = {} } = resources[token] ?? {};
    return Object.keys(properties).filter((name) => !Object.hasOwn(inputProperties, name));
}
