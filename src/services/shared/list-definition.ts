import type { CloudClient, Service } from "../../cloud/call";
import type { ListedKind, ListedThing } from "../listed-kind";
import { requireMatchingRows } from "./list-answers";
import {
    type ListOptions,
    type ListRules,
    listArguments,
    type PlaceOfList,
    type Rule,
    refusedVariable,
} from "./list-arguments";

/** A row of any list, as far as all lists have it. */
export interface ListedRow {
    readonly id: string;
    readonly name?: string | undefined;
}

/** One list of a service, whoever asks for it: a program or the plugin. */
export interface ListDefinition<Row extends ListedRow = ListedRow> {
    /** "listApps" */
    readonly name: string;
    /** What its rows are called: "apps". */
    readonly rows: string;
    readonly service: Service;
    /** The resources whose targets it lists: "roma:AssetBatchDeletion". */
    readonly resources: readonly string[];
    /** What the argument `matching` chooses rows by. */
    readonly listed: ListedKind;
    /** What a row shows to such a rule. */
    thingOf(row: Row): ListedThing;
    /** The list that these arguments ask for; `matching` judges that argument. Throws an error that names all that is wrong with them. */
    request(given: unknown, matching: Rule, options?: ListOptions): ListRequest<Row>;
}

export interface ListRequest<Row extends ListedRow> {
    readonly where: PlaceOfList;
    /** The environment variable to refuse: other tools read it for a filter, and that filter is left out. */
    readonly refuses: { readonly variable: string; readonly argument: string } | undefined;
    /** The argument of that name, judged; undefined: not given. */
    readonly matching: unknown;
    /** The rows that the filters of the API leave. Throws ApiFailure. */
    read(client: CloudClient, signal: AbortSignal): Promise<readonly Row[]>;
}

export function listDefinition<Filters extends object, Row extends ListedRow>({
    rules,
    read,
    ...facts
}: Omit<ListDefinition<Row>, "request"> & {
    readonly rules: ListRules<Filters, Row>;
    readonly read: (client: CloudClient, filters: Filters, signal: AbortSignal) => Promise<readonly Row[]>;
}): ListDefinition<Row> {
    return {
        ...facts,
        request: (given, rule, options) => {
            const args = listArguments(rules, given, rule, options);
            const { region, projectId, profile, matching } = args;
            return {
                where: { region, projectId, profile },
                refuses: refusedVariable(rules, args),
                matching,
                read: async (client, signal) => requireMatchingRows(rules.rows, args, await read(client, args, signal)),
            };
        },
    };
}
