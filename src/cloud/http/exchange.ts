import type { Dispatcher } from "undici";
import { onAbort } from "../../util/abort";
import type { Clock } from "../../util/clock";
import { explainNetworkError } from "./network-error";
import { TransportFailure, type WireAnswer, type WireRequest } from "./transport";

/** Milliseconds and bytes. */
export interface ExchangeLimits {
    /** The whole request: an answer that drips is not waited for. */
    readonly requestTimeout: number;
    readonly largestBody: number;
}

/** An abort without a reason makes an exception with a stack. */
const ENDED = "the exchange has ended";

/**
 * One request and its answer. Ends with the first of: the whole answer, an error of the network, an answer beyond the bounds,
 * the time-out, an abort of the request's signals. Rejects with TransportFailure and with nothing else.
 */
export async function exchange(
    dispatcher: Dispatcher,
    request: WireRequest,
    limits: ExchangeLimits,
    clock: Clock,
): Promise<WireAnswer> {
    const { signal, unlessWritten } = request;
    const pending = new PendingExchange(limits.largestBody);
    if (signal.aborted || unlessWritten?.aborted) {
        pending.giveUp();
        return pending.answer;
    }
    const ended = new AbortController();
    const forgetSignal = onAbort(signal, () => pending.giveUp());
    const forgetUnlessWritten =
        unlessWritten === undefined ? undefined : onAbort(unlessWritten, () => pending.giveUpUnlessWritten());
    clock.sleep(limits.requestTimeout, ended.signal).then(
        () => pending.fail("RequestTimeout", `no complete answer within ${limits.requestTimeout / 1000} s`),
        () => undefined,
    );
    try {
        pending.start(dispatcher, request);
        return await pending.answer;
    } finally {
        ended.abort(ENDED);
        forgetSignal();
        forgetUnlessWritten?.();
    }
}

/** The handler of one request: undici calls its `on…` methods, in the order in which they stand here. After the end they change nothing. */
class PendingExchange implements Dispatcher.DispatchHandler {
    private readonly outcome = Promise.withResolvers<WireAnswer>();
    private readonly chunks: Buffer[] = [];
    private size = 0;
    private status = 0;
    private headers: Readonly<Record<string, string>> = {};
    /** Undefined until the request is being written: until then it surely has not arrived. */
    private written: Dispatcher.DispatchController | undefined;
    private hasEnded = false;

    constructor(private readonly largestBody: number) {}

    get answer(): Promise<WireAnswer> {
        return this.outcome.promise;
    }

    start(dispatcher: Dispatcher, { url, method, headers, body }: WireRequest): void {
        const { origin } = new URL(url);
        const path = url.slice(origin.length) || "/";
        try {
            dispatcher.dispatch({ origin, path, method, headers: { ...headers }, body: body ?? null }, this);
        } catch (error) {
            this.failWith(error);
        }
    }

    onRequestStart(controller: Dispatcher.DispatchController): void {
        this.written = controller;
        if (this.hasEnded) {
            // Given up while it waited for a connection: nothing has been written yet.
            controller.abort(new TransportFailure("no", "Aborted", "given up"));
        }
    }

    onResponseStart(
        _: Dispatcher.DispatchController,
        status: number,
        headers: Readonly<Record<string, string | string[] | undefined>>,
    ): void {
        this.status = status;
        this.headers = flatten(headers);
        const encoding = this.headers["content-encoding"] ?? "identity";
        if (encoding !== "identity") {
            this.fail("CompressedAnswer", "the answer is compressed, which was not asked for");
        }
    }

    onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
        this.size += chunk.length;
        if (this.size > this.largestBody) {
            this.fail("AnswerTooLarge", `the answer is larger than ${this.largestBody} bytes`);
            return;
        }
        this.chunks.push(chunk);
    }

    onResponseEnd(): void {
        if (!this.hasEnded) {
            this.hasEnded = true;
            const body = Buffer.concat(this.chunks).toString("utf8");
            this.outcome.resolve({ status: this.status, headers: this.headers, body });
        }
    }

    onResponseError(_: Dispatcher.DispatchController, error: Error): void {
        this.failWith(error);
    }

    giveUp(): void {
        this.fail("Aborted", "given up");
    }

    giveUpUnlessWritten(): void {
        if (this.written === undefined) {
            this.giveUp();
        }
    }

    fail(code: string, message: string): void {
        if (this.hasEnded) {
            return;
        }
        this.hasEnded = true;
        const failure = new TransportFailure(this.written === undefined ? "no" : "perhaps", code, message);
        this.written?.abort(failure);
        this.outcome.reject(failure);
    }

    private failWith(error: unknown): void {
        const { code, message } = explainNetworkError(error);
        this.fail(code, message);
    }
}

function flatten(incoming: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
    const flat: Record<string, string> = {};
    for (const [name, value] of Object.entries(incoming)) {
        if (value !== undefined) {
            flat[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
        }
    }
    return flat;
}
