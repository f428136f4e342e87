import type { Input, Output, Unwrap } from "@pulumi/pulumi";

/** Where to read, and with which credentials. An argument that is left out or undefined has its default. */
export interface ListArgs {
    /** Default: the environment (HW_REGION_NAME …), stack configuration, the profile. */
    readonly region?: string | undefined;
    /** Default: as for the region, then the project that has the region's name. */
    readonly projectId?: string | undefined;
    /** Name of a KooCLI profile. */
    readonly profile?: string | undefined;
}

/** A filter that this package applies to what the API returns: the same rule as the argument `matching` of resources, with plain values. */
export interface ByMatching<Matching> {
    readonly matching?: Unwrap<Matching>;
}

/**
 * At least one filter, or `all: true` for everything: without a filter the list would show everything.
 * `Besides` are arguments that do not narrow the list.
 * A filter that may be undefined is refused. The compiler refuses it if it is the only filter; beside others it does so with
 * `exactOptionalPropertyTypes`, and otherwise the call throws. Arguments of the place may be undefined.
 */
export type FiltersOrAll<Filters, Besides extends keyof Filters = never> =
    | (Filters & AtLeastOne<Omit<Filters, Besides>> & { readonly all?: never })
    | (Pick<Filters, Besides> & { readonly [Name in Exclude<keyof Filters, Besides>]?: never } & {
          /** List everything. */
          readonly all: true;
      });

type AtLeastOne<Filters> = {
    [Name in keyof Filters]-?: { readonly [Only in Name]-?: Exclude<Filters[Only], undefined> };
}[keyof Filters];

/** The same arguments, each as a value, a promise or an output. */
export type ListInputs<Args> = {
    readonly [Name in keyof Args]: Name extends "all" ? Args[Name] : ListInput<Args[Name]>;
};

type ListInput<Value> = [Value] extends [never]
    ? never
    : Exclude<Value, undefined> extends ReadonlyArray<infer Element>
      ? Input<ReadonlyArray<Input<Element>> | Extract<Value, undefined>>
      : Input<Value>;

/** The two functions with which programs read a list. */
export interface ListFunctions<Args, Row> {
    readonly list: (args: Args) => Promise<readonly Row[]>;
    /** The same for inputs: unknown in a preview if an input is unknown, secret if an input is secret. */
    readonly listOutput: (args: ListInputs<Args>) => Output<readonly Row[]>;
}
