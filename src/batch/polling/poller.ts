import { abandonedBy, onAbort } from "../../util/abort";
import { ChunkCounter } from "../../util/chunks";
import type { Clock } from "../../util/clock";
import { ApiFailure, type Problem, StillChanging } from "../api";
import type { Schedule } from "./schedule";

/**
 * Whoever is due within this part of its gap shares a look: it saves one, and nobody minds to know early. Above one half, so
 * that any two who wait equally long come to look together, whoever began first.
 */
const EARLY = 0.75;
/** A look that takes longer than this holds up nobody else: the next one begins beside it. Milliseconds. */
const PATIENCE = 5000;

/** An abort without a reason makes an exception with a stack, and this one happens often. */
const WOKEN = "woken";

/** Shows one thing as the last look saw it; true when that is all the waiter wanted to know of it. What it throws ends its watch. */
export type OnState<S> = (key: string, state: S) => boolean;

export interface PollOptions {
    /** "now": the first look comes at once, with all others that are ready. "later": when the schedule says. */
    readonly firstLook: "now" | "later";
    /**
     * "wait": a look that fails is tried again until the signal aborts. "fail": it fails the watch, as a final failure always
     * does, and one that tells of change (`StillChanging`) never.
     */
    readonly onTrouble: "wait" | "fail";
    /** Ends the watch. */
    readonly signal: AbortSignal;
    /** Whose watch it is: what one owner watches stands and falls together. Default: whose signal it is. */
    readonly owner?: object;
}

interface Waiter<S> extends PollOptions {
    open: readonly string[];
    readonly see: OnState<S>;
    readonly since: number;
    due: number;
    beingLookedAt: boolean;
    readonly end: (error?: unknown) => void;
}

/**
 * Looks at things on behalf of everyone who waits for one, in one call for all that are due. While a look is under way
 * the next one fills up. Nobody waiting: no timer, no loop.
 */
export class Poller<S> {
    /** What went wrong at the last look, if it did: for the message of whoever runs out of time. */
    trouble: Problem | undefined;
    private readonly waiters = new Set<Waiter<S>>();
    private running = false;
    private looks = 0;
    private lastBegan = 0;
    private sharedFailures = 0;
    private wake: AbortController | undefined;

    constructor(
        private readonly look: (keys: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, S>>,
        private readonly schedule: Schedule,
        private readonly clock: Clock,
    ) {}

    /** Keys differ from each other. Resolves when `see` has answered true for every one; rejects with the signal's reason, or with what ended the looking. */
    poll(keys: readonly string[], see: OnState<S>, watch: PollOptions): Promise<void> {
        if (keys.length === 0) {
            return Promise.resolve();
        }
        if (watch.signal.aborted) {
            return Promise.reject(watch.signal.reason);
        }
        return new Promise((resolve, reject) => {
            const now = this.clock.now();
            const waiter: Waiter<S> = {
                ...watch,
                open: keys,
                see,
                since: now,
                due: watch.firstLook === "now" ? now : now + this.schedule.first(),
                beingLookedAt: false,
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
            const forget = onAbort(watch.signal, () => waiter.end(watch.signal.reason));
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
        // What is ready together is looked at together.
        await this.clock.yieldToEventLoop();
        while (this.waiters.size > 0) {
            const now = this.clock.now();
            const next = Math.max(this.nextDue(), this.looks === 0 ? now : this.lastBegan + PATIENCE);
            if (next > now) {
                await this.sleep(next - now);
            } else {
                this.lastBegan = now;
                void this.lookOnce(now);
            }
        }
        this.running = false;
    }

    private nextDue(): number {
        let next = Number.POSITIVE_INFINITY;
        for (const waiter of this.waiters) {
            if (!waiter.beingLookedAt) {
                next = Math.min(next, waiter.due);
            }
        }
        return next;
    }

    /** Until the time, or until who waits has changed. */
    private async sleep(ms: number): Promise<void> {
        const wake = new AbortController();
        this.wake = wake;
        if (ms === Number.POSITIVE_INFINITY) {
            await new Promise<void>((resolve) => onAbort(wake.signal, resolve));
        } else {
            // Only this loop's own signal can end the sleep early.
            await this.clock.sleep(ms, wake.signal).catch(() => undefined);
        }
        this.wake = undefined;
        if (wake.signal.aborted) {
            await this.clock.yieldToEventLoop();
        }
    }

    private async lookOnce(now: number): Promise<void> {
        const due = [...this.waiters].filter(
            (waiter) =>
                !waiter.beingLookedAt && waiter.due <= now + EARLY * this.schedule.gap(Math.max(0, now - waiter.since)),
        );
        for (const waiter of due) {
            waiter.beingLookedAt = true;
        }
        this.looks += 1;
        try {
            await this.lookFor(due);
        } finally {
            this.looks -= 1;
            for (const waiter of due) {
                waiter.beingLookedAt = false;
            }
            this.wake?.abort(WOKEN);
        }
    }

    private async lookFor(waiters: readonly Waiter<S>[]): Promise<void> {
        const abandoned = abandonedBy(waiters.map((waiter) => waiter.signal));
        let states: ReadonlyMap<string, S>;
        try {
            states = await this.look(openKeys(waiters), abandoned.signal);
        } catch (error) {
            await this.fail(waiters, error);
            return;
        } finally {
            abandoned.dispose();
        }
        this.trouble = undefined;
        this.sharedFailures = 0;
        // One for all who wait: there may be many of them.
        const slice = new ChunkCounter(this.clock);
        for (const waiter of waiters) {
            try {
                await this.show(waiter, states, slice);
            } catch (error) {
                waiter.end(error);
            }
        }
    }

    private async show(waiter: Waiter<S>, states: ReadonlyMap<string, S>, slice: ChunkCounter): Promise<void> {
        const now = this.clock.now();
        const left: string[] = [];
        for (const key of waiter.open) {
            if (slice.isFull()) {
                await slice.next();
            }
            if (!this.waiters.has(waiter)) {
                return;
            }
            const state = states.get(key);
            if (state === undefined || !waiter.see(key, state)) {
                left.push(key);
            }
        }
        if (!this.waiters.has(waiter)) {
            return;
        }
        waiter.open = left;
        if (left.length === 0) {
            if (waiter.firstLook === "later") {
                this.schedule.learn(now - waiter.since);
            }
            waiter.end();
        } else {
            waiter.due = now + this.schedule.gap(now - waiter.since);
        }
    }

    private async fail(looked: readonly Waiter<S>[], error: unknown): Promise<void> {
        const waiters = looked.filter((waiter) => this.waiters.has(waiter));
        const passes = (waiter: Waiter<S>) =>
            error instanceof StillChanging ||
            (waiter.onTrouble === "wait" && error instanceof ApiFailure && !error.final);
        const owners = Map.groupBy(waiters, (waiter) => waiter.owner ?? waiter.signal);
        if (owners.size > 1) {
            // The keys of one may be what it fails for: that must not end the others, nor keep them waiting for ever.
            this.sharedFailures += 1;
            if (this.sharedFailures > 1 || !waiters.every(passes)) {
                await Promise.all([...owners.values()].map((own) => this.lookFor(own)));
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

function openKeys(waiters: ReadonlyArray<{ readonly open: readonly string[] }>): readonly string[] {
    const [first, ...others] = waiters;
    // No need to look for doubles in what one alone wants, which may be very much.
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
