import { ApiFailure } from "../batch/api";
import type { Readable } from "./inspection";

/** A query from what was given: a list goes as one value with commas, what is undefined is left out. */
export function queryOf(
    parameters: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): ReadonlyArray<readonly [name: string, value: string]> {
    return Object.entries(parameters).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, typeof value === "object" ? value.join(",") : String(value)] as const],
    );
}

/** No tenant has as many of anything: a list that goes on beyond is one without an end. */
export const LONGEST_LIST = 1_000_000;

export function tooLong(noun: string): ApiFailure {
    const message = `there are more ${noun} than can be listed (${LONGEST_LIST} at most): narrow the filters`;
    return new ApiFailure({ code: "ListTooLong", message }, true);
}

/** The whole list, page after page, each thing once. Throws ApiFailure if the API does not show all of it. */
export async function listAll<T>(list: Omit<Readable<T>, "get" | "concurrent">): Promise<readonly T[]> {
    const { noun, pageSize, lastOffset = LONGEST_LIST } = list;
    const found = new Map<string, T>();
    for (let offset = 0; offset <= lastOffset; offset += pageSize) {
        const page = await list.page(offset, pageSize);
        const known = found.size;
        for (const item of page.items) {
            found.set(list.idOf(item), item);
        }
        if (offset + pageSize >= page.total || page.items.length === 0) {
            if (found.size < page.total) {
                const message = `the list of ${noun} shows ${found.size}, and says that there are ${page.total}`;
                throw new ApiFailure({ code: "ListIncomplete", message }, false);
            }
            return [...found.values()];
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
