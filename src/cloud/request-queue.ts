/** "changes" sets work going, which takes its time; "reads" only looks. */
export type Effect = "changes" | "reads";

/**
 * While requests of both kinds wait, so many in a row of the one kind go, and then so many of the other: submitting without end must not
 * hide what has ended, and a list that is read in one go shifts less than one whose pages lie far apart.
 */
const IN_A_ROW = { changes: 120, reads: 8 } as const;

type Grant<T> = (permit: T) => void;

/** Requests that wait to be sent: those of one kind in the order of asking, changes before reads within the bounds of `IN_A_ROW`. */
export class RequestQueue<T> {
    private readonly waiting = { changes: new Set<Grant<T>>(), reads: new Set<Grant<T>>() };
    /** Requests taken while both kinds waited. */
    private contended = 0;

    get length(): number {
        return this.waiting.changes.size + this.waiting.reads.size;
    }

    /** Answers with what takes the request out again. */
    join(effect: Effect, grant: Grant<T>): () => void {
        // Two requests may share a function: each has an entry of its own.
        const entry: Grant<T> = (permit) => grant(permit);
        this.waiting[effect].add(entry);
        return () => this.waiting[effect].delete(entry);
    }

    takeFirst(): Grant<T> | undefined {
        const { changes, reads } = this.waiting;
        const contended = changes.size > 0 && reads.size > 0;
        const changesGo = contended
            ? this.contended % (IN_A_ROW.changes + IN_A_ROW.reads) < IN_A_ROW.changes
            : changes.size > 0;
        this.contended += contended ? 1 : 0;
        const queue = changesGo ? changes : reads;
        const [first] = queue;
        if (first !== undefined) {
            queue.delete(first);
        }
        return first;
    }
}
