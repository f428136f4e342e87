import { ApiFailure } from "../../batch/api";
import type { Collection } from "./inspection";

/** A query from the given values: a list becomes one value with commas, undefined is left out. */
export function queryOf(
    parameters: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): ReadonlyArray<readonly [name: string, value: string]> {
    return Object.entries(parameters).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, typeof value === "object" ? value.join(",") : String(value)] as const],
    );
}

/** No tenant has this many things of one kind: a longer list is taken for one that never ends. */
export const LONGEST_LIST = 1_000_000;

export function tooLong(noun: string): ApiFailure {
    const message = `there are more ${noun} than can be listed (${LONGEST_LIST} at most): narrow the filters`;
    return new ApiFailure({ code: "ListTooLong", message }, true);
}

/** How often a list is read if it changes while it is read; then that is a failure. */
const MOST_READINGS = 3;

/**
 * The whole list, page by page, each thing once. A list that changed meanwhile is read again: a thing that moves to a page already read
 * is skipped. Throws ApiFailure if the API does not show the whole list.
 */
export async function listAll<T>(list: Omit<Collection<T>, "get" | "concurrent">): Promise<readonly T[]> {
    for (let readings = 1; ; readings += 1) {
        const { items, totals } = await readThrough(list);
        const total = totals.at(-1) ?? 0;
        if (items.length >= total && totals.every((each) => each === total)) {
            return items;
        }
        if (readings === MOST_READINGS) {
            const message =
                items.length < total
                    ? `the list of ${list.noun} shows ${items.length}, and says that there are ${total}`
                    : `the list of ${list.noun} changes faster than it can be read: try again, or narrow the filters`;
            throw new ApiFailure({ code: "ListIncomplete", message }, false);
        }
    }
}

interface ReadThrough<T> {
    readonly items: readonly T[];
    /** The total that each page gives. */
    readonly totals: readonly number[];
}

async function readThrough<T>(list: Omit<Collection<T>, "get" | "concurrent">): Promise<ReadThrough<T>> {
    const { noun, pageSize, lastOffset = LONGEST_LIST } = list;
    const found = new Map<string, T>();
    const totals: number[] = [];
    for (let offset = 0; offset <= lastOffset; offset += pageSize) {
        const page = await list.page(offset, pageSize);
        const known = found.size;
        totals.push(page.total);
        for (const item of page.items) {
            found.set(list.idOf(item), item);
        }
        if (offset + pageSize >= page.total || page.items.length === 0) {
            return { items: [...found.values()], totals };
        }
        if (found.size === known) {
            throw new ApiFailure(
                { code: "ListRepeats", message: `the list of ${noun} shows the same page twice` },
                false,
            );
        }
    }
    throw tooLong(noun);
}
