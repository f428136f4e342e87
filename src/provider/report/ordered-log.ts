import type { Clock } from "../../util/clock";
import type { Severity } from "../call";

/** A message that has not reached the engine after this time counts as not delivered. Milliseconds. */
const DELIVERY_TAKES_AT_MOST = 5_000;
/** The end of a hook waits this long for messages on their way. Milliseconds. */
const END_WAITS_AT_MOST = 2_000;

/** A message as the engine's log service takes it. */
export interface LogMessage {
    readonly urn: string;
    readonly severity: Severity;
    readonly text: string;
    /** Shown in the resource's row while it runs, and not after the end. */
    readonly ephemeral: boolean;
}

/** Resolves when the message has arrived. Rejects if it can't arrive, or once the signal aborts. */
export type DeliverLog = (message: LogMessage, signal: AbortSignal) => Promise<void>;

/**
 * Delivers messages in the order in which they were sent: each waits until the one before it has arrived, because concurrent calls can
 * arrive in another order. Every row has its own queue. A new status line replaces one that still waits. A message that stays and can't
 * be delivered goes to `undelivered`.
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

    /** Resolves when all messages of the row have arrived or failed. After two seconds it abandons the rest. */
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

    /** Fails all messages that have not arrived yet. */
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
