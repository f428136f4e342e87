import type { TargetSetDefinition } from "../../services/definition";
import type { Properties } from "../hooks";
import { secretInputs } from "../inputs/secret-inputs";

/**
 * What targets with secret ids are called, by their keys: `#3 of 30`, as in a run's messages. Their names are not shown either: a name
 * tells what the id stands for. Empty where no ids are secret.
 */
export function secretLabels(definition: TargetSetDefinition, properties: Properties): ReadonlyMap<string, string> {
    const labels = new Map<string, string>();
    const secret = secretInputs(properties);
    for (const { input, kind } of definition.targets) {
        const value: unknown = properties[input];
        const ids: readonly unknown[] = secret.has(input) && Array.isArray(value) ? value : [];
        ids.forEach((id, index) => {
            labels.set(kind === undefined ? String(id) : `${kind}:${String(id)}`, `#${index + 1} of ${ids.length}`);
        });
    }
    return labels;
}
