import * as pulumi from "@pulumi/pulumi";
import { provider } from "../../provider/dynamic/shim/shim.cjs";
import { parseDuration } from "../../provider/inputs/duration";
import type { When } from "./arguments";
import { tellProviders } from "./declarations";
import type { HoldingFacts } from "./holding-facts";
import { holdsPending, requireValues } from "./matching-values";
import { foresee } from "./preview";
import { whyUnreachable } from "./reachable";

/** How one resource class differs from the others. */
export interface ResourceFacts {
    /** "workspaceapp" */
    readonly namespace: string;
    /** "ImageServerBatchDeletion" */
    readonly resource: string;
    /** Its outputs, apart from the echoed inputs. */
    readonly outputs: readonly string[];
    /** "when": acts at create or at destroy, as its argument `when` says. "both": acts at both. */
    readonly acts: "when" | "both";
    /** The end of the message that refuses the option `import`. */
    readonly insteadOfImport: string;
    /** Whether the option retainOnDelete would silently skip its action. Default: if `when` is "destroy". */
    readonly retainingMatters?: boolean;
    readonly holds: HoldingFacts;
    /** true: names are unique in the cloud, so the old thing must be deleted before its replacement is created. */
    readonly deleteBeforeReplace: boolean;
}

/** The arguments that the constructor reads. */
export interface BatchArgs {
    readonly timeout?: pulumi.Input<string> | undefined;
    readonly when?: pulumi.Input<When> | undefined;
    readonly matching?: unknown;
}

/** The base of all resources: the provider, the type token, the hidden inputs, and the options that have another meaning here. */
export abstract class BatchResource extends pulumi.dynamic.Resource {
    protected constructor(
        facts: ResourceFacts,
        name: string,
        args: BatchArgs,
        options: pulumi.CustomResourceOptions = {},
    ) {
        // A program in JavaScript may leave the arguments out: check then names what is missing.
        const given: BatchArgs = args ?? {};
        const module = `huaweicloud-batch/${facts.namespace}`;
        const resource = `${facts.namespace}:${facts.resource}`;
        refuseUnreachable();
        refuseToAdopt(facts, `${resource} "${name}"`, options);
        const urn = urnOf(name, `pulumi-nodejs:dynamic/${module}:${facts.resource}`, options.parent);
        const { matching } = given;
        const inputs = {
            ...given,
            ...(matching === undefined ? {} : { matching: requireValues(`${resource} "${name}"`, matching) }),
            timeout: given.timeout ?? customTimeout(facts, given, options.customTimeouts),
            // The engine does not tell a dynamic provider the resource's class.
            __resource: resource,
            // The engine removes secret marks before it calls a dynamic provider.
            __secrets: secretNames(given),
            __urn: urn,
        };
        // A new object, because the SDK writes the provider's text into it. An output must be listed here, as undefined.
        const properties = {
            ...Object.fromEntries(facts.outputs.map((output) => [output, undefined])),
            ...inputs,
            // Nor does the engine tell whether this is a preview. Check removes this input, so no state holds it.
            __inUp: pulumi.runtime.hasEngine() ? !pulumi.runtime.isDryRun() : undefined,
        };
        const { deleteBeforeReplace = facts.deleteBeforeReplace } = options;
        // As an option, because the engine calls no diff for `--replace`, taint and replaceOnChanges.
        super(provider, name, properties, { ...options, deleteBeforeReplace }, module, facts.resource);
        if (options.retainOnDelete === true) {
            warnOfRetaining(this, facts, given);
        }
        tellProviders(this, facts, { ...given }, urn);
        foresee(this, facts, name, inputs);
    }
}

let isReachable = false;

/** Checks once in a process: the answer does not change. */
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

/** The names of the arguments that hold a secret; undefined if none does. */
async function secretNames(args: object): Promise<string[] | undefined> {
    const marked = await Promise.all(
        Object.entries(args).map(async ([name, value]) =>
            // Resolves only values that hold an output or a promise: lists of plain ids may be long.
            holdsPending(value) && (await pulumi.isSecret(pulumi.output(value))) ? [name] : [],
        ),
    );
    const names = marked.flat();
    return names.length === 0 ? undefined : names.sort();
}

/** The timeout from `customTimeouts`, which the engine does not pass to a dynamic provider. */
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

/** The longest duration. An invalid one counts as the longest, so that check refuses it by name. */
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
 * The resource's own URN, for its progress line. A plain promise, not an output: an output would depend on the parent, and so on all
 * children of a component. Siblings would then wait for each other for ever.
 */
function urnOf(name: string, type: string, parent: pulumi.Resource | undefined): Promise<string> {
    return new Promise((resolve) => {
        pulumi.createUrn(name, type, parent).apply(resolve);
    });
}
