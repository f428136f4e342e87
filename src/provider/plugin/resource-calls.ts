import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Foreseen } from "../assessment/foresight";
import type { CallRecord } from "../call-record";
import type { Properties } from "../hooks";
import { sameValue } from "../inputs/properties";
import { secretInputs } from "../inputs/secret-inputs";
import { UNKNOWN } from "../inputs/unknowns";
import type { Lifecycle } from "../lifecycle";
import type { CallFacts } from "../resource-hooks";
import { placeSchema } from "../state";
import { failureOf } from "./failures";
import { type RowOwner, typeOf } from "./rows";
import type { TargetRows } from "./target-rows";
import { unwrap, withoutHidden, wrap } from "./wire";

export interface ResourceCallsOptions {
    /** The hooks for one call. */
    readonly lifecycle: (call: CallFacts) => Lifecycle;
    /** The names of a resource's outputs that are no inputs, from the schema. */
    readonly outputs: (resource: string) => readonly string[];
    /** Whether deleting the resource does something in the cloud. */
    readonly actsAtDestroy: (properties: Properties) => boolean;
    /** Resolves when the engine has it. */
    readonly warn: (urn: string, text: string) => Promise<void>;
    readonly rows: TargetRows;
    /** Resolves when the resources that the engine reads at once have arrived: their looks then share requests. */
    readonly gathered: () => Promise<void>;
}

/** What a request of the engine says about its resource. */
interface Addressed {
    getUrn(): string;
    getType(): string;
}

/** The calls for one resource: from the engine's requests to the hooks, and back. */
export class ResourceCalls {
    constructor(private readonly options: ResourceCallsOptions) {}

    async check(request: rpc.CheckRequest): Promise<rpc.CheckResponse> {
        const olds = given(request, request.getOlds());
        const news = given(request, request.getNews());
        const hasOlds = Object.keys(withoutHidden(olds)).length > 0;
        const { inputs, failures } = await this.hooks(request).check(hasOlds ? olds : undefined, news);
        const answer = new rpc.CheckResponse();
        answer.setInputs(wrap(withoutHidden(inputs), secretInputs(news)));
        for (const { property, reason } of failures) {
            const failure = new rpc.CheckFailure();
            failure.setProperty(property);
            failure.setReason(reason);
            answer.addFailures(failure);
        }
        return answer;
    }

    async diff(request: rpc.DiffRequest): Promise<rpc.DiffResponse> {
        const olds = given(request, request.getOlds());
        const oldInputs = given(request, request.getOldInputs());
        const news = given(request, request.getNews());
        const difference = await this.hooks(request).diff(request.getId(), olds, news);
        const answer = new rpc.DiffResponse();
        const { DIFF_NONE, DIFF_SOME } = rpc.DiffResponse.DiffChanges;
        answer.setChanges(difference.changes ? DIFF_SOME : DIFF_NONE);
        if (!difference.changes) {
            return answer;
        }
        answer.setReplacesList(difference.replaces);
        answer.setDeletebeforereplace(difference.deleteBeforeReplace);
        const changed = changedNames(withoutHidden(oldInputs), withoutHidden(news));
        const names = new Set([...changed, ...difference.replaces]);
        // Where no input has changed, a target is open, or has come back.
        const shown = names.size > 0 ? [...names] : ["remaining"];
        answer.setDiffsList(shown);
        answer.setHasdetaileddiff(true);
        for (const name of shown) {
            const detail = new rpc.PropertyDiff();
            const { UPDATE, UPDATE_REPLACE } = rpc.PropertyDiff.Kind;
            detail.setKind(difference.replaces.includes(name) ? UPDATE_REPLACE : UPDATE);
            detail.setInputdiff(changed.includes(name));
            answer.getDetaileddiffMap().set(name, detail);
        }
        return answer;
    }

    async create(request: rpc.CreateRequest): Promise<rpc.CreateResponse> {
        const inputs = given(request, request.getProperties());
        const answer = new rpc.CreateResponse();
        answer.setRefreshBeforeUpdate(true);
        if (request.getPreview()) {
            await this.options.rows.preview(request, foreseenOf(request, inputs, { resourceId: UNKNOWN }));
            answer.setProperties(this.previewed(request, inputs));
            return answer;
        }
        const { id, outs } = await this.withRows(request, [inputs], (hooks) => hooks.create(inputs));
        answer.setId(id);
        answer.setProperties(wrap(outs));
        return answer;
    }

