import { type Input, log, type Output, output, RunError, runtime } from "@pulumi/pulumi";
import type { CloudClient, Service } from "../../cloud/call";
import type { ListRules } from "../../services/shared/list-arguments";

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
export interface Listing<Filters, Row> {
    /** "roma.listApps" */
    readonly name: string;
    readonly service: () => Service;
    readonly rules: () => ListRules<Filters, Row>;
    readonly read: (client: CloudClient, args: Filters, signal: AbortSignal) => Promise<readonly Row[]>;
}

/** A list of the cloud as programs call it. */
export interface ListFunctions<Args, Row> {
    readonly list: (args: Args) => Promise<readonly Row[]>;
    /** The same over arguments that are not known yet: unknown in a preview in which one of them is, secret if one of them is. */
    readonly listOutput: (args: ListInputs<Args>) => Output<readonly Row[]>;
}

export function listFunctions<Args extends object, Filters extends object, Row extends { readonly id: string }>(
    listing: Listing<Filters, Row>,
): ListFunctions<Args, Row> {
    return {
        list: (args) => listInCloud(listing, args),
        listOutput: (args) => output<object>(args).apply((known) => listInCloud(listing, known)),
    };
}

/** Reads from the cloud, in preview too. Fails with one line: the operation, the cloud's code, message and request id. */
async function listInCloud<Filters extends object, Row extends { readonly id: string }>(
    { name, service, rules, read }: Listing<Filters, Row>,
    given: unknown,
): Promise<readonly Row[]> {
    try {
        const args = rulebook().listArguments(rules(), given);
        const { region, projectId, profile } = args;
        const asked = {
            service: service(),
            read: async (client: CloudClient, signal: AbortSignal) =>
                answers().asAskedFor(rules().rows, args, await read(client, args, signal)),
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

/** A variable that stands for a filter in other tools counts only where the filter is left out. */
function refusedVariable<Filters, Row>({ variable }: ListRules<Filters, Row>, args: object) {
    return variable === undefined || Object.hasOwn(args, variable.argument)
        ? undefined
        : { variable: variable.name, argument: variable.argument };
}

function rulebook(): typeof import("../../services/shared/list-arguments") {
    return require("../../services/shared/list-arguments");
}

function answers(): typeof import("../../services/shared/list-answers") {
    return require("../../services/shared/list-answers");
}

function load(): typeof import("../../provider/dynamic/program-lookup") {
    return require("../../provider/dynamic/program-lookup");
}
