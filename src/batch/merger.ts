import type { Clock } from "../clock";
import { onAbort } from "./on-abort";
import { type Chunk, joinedBy, Queue } from "./queue";

/** What one request brought. */
export interface Sent<R> {
    readonly answers: ReadonlyArray<{ readonly keys: readonly string[]; readonly result: R }>;
    /** Keys to be sent once more, each list as a request of its own: the halves of one that was refused. */
    readonly again?: ReadonlyArray<readonly string[]>;
    /**
     * Called when the answers have been delivered; the place in the queue stays taken until it resolves: the end of a job
     * that excludes all others.
     */
    readonly busyUntil?: () => Promise<void>;
    /** No request begins before this moment. */
    readonly notBefore?: number;
}

/** What one request brought to one of those who asked. */
export interface Part<R> {
    readonly keys: readonly string[];
    readonly result: R;
    /** false: another asked for these keys first, and follows up what became of the request. */
    readonly first: boolean;
}

export interface MergerOptions<R> {
    /** Most keys in one request. */
    readonly limit: number;
    /** Most requests under way at once. */
    readonly concurrency: number;
    /** What it throws means that nothing was done. `signal`: one who asked has no time left, and what is not sent yet need not be. */
    readonly send: (keys: readonly string[], signal: AbortSignal) => Promise<Sent<R>>;
    /** Resolves when a request that is not full need not wait for more: nobody is about to ask. */
    readonly nobodyElse: () => Promise<void>;
    readonly clock: Clock;
}

interface Asker<R> {
    readonly signal: AbortSignal;
    readonly deliver: (part: Part<R>) => void;
    readonly open: Set<string>;
    /** It can't be served to the end; what is under way is still waited for. */
    leaving: { readonly because: unknown } | undefined;
    readonly end: () => void;
}

interface UnderWay<R> {
    readonly chunk: Chunk<Asker<R>>;
    /** Ends the waiting for a turn and the trying again, not a request that is on its way. */
    readonly hurry: AbortController;
}

/**
 * Makes full requests out of what several ask for. A full one goes at once; one that is not full goes as soon as nobody else
 * is about to ask: there is no waiting window. While all places are taken, the next one fills up.
 */
