import type { Clock } from "../src/util/clock";

interface Sleeper {
    readonly due: number;
    readonly order: number;
    readonly wake: () => void;
    gone: boolean;
}

/**
 * A clock that moves only when everything is idle: `run(promise)` drives it until the promise settles.
 * Idle means: for `rounds` turns of the event loop nothing slept, woke or took a turn. Work outside the event loop's turns
 * (sockets, threads) has to hold the clock: see `hold`.
 */
export class VirtualClock implements Clock {
    private readonly rounds: number;
    private readonly heap: Sleeper[] = [];
    private currentTime: number;
    private order = 0;
    private quiet = 0;
    private held = 0;
    private open = 0;
    private step: Promise<void> | undefined;

    constructor(options: { start?: number; rounds?: number } = {}) {
        this.currentTime = options.start ?? Date.UTC(2026, 0, 1);
        this.rounds = options.rounds ?? 10;
    }

    now(): number {
        return this.currentTime;
    }

    /** Sleeps that have not ended: a test of "nothing is left" expects 0. */
    get sleepers(): number {
        return this.heap.filter((sleeper) => !sleeper.gone).length;
    }

    sleep(ms: number, signal?: AbortSignal): Promise<void> {
        this.quiet = 0;
        return new Promise((resolve, reject) => {
            if (signal?.aborted) {
                reject(signal.reason);
                return;
            }
            const stop = () => {
                sleeper.gone = true;
                this.quiet = 0;
                reject(signal?.reason);
            };
            const sleeper: Sleeper = {
                due: this.currentTime + (Number.isFinite(ms) ? Math.max(0, ms) : 0),
                order: this.order++,
                wake: () => {
                    signal?.removeEventListener("abort", stop);
                    resolve();
                },
                gone: false,
            };
            signal?.addEventListener("abort", stop, { once: true });
            push(this.heap, sleeper);
        });
    }

    yieldToEventLoop(): Promise<void> {
        this.quiet = 0;
        return new Promise((resolve) => setImmediate(resolve));
    }

    /** Time stands still until the returned function is called. */
    hold(): () => void {
        this.held++;
        let released = false;
        return () => {
            if (!released) {
                released = true;
                this.held--;
                this.quiet = 0;
            }
        };
    }

    /** Drives time until `work` settles; several runs may be under way at once. Throws where nothing could ever settle it. */
    async run<T>(work: Promise<T> | (() => Promise<T>)): Promise<T> {
        const promise = typeof work === "function" ? work() : work;
        let settled = false;
        this.open++;
        const settle = () => {
            settled = true;
            this.open--;
        };
        promise.then(settle, settle);
        this.quiet = 0;
        while (!settled) {
            this.step ??= this.advance().finally(() => {
                this.step = undefined;
            });
            try {
                await this.step;
            } catch (error) {
                if (!settled) {
                    this.open--;
                    throw error;
                }
            }
        }
        return promise;
    }

    private async advance(): Promise<void> {
        let turns = 0;
        while (this.quiet < this.rounds || this.held > 0) {
            this.quiet++;
            await new Promise<void>((resolve) => setImmediate(resolve));
            if (this.open === 0) {
                return;
            }
            if (this.held === 0 && ++turns > 1_000_000) {
                throw new Error("virtual clock: a million turns and still no rest; something loops without sleeping");
            }
        }
        this.quiet = 0;
        const next = this.pop();
        if (next === undefined) {
            throw new Error("virtual clock: nothing left to wait for, and the promise is still pending");
        }
        this.currentTime = next.due;
        next.wake();
        for (let also = this.pop(next.due); also !== undefined; also = this.pop(next.due)) {
            also.wake();
        }
    }

    /** The next sleeper; with `due` only if it is due by then. Those gone are dropped on the way. */
    private pop(due = Number.POSITIVE_INFINITY): Sleeper | undefined {
        for (let first = this.heap[0]; first !== undefined; first = this.heap[0]) {
            if (!first.gone && first.due > due) {
                return undefined;
            }
            shift(this.heap);
            if (!first.gone) {
                first.gone = true;
                return first;
            }
        }
        return undefined;
    }
}

function before(a: Sleeper, b: Sleeper): boolean {
    return a.due !== b.due ? a.due < b.due : a.order < b.order;
}

function push(heap: Sleeper[], sleeper: Sleeper): void {
    let at = heap.length;
    heap.push(sleeper);
    while (at > 0) {
        const up = (at - 1) >> 1;
        const parent = heap[up];
        if (parent === undefined || before(parent, sleeper)) {
            break;
        }
        heap[at] = parent;
        at = up;
    }
    heap[at] = sleeper;
}

function shift(heap: Sleeper[]): void {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) {
        return;
    }
    let at = 0;
    for (;;) {
        const left = 2 * at + 1;
        const [a, b] = [heap[left], heap[left + 1]];
        const child = b !== undefined && a !== undefined && before(b, a) ? b : a;
        if (child === undefined || before(last, child)) {
            break;
        }
        heap[at] = child;
        at = child === a ? left : left + 1;
    }
    heap[at] = last;
}