    async update(request: rpc.UpdateRequest): Promise<rpc.UpdateResponse> {
        const olds = given(request, request.getOlds());
        // A stack that goes back to the dynamic type needs the code that its outputs hold.
        const news = { ...given(request, request.getNews()), ...codeOf(olds) };
        const answer = new rpc.UpdateResponse();
        answer.setRefreshBeforeUpdate(true);
        if (request.getPreview()) {
            const stored = placeSchema.safeParse(olds.place);
            const foreseen = foreseenOf(request, news, { resourceId: request.getId(), place: UNKNOWN });
            await this.options.rows.preview(request, stored.success ? { ...foreseen, stored: stored.data } : foreseen);
            answer.setProperties(this.previewed(request, news));
            return answer;
        }
        const id = request.getId();
        const { outs } = await this.withRows(request, [news, olds], (hooks) => hooks.update(id, olds, news));
        answer.setProperties(wrap({ ...outs, ...codeOf(olds) }));
        return answer;
    }

    async read(request: rpc.ReadRequest): Promise<rpc.ReadResponse> {
        const outputs = given(request, request.getProperties());
        if (Object.keys(withoutHidden(outputs)).length === 0) {
            throw new Error(importRefused(resourceOf(request)));
        }
        const answer = new rpc.ReadResponse();
        answer.setInputs(request.getInputs());
        answer.setRefreshBeforeUpdate(true);
        await this.options.gathered();
        try {
            const { id, props } = await this.readWithRows(request, outputs);
            answer.setId(id);
            answer.setProperties(id === "" ? undefined : wrap(props));
        } catch (error) {
            if (this.options.actsAtDestroy(outputs)) {
                throw error;
            }
            // The engine reads before each up and destroy: what does nothing at destroy must not keep a stack from its end.
            await this.options.warn(request.getUrn(), `not refreshed: ${failureOf(error).details}`);
            answer.setId(request.getId());
            answer.setProperties(request.getProperties());
        }
        return answer;
    }

    async remove(request: rpc.DeleteRequest): Promise<void> {
        const outputs = given(request, request.getProperties());
        await this.withRows(request, [outputs], (hooks) => hooks.remove(request.getId(), outputs));
        await this.options.rows.forget(request, request.getOldViewsList());
    }

    /** The rows' look ends with a read that fails, by its deadline for one. */
    private async readWithRows(request: rpc.ReadRequest, outputs: Properties): ReturnType<Lifecycle["read"]> {
        const failed = new AbortController();
        const rows = this.options.rows.read(request, outputs, failed.signal);
        try {
            return await this.hooks(request).read(request.getId(), outputs);
        } catch (error) {
            failed.abort(error);
            throw error;
        } finally {
            await rows;
        }
    }

    private async withRows<T>(
        request: RowOwner & { getTimeout(): number },
        properties: readonly [Properties, ...Properties[]],
        call: (hooks: Lifecycle) => Promise<T>,
    ): Promise<T> {
        const rows = this.options.rows.live(request, ...properties);
        try {
            return await call(this.hooks(request, rows));
        } finally {
            await rows.end();
        }
    }

    private hooks(request: Addressed & { getTimeout?(): number }, record?: CallRecord): Lifecycle {
        const seconds = request.getTimeout?.() ?? 0;
        return this.options.lifecycle({ timeoutSeconds: seconds > 0 ? seconds : undefined, record });
    }

    /** The inputs, and outputs that nobody knows yet. */
    private previewed(request: Addressed, inputs: Properties): Struct {
        const outputs = this.options.outputs(resourceOf(request)).filter((name) => inputs[name] === undefined);
        const unknown = Object.fromEntries(outputs.map((name) => [name, UNKNOWN]));
        return wrap({ ...withoutHidden(inputs), ...unknown }, secretInputs(inputs));
    }
}

/** The properties of a request with what a dynamic provider's constructor would have hidden among them. */
function given(request: Addressed, struct: Struct | undefined): Properties {
    const { properties, secrets } = unwrap(struct);
    return {
        ...(secrets.length === 0 ? {} : { __secrets: secrets }),
        ...properties,
        __resource: resourceOf(request),
        __urn: request.getUrn(),
    };
}

function foreseenOf(request: Addressed & { getName(): string }, inputs: Properties, answered: Properties): Foreseen {
    return { resource: resourceOf(request), name: request.getName(), inputs, answered };
}

function codeOf({ __provider }: Properties): Properties {
    return __provider === undefined ? {} : { __provider };
}

/** "workspaceapp:ImageServerBatchDeletion", from the type token "huaweicloud-batch:workspaceapp:ImageServerBatchDeletion". */
function resourceOf(request: Addressed): string {
    const type = typeOf(request);
    return type.slice(type.indexOf(":") + 1);
}

function changedNames(olds: Properties, news: Properties): readonly string[] {
    const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
    return [...names].filter((name) => !name.startsWith("__") && !sameValue(olds[name], news[name])).sort();
}

function importRefused(resource: string): string {
    const way =
        resource === "vias:BatchTask"
            ? "declare the resource with the argument adopt, which takes the id of the existing batch task"
            : "there is nothing to adopt: declare the ids, those already gone are counted as such";
    return `${resource} can't be imported: its arguments can't be read back from the cloud, and the next up would replace it; ${way}`;
}
