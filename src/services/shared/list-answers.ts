import { ApiFailure } from "../../batch/api";
import { firstFew } from "../../util/first-few";

const ROWS_NAMED = 5;

/** Whether a row shows that it matches one of the filters. A row without the column does not match. */
export type RowMatches<Row, Filters> = (row: Row, filters: Filters) => boolean;

/** For a filter whose effect rows can't show: no row has the column, or the filter leaves nothing out. */
export const NOT_IN_ROWS = "not in rows";

/** Has an entry for each filter of the list, so that none is forgotten. */
export type RowRules<Filters, Row> = {
    readonly [Name in keyof Required<Filters>]: RowMatches<Row, Filters> | typeof NOT_IN_ROWS;
};

/**
 * Returns the rows if each matches the filters. A server that does not know a filter may ignore it and show everything, and programs
 * delete what a list shows. Throws ApiFailure, which names the filters and the rows.
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

/** Ignores case: no list documents whether its filters do. */
export function containsText(text: string | undefined, part: string | undefined): boolean {
    return part !== undefined && text?.toLowerCase().includes(part.toLowerCase()) === true;
}

export function isOneOf(text: string | undefined, wanted: readonly string[] | undefined): boolean {
    return wanted?.some((one) => one.toLowerCase() === text?.toLowerCase()) === true;
}
