import { definitionOf } from "../services/registry";
import type { Properties, ResourceHooks } from "./hooks";
import type { Progress } from "./progress";
import { urnOf } from "./properties";
import type { Surroundings } from "./surroundings";
import { targetSetHooks } from "./target-set";

/** The hooks of a resource, by its hidden input `__resource`. */
export function hooksOf(resource: string, surroundings: Surroundings): ResourceHooks {
    return withEndOfRow(hooksOfKind(resource, surroundings), surroundings.progress);
}

/** A hook answers when the engine has the last line of its row, however it ends. */
function withEndOfRow(hooks: ResourceHooks, progress: Progress): ResourceHooks {
    const ended = async <T>(properties: Properties, hook: () => Promise<T>): Promise<T> => {
        try {
            return await hook();
        } finally {
            await progress.end(urnOf(properties));
        }
    };
    return {
        check: (news) => hooks.check(news),
        diff: (olds, news) => hooks.diff(olds, news),
        create: (inputs) => ended(inputs, () => hooks.create(inputs)),
        read: (id, outputs) => ended(outputs, () => hooks.read(id, outputs)),
        update: (id, olds, news) => ended(news, () => hooks.update(id, olds, news)),
        remove: (id, outputs) => ended(outputs, () => hooks.remove(id, outputs)),
    };
}

function hooksOfKind(resource: string, surroundings: Surroundings): ResourceHooks {
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
