/** Keys with the requesters of each, in the order of their requests. Lists of requesters are shared by many keys, so they are never changed. */
export type Chunk<A> = Map<string, readonly A[]>;

/** What is still to be sent: keys in the order of their requests, and before them the chunks that are requests of their own. */
export class Queue<A> {
    private readonly loose: Chunk<A> = new Map();
    private readonly sealed = new Set<Chunk<A>>();
    private readonly sealedWith = new Map<string, Chunk<A>>();
    /** Kept from one take to the next: a new iterator over a map that was emptied from its front is slow to find its first entry. */
    private front = this.loose.entries();

    /** Keys that are not part of a request yet. */
    get size(): number {
        return this.loose.size;
    }

    get empty(): boolean {
        return this.loose.size === 0 && this.sealed.size === 0;
    }

    /** Where keys are queued already, the requester joins the others. */
    add(keys: Iterable<string>, requester: A): void {
        const alone = [requester] as const;
        for (const key of keys) {
            const chunk = this.sealedWith.get(key) ?? this.loose;
            chunk.set(key, joinedBy(alone, chunk.get(key)));
        }
    }

    /** A request of its own, sent before anything else. */
    seal(chunk: Chunk<A>): void {
        this.sealed.add(chunk);
        for (const key of chunk.keys()) {
            this.sealedWith.set(key, chunk);
        }
    }

    takeSealed(): Chunk<A> | undefined {
        for (const chunk of this.sealed) {
            this.sealed.delete(chunk);
            for (const key of chunk.keys()) {
                this.sealedWith.delete(key);
            }
            return chunk;
        }
        return undefined;
    }

    /** At most `limit` keys. */
    take(limit: number): Chunk<A> {
        const chunk: Chunk<A> = new Map();
        while (chunk.size < limit && this.loose.size > 0) {
            const next = this.front.next();
            if (next.done) {
                this.front = this.loose.entries();
                continue;
            }
            const [key, requesters] = next.value;
            this.loose.delete(key);
            chunk.set(key, requesters);
        }
        return chunk;
    }

    remove(key: string, requester: A): void {
        const sealed = this.sealedWith.get(key);
        const chunk = sealed ?? this.loose;
        const others = chunk.get(key)?.filter((other) => other !== requester) ?? [];
        if (others.length > 0) {
            chunk.set(key, others);
            return;
        }
        chunk.delete(key);
        if (sealed !== undefined) {
            this.sealedWith.delete(key);
            if (sealed.size === 0) {
                this.sealed.delete(sealed);
            }
        }
    }
}

/** The requesters of a key, and one more. */
export function joinedBy<A>(alone: readonly [A], others: readonly A[] | undefined): readonly A[] {
    if (others === undefined) {
        return alone;
    }
    return others.includes(alone[0]) ? others : [...others, ...alone];
}
