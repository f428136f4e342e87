import type { ListedKind } from "../../services/listed-kind";
import type { Rule as ArgumentRule, ListOptions } from "../../services/shared/list-arguments";
import type { ListDefinition, ListedRow } from "../../services/shared/list-definition";
import { pathText } from "../inputs/check-failures";
import type { LookUp } from "../lookup";
import { matches } from "./matches";
import { criteriaOf, narrows } from "./rule";
import { kindSchema } from "./schema";

/**
 * What to look up for a list function: rows that the filters of the API leave and that the argument `matching` matches. Throws an error
 * that names all that is wrong with the arguments.
 */
export function listLookUp<Row extends ListedRow>(
    definition: ListDefinition<Row>,
    given: unknown,
    options?: ListOptions,
): Pick<LookUp<readonly Row[]>, "service" | "where" | "refuses" | "read"> {
    const { service, listed } = definition;
    const { where, refuses, matching, read } = definition.request(given, matchingArgument(listed), options);
    return {
        service,
        where,
        refuses,
        read: async (client, signal, now) => {
            const rows = await read(client, signal);
            if (matching === undefined) {
                return rows;
            }
            const rule = criteriaOf(listed, kindSchema(listed).parse(matching));
            return rows.filter((row) => matches(rule, definition.thingOf(row), now));
        },
    };
}

/** The argument `matching` of a list function, judged as that of a resource is: one that matches everything narrows nothing. */
function matchingArgument(listed: ListedKind): ArgumentRule {
    const schema = kindSchema(listed);
    return {
        problem: (value) => {
            const [issue] = schema.safeParse(value).error?.issues ?? [];
            return issue === undefined
                ? undefined
                : `is wrong at ${pathText("matching", issue.path)}: ${issue.message}`;
        },
        narrows: (value) => narrows(criteriaOf(listed, schema.parse(value))),
    };
}
