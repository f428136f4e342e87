import { definitionOf } from "../services/registry";
import type { ResourceHooks } from "./hooks";
import type { Surroundings } from "./surroundings";
import { targetSetHooks } from "./target-set";

/** The hooks of a resource, by its hidden input `__resource`. */
export function hooksOf(resource: string, surroundings: Surroundings): ResourceHooks {
    if (resource === "vias:BatchTask") {
        return batchTask().batchTaskHooks(surroundings);
    }
    const definition = definitionOf(resource);
    if (definition === undefined) {
        throw new Error(
            `this release of pulumi-huaweicloud-batch knows no resource ${JSON.stringify(resource.slice(0, 100))}: nothing was sent. Install the release that the program was written for`,
        );
    }
    return targetSetHooks(definition, surroundings);
}

/** Loaded where a stack has one. */
function batchTask(): typeof import("./batch-task") {
    return require("./batch-task");
}
