import { abandonedBy, onAbort } from "../../util/abort";
import { forEachInChunks } from "../../util/chunks";
import { type Clock, pause } from "../../util/clock";
import { ApiFailure, type Problem, StillChanging } from "../api";
import type { Schedule } from "./schedule";

/**
 * A waiter that is due within this part of its gap shares a poll, which saves one. The part is above one half, so that any two that
 * wait equally long come to share their polls, whichever began first.
 */
const EARLY = 0.75;
/** A poll that takes longer than this delays no other: the next one begins beside it. Milliseconds. */
const PATIENCE = 5000;

/** An abort without a reason makes an exception with a stack, and this one happens often. */
const WOKEN = "woken";

/** Called with the state of one thing. True: the wait for this thing is over. What it throws ends the whole wait. */
export type OnState<S> = (key: string, state: S) => boolean;

export interface PollOptions {
    /** "now": the first poll comes at once, with all others that are due. "later": when the schedule says. */
    readonly first: "now" | "later";
    /**
     * "wait": after a poll that failed there is another one, until the signal aborts. "fail": it ends the wait. A final failure always
     * ends it, `StillChanging` never does.
     */
    readonly onTrouble: "wait" | "fail";
    /** Ends the wait. */
    readonly signal: AbortSignal;
    /** Waits of one owner fail together, those of different owners do not. Default: the signal. */
    readonly owner?: object;
}

interface Waiter<S> extends PollOptions {
    open: readonly string[];
    readonly onState: OnState<S>;
    readonly since: number;
    due: number;
    isPolled: boolean;
    readonly end: (error?: unknown) => void;
}

/**
 * Asks for the states of things until each waiter has seen what it waits for, in one call for all that are due. While a poll is under
 * way the next one fills up. Without waiters there is neither timer nor loop.
 */
export class Poller<S> {
    /** What went wrong at the last poll, if it did: for the message of a run whose time is up. */
    trouble: Problem | undefined;
    private readonly waiters = new Set<Waiter<S>>();
    private running = false;
    private polls = 0;
    private lastBegan = 0;
    private sharedFailures = 0;
    private wake: AbortController | undefined;

