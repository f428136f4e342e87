import type { Clock, Random } from "../clock";

/** A request's turn; exactly one of these is called when it has ended. */
export interface Turn {
    /** It was let in. */
    admitted(): void;
    /** It was turned away for being one too many. `retryAfter` in milliseconds, where the other side says so: it holds for everyone. */
    refused(retryAfter?: number): void;
    /** It says nothing about the limit. */
    ended(): void;
}

export interface PacerOptions {
    readonly clock: Clock;
    readonly random: Random;
    /** Requests under way at once, at first and at most; each four that are let in allow one more. */
    readonly concurrency?: { readonly first: number; readonly most: number };
}

interface Waiter {
    readonly grant: () => void;
}

/** Once limited, the rate drops to this share of what was too much. */
const DROP = 0.9;
/** Requests, counted in seconds' worth at the rate that was too much, until that rate is reached again. */
const RECOVERY = 15;
/** From there on the rate doubles with each so many seconds' worth. */
const DOUBLING = 10;
const SECOND = 1000;
const LONGEST_PAUSE = 30 * SECOND;
const LEAST_RATE = 1 / 60;
/** A timer's lateness up to this much is caught up with. Milliseconds. */
const LATENESS = 10;

/**
 * How fast requests may go where nobody says how fast they may: without limit until the first refusal, then at the rate that
 * was let in before it. After each refusal the rate falls at once and climbs back, quickly at first, slowly near the rate that
 * was too much, and quickly again beyond it, since that shows the limit to have moved. It climbs by requests let in,
 * not by time: what was not tried is not known.
 */
export class Pacer {
    readonly #clock: Clock;
    readonly #random: Random;
    readonly #most: number;
    readonly #queue = new Set<Waiter>();
    /** When requests of the last second, let in, had been sent; only kept while there is no limit. */
    #recent: number[] = [];
    #concurrency: number;
    #underWay = 0;
    /** What was too much, in requests a second; undefined while nothing was. */
    #tooMuch: number | undefined;
    #admittedSinceDrop = 0;
    #drops = 0;
    #droppedAt = Number.NEGATIVE_INFINITY;
    #refusedInARow = 0;
    #next = Number.NEGATIVE_INFINITY;
    #sleep: AbortController | undefined;

    constructor(options: PacerOptions) {
        this.#clock = options.clock;
        this.#random = options.random;
        this.#concurrency = options.concurrency?.first ?? 6;
        this.#most = options.concurrency?.most ?? 48;
    }

    /** Requests a second that go out now; Infinity without a limit. */
    get rate(): number {
        const peak = this.#tooMuch;
        if (peak === undefined) {
            return Number.POSITIVE_INFINITY;
        }
        const seconds = this.#admittedSinceDrop / peak;
        const climbed =
            seconds < RECOVERY
                ? 1 - (1 - DROP) * (1 - seconds / RECOVERY) ** 3
                : 2 ** ((seconds - RECOVERY) / DOUBLING);
        return Math.max(LEAST_RATE, peak * climbed);
    }

    /** Resolves, in the order of asking, when a request may go. Rejects with the signal's reason. */
    async enter(signal: AbortSignal): Promise<Turn> {
        signal.throwIfAborted();
        await new Promise<void>((resolve, reject) => {
            const leave = () => {
                this.#queue.delete(waiter);
                if (this.#queue.size === 0) {
                    this.#sleep?.abort();
                }
                reject(signal.reason);
            };
            const waiter = {
                grant: () => {
                    signal.removeEventListener("abort", leave);
                    resolve();
                },
            };
            signal.addEventListener("abort", leave, { once: true });
            this.#queue.add(waiter);
            this.#pump();
        });
        return this.#turn(this.#clock.now(), this.#drops);
    }

    #turn(sentAt: number, drops: number): Turn {
        let open = true;
        const once = (then: () => void) => () => {
            if (open) {
                open = false;
                this.#underWay--;
                then();
                this.#pump();
            }
        };
        return {
            admitted: once(() => this.#admitted(sentAt, drops)),
            refused: (retryAfter) => once(() => this.#refused(drops, retryAfter))(),
            ended: once(() => {}),
        };
    }

    #admitted(sentAt: number, drops: number): void {
        this.#concurrency = Math.min(this.#most, this.#concurrency + 1 / 4);
        if (this.#tooMuch === undefined) {
            this.#recent.push(sentAt);
            if (this.#recent.length > 2 * SECOND) {
                this.#forget();
            }
        } else if (drops === this.#drops) {
            this.#admittedSinceDrop++;
            this.#refusedInARow = 0;
        }
    }

    #refused(drops: number, retryAfter: number | undefined): void {
        const now = this.#clock.now();
        if (retryAfter !== undefined) {
            this.#next = Math.max(this.#next, now + retryAfter);
        }
        // Requests that were under way at the last drop tell nothing new.
        if (drops !== this.#drops) {
            return;
        }
        this.#refusedInARow++;
        const first = this.#tooMuch === undefined;
        this.#tooMuch = Math.max(LEAST_RATE, this.#measured(now));
        this.#recent = [];
        this.#admittedSinceDrop = 0;
        this.#drops++;
        this.#droppedAt = now;
        // One refusal of a paced sequence is the limit's edge, and the lower rate is enough; the first says that a
        // window is used up, several in a row that it is longer than thought.
        const doublings = first ? 0 : this.#refusedInARow - 2;
        const pause = doublings < 0 ? 0 : Math.min(LONGEST_PAUSE, SECOND * 2 ** doublings);
        this.#next = Math.max(this.#next, now + (pause === 0 ? SECOND / this.rate : pause * (1 + this.#random() / 4)));
    }

    /** The rate that was too much, as far as what was let in can tell. */
    #measured(now: number): number {
        if (this.#tooMuch === undefined) {
            this.#forget();
            return Math.max(2, this.#recent.length);
        }
        if (this.#admittedSinceDrop === 0) {
            return this.rate / 2;
        }
        const since = (now - this.#droppedAt) / SECOND;
        const rate = this.rate;
        // Refused again so soon: the rate was far too high, and what came through in the meantime is the better measure.
        return since > RECOVERY / 3 ? rate : Math.min(rate, Math.max(rate / 2, this.#admittedSinceDrop / since));
    }

    #forget(): void {
        const since = this.#clock.now() - SECOND;
        this.#recent = this.#recent.filter((at) => at > since);
    }

    #pump(): void {
        while (this.#queue.size > 0 && this.#underWay < Math.floor(this.#concurrency)) {
            const now = this.#clock.now();
            if (now < this.#next) {
                this.#wake(this.#next - now);
                return;
            }
            const [first] = this.#queue;
            if (first === undefined) {
                return;
            }
            this.#queue.delete(first);
            this.#underWay++;
            if (this.#tooMuch !== undefined) {
                this.#next = Math.max(this.#next, now - LATENESS) + SECOND / this.rate;
            }
            first.grant();
        }
    }

    /** Sees to it that the queue is looked at again; at once and not before. */
    #wake(ms: number): void {
        if (this.#sleep !== undefined) {
            return;
        }
        const sleep = new AbortController();
        this.#sleep = sleep;
        const awake = () => {
            this.#sleep = undefined;
            this.#pump();
        };
        this.#clock.sleep(ms, sleep.signal).then(awake, awake);
    }
}
