import { onAbort } from "../../util/abort";
import { type Clock, pause } from "../../util/clock";
import { type Chunk, joinedBy, Queue } from "./queue";

/** What one request brought. */
export interface BatchResult<R> {
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

/** What one request brought to one of its requesters. */
export interface BatchPart<R> {
    readonly keys: readonly string[];
    readonly result: R;
    /** false: another requester asked for these keys first, and follows up what became of the request. */
    readonly first: boolean;
}

export interface BatcherOptions<R> {
    /** Most keys in one request. */
    readonly limit: number;
    /** Most requests under way at once. */
    readonly concurrency: number;
    /** What it throws means that nothing was done. The signal aborts when a requester has no time left, and the request is not sent yet. */
    readonly send: (keys: readonly string[], signal: AbortSignal) => Promise<BatchResult<R>>;
    /** Resolves when nobody is about to request more, so that a request that is not full can go. */
    readonly nobodyElse: () => Promise<void>;
    readonly clock: Clock;
}

export interface BatchRequester<R> {
    /** Called exactly once for every key. */
    readonly deliver: (part: BatchPart<R>) => void;
    /** Called before each request with some of its keys, and what the request does. What it throws keeps the request from being sent. */
    readonly onSending: (keys: readonly string[], operation: string) => void;
}

interface Requester<R> extends BatchRequester<R> {
    readonly signal: AbortSignal;
    readonly open: Set<string>;
    /** It gets nothing more but the answers to what is under way. */
    leaving: { readonly because: unknown } | undefined;
    readonly end: () => void;
}

interface UnderWay<R> {
    readonly chunk: Chunk<Requester<R>>;
    /** Ends the wait of a request that is not sent yet, or is to be sent again; not a request that is on its way. */
    readonly cancelWait: AbortController;
}

/**
 * Makes full requests out of the keys of several requesters. A full one goes at once; one that is not full goes as soon as nobody
 * is about to request more: there is no waiting window. While all places are taken, the next one fills up.
 */
export class Batcher<R> {
    private readonly queue = new Queue<Requester<R>>();
    private readonly underWay = new Map<string, UnderWay<R>>();
    private taken = 0;
    private gathering = false;
    private notBefore = 0;
    private pause: AbortController | undefined;

    constructor(private readonly options: BatcherOptions<R>) {}

    /**
     * Resolves when every key is delivered; rejects with the signal's reason once that has aborted and what was under way by then is
     * answered, or with what made a request fail altogether.
     */
    request(keys: readonly string[], to: BatchRequester<R>, signal: AbortSignal): Promise<void> {
        if (keys.length === 0) {
            return Promise.resolve();
        }
        if (signal.aborted) {
            return Promise.reject(signal.reason);
        }
        return new Promise((resolve, reject) => {
            const requester: Requester<R> = {
                ...to,
                signal,
                open: new Set(keys),
                leaving: undefined,
                end: () => {
                    forget();
                    if (requester.leaving === undefined) {
                        resolve();
                    } else {
                        reject(requester.leaving.because);
                    }
                },
            };
            const forget = onAbort(signal, () => this.withdraw(requester, signal.reason));
            this.queue.add(this.joinUnderWay(requester), requester);
            this.pump();
        });
    }

    /** A request with these keys is sent next. What a requester throws keeps it from being sent. */
    sending(keys: readonly string[], operation: string): void {
        const followed = Map.groupBy(keys, (key) => {
            const requesters = this.underWay.get(key)?.chunk.get(key) ?? [];
            return requesters.find((requester) => requester.leaving === undefined) ?? requesters[0];
        });
        for (const [requester, sent] of followed) {
            requester?.onSending(sent, operation);
        }
    }

