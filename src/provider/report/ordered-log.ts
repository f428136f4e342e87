import type { Clock } from "../../util/clock";
import type { Severity } from "../call";

/** One message may take so long to reach the engine; then it counts as not delivered. Milliseconds. */
const DELIVERY_TAKES_AT_MOST = 5_000;
/** The end of a hook waits so long for what is still on its way. Milliseconds. */
const END_WAITS_AT_MOST = 2_000;

/** What the engine's log service takes. */
export interface LogMessage {
    readonly urn: string;
    readonly severity: Severity;
    readonly text: string;
    /** Shown in the resource's row while it runs, and nowhere at the end. */
    readonly ephemeral: boolean;
}

/** Resolves when the message has arrived; rejects where it can't, and when the signal is aborted. */
export type DeliverLog = (message: LogMessage, signal: AbortSignal) => Promise<void>;

/**
 * Messages reach the engine in the order in which they were sent: each waits until the one before it has arrived, for calls that are
 * sent together overtake each other. Every row has a queue of its own. A status line that still waits is replaced by the next one; a
 * message that stays and can't be delivered is handed to `undelivered`.
 */
export class OrderedLog {
    private readonly queues = new Map<string, Queue>();

    constructor(
        private readonly clock: Clock,
        private readonly deliver: DeliverLog,
        private readonly undelivered: (message: LogMessage) => void,
    ) {}

    send(message: LogMessage): void {
        const queue = this.queues.get(message.urn) ?? new Queue((next, given) => this.attempt(next, given));
        this.queues.set(message.urn, queue);
        queue.add(message);
    }

    /** Resolves when all messages of the row have arrived or failed; waits two seconds at most, then gives them up. */
    async delivered(urn: string): Promise<void> {
        const queue = this.queues.get(urn);
        if (queue === undefined) {
            return;
        }
        const arrived = new AbortController();
        const limit = this.clock.sleep(END_WAITS_AT_MOST, arrived.signal).then(
            () => queue.abandon(),
            () => undefined,
        );
        await queue.emptied();
        arrived.abort();
        await limit;
        if (queue.empty) {
            this.queues.delete(urn);
        }
    }

    private async attempt(message: LogMessage, givenUp: AbortSignal): Promise<void> {
        const done = new AbortController();
        const late = new AbortController();
        const limit = this.clock.sleep(DELIVERY_TAKES_AT_MOST, done.signal).then(
            () => late.abort(),
            () => undefined,
        );
        try {
            const signal = AbortSignal.any([givenUp, late.signal]);
            signal.throwIfAborted();
            await this.deliver(message, signal);
        } catch {
            if (!message.ephemeral && message.severity !== "debug") {
                this.undelivered(message);
            }
        } finally {
            done.abort();
            await limit;
        }
    }
}

class Queue {
    private readonly waiting: LogMessage[] = [];
    private abandoned = new AbortController();
    private draining: Promise<void> | undefined;

    constructor(private readonly attempt: (message: LogMessage, givenUp: AbortSignal) => Promise<void>) {}

    get empty(): boolean {
        return this.draining === undefined;
    }

    add(message: LogMessage): void {
        if (message.ephemeral && this.waiting.at(-1)?.ephemeral === true) {
            this.waiting.pop();
        }
        this.waiting.push(message);
        this.draining ??= this.drain();
    }

    async emptied(): Promise<void> {
        await this.draining;
    }

    /** What has not arrived by now fails. */
    abandon(): void {
        this.abandoned.abort();
    }

    private async drain(): Promise<void> {
        for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
            await this.attempt(next, this.abandoned.signal);
        }
        this.draining = undefined;
        this.abandoned = new AbortController();
    }
}
