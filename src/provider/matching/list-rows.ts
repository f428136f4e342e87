import type { ListedKind, ListedThing } from "../../services/listed-kind";
import type { Rule as ArgumentRule } from "../../services/shared/list-arguments";
import { pathText } from "../inputs/check-failures";
import { matches } from "./matches";
import { criteriaOf, narrows } from "./rule";
import { kindSchema } from "./schema";

/** The argument `matching` of a list function, judged as that of a resource is: one that matches everything narrows nothing. */
export function matchingArgument(listed: ListedKind): ArgumentRule {
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

/** The rows that match. `value` is a valid `matching`. */
export function matchingRows<Row>(
    listed: ListedKind,
    value: unknown,
    rows: readonly Row[],
    { thingOf, now }: { readonly thingOf: (row: Row) => ListedThing; readonly now: number },
): readonly Row[] {
    const rule = criteriaOf(listed, kindSchema(listed).parse(value));
    return rows.filter((row) => matches(rule, thingOf(row), now));
}
