import type { ZodType } from "zod";
import type { BatchApi } from "../batch/api";
import type { CloudClient, Service } from "../cloud/call";
import type { ListedKind } from "./listed-kind";

/**
 * One kind of resource over a set of targets, as its service describes it: which inputs it has and which batch API acts for it.
 * provider/ does the rest for all of them alike.
 */
export interface TargetSetDefinition {
    /** `<namespace>:<Resource>`, as in the type token and the hidden input `__resource`. */
    readonly resource: string;
    readonly service: Service;
    /** For people, singular and plural: ["image server", "image servers"]. */
    readonly noun: readonly [one: string, many: string];
    /**
     * The inputs that hold target ids, each with what an id must look like. Where there are several, keys are `<kind>:<id>`.
     */
    readonly targets: readonly TargetInput[];
    /** Inputs beside targets and the common arguments, by name. Optional ones carry their default in the schema (`.default()` or `.optional()`). */
    readonly inputs: Readonly<Record<string, ZodType>>;
    /** Those of `inputs` that are part of the place: another value replaces ("instanceId"). */
    readonly placeInputs: readonly string[];
    /** Those of `inputs` whose change makes every target to be acted on anew ("permanently", "onCreate"). */
    readonly goalInputs: readonly string[];
    /** true: has `when`. false: `acts` tells from its own inputs, and there is no drift. */
    readonly hasWhen: boolean;
    /** true: has the common argument enterpriseProjectId. */
    readonly hasEnterpriseProject: boolean;
    /** Rules that no single input shows ("at least one of onCreate and onDestroy"); asked once each input is valid. */
    readonly problems?: (
        inputs: Readonly<Record<string, unknown>>,
    ) => ReadonlyArray<{ readonly property: string; readonly reason: string }>;
    /**
     * What is done at create (and update) and at delete, from checked inputs (or a stack's outputs, which echo them).
     * For resources with `when` the act for either moment; the lifecycle picks by `when`.
     */
    acts(inputs: Readonly<Record<string, unknown>>): Acts;
    /** Whether the act at delete takes the targets away from whoever else declares them. Default: it does, as a deletion. */
    readonly takesAway?: (inputs: Readonly<Record<string, unknown>>) => boolean;
}

export interface TargetInput {
    /** "imageServerIds" */
    readonly input: string;
    /** "app", "task" where one resource has several kinds of targets. */
    readonly kind?: string;
    readonly id: ZodType<string>;
    /** What a rule may choose them by instead of their ids. */
    readonly listed: ListedKind;
}

export interface Acts {
    readonly onCreate?: Act;
    readonly onDestroy?: Act;
}

export interface Act {
    /** Tells acts of one API apart that can't share requests: "DELETE_FORCE", "recursive", a ROMA instance. */
    readonly variant: string;
    readonly api: (client: CloudClient) => BatchApi;
}
