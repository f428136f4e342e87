import { abortable } from "../util/abort";
import type { Clock, Random } from "../util/clock";
import { type Effect, RequestQueue } from "./request-queue";

export type { Effect };

/** Leave to send one request; exactly one of these is called when it has ended. */
export interface Permit {
    /** It was accepted. */
    succeeded(): void;
    /** It was refused for being one too many. `retryAfter` in milliseconds, where the other side says so: it holds for everyone. */
    throttled(retryAfter?: number): void;
    /** It says nothing about the limit. */
    cancelled(): void;
}

export interface RateLimiterOptions {
    readonly clock: Clock;
    readonly random: Random;
    /** Requests under way at once, at first and at most; each four that are accepted allow one more. */
    readonly concurrency?: { readonly first: number; readonly most: number };
}

interface Window {
    readonly begun: number;
    accepted: number;
}

/** The limit is somewhat above what was accepted between two refusals, on the average. */
const OVERSHOOT = 1.08;
/** After accepted requests a refusal lowers the ceiling at most to this share of the rate. */
const STEEPEST = 0.6;
/** Right after a refusal the rate is this share of the ceiling. */
const DROP = 0.9;
/** Seconds, and seconds' worth of accepted requests, until the rate is at the ceiling again. */
const RECOVERY = 25;
/** From there on the rate doubles in each so many. */
const DOUBLING = 10;
const SECOND = 1000;
/** While no limit is known, requests sent longer ago are forgotten: no answer takes longer. */
const MEMORY = 10 * SECOND;
/** Requests remembered before any is forgotten. */
const FEW = 2000;
const LONGEST_PAUSE = 30 * SECOND;
const LEAST_RATE = 1 / 60;
/** A timer that fires late by up to this much is made up for. Milliseconds. */
const LATENESS = 10;

/**
 * How fast requests may go where nobody says how fast they may.
 *
 * Phase 1, no limit is known: the rate is infinite; only the number of requests under way is bounded, and grows with what is accepted.
 * Phase 2, the first refusal: the ceiling C is what was accepted of all that had been sent in the second before it. All wait for about a second.
 * Phase 3, limited: with s = the least of (seconds since the window began) and (requests accepted since the last drop ÷ C), the rate is
 *
 *     C · (1 − (1 − DROP) · (1 − s / RECOVERY)³)      while s < RECOVERY: up to C, quickly at first and slowly near it
 *     C · 2^((s − RECOVERY) / DOUBLING)               from there on: that C is accepted shows that the limit has moved
 *
 * It climbs by requests accepted as well as by time, for what was not tried is not known.
 * Phase 4, a further refusal: C becomes OVERSHOOT · (accepted a second in the window that ends), at most the rate now and at least STEEPEST
 * of it; s begins at 0 again. If nothing was accepted since the last drop, the limit's window is longer than the pause: the pause doubles.
 *
 * Requests that change something go before those that only read: the sooner the work begins, the sooner it ends (see RequestQueue).
 */
export class RateLimiter {
    private readonly clock: Clock;
    private readonly random: Random;
    private readonly concurrency: { readonly first: number; readonly most: number };
    private readonly queue = new RequestQueue<Permit>();
    /** When accepted requests were sent; kept only while no limit is known. */
    private recent: number[] = [];
    /** With more of them than this, the old ones are forgotten. */
    private tooMany = FEW;
    /** When the first refused request was sent. */
    private firstThrottled = Number.NEGATIVE_INFINITY;
    private underWay = 0;
    private acceptedInAll = 0;
    /** C of the formula, requests a second; undefined while no limit is known. */
    private ceiling: number | undefined;
    /** Accepted requests that were sent since the last drop. */
    private acceptedSinceDrop = 0;
    /** What was accepted since the last refusal that followed accepted requests. */
    private window: Window = { begun: 0, accepted: 0 };
    private lastWindow: Window = { begun: 0, accepted: 0 };
    private drops = 0;
    private droppedAt = 0;
    private throttledInARow = 0;
    private next = Number.NEGATIVE_INFINITY;
    private sleep: AbortController | undefined;

    constructor(options: RateLimiterOptions) {
        this.clock = options.clock;
        this.random = options.random;
        this.concurrency = options.concurrency ?? { first: 12, most: 48 };
    }

    /** Requests a second that go out now; Infinity without a limit. */
    get rate(): number {
        const { ceiling } = this;
        if (ceiling === undefined) {
            return Number.POSITIVE_INFINITY;
        }
        const elapsed = (this.clock.now() - this.window.begun) / SECOND;
        const seconds = Math.max(0, Math.min(elapsed, this.acceptedSinceDrop / ceiling));
        const climbed =
            seconds < RECOVERY
                ? 1 - (1 - DROP) * (1 - seconds / RECOVERY) ** 3
                : 2 ** ((seconds - RECOVERY) / DOUBLING);
        return Math.max(LEAST_RATE, ceiling * climbed);
    }

    /** Resolves when a request may go: those of one kind in the order of asking. Rejects with the signal's reason. */
    enter(effect: Effect, signal: AbortSignal): Promise<Permit> {
        return abortable(signal, (grant) => {
            const leave = this.queue.join(effect, grant);
            this.pump();
            return () => {
                leave();
                if (this.queue.length === 0) {
                    this.sleep?.abort();
                }
            };
        });
    }

