import { ApiFailure } from "../../batch/api";
import { firstFew } from "../../util/first-few";

const ROWS_NAMED = 5;

/** Whether a row shows that it is what one of these filters asks for. What the row does not tell, it does not show. */
export type RowMatches<Row, Filters> = (row: Row, filters: Filters) => boolean;

/** A filter on what no row tells, or one that leaves nothing out: its effect can't be seen in the answer. */
export const NOT_IN_ROWS = "not in rows";

/** Of all filters that a list has: none can be forgotten. */
export type RowRules<Filters, Row> = {
    readonly [Name in keyof Required<Filters>]: RowMatches<Row, Filters> | typeof NOT_IN_ROWS;
};

/**
 * The rows of an answer, once each is seen to be what was asked for. Whoever serves a list may not know a filter and show everything,
 * and what a list shows is deleted. Throws ApiFailure, which names the filters and the rows.
 */
export function requireMatchingRows<Filters extends object, Row extends { readonly id: string }>(
    rules: RowRules<Filters, Row>,
    filters: Filters,
    rows: readonly Row[],
): readonly Row[] {
    const problems = contradictions(rules, filters, rows);
    if (problems.length > 0) {
        const message = `${problems.join("; ")}. Nothing is returned, for what a list shows is likely to be deleted: leave that filter out, or say all: true, and choose in the program`;
        throw new ApiFailure({ code: "FilterIgnored", message }, true);
    }
    return rows;
}

function contradictions<Filters extends object, Row extends { readonly id: string }>(
    rules: Readonly<Record<string, RowMatches<Row, Filters> | typeof NOT_IN_ROWS>>,
    filters: Filters,
    rows: readonly Row[],
): readonly string[] {
    return Object.entries(rules).flatMap(([name, shows]) => {
        if (shows === NOT_IN_ROWS || !Object.hasOwn(filters, name)) {
            return [];
        }
        const others = rows.filter((row) => !shows(row, filters)).map(({ id }) => id);
        const which = `of ${rows.length} that the list shows, ${others.length}`;
        return others.length === 0
            ? []
            : [
                  `${which} ${others.length === 1 ? "does" : "do"} not show what the filter ${name} asks for: ${firstFew(others, ROWS_NAMED)}`,
              ];
    });
}

/** Whether letters count as the same in upper and lower case is documented for no list. */
export function containsText(text: string | undefined, part: string | undefined): boolean {
    return part !== undefined && text?.toLowerCase().includes(part.toLowerCase()) === true;
}

export function isOneOf(text: string | undefined, wanted: readonly string[] | undefined): boolean {
    return wanted?.some((one) => one.toLowerCase() === text?.toLowerCase()) === true;
}
