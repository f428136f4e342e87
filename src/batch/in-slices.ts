import type { Clock } from "../clock";

/** Things visited without a pause: what is done to each takes some microseconds. */
export const VISITED_AT_ONCE = 2500;

/** Visits each thing; where there are very many, the event loop gets its turn in between. */
export async function inSlices<T>(clock: Clock, things: Iterable<T>, visit: (thing: T) => void): Promise<void> {
    let visited = 0;
    for (const thing of things) {
        if (visited === VISITED_AT_ONCE) {
            visited = 0;
            await clock.turn();
        }
        visit(thing);
        visited += 1;
    }
}
