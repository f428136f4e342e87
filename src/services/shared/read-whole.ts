import { ApiFailure, StillChanging } from "../../batch/api";
import type { Collection, Reading } from "./inspection";
import { readList } from "./inspection";

/** So many readings in a row that show nothing new end it: one of a list in random order skips a thing about every third time. */
const MOST_WITHOUT_NEWS = 8;
/** A list that shows new things all the time has no end. */
const MOST_READINGS = 60;

/**
 * Shows each thing that the list has, at least once; a thing that is shown again may have changed. The list is read again until the
 * readings together have shown as many things as the last one says that there are: a list that shifts while it is read skips some. Throws
 * ApiFailure if it can't be read to its end.
 */
export async function readWhole<T>(
    list: Omit<Collection<T>, "get" | "getNeeds">,
    show: (item: T) => void,
): Promise<void> {
    const seen = new Set<string>();
    let withoutNews = 0;
    for (let readings = 0; readings < MOST_READINGS && withoutNews < MOST_WITHOUT_NEWS; readings += 1) {
        const known = seen.size;
        const reading = await readList(
            list,
            (id, item) => {
                seen.add(id);
                show(item);
            },
            () => false,
        );
        if (reading.beyondReach) {
            throw beyondReach(list.noun, reading);
        }
        if (seen.size >= reading.total) {
            return;
        }
        withoutNews = seen.size === known ? withoutNews + 1 : 0;
    }
    const message = `the list of ${list.noun} changes faster than it can be read, or does not show all that it counts`;
    throw new StillChanging({ code: "ListKeepsChanging", message });
}

function beyondReach(noun: string, { total, seen }: Reading): ApiFailure {
    const message = `the list of ${noun} has ${total} in all and shows ${seen.size} at most: what matches can't be told`;
    return new ApiFailure({ code: "ListTooLong", message }, true);
}
