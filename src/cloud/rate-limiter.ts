import { abortable } from "../util/abort";
import type { Clock, Random } from "../util/clock";

/** A request's turn; exactly one of these is called when it has ended. */
export interface Permit {
    /** It was let in. */
    succeeded(): void;
    /** It was turned away for being one too many. `retryAfter` in milliseconds, where the other side says so: it holds for everyone. */
    throttled(retryAfter?: number): void;
    /** It says nothing about the limit. */
    cancelled(): void;
}

export interface RateLimiterOptions {
    readonly clock: Clock;
    readonly random: Random;
    /** Requests under way at once, at first and at most; each four that are let in allow one more. */
    readonly concurrency?: { readonly first: number; readonly most: number };
}

interface Window {
    readonly begun: number;
    accepted: number;
}

interface Waiter {
    readonly grant: (turn: Permit) => void;
}

/** "changes" sets work going, which takes its time; "reads" only looks. */
export type Effect = "changes" | "reads";

/**
 * While requests of both kinds wait, so many turns in a row are for the one and then for the other: submitting without end
 * must not hide what has ended, and a list that is read in one go shifts less than one whose pages lie far apart.
 */
const PERMITS_IN_A_ROW = { changes: 120, reads: 8 } as const;

/** What was let in between two refusals, on the average, was somewhat less than what is too much. */
const OVERSHOOT = 1.08;
/** No drop after a stretch of requests let in takes what was too much below this share of the rate. */
const STEEPEST = 0.6;
/** Once limited, the rate drops to this share of what was too much. */
const DROP = 0.9;
/** Requests, counted in seconds' worth at the rate that was too much, until that rate is reached again. */
const RECOVERY = 25;
/** From there on the rate doubles with each so many seconds' worth. */
const DOUBLING = 10;
const SECOND = 1000;
/** Answers do not take longer, where a limit is still to be found: what was sent before that need not be remembered. */
const MEMORY = 10 * SECOND;
const FEW = 2000;
const LONGEST_PAUSE = 30 * SECOND;
const LEAST_RATE = 1 / 60;
/** A timer's lateness up to this much is caught up with. Milliseconds. */
const LATENESS = 10;

/**
 * How fast requests may go where nobody says how fast they may: without limit until the first refusal, then at the rate that
 * was let in before it. After each refusal the rate falls at once and climbs back, quickly at first, slowly near the rate that
 * was too much, and quickly again beyond it, since that shows the limit to have moved. It climbs by requests let in
 * as well as by time: what was not tried is not known.
 *
 * What sets work going goes before what only looks: the sooner the work begins, the sooner it ends.
 */
