import type { Clock } from "./clock";

/** Things visited without a pause: what is done to each takes some microseconds. */
export const CHUNK_SIZE = 2500;

/** Visits things in chunks, the first of them at once; between two chunks the event loop gets its turn. */
export async function forEachChunk<T>(
    clock: Clock,
    things: Iterable<T>,
    visit: (chunk: readonly T[]) => void,
): Promise<void> {
    let chunk: T[] = [];
    for (const thing of things) {
        if (chunk.length === CHUNK_SIZE) {
            visit(chunk);
            chunk = [];
            await clock.yieldToEventLoop();
        }
        chunk.push(thing);
    }
    visit(chunk);
}

/** Visits each thing; where there are very many, the event loop gets its turn in between. */
export function forEachInChunks<T>(clock: Clock, things: Iterable<T>, visit: (thing: T) => void): Promise<void> {
    return forEachChunk(clock, things, (chunk) => {
        for (const thing of chunk) {
            visit(thing);
        }
    });
}
