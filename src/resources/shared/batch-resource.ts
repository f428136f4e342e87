import * as pulumi from "@pulumi/pulumi";
import { provider } from "../../provider/dynamic/shim/shim.cjs";
import { parseDuration } from "../../provider/inputs/duration";
import type { When } from "./arguments";
import { tellProviders } from "./declarations";
import type { HoldingFacts } from "./holding-facts";
import { whyUnreachable } from "./reachable";

/** What the resources of this package differ in, for their constructor. */
export interface ResourceFacts {
    /** "workspaceapp" */
    readonly namespace: string;
    /** "ImageServerBatchDeletion" */
    readonly resource: string;
    /** Its outputs beside the echoed inputs. */
    readonly outputs: readonly string[];
    /** "when": acts at create or at destroy, as its argument `when` says. "both": at either. */
    readonly acts: "when" | "both";
    /** Ends the sentence that refuses the option `import`. */
    readonly insteadOfImport: string;
    /** Whether its delete does what the option retainOnDelete would skip unseen. Default: if `when` is "destroy". */
    readonly retainingMatters?: boolean;
    readonly holds: HoldingFacts;
    /** true: the cloud's name is unique, so that the old one has to go before its successor is made. */
    readonly deleteBeforeReplace: boolean;
}

/** What the constructor needs to know of a resource's arguments; the others it hands on. */
export interface BatchArgs {
    readonly timeout?: pulumi.Input<string> | undefined;
    readonly when?: pulumi.Input<When> | undefined;
}

/** What all resources of this package have in common: one provider, the type token, the hidden inputs, the options that mean something else here. */
export abstract class BatchResource extends pulumi.dynamic.Resource {
    protected constructor(
        facts: ResourceFacts,
        name: string,
        args: BatchArgs,
        options: pulumi.CustomResourceOptions = {},
    ) {
        // A program in JavaScript may leave them out: check then says what is missing.
        const given: BatchArgs = args ?? {};
        const module = `huaweicloud-batch/${facts.namespace}`;
        const resource = `${facts.namespace}:${facts.resource}`;
        refuseUnreachable();
        refuseToAdopt(facts, `${resource} "${name}"`, options);
        const urn = urnOf(name, `pulumi-nodejs:dynamic/${module}:${facts.resource}`, options.parent);
        // A fresh object: the SDK writes the provider's text into it. Only what stands here (as undefined) becomes an output.
        const properties = {
            ...Object.fromEntries(facts.outputs.map((output) => [output, undefined])),
            ...given,
            timeout: given.timeout ?? customTimeout(facts, given, options.customTimeouts),
            // The engine does not tell a dynamic provider which resource it is called for.
            __resource: resource,
            // The engine takes the marks of secrets off before it calls a dynamic provider.
            __secrets: secretNames(given),
            __urn: urn,
            // Nor whether it is a preview. Check takes it off again: no state holds it.
            __inUp: pulumi.runtime.hasEngine() && !pulumi.runtime.isDryRun() ? true : undefined,
        };
        const { deleteBeforeReplace = facts.deleteBeforeReplace } = options;
        // An option, because `--replace`, taint and replaceOnChanges ask no diff.
        super(provider, name, properties, { ...options, deleteBeforeReplace }, module, facts.resource);
        if (options.retainOnDelete === true) {
            warnOfRetaining(this, facts, given);
        }
        tellProviders(this, facts, { ...given }, urn);
    }
}

let isReachable = false;

/** Looked up once in a process: the answer does not change. */
function refuseUnreachable(): void {
    if (isReachable) {
        return;
    }
    const why = whyUnreachable({
        entry: process.argv[1],
        directory: process.cwd(),
        plugAndPlay: process.versions.pnp !== undefined,
        providerText: String(provider.create),
    });
    if (why !== undefined) {
        throw new pulumi.RunError(why);
    }
    isReachable = true;
}

function warnOfRetaining(resource: pulumi.Resource, facts: ResourceFacts, args: BatchArgs): void {
    const warn = () =>
        pulumi.log.warn(
            "retainOnDelete: when this resource is deleted nothing is deleted in the cloud, for the engine then never calls it. " +
                "Leave the option out if its targets are to go with the stack.",
            resource,
        );
    if (facts.retainingMatters === undefined) {
        pulumi.output(args.when).apply((when) => (when === "destroy" ? warn() : undefined));
    } else if (facts.retainingMatters) {
        void warn();
    }
}

function refuseToAdopt(facts: ResourceFacts, title: string, options: pulumi.CustomResourceOptions): void {
    const option = options.import === undefined ? (options.id === undefined ? undefined : "id") : "import";
    if (option !== undefined) {
        throw new pulumi.RunError(
            `${title}: the option "${option}" can't be used. The engine gives a dynamic provider nothing to read an existing resource with; ${facts.insteadOfImport}`,
        );
    }
}

/** The names of the arguments that hold a secret; undefined where there is none. */
async function secretNames(args: object): Promise<string[] | undefined> {
    const marked = await Promise.all(
        Object.entries(args).map(async ([name, value]) =>
            // Lists of plain ids may be long: only what holds an output or a promise is resolved.
            holdsPending(value) && (await pulumi.isSecret(pulumi.output(value))) ? [name] : [],
        ),
    );
    const names = marked.flat();
    return names.length === 0 ? undefined : names.sort();
}

function holdsPending(value: unknown): boolean {
    if (typeof value !== "object" || value === null) {
        return false;
    }
    return value instanceof Promise || pulumi.Output.isInstance(value) || Object.values(value).some(holdsPending);
}

/** The engine does not tell a dynamic provider of `customTimeouts`. */
function customTimeout(
    facts: ResourceFacts,
    args: BatchArgs,
    timeouts: pulumi.CustomTimeouts | undefined,
): pulumi.Input<string | undefined> {
    if (timeouts === undefined) {
        return undefined;
    }
    const { create, update, delete: remove } = timeouts;
    if (facts.acts === "both") {
        return longest([create, update, remove].filter((timeout) => timeout !== undefined));
    }
    return pulumi.output(args.when).apply((when) => (when === "destroy" ? remove : (create ?? update)));
}

/** One that is no duration counts as the longest, so that check refuses it by name. */
function longest(durations: readonly string[]): string | undefined {
    const length = (text: string) => {
        try {
            return parseDuration(text);
        } catch {
            return Number.POSITIVE_INFINITY;
        }
    };
    return durations.toSorted((a, b) => length(b) - length(a))[0];
}

/**
 * For the progress line in the resource's own row. A plain promise, not an output: an output would depend on the parent, and a
 * dependency on a component is one on all its children: they would wait for each other for ever.
 */
function urnOf(name: string, type: string, parent: pulumi.Resource | undefined): Promise<string> {
    return new Promise((resolve) => {
        pulumi.createUrn(name, type, parent).apply(resolve);
    });
}