export class RateLimiter {
    private readonly clock: Clock;
    private readonly random: Random;
    private readonly concurrency: { readonly first: number; readonly most: number };
    private readonly queues: Readonly<Record<Effect, Set<Waiter>>> = { changes: new Set(), reads: new Set() };
    /** When requests that were let in had been sent; only kept while there is no limit. */
    private recent: number[] = [];
    /** So many of them are worth forgetting the oldest. */
    private tooMany = FEW;
    /** When the first that was refused had been sent. */
    private firstThrottled = Number.NEGATIVE_INFINITY;
    private underWay = 0;
    private acceptedInAll = 0;
    /** Turns that requests of both kinds waited for. */
    private contended = 0;
    /** What was too much, in requests a second; undefined while nothing was. */
    private ceiling: number | undefined;
    /** Requests let in that were sent since the last drop. */
    private acceptedSinceDrop = 0;
    /** What was let in since the last refusal that others had been let in before, and up to it. */
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
        const peak = this.ceiling;
        if (peak === undefined) {
            return Number.POSITIVE_INFINITY;
        }
        const elapsed = (this.clock.now() - this.window.begun) / SECOND;
        const seconds = Math.max(0, Math.min(elapsed, this.acceptedSinceDrop / peak));
        const climbed =
            seconds < RECOVERY
                ? 1 - (1 - DROP) * (1 - seconds / RECOVERY) ** 3
                : 2 ** ((seconds - RECOVERY) / DOUBLING);
        return Math.max(LEAST_RATE, peak * climbed);
    }

    /** Resolves when a request may go: those of one kind in the order of asking. Rejects with the signal's reason. */
    enter(effect: Effect, signal: AbortSignal): Promise<Permit> {
        const queue = this.queues[effect];
        return abortable(signal, (grant) => {
            const waiter = { grant };
            queue.add(waiter);
            this.pump();
            return () => {
                queue.delete(waiter);
                if (this.queueLength === 0) {
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

    /** Its answer was slower than the first refusal, which it may have been sent before: then more was let in than was known. */
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
        const nothingLetIn = !first && this.acceptedSinceDrop === 0;
        if (nothingLetIn && sent < this.droppedAt + SECOND) {
            // Most likely the same window still: that says nothing of the lower rate.
            this.next = Math.max(this.next, this.droppedAt + SECOND);
            this.window = { begun: this.next, accepted: 0 };
            return;
        }
        this.throttledInARow++;
        if (first) {
            this.firstThrottled = sent;
        }
        this.ceiling = Math.max(LEAST_RATE, this.measure(now, nothingLetIn));
        this.acceptedSinceDrop = 0;
        this.droppedAt = now;
        this.drops++;
        // One refusal of a paced sequence is the limit's edge, and the lower rate is enough; the first says that a
        // window is used up, several in a row that it is longer than thought.
        const pause = first || nothingLetIn ? SECOND * 2 ** Math.max(0, this.throttledInARow - 2) : 0;
        const wait = pause === 0 ? SECOND / this.rate : Math.min(LONGEST_PAUSE, pause) * (1 + this.random() / 4);
        this.next = Math.max(this.next, now + wait);
        if (!nothingLetIn) {
            this.window = { begun: this.next, accepted: 0 };
        }
    }

    /** The rate that was too much, as far as what was let in can tell. */
    private measure(now: number, nothingLetIn: boolean): number {
        if (this.ceiling === undefined) {
            this.lastWindow = this.beforeFirst();
            return this.lastWindow.accepted;
        }
        if (nothingLetIn) {
            // The window is longer than the pause: what it let in, spread over a longer time, is all there is to have.
            return Math.min(this.ceiling, average(this.lastWindow, now));
        }
        this.lastWindow = this.window;
        const rate = this.rate;
        return Math.min(rate, Math.max(STEEPEST * rate, average(this.lastWindow, now)));
    }

    /** What was let in of all that had been sent in the second up to the first that was refused. */
    private beforeFirst(): Window {
        const end = this.firstThrottled;
        const letIn = this.recent.filter((at) => at > end - SECOND && at <= end).length;
        return { begun: end - SECOND, accepted: Math.max(2, letIn) };
    }

    private get queueLength(): number {
        return this.queues.changes.size + this.queues.reads.size;
    }

    private get mostUnderWay(): number {
        const { first, most } = this.concurrency;
        return Math.min(most, first + Math.floor(this.acceptedInAll / 4));
    }

    private pump(): void {
        while (this.queueLength > 0 && this.underWay < this.mostUnderWay) {
            const now = this.clock.now();
            if (now < this.next) {
                this.wake(this.next - now);
                return;
            }
            const first = this.takeFirst();
            if (first === undefined) {
                return;
            }
            this.underWay++;
            if (this.ceiling !== undefined) {
                this.next = Math.max(this.next, now - LATENESS) + SECOND / this.rate;
            }
            first.grant(this.permit());
        }
    }

    private takeFirst(): Waiter | undefined {
        const { changes, reads } = this.queues;
        const contended = changes.size > 0 && reads.size > 0;
        const changesGo = contended
            ? this.contended % (PERMITS_IN_A_ROW.changes + PERMITS_IN_A_ROW.reads) < PERMITS_IN_A_ROW.changes
            : changes.size > 0;
        this.contended += contended ? 1 : 0;
        const queue = changesGo ? changes : reads;
        const [first] = queue;
        if (first !== undefined) {
            queue.delete(first);
        }
        return first;
    }

    /** Sees to it that the queue is looked at again; at once and not before. */
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

/** A second, over a stretch; never over less than a second. */
function average(stretch: Window, now: number): number {
    return (OVERSHOOT * stretch.accepted) / Math.max(1, (now - stretch.begun) / SECOND);
}
