import type { TargetState, WholeReading } from "../../batch/api";
import { agree, type Collection, type Reading, readList } from "./inspection";

/** A list read to its end, or what that would take. */
type Bounded<T> =
    | { readonly is: "read"; readonly items: ReadonlyMap<string, T>; readonly reading: Reading }
    | { readonly is: "tooLong"; readonly calls: number };

async function readBounded<T>(list: Omit<Collection<T>, "get" | "getNeeds">, most: number): Promise<Bounded<T>> {
    const items = new Map<string, T>();
    let isTooLong = false;
    const reading = await readList(
        list,
        (id, item) => void items.set(id, item),
        (left) => {
            // Asked after the first page, and again with fewer pages left.
            isTooLong ||= 1 + left > most;
            return isTooLong;
        },
    );
    if (reading.beyondReach) {
        return { is: "tooLong", calls: Number.POSITIVE_INFINITY };
    }
    return isTooLong ? { is: "tooLong", calls: reading.pages + reading.left } : { is: "read", items, reading };
}

/** The states of all things that the list shows, in `most` calls at most. Of what it does not show it says nothing. Throws ApiFailure. */
export async function readShown<T>(
    list: Omit<Collection<T>, "get" | "getNeeds">,
    stateOf: (item: T) => TargetState,
    most: number,
): Promise<WholeReading> {
    const read = await readBounded(list, most);
    return read.is === "read" ? { is: "read", states: statesOf(read.items, stateOf) } : read;
}

/** As `readShown`; where two readings agree, what they do not show does not exist. */
export async function readAll<T>(
    list: (signal: AbortSignal) => Omit<Collection<T>, "get" | "getNeeds">,
    stateOf: (item: T) => TargetState,
    most: number,
    signal: AbortSignal,
): Promise<WholeReading> {
    const first = await readBounded(list(signal), most);
    if (first.is === "tooLong") {
        return first;
    }
    return {
        is: "read",
        states: statesOf(first.items, stateOf),
        confirm: async (ended) => {
            const second = await readBounded(list(ended), Number.POSITIVE_INFINITY);
            const isWhole = second.is === "read" && agree(first.reading, second.reading);
            return isWhole ? statesOf(second.items, stateOf) : undefined;
        },
    };
}

function statesOf<T>(
    items: ReadonlyMap<string, T>,
    stateOf: (item: T) => TargetState,
): ReadonlyMap<string, TargetState> {
    return new Map([...items].map(([id, item]) => [id, stateOf(item)]));
}
