import type { Clock } from "../clock";
import { abandonedBy } from "./watcher";

/** What one request brought. */
export interface Sent<R> {
    readonly answers: ReadonlyArray<{ readonly keys: readonly string[]; readonly result: R }>;
    /** Keys to be sent once more, each list as a request of its own: the halves of one that was refused. */
    readonly again?: ReadonlyArray<readonly string[]>;
    /** The place in the queue stays taken until this resolves: the end of a job that excludes all others. */
    readonly busyUntil?: Promise<void>;
}

/** What one request brought to one of those who asked. */
export interface Part<R> {
    readonly keys: readonly string[];
    readonly result: R;
    /** false: another asked for these keys first, and counts them as its own. */
    readonly first: boolean;
}

export interface MergerOptions<R> {
    /** Most keys in one request. */
    readonly limit: number;
    /** Most requests under way at once. */
    readonly concurrency: number;
    readonly send: (keys: readonly string[], signal: AbortSignal) => Promise<Sent<R>>;
    /** Resolves when a request that is not full need not wait for more: nobody is about to ask. */
    readonly nobodyElse: () => Promise<void>;
    readonly clock: Clock;
}

interface Asker<R> {
    readonly signal: AbortSignal;
    readonly deliver: (part: Part<R>) => void;
    readonly open: Set<string>;
    /** Why it can't be served to the end, while something of it is still under way. */
    failure: unknown;
    readonly end: (error?: unknown) => void;
}

type Chunk<R> = Map<string, Asker<R>[]>;

/**
 * Makes full requests out of what several ask for. A full one goes at once; one that is not full goes as soon as nobody else
 * is about to ask: there is no waiting window. While all places are taken, the next one fills up.
 */
export class Merger<R> {
    private readonly queue: Chunk<R> = new Map();
    private readonly sealed: Chunk<R>[] = [];
    private readonly underWay = new Map<string, Asker<R>[]>();
    private taken = 0;
    private gathering = false;

    constructor(private readonly options: MergerOptions<R>) {}

    /**
     * `deliver` hears of every key exactly once. Resolves when it has; rejects with the signal's reason once it aborts and
     * what was under way by then has been answered, or with what made a request fail altogether.
     */
    ask(keys: readonly string[], deliver: (part: Part<R>) => void, signal: AbortSignal): Promise<void> {
        if (keys.length === 0) {
            return Promise.resolve();
        }
        if (signal.aborted) {
            return Promise.reject(signal.reason);
        }
        return new Promise((resolve, reject) => {
            const withdraw = () => this.withdraw(asker);
            const asker: Asker<R> = {
                signal,
                deliver,
                open: new Set(keys),
                failure: undefined,
                end: (error = asker.failure) => {
                    signal.removeEventListener("abort", withdraw);
                    if (error === undefined) {
                        resolve();
                    } else {
                        reject(error);
                    }
                },
            };
            signal.addEventListener("abort", withdraw, { once: true });
            for (const key of asker.open) {
                const others = this.underWay.get(key) ?? this.queue.get(key) ?? this.sealedWith(key);
                if (others === undefined) {
                    this.queue.set(key, [asker]);
                } else {
                    others.push(asker);
                }
            }
            this.pump();
        });
    }

    private sealedWith(key: string): Asker<R>[] | undefined {
        return this.sealed.find((chunk) => chunk.has(key))?.get(key);
    }

    private pump(): void {
        while (this.taken < this.options.concurrency) {
            const chunk = this.sealed.shift() ?? (this.queue.size >= this.options.limit ? this.take() : undefined);
            if (chunk === undefined) {
                break;
            }
            if (chunk.size > 0) {
                void this.send(chunk);
            }
        }
        if (this.taken < this.options.concurrency && this.queue.size > 0 && !this.gathering) {
            void this.gather();
        }
    }

