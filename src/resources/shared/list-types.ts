import type { Input, Output } from "@pulumi/pulumi";

/** Where to read, and as whom. Left out, or undefined, each has its default. */
export interface ListArgs {
    /** Default: the environment (HW_REGION_NAME …), stack configuration, the profile. */
    readonly region?: string | undefined;
    /** Default: as for the region; then the project that bears the region's name. */
    readonly projectId?: string | undefined;
    /** Name of a KooCLI profile. */
    readonly profile?: string | undefined;
}

/**
 * At least one filter, or `all: true` for everything: a list whose filters came to nothing would be a list of all there is.
 * `Besides` are those that leave nothing out.
 * A filter that is perhaps undefined is refused: alone by the compiler always, beside others by the compiler with `exactOptionalPropertyTypes`
 * and else when the function is called. Arguments of the place may be undefined.
 */
export type FiltersOrAll<Filters, Besides extends keyof Filters = never> =
    | (Filters & AtLeastOne<Omit<Filters, Besides>> & { readonly all?: never })
    | (Pick<Filters, Besides> & { readonly [Name in Exclude<keyof Filters, Besides>]?: never } & {
          /** Everything there is. */
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

/** A list of the cloud as programs call it. */
export interface ListFunctions<Args, Row> {
    readonly list: (args: Args) => Promise<readonly Row[]>;
    /** The same over arguments that are not known yet: unknown in a preview in which one of them is, secret if one of them is. */
    readonly listOutput: (args: ListInputs<Args>) => Output<readonly Row[]>;
}
