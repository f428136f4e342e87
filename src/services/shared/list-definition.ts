import type { CloudClient, Service } from "../../cloud/call";
import { requireMatchingRows } from "./list-answers";
import { type ListRules, listArguments, type PlaceOfList, refusedVariable } from "./list-arguments";

/** A row of any list, as far as all lists have it. */
export interface ListedRow {
    readonly id: string;
    readonly name?: string | undefined;
}

/** One list of a service, whoever asks for it: a program or the plugin. */
export interface ListDefinition {
    /** "listApps" */
    readonly name: string;
    /** What its rows are called: "apps". */
    readonly rows: string;
    readonly service: Service;
    /** The resources whose targets it lists: "roma:AssetBatchDeletion". */
    readonly resources: readonly string[];
    /** The list that these arguments ask for. Throws an error that names all that is wrong with them. */
    request(given: unknown): ListRequest;
}

export interface ListRequest {
    readonly where: PlaceOfList;
    /** The environment variable to refuse: other tools read it for a filter, and that filter is left out. */
    readonly refuses: { readonly variable: string; readonly argument: string } | undefined;
    /** Throws ApiFailure. */
    read(client: CloudClient, signal: AbortSignal): Promise<readonly ListedRow[]>;
}

export function listDefinition<Filters extends object, Row extends ListedRow>({
    rules,
    read,
    ...facts
}: Omit<ListDefinition, "request"> & {
    readonly rules: ListRules<Filters, Row>;
    readonly read: (client: CloudClient, filters: Filters, signal: AbortSignal) => Promise<readonly Row[]>;
}): ListDefinition {
    return {
        ...facts,
        request: (given) => {
            const args = listArguments(rules, given);
            const { region, projectId, profile } = args;
            return {
                where: { region, projectId, profile },
                refuses: refusedVariable(rules, args),
                read: async (client, signal) => requireMatchingRows(rules.rows, args, await read(client, args, signal)),
            };
        },
    };
}
