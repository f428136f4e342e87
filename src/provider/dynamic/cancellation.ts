import { subscribe } from "node:diagnostics_channel";
import { CANCELLED } from "../../util/cancellation";

/** Node publishes each new stream of an HTTP/2 server in this process here, with its headers (Node 22.19 and 24). */
const CHANNEL = "http2.server.stream.created";
const CANCEL = "/pulumirpc.ResourceProvider/Cancel";

/** The engine's cancellation of the operation that this provider process serves. */
export interface Cancellation {
    /** Aborts at the engine's Cancel. The engine also sends one at every normal end, when no hook is under way. */
    readonly signal: AbortSignal;
    /** Call it when a hook begins. It calls `warn`, once, if this process turns out unable to see a cancellation. */
    hookCalled(warn: (warning: string) => void): void;
}

/** For a process without an engine. */
export const withoutCancellation: Cancellation = { signal: new AbortController().signal, hookCalled: () => {} };

/**
 * The SDK's host does not pass the engine's Cancel on to the provider. Node's diagnostics channel shows every call that reaches the
 * host, and a subscription made after the host started works too.
 */
export function observeCancellation(
    subscribeTo: (onMessage: (message: unknown) => void) => void = subscribeInNode,
): Cancellation {
    const controller = new AbortController();
    let calls = 0;
    let hooks = 0;
    let warned = false;
    subscribeTo((message) => {
        calls += 1;
        if (pathOf(message) === CANCEL) {
            controller.abort(CANCELLED);
        }
    });
    return {
        signal: controller.signal,
        hookCalled: (warn) => {
            hooks += 1;
            // The subscription misses the first call: that call loads this module.
            if (hooks > 1 && calls === 0 && !warned) {
                warned = true;
                warn(
                    `this Node (${process.version}) does not show this process when the engine cancels: after Ctrl-C the operations under way go on to their end. ` +
                        "Node 22.19 and 24 do; press Ctrl-C twice to end at once",
                );
            }
        },
    };
}

function subscribeInNode(onMessage: (message: unknown) => void): void {
    subscribe(CHANNEL, onMessage);
}

function pathOf(message: unknown): unknown {
    const { headers } = Object(message);
    return Object(headers)[":path"];
}
