import type { TargetSetDefinition } from "../../services/definition";
import type { Properties } from "../hooks";
import { RULE_INPUT } from "../ownership/rule-text";
import type { StoredState } from "../state";

/** The stored state beside the echo of the inputs, for delete is given nothing else. */
export function outputsOf(definition: TargetSetDefinition, inputs: Properties, stored: StoredState): Properties {
    const echo: Record<string, unknown> = {};
    const hidden = ["__resource", "__urn", "__provider"];
    for (const input of [...echoedInputs(definition), "region", "projectId", "profile", ...hidden]) {
        if (inputs[input] !== undefined) {
            echo[input] = inputs[input];
        }
    }
    return { ...echo, ...stored };
}

/** All inputs but those of the place, which is compared with the stored one. */
export function echoedInputs(definition: TargetSetDefinition): readonly string[] {
    return [
        ...definition.targets.map(({ input }) => input),
        RULE_INPUT,
        ...Object.keys(definition.inputs),
        ...(definition.hasWhen ? ["when"] : []),
        ...(definition.hasEnterpriseProject ? ["enterpriseProjectId"] : []),
        "matching",
        "timeout",
        "stallTimeout",
        "maxItems",
        "allowedFailures",
        "onMissing",
    ];
}