export class Merger<R> {
    private readonly queue = new Queue<Asker<R>>();
    private readonly underWay = new Map<string, UnderWay<R>>();
    private taken = 0;
    private gathering = false;
    private notBefore = 0;
    private pause: AbortController | undefined;

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
            const asker: Asker<R> = {
                signal,
                deliver,
                open: new Set(keys),
                leaving: undefined,
                end: () => {
                    forget();
                    if (asker.leaving === undefined) {
                        resolve();
                    } else {
                        reject(asker.leaving.because);
                    }
                },
            };
            const forget = onAbort(signal, () => this.withdraw(asker, signal.reason));
            this.queue.add(this.joinUnderWay(asker), asker);
            this.pump();
        });
    }

    /** The keys that are not under way already. */
    private *joinUnderWay(asker: Asker<R>): Iterable<string> {
        for (const key of asker.open) {
            const chunk = this.underWay.get(key)?.chunk;
            if (chunk === undefined) {
                yield key;
            } else {
                chunk.set(key, joinedBy([asker], chunk.get(key)));
            }
        }
    }

    private pump(): void {
        if (this.queue.empty) {
            this.pause?.abort();
        } else if (this.options.clock.now() < this.notBefore) {
            void this.waitOutPause();
            return;
        }
        const { concurrency, limit } = this.options;
        while (this.taken < concurrency) {
            const chunk = this.queue.takeSealed() ?? (this.queue.size >= limit ? this.queue.take(limit) : undefined);
            if (chunk === undefined) {
                break;
            }
            void this.send(chunk);
        }
        if (this.taken < concurrency && this.queue.size > 0 && !this.gathering) {
            void this.gather();
        }
    }

    private async waitOutPause(): Promise<void> {
        if (this.pause !== undefined) {
            return;
        }
        const pause = new AbortController();
        this.pause = pause;
        // Cut short when nothing is left to be sent.
        await this.options.clock.sleep(this.notBefore - this.options.clock.now(), pause.signal).catch(() => undefined);
        this.pause = undefined;
        this.pump();
    }

    private async gather(): Promise<void> {
        this.gathering = true;
        await this.options.clock.turn();
        await this.options.nobodyElse();
        this.gathering = false;
        const { size } = this.queue;
        const { clock, concurrency, limit } = this.options;
        if (size > 0 && size < limit && this.taken < concurrency && clock.now() >= this.notBefore) {
            void this.send(this.queue.take(limit));
        }
        this.pump();
    }

    private async send(chunk: Chunk<Asker<R>>): Promise<void> {
        this.taken += 1;
        const hurry = new AbortController();
        const request = { chunk, hurry };
        for (const key of chunk.keys()) {
            this.underWay.set(key, request);
        }
        let sent: Sent<R> | undefined;
        let failure: unknown;
        try {
            sent = await this.options.send([...chunk.keys()], hurry.signal);
        } catch (error) {
            failure = error;
        }
        for (const key of chunk.keys()) {
            this.underWay.delete(key);
        }
        if (sent === undefined) {
            this.failed(chunk, failure, hurry.signal.aborted);
        } else {
            this.notBefore = Math.max(this.notBefore, sent.notBefore ?? 0);
            for (const keys of sent.again ?? []) {
                this.seal(chunk, keys);
            }
            for (const { keys, result } of sent.answers) {
                this.deliver(chunk, keys, result);
            }
            await sent.busyUntil?.();
        }
        this.taken -= 1;
        this.pump();
    }

    /** To be sent as one request; those who are leaving are taken out of it. */
    private seal(chunk: Chunk<Asker<R>>, keys: Iterable<string>): void {
        const next: Chunk<Asker<R>> = new Map();
        const leaving = new Set<Asker<R>>();
        for (const key of keys) {
            const wanted: Asker<R>[] = [];
            for (const asker of chunk.get(key) ?? []) {
                if (asker.leaving === undefined) {
                    wanted.push(asker);
                } else {
                    asker.open.delete(key);
                    leaving.add(asker);
                }
            }
            if (wanted.length > 0) {
                next.set(key, wanted);
            }
        }
        if (next.size > 0) {
            this.queue.seal(next);
        }
        for (const asker of leaving) {
            this.endIfServed(asker);
        }
    }

    private deliver(chunk: Chunk<Asker<R>>, keys: readonly string[], result: R): void {
        const parts = new Map<Asker<R>, { first: string[]; joined: string[] }>();
        for (const key of keys) {
            const askers = chunk.get(key) ?? [];
            // Who asked first may be leaving: then the first of those who stay follows it up.
            const follows = askers.find((asker) => asker.leaving === undefined);
            askers.forEach((asker, position) => {
                const part = parts.get(asker) ?? { first: [], joined: [] };
                parts.set(asker, part);
                (position === 0 || asker === follows ? part.first : part.joined).push(key);
                asker.open.delete(key);
            });
        }
        // Those who follow up hear of it before those who wait for them.
        for (const [asker, { first }] of parts) {
            if (first.length > 0) {
                asker.deliver({ keys: first, result, first: true });
            }
        }
        for (const [asker, { joined }] of parts) {
            if (joined.length > 0) {
                asker.deliver({ keys: joined, result, first: false });
            }
            this.endIfServed(asker);
        }
    }

    private endIfServed(asker: Asker<R>): void {
        if (asker.open.size === 0) {
            asker.end();
        }
    }

    /**
     * Nothing was done. If it was not sent because one who asked had no time left, it is sent for those who stay. If several
     * asked, the keys of one may be what it failed for: each gets a request of its own, and only what that brings ends him.
     */
    private failed(chunk: Chunk<Asker<R>>, error: unknown, hurried: boolean): void {
        if (hurried) {
            this.seal(chunk, chunk.keys());
            return;
        }
        const owners = Map.groupBy(chunk.keys(), (key) => chunk.get(key)?.find((asker) => asker.leaving === undefined));
        if (owners.size > 1) {
            for (const keys of owners.values()) {
                this.seal(chunk, keys);
            }
            return;
        }
        for (const asker of new Set([...chunk.values()].flat())) {
            this.withdraw(asker, error);
        }
    }

    /**
     * What is not under way is taken back; what is under way is waited for, for its answer names the job. Others may have time
     * to try it again for long: that is begun anew without him.
     */
    private withdraw(asker: Asker<R>, because: unknown): void {
        asker.leaving ??= { because };
        for (const key of asker.open) {
            const sent = this.underWay.get(key);
            if (sent?.chunk.get(key)?.includes(asker)) {
                sent.hurry.abort(because);
            } else {
                asker.open.delete(key);
                this.queue.remove(key, asker);
            }
        }
        this.endIfServed(asker);
        if (this.queue.empty) {
            this.pause?.abort();
        }
    }
}