    /** The keys that are not under way already. */
    private *joinUnderWay(requester: Requester<R>): Iterable<string> {
        for (const key of requester.open) {
            const chunk = this.underWay.get(key)?.chunk;
            if (chunk === undefined) {
                yield key;
            } else {
                chunk.set(key, joinedBy([requester], chunk.get(key)));
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
        const paused = new AbortController();
        this.pause = paused;
        // Cut short when nothing is left to be sent.
        await pause(this.options.clock, this.notBefore - this.options.clock.now(), paused.signal);
        this.pause = undefined;
        this.pump();
    }

    private async gather(): Promise<void> {
        this.gathering = true;
        await this.options.clock.yieldToEventLoop();
        await this.options.nobodyElse();
        this.gathering = false;
        const { size } = this.queue;
        const { clock, concurrency, limit } = this.options;
        if (size > 0 && size < limit && this.taken < concurrency && clock.now() >= this.notBefore) {
            void this.send(this.queue.take(limit));
        }
        this.pump();
    }

    private async send(chunk: Chunk<Requester<R>>): Promise<void> {
        this.taken += 1;
        const cancelWait = new AbortController();
        const request = { chunk, cancelWait };
        for (const key of chunk.keys()) {
            this.underWay.set(key, request);
        }
        let sent: BatchResult<R> | undefined;
        let failure: unknown;
        try {
            sent = await this.options.send([...chunk.keys()], cancelWait.signal);
        } catch (error) {
            failure = error;
        }
        for (const key of chunk.keys()) {
            this.underWay.delete(key);
        }
        if (sent === undefined) {
            this.failed(chunk, failure, cancelWait.signal.aborted);
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

    /** To be sent as one request, without the requesters that are leaving. */
    private seal(chunk: Chunk<Requester<R>>, keys: Iterable<string>): void {
        const next: Chunk<Requester<R>> = new Map();
        const leaving = new Set<Requester<R>>();
        for (const key of keys) {
            const wanted: Requester<R>[] = [];
            for (const requester of chunk.get(key) ?? []) {
                if (requester.leaving === undefined) {
                    wanted.push(requester);
                } else {
                    requester.open.delete(key);
                    leaving.add(requester);
                }
            }
            if (wanted.length > 0) {
                next.set(key, wanted);
            }
        }
        if (next.size > 0) {
            this.queue.seal(next);
        }
        for (const requester of leaving) {
            this.endIfServed(requester);
        }
    }

    private deliver(chunk: Chunk<Requester<R>>, keys: readonly string[], result: R): void {
        const parts = new Map<Requester<R>, { first: string[]; joined: string[] }>();
        for (const key of keys) {
            const requesters = chunk.get(key) ?? [];
            // The first requester may be leaving: then the first one that stays follows it up.
            const follows = requesters.find((requester) => requester.leaving === undefined);
            requesters.forEach((requester, position) => {
                const part = parts.get(requester) ?? { first: [], joined: [] };
                parts.set(requester, part);
                (position === 0 || requester === follows ? part.first : part.joined).push(key);
                requester.open.delete(key);
            });
        }
        // Those that follow it up come before those that wait for them.
        for (const [requester, { first }] of parts) {
            if (first.length > 0) {
                requester.deliver({ keys: first, result, first: true });
            }
        }
        for (const [requester, { joined }] of parts) {
            if (joined.length > 0) {
                requester.deliver({ keys: joined, result, first: false });
            }
            this.endIfServed(requester);
        }
    }

    private endIfServed(requester: Requester<R>): void {
        if (requester.open.size === 0) {
            requester.end();
        }
    }

    /**
     * Nothing was done. If it was not sent because a requester had no time left, it is sent for the others. The keys of one of several
     * requesters may be why it failed: each gets a request of its own, and only a failure of that ends the requester.
     */
    private failed(chunk: Chunk<Requester<R>>, error: unknown, waitCancelled: boolean): void {
        if (waitCancelled) {
            this.seal(chunk, chunk.keys());
            return;
        }
        const owners = Map.groupBy(chunk.keys(), (key) =>
            chunk.get(key)?.find((requester) => requester.leaving === undefined),
        );
        if (owners.size > 1) {
            for (const keys of owners.values()) {
                this.seal(chunk, keys);
            }
            return;
        }
        for (const requester of new Set([...chunk.values()].flat())) {
            this.withdraw(requester, error);
        }
    }

    /**
     * What is not under way is taken back. What is under way is waited for, because its answer names the job; should it have to be sent
     * again, that is done without this requester.
     */
    private withdraw(requester: Requester<R>, because: unknown): void {
        requester.leaving ??= { because };
        for (const key of requester.open) {
            const sent = this.underWay.get(key);
            if (sent?.chunk.get(key)?.includes(requester)) {
                sent.cancelWait.abort(because);
            } else {
                requester.open.delete(key);
                this.queue.remove(key, requester);
            }
        }
        this.endIfServed(requester);
        if (this.queue.empty) {
            this.pause?.abort();
        }
    }
}
