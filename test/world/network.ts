import { EmulatedNetworkFault, type Emulator } from "../../emulator/src";
import { type Transport, TransportFailure, type WireAnswer, type WireRequest } from "../../src/cloud/http/transport";
import type { Random } from "../../src/util/clock";
import type { VirtualClock } from "../virtual-clock";
import { never, type ProcessLife } from "./life";

/** As in src/cloud/network.ts. Milliseconds. */
const HEADERS_TIMEOUT = 50_000;
export const REQUEST_TIMEOUT = 60_000;

/** An abort without a reason makes an exception with a stack, and this one happens with each request. */
const OVER = "the request is over";

export interface NetworkSettings {
    /** One way. Milliseconds. */
    readonly latency: { readonly least: number; readonly most: number };
    /** Requests under way at once; the others wait for a connection. */
    readonly connections: number;
    /** The log holds no bodies of answers: a large run has gigabytes of them. */
    readonly withoutAnswers?: true;
}

/** One request as the wire saw it. Times in virtual milliseconds. */
export interface Wire {
    readonly process: number;
    readonly method: string;
    /** Path and query. */
    readonly target: string;
    readonly body: string;
    readonly sentAt: number;
    /** How it ended for the client; `dropped`: its process died. */
    end: "under way" | "answered" | "failed" | "dropped";
    endedAt: number;
    /** Of the answer that reached the client. */
    status: number | undefined;
    /** The body of an answer that is no success. */
    refusal: string;
    /** The body of a successful answer to a GET, unless the network is one `withoutAnswers`. */
    shown: string;
}

/** A network between provider processes and an emulator in the same process, in virtual time. */
export class SimulatedNetwork {
    readonly log: Wire[] = [];
    /** By process: how many requests had been sent when it was cancelled. */
    readonly sentBeforeCancel = new Map<number, number>();
    readonly cancelledAt = new Map<number, number>();
    /** Nothing can be reached in these spans of time. */
    outages: ReadonlyArray<{ readonly from: number; readonly to: number }> = [];
    failures: Record<string, number> = {};

    constructor(
        private readonly clock: VirtualClock,
        private readonly random: Random,
        private readonly emulator: Emulator,
        private readonly settings: NetworkSettings,
    ) {}

    get underWay(): number {
        return this.log.filter(({ end }) => end === "under way").length;
    }

    cancelled(process: number): void {
        this.sentBeforeCancel.set(process, this.log.length);
        this.cancelledAt.set(process, this.clock.now());
    }

    /** What a process has sent although it had been cancelled, and that changes something: nothing may. */
    changesAfterCancel(): readonly Wire[] {
        return this.log.filter(
            ({ process, method, target }, n) =>
                n >= (this.sentBeforeCancel.get(process) ?? Number.POSITIVE_INFINITY) &&
                method !== "GET" &&
                // A log-in, and a read that is sent as a POST.
                !/^\/v3\/auth\/tokens|\/digital-assets\/summarys$/.test(target),
        );
    }

    transportOf(life: ProcessLife): Transport {
        const pool = new ConnectionPool(this.settings.connections);
        return { send: (request) => this.exchange(life, pool, request) };
    }

    private exchange(life: ProcessLife, pool: ConnectionPool, request: WireRequest): Promise<WireAnswer> {
        const { pathname, search } = new URL(request.url);
        const wire: Wire = {
            process: life.number,
            method: request.method,
            target: pathname + search,
            body: request.body ?? "",
            sentAt: this.clock.now(),
            end: "under way",
            endedAt: 0,
            status: undefined,
            refusal: "",
            shown: "",
        };
        if (life.reach("a request not yet sent")) {
            return never();
        }
        this.log.push(wire);
        return new Promise((resolve, reject) => {
            const over = new AbortController();
            const settle = (end: "answered" | "failed", then: () => void) => {
                if (wire.end !== "under way") {
                    return;
                }
                wire.end = life.dead ? "dropped" : end;
                wire.endedAt = this.clock.now();
                over.abort(OVER);
                request.signal.removeEventListener("abort", stop);
                if (!life.dead) {
                    then();
                }
            };
            const fail = (failure: unknown) => {
                if (failure instanceof TransportFailure) {
                    this.failures[failure.code] = (this.failures[failure.code] ?? 0) + 1;
                }
                settle("failed", () => reject(failure));
            };
            const stop = () => fail(new TransportFailure("perhaps", "Aborted", "given up"));
            request.signal.addEventListener("abort", stop, { once: true });
            if (request.signal.aborted) {
                stop();
                return;
            }
            this.clock.sleep(REQUEST_TIMEOUT, over.signal).then(
                () => fail(new TransportFailure("perhaps", "RequestTimeout", "no complete answer within 60 s")),
                () => {},
            );
            this.carry(life, pool, request, over.signal).then((answer) => {
                wire.status = answer.status;
                wire.refusal = answer.status < 400 ? "" : answer.body;
                if (this.settings.withoutAnswers !== true && answer.status < 400 && request.method === "GET") {
                    wire.shown = answer.body;
                }
                settle("answered", () => resolve(answer));
            }, fail);
        });
    }

    private async carry(
        life: ProcessLife,
        pool: ConnectionPool,
        request: WireRequest,
        over: AbortSignal,
    ): Promise<WireAnswer> {
        await pool.take(over);
        try {
            await this.travel(over);
            const now = this.clock.now();
            if (this.outages.some(({ from, to }) => now >= from && now < to)) {
                throw new TransportFailure("no", "ConnectionRefused", "connect ECONNREFUSED");
            }
            const answer = await this.answerOf(request, over);
            if (life.reach("a request that has had its effect")) {
                throw new TransportFailure("perhaps", "ProcessDied", "nobody is left to hear of it");
            }
            await this.travel(over);
            return answer;
        } finally {
            pool.giveBack();
        }
    }

    private async answerOf(request: WireRequest, over: AbortSignal): Promise<WireAnswer> {
        const { method, url, headers, body } = request;
        try {
            return await this.emulator.exchange({ method, url, headers, body });
        } catch (error) {
            if (!(error instanceof EmulatedNetworkFault)) {
                throw error;
            }
            switch (error.kind) {
                case "reset-before":
                case "reset-after":
                    await this.travel(over);
                    throw new TransportFailure("perhaps", "ConnectionReset", "read ECONNRESET");
                case "hang-before":
                case "hang-after":
                    await this.clock.sleep(HEADERS_TIMEOUT, over);
                    throw new TransportFailure("perhaps", "AnswerTimeout", "Headers Timeout Error");
                case "truncated":
                    await this.travel(over);
                    throw new TransportFailure("perhaps", "TruncatedAnswer", "other side closed");
            }
        }
    }

    private async travel(over: AbortSignal): Promise<void> {
        const { least, most } = this.settings.latency;
        await this.clock.sleep(least + this.random() * (most - least), over);
    }
}

class ConnectionPool {
    private readonly waiting: Array<() => void> = [];

    constructor(private free: number) {}

    async take(over: AbortSignal): Promise<void> {
        while (this.free === 0) {
            await new Promise<void>((resolve) => this.waiting.push(resolve));
            if (over.aborted) {
                this.waiting.shift()?.();
                throw over.reason;
            }
        }
        this.free -= 1;
    }

    giveBack(): void {
        this.free += 1;
        this.waiting.shift()?.();
    }
}
