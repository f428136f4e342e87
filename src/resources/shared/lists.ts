import { log, output, RunError, runtime } from "@pulumi/pulumi";
import type { CloudClient, Service } from "../../cloud/call";
import type { ListedKind, ListedThing } from "../../services/listed-kind";
import type { ListRules } from "../../services/shared/list-arguments";
import type { ListFunctions } from "./list-types";
import { emptyValues } from "./matching-values";

/** One list of a service. The service's module is loaded at the first call, not with the package. */
export interface Listing<Filters, Row> {
    /** "roma.listApps" */
    readonly name: string;
    readonly service: () => Service;
    readonly rules: () => ListRules<Filters, Row>;
    readonly read: (client: CloudClient, args: Filters, signal: AbortSignal) => Promise<readonly Row[]>;
    /** What the argument `matching` chooses rows by. */
    readonly listed: () => ListedRows<Row>;
}

/** A kind of things, and what each row of its list shows to a rule. */
export interface ListedRows<Row> {
    readonly kind: ListedKind;
    readonly thingOf: (row: Row) => ListedThing;
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
    { name, service, rules, read, listed }: Listing<Filters, Row>,
    given: unknown,
): Promise<readonly Row[]> {
    try {
        refuseUnset(given);
        const { matchingArgument, matchingRows } = loadListRows();
        const { kind, thingOf } = listed();
        const { listArguments, refusedVariable } = loadListArguments();
        const args = listArguments(rules(), given, matchingArgument(kind));
        const { region, projectId, profile, matching } = args;
        const request = {
            service: service(),
            read: async (client: CloudClient, signal: AbortSignal, now: number) => {
                const rows = loadListAnswers().requireMatchingRows(
                    rules().rows,
                    args,
                    await read(client, args, signal),
                );
                return matching === undefined ? rows : matchingRows(kind, matching, rows, { thingOf, now });
            },
            where: { region, projectId, profile },
            refuses: refusedVariable(rules(), args),
        };
        return await loadProgramLookup().lookUpInCloud(request, runtime.allConfig(), {
            // Each operation has its own monitor, also if one process runs several programs.
            key: runtime.getMonitor(),
            warn: (text) => void log.warn(text),
        });
    } catch (error) {
        throw new RunError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
}

/** As for a resource: a criterion that says nothing would make the rule match more. */
function refuseUnset(given: unknown): void {
    const unset = typeof given === "object" && given !== null && "matching" in given ? emptyValues(given.matching) : [];
    if (unset.length > 0) {
        throw new Error(`${unset.join("; ")}: give it a value or leave it out`);
    }
}

function loadListRows(): typeof import("../../provider/matching/list-rows") {
    return require("../../provider/matching/list-rows");
}

function loadListArguments(): typeof import("../../services/shared/list-arguments") {
    return require("../../services/shared/list-arguments");
}

function loadListAnswers(): typeof import("../../services/shared/list-answers") {
    return require("../../services/shared/list-answers");
}

function loadProgramLookup(): typeof import("../../provider/dynamic/program-lookup") {
    return require("../../provider/dynamic/program-lookup");
}
