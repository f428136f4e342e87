import { CANCELLED } from "../../src/util/cancellation";
import type { Clock } from "../../src/util/clock";
import type { VirtualClock } from "../virtual-clock";

/** What a process can be in the middle of when it is killed. */
export type Await = "a request not yet sent" | "a request that has had its effect" | "a sleep";

/** The life of one provider process: it can end at any of its awaits, and then nothing of it goes on. */
export class ProcessLife {
    readonly died: Promise<void>;
    dead = false;
    /** Awaits reached so far. */
    awaits = 0;
    /** Where it was when it died. */
    diedAt: Await | undefined;
    /** The engine's Cancel. */
    readonly cancellation = new AbortController();
    private readonly announce: () => void;
    private readonly onDeath = new Set<() => void>();

    constructor(
        readonly number: number,
        /** Dies at its n-th await, counted from 1. */
        private readonly killAt = Number.POSITIVE_INFINITY,
        /** Is cancelled right after its n-th await, counted from 1. */
        private readonly cancelAt = Number.POSITIVE_INFINITY,
        private readonly onCancel: () => void = () => {},
    ) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.died = promise;
        this.announce = resolve;
    }

    /** Called at each await; true when the process does not live (any more). */
    reach(what: Await): boolean {
        if (!this.dead) {
            this.awaits += 1;
            if (this.awaits === this.cancelAt) {
                // An abort reaches a process between two awaits, never in the middle of synchronous code.
                queueMicrotask(() => this.cancel());
            }
            if (this.awaits === this.killAt) {
                this.diedAt = what;
                this.dead = true;
                for (const leave of this.onDeath) {
                    leave();
                }
                this.announce();
            }
        }
        return this.dead;
    }

    cancel(): void {
        if (!this.cancellation.signal.aborted) {
            this.onCancel();
            this.cancellation.abort(CANCELLED);
        }
    }

    atDeath(leave: () => void): () => void {
        this.onDeath.add(leave);
        return () => this.onDeath.delete(leave);
    }
}

/** Never settles: what a dead process was waiting for. */
export function never(): Promise<never> {
    return new Promise(() => {});
}

/** The clock as one process has it: of a dead one no sleep ends. */
export class MortalClock implements Clock {
    constructor(
        private readonly clock: VirtualClock,
        private readonly life: ProcessLife,
    ) {}

    now(): number {
        return this.clock.now();
    }

    async sleep(ms: number, signal?: AbortSignal): Promise<void> {
        if (this.life.reach("a sleep")) {
            return never();
        }
        const own = new AbortController();
        const stop = () => own.abort(signal?.reason);
        if (signal?.aborted) {
            stop();
        }
        signal?.addEventListener("abort", stop, { once: true });
        const forget = this.life.atDeath(() => own.abort("the process is dead"));
        try {
            await this.clock.sleep(ms, own.signal);
        } catch (error) {
            if (this.life.dead) {
                return never();
            }
            throw error;
        } finally {
            forget();
            signal?.removeEventListener("abort", stop);
        }
    }

    async yieldToEventLoop(): Promise<void> {
        await this.clock.yieldToEventLoop();
        if (this.life.dead) {
            return never();
        }
    }
}
