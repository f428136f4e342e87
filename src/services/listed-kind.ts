import type { TargetFacts } from "../batch/api";
import type { CloudClient } from "../cloud/call";

/** What a rule (`matching`) can choose one kind of targets by: what the list of all of them shows. */
export interface ListedKind {
    /** What the kind is called in `matching` where a resource has several: "apps". */
    readonly group?: string;
    /** For people: "image servers". */
    readonly noun: string;
    /** The states that the API documents, for the criterion `states`. Missing: the list shows none. */
    readonly states?: readonly string[];
    /** Criteria beside names, olderThan, newerThan, states and except, by name. */
    readonly criteria: Readonly<Record<string, Criterion>>;
    /** What the list is read by: names of `inputs` and `wanted`; it gets no others. Missing: one list shows all that there is in a place. */
    readonly readBy?: { readonly inputs: readonly string[]; readonly criteria: readonly string[] };
    /**
     * Shows each thing of this kind that the place lists, at least once; the last time counts. Throws ApiFailure unless the list was
     * read to its end. `inputs` are the resource's; `wanted` are the values of the criteria of this kind, by which a list may be read that
     * shows more of them: of both what `readBy` names. What is shown need not match.
     */
    list(query: ListQuery, show: (thing: ListedThing) => void): Promise<void>;
    /** What this list may not show to everybody, as the end of "the list may not show …"; undefined: it shows all of them. */
    mayNotShow(query: Pick<ListQuery, "inputs" | "wanted">): string | undefined;
}

export interface ListQuery {
    readonly client: CloudClient;
    readonly inputs: Readonly<Record<string, unknown>>;
    /** By criterion. */
    readonly wanted: Readonly<Record<string, Wanted>>;
    readonly signal: AbortSignal;
}

/** How the values of a criterion are written, and compared with what a thing shows. */
export interface Criterion {
    /**
     * "oneOf": a list of texts; the thing has one of them. "eachOf": a list of texts; the thing has each of them.
     * "pairs": values by key; the thing has each key with its value, or with one of its values.
     */
    readonly is: "oneOf" | "eachOf" | "pairs";
    /** The texts (or the keys) that there are. Missing: any. */
    readonly known?: readonly string[];
}

/** The value of a criterion in a rule. */
export type Wanted = readonly string[] | Readonly<Record<string, readonly string[]>>;

/** One row of a list, as far as rules need it. */
export interface ListedThing {
    readonly id: string;
    /** As the cloud has it; that in `facts` is cleaned for messages. */
    readonly name: string | undefined;
    /** More than one where a thing has parts, each with a state. */
    readonly states: readonly string[];
    readonly facts: TargetFacts | undefined;
    /** By criterion. A criterion of which nothing is shown does not match. */
    readonly shown: Readonly<Record<string, Shown | undefined>>;
}

/** Texts, or for a criterion of pairs each key with its value. */
export type Shown = ReadonlyArray<string | readonly [key: string, value: string]>;
