import { type Input, log, type Output, output, RunError, runtime } from "@pulumi/pulumi";
import type { CloudClient, Service } from "../cloud/call";
import type { ListRules } from "../services/list-arguments";

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

/** The service's facts are loaded when something is listed, not with the package. */
export interface Listing<Filters, T> {
    /** "roma.listApps" */
    readonly name: string;
    readonly service: () => Service;
    readonly rules: () => ListRules<Filters>;
    readonly read: (client: CloudClient, args: Filters, signal: AbortSignal) => Promise<T>;
}

/** Reads from the cloud, in preview too. Fails with one line: the operation, the cloud's code, message and request id. */
export async function listInCloud<Filters, T>(
    { name, service, rules, read }: Listing<Filters, T>,
    given: unknown,
): Promise<T> {
    try {
        const args = rulebook().listArguments(rules(), given);
        const { region, projectId, profile } = args;
        const asked = {
            service: service(),
            read: (client: CloudClient, signal: AbortSignal) => read(client, args, signal),
            where: { region, projectId, profile },
            refuses: refusedVariable(rules(), args),
        };
        return await load().lookUpInCloud(asked, runtime.allConfig(), {
            // Each operation has a monitor of its own, the programs of one process too.
            key: runtime.getMonitor(),
            warn: (text) => void log.warn(text),
        });
    } catch (error) {
        throw new RunError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
}

/**
 * The same over arguments that are not known yet: the list is unknown in a preview in which one of them is, and secret if one of
 * them is.
 */
export function listInCloudOutput<Filters, T>(listing: Listing<Filters, T>, given: object): Output<T> {
    return output<object>(given).apply((known) => listInCloud<Filters, T>(listing, known));
}

/** A variable that stands for a filter in other tools counts only where the filter is left out. */
function refusedVariable<Filters>({ variable }: ListRules<Filters>, args: object) {
    return variable === undefined || Object.hasOwn(args, variable.argument)
        ? undefined
        : { variable: variable.name, argument: variable.argument };
}

function rulebook(): typeof import("../services/list-arguments") {
    return require("../services/list-arguments");
}

function load(): typeof import("../provider/system-lookup") {
    return require("../provider/system-lookup");
}