    private permit(): Permit {
        const sent = this.clock.now();
        const drops = this.drops;
        let open = true;
        const once = (then: () => void) => () => {
            if (open) {
                open = false;
                this.underWay--;
                then();
                this.pump();
            }
        };
        return {
            succeeded: once(() => this.succeeded(sent, drops)),
            throttled: (retryAfter) => once(() => this.throttled(sent, drops, retryAfter))(),
            cancelled: once(() => {}),
        };
    }

    private succeeded(sent: number, drops: number): void {
        this.acceptedInAll++;
        this.window.accepted++;
        if (this.ceiling === undefined) {
            this.recent.push(sent);
            if (this.recent.length > this.tooMany) {
                const since = this.clock.now() - MEMORY;
                this.recent = this.recent.filter((at) => at > since);
                this.tooMany = FEW + 2 * this.recent.length;
            }
        } else if (this.drops === 1 && drops === 0) {
            this.succeededLate(sent);
        } else if (drops === this.drops) {
            this.acceptedSinceDrop++;
            this.throttledInARow = 0;
        }
    }

    /** The answer came after the first refusal, to a request sent perhaps before it: then more was accepted than was known. */
    private succeededLate(sent: number): void {
        this.recent.push(sent);
        this.lastWindow = this.beforeFirst();
        this.ceiling = this.lastWindow.accepted;
    }

    private throttled(sent: number, drops: number, retryAfter: number | undefined): void {
        const now = this.clock.now();
        if (retryAfter !== undefined) {
            this.next = Math.max(this.next, now + retryAfter);
        }
        // Requests that were under way at the last drop tell nothing new.
        if (drops !== this.drops) {
            return;
        }
        const first = this.ceiling === undefined;
        const noneAccepted = !first && this.acceptedSinceDrop === 0;
        if (noneAccepted && sent < this.droppedAt + SECOND) {
            // Most likely the same window still: that says nothing of the lower rate.
            this.next = Math.max(this.next, this.droppedAt + SECOND);
            this.window = { begun: this.next, accepted: 0 };
            return;
        }
        this.throttledInARow++;
        if (first) {
            this.firstThrottled = sent;
        }
        this.ceiling = Math.max(LEAST_RATE, this.measure(now, noneAccepted));
        this.acceptedSinceDrop = 0;
        this.droppedAt = now;
        this.drops++;
        // One refusal of a paced sequence is the limit's edge, and the lower rate is enough; the first says that a
        // window is used up, several in a row that it is longer than thought.
        const pause = first || noneAccepted ? SECOND * 2 ** Math.max(0, this.throttledInARow - 2) : 0;
        const wait = pause === 0 ? SECOND / this.rate : Math.min(LONGEST_PAUSE, pause) * (1 + this.random() / 4);
        this.next = Math.max(this.next, now + wait);
        if (!noneAccepted) {
            this.window = { begun: this.next, accepted: 0 };
        }
    }

    /** The new ceiling, from what was accepted. */
    private measure(now: number, noneAccepted: boolean): number {
        if (this.ceiling === undefined) {
            this.lastWindow = this.beforeFirst();
            return this.lastWindow.accepted;
        }
        if (noneAccepted) {
            // The window is longer than the pause: what it accepted, spread over a longer time, is all there is to have.
            return Math.min(this.ceiling, average(this.lastWindow, now));
        }
        this.lastWindow = this.window;
        const rate = this.rate;
        return Math.min(rate, Math.max(STEEPEST * rate, average(this.lastWindow, now)));
    }

    /** What was accepted of all that was sent in the second up to the first refused request. */
    private beforeFirst(): Window {
        const end = this.firstThrottled;
        const accepted = this.recent.filter((at) => at > end - SECOND && at <= end).length;
        return { begun: end - SECOND, accepted: Math.max(2, accepted) };
    }

    private get mostUnderWay(): number {
        const { first, most } = this.concurrency;
        return Math.min(most, first + Math.floor(this.acceptedInAll / 4));
    }

    private pump(): void {
        while (this.queue.length > 0 && this.underWay < this.mostUnderWay) {
            const now = this.clock.now();
            if (now < this.next) {
                this.wake(this.next - now);
                return;
            }
            const first = this.queue.takeFirst();
            if (first === undefined) {
                return;
            }
            this.underWay++;
            if (this.ceiling !== undefined) {
                this.next = Math.max(this.next, now - LATENESS) + SECOND / this.rate;
            }
            first(this.permit());
        }
    }

    /** Looks at the queue again in so many milliseconds. */
    private wake(ms: number): void {
        if (this.sleep !== undefined) {
            return;
        }
        const sleep = new AbortController();
        this.sleep = sleep;
        const awake = () => {
            this.sleep = undefined;
            this.pump();
        };
        this.clock.sleep(ms, sleep.signal).then(awake, awake);
    }
}

/** Accepted requests a second since the window began, over at least one second. */
function average(window: Window, now: number): number {
    return (OVERSHOOT * window.accepted) / Math.max(1, (now - window.begun) / SECOND);
}
