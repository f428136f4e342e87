import type { Clock } from "../clock";
import { ApiFailure, type Problem } from "./api";
import type { Schedule } from "./schedule";

/** Shows one thing as the last look saw it; true when that is all the waiter wanted to know of it. */
export type See<S> = (key: string, sighting: S) => boolean;

export interface Watch {
    /** "now": the first look comes at once, with all others that are ready. "later": when the schedule says. */
    readonly firstLook: "now" | "later";
    /** "wait": a look that fails is tried again until the signal aborts. "fail": it fails the watch, as a final failure always does. */
    readonly onTrouble: "wait" | "fail";
    readonly signal: AbortSignal;
}

interface Waiter<S> extends Watch {
    readonly open: Set<string>;
    readonly see: See<S>;
    readonly since: number;
    due: number;
    readonly end: (error?: unknown) => void;
}

/**
 * Looks at things on behalf of everyone who waits for one, in one call for all that are due. While a look is under way
 * the next one fills up. Nobody waiting: no timer, no loop.
 */
export class Watcher<S> {
    /** What went wrong at the last look, if it did: for the message of whoever runs out of time. */
    trouble: Problem | undefined;
    private readonly waiters = new Set<Waiter<S>>();
    private running = false;
    private wake: AbortController | undefined;

    constructor(
        private readonly look: (keys: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, S>>,
        private readonly schedule: Schedule,
        private readonly clock: Clock,
    ) {}

    /** Resolves when `see` has answered true for every key; rejects with the signal's reason, or with what ended the looking. */
    watch(keys: readonly string[], see: See<S>, watch: Watch): Promise<void> {
        if (keys.length === 0) {
            return Promise.resolve();
        }
        if (watch.signal.aborted) {
            return Promise.reject(watch.signal.reason);
        }
        return new Promise((resolve, reject) => {
            const now = this.clock.now();
            const leave = () => waiter.end(watch.signal.reason);
            const waiter: Waiter<S> = {
                ...watch,
                open: new Set(keys),
                see,
                since: now,
                due: watch.firstLook === "now" ? now : now + this.schedule.first(),
                end: (error) => {
                    watch.signal.removeEventListener("abort", leave);
                    this.waiters.delete(waiter);
                    this.wake?.abort();
                    if (error === undefined) {
                        resolve();
                    } else {
                        reject(error);
                    }
                },
            };
            watch.signal.addEventListener("abort", leave, { once: true });
            this.waiters.add(waiter);
            this.wake?.abort();
            void this.run();
        });
    }

    private async run(): Promise<void> {
        if (this.running) {
            return;
        }
        this.running = true;
        // What is ready together is looked at together.
        await this.clock.turn();
        while (this.waiters.size > 0) {
            const now = this.clock.now();
            let next = Number.POSITIVE_INFINITY;
            for (const waiter of this.waiters) {
                next = Math.min(next, waiter.due);
            }
            if (next > now) {
                await this.sleep(next - now);
            } else {
                await this.lookOnce(now);
            }
        }
        this.running = false;
    }

    /** Until the time, or until who waits has changed. */
    private async sleep(ms: number): Promise<void> {
        this.wake = new AbortController();
        try {
            await this.clock.sleep(ms, this.wake.signal);
        } catch {
            // Woken: only this loop's own signal can end the sleep early.
            await this.clock.turn();
        } finally {
            this.wake = undefined;
        }
    }

    private async lookOnce(now: number): Promise<void> {
        // Whoever is due soon shares this look: it saves one, and nobody minds to know early.
        const due = [...this.waiters].filter(
            (waiter) => waiter.due <= now + 0.3 * this.schedule.gap(now - waiter.since),
        );
        const keys = new Set<string>();
        for (const waiter of due) {
            for (const key of waiter.open) {
                keys.add(key);
            }
        }
        const abandoned = abandonedBy(due.map((waiter) => waiter.signal));
        try {
            const sightings = await this.look([...keys], abandoned.signal);
            this.trouble = undefined;
            for (const waiter of due) {
                if (this.waiters.has(waiter)) {
                    this.show(waiter, sightings);
                }
            }
        } catch (error) {
            this.fail(due, error);
        } finally {
            abandoned.dispose();
        }
    }

    private show(waiter: Waiter<S>, sightings: ReadonlyMap<string, S>): void {
        const now = this.clock.now();
        try {
            for (const key of [...waiter.open]) {
                const sighting = sightings.get(key);
                if (sighting !== undefined && waiter.see(key, sighting)) {
                    waiter.open.delete(key);
                }
            }
        } catch (error) {
            waiter.end(error);
            return;
        }
        if (waiter.open.size === 0) {
            if (waiter.firstLook === "later") {
                this.schedule.learn(now - waiter.since);
            }
            waiter.end();
        } else {
            waiter.due = now + this.schedule.gap(now - waiter.since);
        }
    }

    private fail(due: readonly Waiter<S>[], error: unknown): void {
        const now = this.clock.now();
        const passing = error instanceof ApiFailure && !error.final;
        if (error instanceof ApiFailure) {
            this.trouble = error.problem;
        }
        for (const waiter of due) {
            if (!this.waiters.has(waiter)) {
                continue;
            }
            if (passing && waiter.onTrouble === "wait") {
                waiter.due = now + this.schedule.gap(now - waiter.since);
            } else {
                waiter.end(error);
            }
        }
    }
}

/** A signal that aborts once all of these have: work shared by several goes on as long as one of them wants it. */
export function abandonedBy(signals: readonly AbortSignal[]): { readonly signal: AbortSignal; dispose(): void } {
    const controller = new AbortController();
    let left = signals.length;
    const gone: Array<() => void> = [];
    for (const signal of signals) {
        const leave = () => {
            left -= 1;
            if (left === 0) {
                controller.abort(signal.reason);
            }
        };
        if (signal.aborted) {
            leave();
        } else {
            signal.addEventListener("abort", leave, { once: true });
            gone.push(() => signal.removeEventListener("abort", leave));
        }
    }
    return {
        signal: controller.signal,
        dispose: () => {
            for (const forget of gone) {
                forget();
            }
        },
    };
}