    constructor(
        private readonly ask: (keys: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, S>>,
        private readonly schedule: Schedule,
        private readonly clock: Clock,
    ) {}

    /**
     * Resolves when `onState` has answered true for every key; rejects with the signal's reason, or with what ended the wait. Keys differ
     * from each other.
     */
    poll(keys: readonly string[], onState: OnState<S>, options: PollOptions): Promise<void> {
        if (keys.length === 0) {
            return Promise.resolve();
        }
        if (options.signal.aborted) {
            return Promise.reject(options.signal.reason);
        }
        return new Promise((resolve, reject) => {
            const now = this.clock.now();
            const waiter: Waiter<S> = {
                ...options,
                open: keys,
                onState,
                since: now,
                due: options.first === "now" ? now : now + this.schedule.first(),
                isPolled: false,
                end: (error) => {
                    forget();
                    this.waiters.delete(waiter);
                    this.wake?.abort(WOKEN);
                    if (error === undefined) {
                        resolve();
                    } else {
                        reject(error);
                    }
                },
            };
            const forget = onAbort(options.signal, () => waiter.end(options.signal.reason));
            this.waiters.add(waiter);
            this.wake?.abort(WOKEN);
            void this.run();
        });
    }

    private async run(): Promise<void> {
        if (this.running) {
            return;
        }
        this.running = true;
        // What is due together is polled together.
        await this.clock.yieldToEventLoop();
        while (this.waiters.size > 0) {
            const now = this.clock.now();
            const next = Math.max(this.nextDue(), this.polls === 0 ? now : this.lastBegan + PATIENCE);
            if (next > now) {
                await this.sleep(next - now);
            } else {
                this.lastBegan = now;
                void this.pollOnce(now);
            }
        }
        this.running = false;
    }

    private nextDue(): number {
        let next = Number.POSITIVE_INFINITY;
        for (const waiter of this.waiters) {
            if (!waiter.isPolled) {
                next = Math.min(next, waiter.due);
            }
        }
        return next;
    }

    /** Until then, or until a waiter has come or gone. */
    private async sleep(ms: number): Promise<void> {
        const wake = new AbortController();
        this.wake = wake;
        if (ms === Number.POSITIVE_INFINITY) {
            await new Promise<void>((resolve) => onAbort(wake.signal, resolve));
        } else {
            await pause(this.clock, ms, wake.signal);
        }
        this.wake = undefined;
        if (wake.signal.aborted) {
            await this.clock.yieldToEventLoop();
        }
    }

    private async pollOnce(now: number): Promise<void> {
        const due = [...this.waiters].filter(
            (waiter) =>
                !waiter.isPolled && waiter.due <= now + EARLY * this.schedule.gap(Math.max(0, now - waiter.since)),
        );
        for (const waiter of due) {
            waiter.isPolled = true;
        }
        this.polls += 1;
        try {
            await this.pollFor(due);
        } finally {
            this.polls -= 1;
            for (const waiter of due) {
                waiter.isPolled = false;
            }
            this.wake?.abort(WOKEN);
        }
    }

    private async pollFor(waiters: readonly Waiter<S>[]): Promise<void> {
        const abandoned = abandonedBy(waiters.map((waiter) => waiter.signal));
        let states: ReadonlyMap<string, S>;
        try {
            states = await this.ask(openKeys(waiters), abandoned.signal);
        } catch (error) {
            await this.fail(waiters, error);
            return;
        } finally {
            abandoned.dispose();
        }
        this.trouble = undefined;
        this.sharedFailures = 0;
        const now = this.clock.now();
        const deliveries = waiters.map((waiter) => ({ waiter, left: [] as string[] }));
        await forEachInChunks(this.clock, eachKeyOf(deliveries), ({ waiter, left, key }) => {
            if (this.waiters.has(waiter) && !this.isOver(waiter, key, states.get(key))) {
                left.push(key);
            }
        });
        for (const { waiter, left } of deliveries) {
            this.goOn(waiter, left, now);
        }
    }

    private isOver(waiter: Waiter<S>, key: string, state: S | undefined): boolean {
        try {
            return state !== undefined && waiter.onState(key, state);
        } catch (error) {
            waiter.end(error);
            return true;
        }
    }

    private goOn(waiter: Waiter<S>, left: readonly string[], now: number): void {
        if (!this.waiters.has(waiter)) {
            return;
        }
        waiter.open = left;
        if (left.length === 0) {
            if (waiter.first === "later") {
                this.schedule.learn(now - waiter.since);
            }
            waiter.end();
        } else {
            waiter.due = now + this.schedule.gap(now - waiter.since);
        }
    }

    private async fail(polled: readonly Waiter<S>[], error: unknown): Promise<void> {
        const waiters = polled.filter((waiter) => this.waiters.has(waiter));
        const passes = (waiter: Waiter<S>) =>
            error instanceof StillChanging ||
            (waiter.onTrouble === "wait" && error instanceof ApiFailure && !error.final);
        const owners = Map.groupBy(waiters, (waiter) => waiter.owner ?? waiter.signal);
        const isAboutKeys = !(error instanceof ApiFailure && error.unreachable);
        if (owners.size > 1 && isAboutKeys) {
            // The keys of one owner may be why it fails: that must neither end the waits of the others nor delay them for ever.
            this.sharedFailures += 1;
            if (this.sharedFailures > 1 || !waiters.every(passes)) {
                await Promise.all([...owners.values()].map((own) => this.pollFor(own)));
                return;
            }
        }
        if (error instanceof ApiFailure) {
            this.trouble = error.problem;
        }
        const now = this.clock.now();
        for (const waiter of waiters) {
            if (passes(waiter)) {
                waiter.due = now + this.schedule.gap(now - waiter.since);
            } else {
                waiter.end(error);
            }
        }
    }
}

function* eachKeyOf<D extends { readonly waiter: { readonly open: readonly string[] } }>(deliveries: readonly D[]) {
    for (const delivery of deliveries) {
        for (const key of delivery.waiter.open) {
            yield { ...delivery, key };
        }
    }
}

function openKeys(waiters: ReadonlyArray<{ readonly open: readonly string[] }>): readonly string[] {
    const [first, ...others] = waiters;
    // The keys of one waiter, which may be very many, differ from each other.
    if (first !== undefined && others.length === 0) {
        return first.open;
    }
    const keys = new Set<string>();
    for (const waiter of waiters) {
        for (const key of waiter.open) {
            keys.add(key);
        }
    }
    return [...keys];
}
