import { definitionOf, type Services, services } from "../services/registry";
import type { ProcessContext } from "./context";
import type { Properties, ResourceHooks } from "./hooks";
import { urnOf } from "./inputs/properties";
import type { Severity } from "./report/ordered-log";
import type { Progress } from "./report/progress";
import { type Conceal, concealing, concealNothing } from "./report/secret-words";
import { targetSetHooks } from "./target-set/hooks";

/** The hooks of a resource, by its hidden input `__resource`. */
export function hooksOf(resource: string, context: ProcessContext, known: Services = services): ResourceHooks {
    const row = new ConcealedRow(context.progress);
    return withEndOfRow(hooksOfKind(resource, { ...context, progress: row }, known), row);
}

/** What the hook that it was made for says, without the secrets of its resource. */
class ConcealedRow implements Progress {
    conceal: Conceal = concealNothing;

    constructor(private readonly progress: Progress) {}

    line(urn: string, say: () => string): void {
        const { conceal } = this;
        this.progress.line(urn, () => conceal(say()));
    }

    note(urn: string, severity: Severity, text: string): void {
        this.progress.note(urn, severity, this.conceal(text));
    }

    end(urn: string): Promise<void> {
        return this.progress.end(urn);
    }
}

/** A hook answers when the engine has the last line of its row, however it ends. */
function withEndOfRow(hooks: ResourceHooks, row: ConcealedRow): ResourceHooks {
    const ended = async <T>(hook: () => Promise<T>, properties: Properties, ...others: Properties[]): Promise<T> => {
        row.conceal = concealing(properties, ...others);
        try {
            return await hook();
        } finally {
            await row.end(urnOf(properties));
        }
    };
    return {
        check: (news, olds) => {
            row.conceal = concealing(news, olds);
            return hooks.check(news, olds);
        },
        diff: (olds, news) => {
            row.conceal = concealing(news, olds);
            return hooks.diff(olds, news);
        },
        create: (inputs) => ended(() => hooks.create(inputs), inputs),
        read: (id, outputs) => ended(() => hooks.read(id, outputs), outputs),
        update: (id, olds, news) => ended(() => hooks.update(id, olds, news), news, olds),
        remove: (id, outputs) => ended(() => hooks.remove(id, outputs), outputs),
    };
}

function hooksOfKind(resource: string, context: ProcessContext, known: Services): ResourceHooks {
    if (resource === "vias:BatchTask") {
        return batchTask().batchTaskHooks(context);
    }
    const definition = definitionOf(resource, known);
    if (definition === undefined) {
        throw new Error(
            `this release of pulumi-huaweicloud-batch knows no resource ${JSON.stringify(resource.slice(0, 100))}: nothing was sent. Install the release that the program was written for`,
        );
    }
    return targetSetHooks(definition, context);
}

/** Loaded where a stack has one. */
function batchTask(): typeof import("./batch-task/hooks") {
    return require("./batch-task/hooks");
}
