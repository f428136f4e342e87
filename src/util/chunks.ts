import type { Clock } from "./clock";

/** Things visited without a pause: what is done to each takes some microseconds. */
export const CHUNK_SIZE = 2500;

/** Visits each thing; where there are very many, the event loop gets its turn in between. */
export async function forEachInChunks<T>(clock: Clock, things: Iterable<T>, visit: (thing: T) => void): Promise<void> {
    const slice = new ChunkCounter(clock);
    for (const thing of things) {
        if (slice.isFull()) {
            await slice.next();
        }
        visit(thing);
    }
}

/** Counts what is visited without a pause. */
export class ChunkCounter {
    private visited = 0;

    constructor(private readonly clock: Clock) {}

    /** Asked once for each thing, before it is visited. */
    isFull(): boolean {
        this.visited += 1;
        return this.visited > CHUNK_SIZE;
    }

    async next(): Promise<void> {
        this.visited = 1;
        await this.clock.yieldToEventLoop();
    }
}