    private async gather(): Promise<void> {
        this.gathering = true;
        await this.options.clock.turn();
        await this.options.nobodyElse();
        this.gathering = false;
        if (this.queue.size > 0 && this.queue.size < this.options.limit && this.taken < this.options.concurrency) {
            void this.send(this.take());
        }
        this.pump();
    }

    private take(): Chunk<R> {
        const chunk: Chunk<R> = new Map();
        for (const [key, askers] of this.queue) {
            if (chunk.size === this.options.limit) {
                break;
            }
            chunk.set(key, askers);
            this.queue.delete(key);
        }
        return chunk;
    }

    private async send(chunk: Chunk<R>): Promise<void> {
        this.taken += 1;
        for (const [key, askers] of chunk) {
            this.underWay.set(key, askers);
        }
        const askers = new Set([...chunk.values()].flat());
        const abandoned = abandonedBy([...askers].map((asker) => asker.signal));
        let busyUntil: Promise<void> | undefined;
        try {
            const sent = await this.options.send([...chunk.keys()], abandoned.signal);
            busyUntil = sent.busyUntil;
            for (const key of chunk.keys()) {
                this.underWay.delete(key);
            }
            this.sealAgain(chunk, sent.again ?? []);
            for (const { keys, result } of sent.answers) {
                this.deliver(chunk, keys, result);
            }
        } catch (error) {
            for (const key of chunk.keys()) {
                this.underWay.delete(key);
            }
            for (const asker of new Set([...chunk.values()].flat())) {
                this.withdraw(asker, error);
            }
        } finally {
            abandoned.dispose();
        }
        await busyUntil?.catch(() => undefined);
        this.taken -= 1;
        this.pump();
    }

    private sealAgain(chunk: Chunk<R>, again: ReadonlyArray<readonly string[]>): void {
        for (const keys of again) {
            const next: Chunk<R> = new Map();
            for (const key of keys) {
                const wanted = (chunk.get(key) ?? []).filter((asker) => !asker.signal.aborted);
                if (wanted.length > 0) {
                    next.set(key, wanted);
                }
            }
            if (next.size > 0) {
                this.sealed.push(next);
            }
        }
        this.endAborted(chunk, again.flat());
    }

    private endAborted(chunk: Chunk<R>, keys: readonly string[]): void {
        for (const key of keys) {
            for (const asker of chunk.get(key) ?? []) {
                if (asker.signal.aborted) {
                    this.withdraw(asker);
                }
            }
        }
    }

    private deliver(chunk: Chunk<R>, keys: readonly string[], result: R): void {
        const mine = new Map<Asker<R>, { first: string[]; joined: string[] }>();
        for (const key of keys) {
            (chunk.get(key) ?? []).forEach((asker, position) => {
                const lists = mine.get(asker) ?? { first: [], joined: [] };
                mine.set(asker, lists);
                (position === 0 ? lists.first : lists.joined).push(key);
            });
        }
        for (const [asker, { first, joined }] of mine) {
            for (const key of [...first, ...joined]) {
                asker.open.delete(key);
            }
            if (first.length > 0) {
                asker.deliver({ keys: first, result, first: true });
            }
            if (joined.length > 0) {
                asker.deliver({ keys: joined, result, first: false });
            }
            if (asker.open.size === 0) {
                asker.end();
            } else if (asker.signal.aborted) {
                this.withdraw(asker);
            }
        }
    }

    /** What is not under way is taken back; what is under way is waited for, for its answer names the job. */
    private withdraw(asker: Asker<R>, error: unknown = asker.signal.reason): void {
        let waits = false;
        asker.failure ??= error;
        for (const key of asker.open) {
            if (this.underWay.get(key)?.includes(asker)) {
                waits = true;
                continue;
            }
            asker.open.delete(key);
            for (const chunk of [this.queue, ...this.sealed]) {
                const others = chunk.get(key)?.filter((other) => other !== asker);
                if (others !== undefined && others.length > 0) {
                    chunk.set(key, others);
                } else {
                    chunk.delete(key);
                }
            }
        }
        if (!waits) {
            asker.end();
        }
    }
}
