import * as z from "zod";
import { scatter } from "../../world/kind";
import type { World } from "../../world/world";
import { settings } from "./rules";

/** A page size as the API takes it: below 10 or left out is 10, above 1000 is 1000. */
export const pageSize = z
    .string()
    .regex(/^-?\d{1,10}$/, "must be an integer")
    .transform((text) => Math.min(1000, Math.max(10, Number(text))))
    .default(10);

interface Identified {
    readonly id: string;
}

/** Puts objects into the order of Store.list("arbitrary"), which is the one that markers need. */
export const inMarkerOrder = <T extends Identified>(objects: readonly T[]): T[] =>
    objects.toSorted((a, b) => scatter(a.id) - scatter(b.id));

/**
 * One page of objects in the order of markers. A marker is the id of the last object of the page before; it may have
 * gone since.
 */
export function pageAfter<T extends Identified>(
    world: World,
    objects: readonly T[],
    marker: string | undefined,
    limit: number,
) {
    const from = marker === undefined || marker === "" ? 0 : indexAfter(objects, marker);
    const page = objects.slice(from, from + limit);
    const { lastMarker } = settings.in(world);
    const isLast = from + page.length >= objects.length;
    const end = { null: { next_marker: null }, absent: {}, empty: { next_marker: "" } }[lastMarker];
    return {
        page,
        page_info: {
            ...(isLast ? end : { next_marker: page.at(-1)?.id }),
            previous_marker: objects[from - limit - 1]?.id ?? null,
            current_count: page.length,
        },
    };
}

function indexAfter(objects: readonly Identified[], marker: string): number {
    const rank = scatter(marker);
    const rankAt = (index: number) => scatter(objects[index]?.id ?? "");
    let low = 0;
    let high = objects.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (rankAt(middle) < rank) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    // Ids of the same rank stand together.
    for (let at = low; at < objects.length && rankAt(at) === rank; at++) {
        if (objects[at]?.id === marker) {
            return at + 1;
        }
    }
    return low;
}
