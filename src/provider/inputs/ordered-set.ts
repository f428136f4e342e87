import { CHUNK_SIZE, forEachInChunks } from "../../util/chunks";
import type { Clock } from "../../util/clock";

/** Each value once, sorted by code units. A list that is already sorted and without duplicates is returned as it is. */
export async function orderedSet(values: readonly string[], clock: Clock): Promise<readonly string[]> {
    if (await isAscending(values, clock)) {
        return values;
    }
    let runs: Array<readonly string[]> = [];
    for (let from = 0; from < values.length; from += CHUNK_SIZE) {
        runs.push([...new Set(values.slice(from, from + CHUNK_SIZE))].sort());
        if (values.length > CHUNK_SIZE) {
            await clock.yieldToEventLoop();
        }
    }
    while (runs.length > 1) {
        const merged: Array<readonly string[]> = [];
        for (let i = 0; i < runs.length; i += 2) {
            merged.push(await mergedOf(runs[i] ?? [], runs[i + 1] ?? [], clock));
        }
        runs = merged;
    }
    return runs[0] ?? [];
}

/** The values of one ordered set that are not in the other. */
export function without(values: readonly string[], others: readonly string[]): readonly string[] {
    let next = 0;
    return values.filter((value) => {
        while (next < others.length && (others[next] ?? "") < value) {
            next += 1;
        }
        return others[next] !== value;
    });
}

async function isAscending(values: readonly string[], clock: Clock): Promise<boolean> {
    let last: string | undefined;
    let ascending = true;
    await forEachInChunks(clock, values, (value) => {
        ascending &&= last === undefined || last < value;
        last = value;
    });
    return ascending;
}

async function mergedOf(one: readonly string[], other: readonly string[], clock: Clock): Promise<readonly string[]> {
    const merged: string[] = [];
    let next = 0;
    await forEachInChunks(clock, one, (value) => {
        for (let rival = other[next]; rival !== undefined && rival <= value; rival = other[next]) {
            if (rival !== value) {
                merged.push(rival);
            }
            next += 1;
        }
        merged.push(value);
    });
    for (const rest of other.slice(next)) {
        merged.push(rest);
    }
    return merged;
}
