import { onAbort } from "../../util/abort";
import { GRACE } from "../../util/cancellation";
import type { Clock } from "../../util/clock";
import { type Transport, TransportFailure, type WireAnswer, type WireRequest } from "../http/transport";
import type { Effect } from "../rate-limiter";

interface Wire {
    readonly clock: Clock;
    readonly transport: Transport;
    readonly cancelled: AbortSignal;
}

/** An abort without a reason makes an exception with a stack. */
const ENDED = "the request has ended";

/** Sends one request. A read is given up once the signal aborts, a change is not. */
export async function transmit(
    wire: Wire,
    effect: Effect,
    request: Omit<WireRequest, "signal">,
    signal: AbortSignal,
): Promise<WireAnswer | TransportFailure> {
    try {
        return await (effect === "reads" ? wire.transport.send({ ...request, signal }) : transmitChange(wire, request));
    } catch (error) {
        if (error instanceof TransportFailure) {
            return error;
        }
        throw error;
    }
}

/**
 * The answer to a change names its job: it is waited for, within the transport's own time-outs, but only for a while when the
 * operation is cancelled.
 */
async function transmitChange(
    { cancelled, clock, transport }: Wire,
    request: Omit<WireRequest, "signal">,
): Promise<WireAnswer> {
    const patience = new AbortController();
    const ended = new AbortController();
    const forget = onAbort(cancelled, () => {
        clock.sleep(GRACE, ended.signal).then(
            () => patience.abort(),
            () => undefined,
        );
    });
    try {
        return await transport.send({ ...request, signal: patience.signal, unlessWritten: cancelled });
    } finally {
        ended.abort(ENDED);
        forget();
    }
}
