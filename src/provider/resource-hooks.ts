import { definitionOf, type Services, services } from "../services/registry";
import type { CallContext } from "./call";
import type { ProcessContext } from "./context";
import type { BoundHooks, Properties, ResourceHooks } from "./hooks";
import { urnOf } from "./inputs/properties";
import { timeoutOf } from "./inputs/timeouts";
import { concealing } from "./report/secret-words";
import { targetSetHooks } from "./target-set/hooks";

/** What the engine says of a call beside its properties. To a dynamic provider it says nothing. */
export interface CallFacts {
    /** From the option customTimeouts. The argument `timeout` comes before it. */
    readonly timeoutSeconds?: number | undefined;
}

/** The hooks of a resource, by its hidden input `__resource`. */
export function hooksOf(
    resource: string,
    context: ProcessContext,
    known: Services = services,
    facts: CallFacts = {},
): BoundHooks {
    return bound(familyOf(resource, context, known), context, facts);
}

/** Gives each call its context, from what its properties and the engine say. No message of a call holds a secret of its resource. */
export function bound(hooks: ResourceHooks, context: ProcessContext, facts: CallFacts = {}): BoundHooks {
    const callOf = (given: readonly [Properties, ...Properties[]], timeoutOverride?: string): CallContext => {
        const [properties] = given;
        const { progress, cancelled } = context;
        const urn = urnOf(properties);
        const conceal = concealing(...given);
        return {
            urn,
            cancelled,
            timeout: () => timeoutOf(properties, { override: timeoutOverride, option: facts.timeoutSeconds }),
            log: (severity, text) => progress.note(urn, severity, conceal(text)),
            row: (say) => progress.line(urn, () => conceal(say())),
        };
    };
    /** A hook answers when the engine has the last line of its row, however the hook ends. */
    const withEndOfRow = async <T>(call: CallContext, hook: (call: CallContext) => Promise<T>): Promise<T> => {
        try {
            return await hook(call);
        } finally {
            await context.progress.end(call.urn);
        }
    };
    const { HUAWEICLOUD_BATCH_TIMEOUT } = context.env;
    return {
        check: (news, olds) => hooks.check(news, olds, callOf([news, olds])),
        diff: (olds, news) => hooks.diff(olds, news, callOf([news, olds])),
        create: (inputs) => withEndOfRow(callOf([inputs]), (call) => hooks.create(inputs, call)),
        read: (id, outputs) => withEndOfRow(callOf([outputs]), (call) => hooks.read(id, outputs, call)),
        update: (id, olds, news) => withEndOfRow(callOf([news, olds]), (call) => hooks.update(id, olds, news, call)),
        remove: (id, outputs) =>
            withEndOfRow(callOf([outputs], HUAWEICLOUD_BATCH_TIMEOUT), (call) => hooks.remove(id, outputs, call)),
    };
}

function familyOf(resource: string, context: ProcessContext, known: Services): ResourceHooks {
    if (resource === "vias:BatchTask") {
        return loadBatchTask().batchTaskHooks(context);
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
function loadBatchTask(): typeof import("./batch-task/hooks") {
    return require("./batch-task/hooks");
}
