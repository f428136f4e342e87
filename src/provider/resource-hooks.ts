import { definitionOf, type Services, services } from "../services/registry";
import { redact, secretsOf } from "./batch-task/redaction";
import type { CallContext } from "./call";
import { bothRecords, type CallRecord, noRecord } from "./call-record";
import type { ProcessContext } from "./context";
import type { BoundHooks, Properties, ResourceHooks } from "./hooks";
import { urnOf } from "./inputs/properties";
import { timeoutOf } from "./inputs/timeouts";
import { errorText } from "./report/error-text";
import { recordCall } from "./report/record/file-record";
import type { HookName } from "./report/record/lines";
import { type Conceal, concealing } from "./report/secret-words";
import { targetSetHooks } from "./target-set/hooks";

/** What the engine says of a call beside its properties. To a dynamic provider it says nothing. */
export interface CallFacts {
    /** From the option customTimeouts. The argument `timeout` comes before it. */
    readonly timeoutSeconds?: number | undefined;
    /** What the face shows of the call. */
    readonly record?: CallRecord | undefined;
}

/** The properties that a hook is called with, the newest first. */
type Given = readonly [Properties, ...Properties[]];

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
    const callOf = (given: Given, limits: Parameters<typeof timeoutOf>[1] = {}): CallContext => {
        const [properties] = given;
        const { progress, cancelled, secrets, clock } = context;
        const urn = urnOf(properties);
        const conceal = concealingAll(...given);
        secrets?.add(conceal);
        return {
            urn,
            cancelled,
            record: noRecord,
            timeout: () => timeoutOf(properties, limits),
            began: clock.now(),
            log: (severity, text) => progress.note(urn, severity, conceal(text)),
            row: (say) => progress.line(urn, () => conceal(say())),
        };
    };
    /** Throws where the report can't be written. */
    const recordOf = (hook: HookName, given: Given): CallRecord => {
        const { report, clock } = context;
        if (report === undefined) {
            return noRecord;
        }
        const [properties] = given;
        const recorded = { hook, urn: urnOf(properties), resource: String(properties.__resource) };
        return recordCall(report, clock, recorded, concealingAll(...given));
    };
    /** A hook answers when its end is recorded and the engine has the last line of its row, however the hook ends. */
    const toItsEnd = async <T>(
        hook: HookName,
        given: Given,
        work: (call: CallContext) => Promise<T>,
        override?: string,
    ): Promise<T> => {
        const record = bothRecords(recordOf(hook, given), facts.record);
        const { timeoutSeconds: seconds } = facts;
        const option = seconds === undefined ? undefined : { hook, seconds };
        const call = { ...callOf(given, { override, option }), record };
        try {
            const result = await work(call);
            record.ended();
            return result;
        } catch (error) {
            record.ended(errorText(error));
            throw error;
        } finally {
            const { failure } = record;
            if (failure !== undefined) {
                call.log("warning", `the report is not complete: ${failure.message}`);
            }
            await context.progress.end(call.urn);
        }
    };
    const { HUAWEICLOUD_BATCH_TIMEOUT } = context.env;
    return {
        check: (news, olds) => hooks.check(news, olds, callOf([news, olds])),
        diff: async (olds, news, isPreview) => {
            const call = callOf([news, olds]);
            const difference = await hooks.diff(olds, news, call);
            if (isPreview && difference.note !== undefined) {
                call.log("info", difference.note);
            }
            return difference;
        },
        create: (inputs) => toItsEnd("create", [inputs], (call) => hooks.create(inputs, call)),
        read: (id, outputs) => toItsEnd("read", [outputs], (call) => hooks.read(id, outputs, call)),
        update: (id, olds, news) => toItsEnd("update", [news, olds], (call) => hooks.update(id, olds, news, call)),
        remove: (id, outputs) =>
            toItsEnd("delete", [outputs], (call) => hooks.remove(id, outputs, call), HUAWEICLOUD_BATCH_TIMEOUT),
    };
}

/** Also what a batch task sends to its webhooks. */
function concealingAll(...given: Given): Conceal {
    const conceal = concealing(...given);
    const secrets = secretsOf(...given);
    return secrets.length === 0 ? conceal : (text) => conceal(redact(secrets, text));
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
