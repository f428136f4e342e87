import { subscribe } from "node:diagnostics_channel";
import { CANCELLED } from "../../util/cancellation";

/** Told of each stream of an HTTP/2 server in this process, with its headers (Node 22.19 and 24). */
const CHANNEL = "http2.server.stream.created";
const CANCEL = "/pulumirpc.ResourceProvider/Cancel";

/** How a provider process hears that the engine cancels the operation that it was started for. */
export interface Cancellation {
    /** Aborts at the engine's Cancel, which also comes at every normal end, when no hook is under way. */
    readonly signal: AbortSignal;
    /** A hook has been called. `tell` is called, once, where it shows that a cancellation can't be heard in this process. */
    hookCalled(tell: (warning: string) => void): void;
}

/** Where no engine can cancel. */
export const withoutCancellation: Cancellation = { signal: new AbortController().signal, hookCalled: () => {} };

/**
 * The SDK's host answers the engine's Cancel with nothing, and tells no provider of it. But Node tells whoever subscribes, late or
 * early, of each call that reaches the host.
 */
export function observeCancellation(
    listen: (heard: (message: unknown) => void) => void = subscribeInNode,
): Cancellation {
    const controller = new AbortController();
    let calls = 0;
    let hooks = 0;
    let warned = false;
    listen((message) => {
        calls += 1;
        if (pathOf(message) === CANCEL) {
            controller.abort(CANCELLED);
        }
    });
    return {
        signal: controller.signal,
        hookCalled: (tell) => {
            hooks += 1;
            // The first call came before anybody listened: it is what loads this module.
            if (hooks > 1 && calls === 0 && !warned) {
                warned = true;
                tell(
                    `this Node (${process.version}) does not show this process when the engine cancels: after Ctrl-C the operations under way go on to their end. ` +
                        "Node 22.19 and 24 do; press Ctrl-C twice to end at once",
                );
            }
        },
    };
}

function subscribeInNode(heard: (message: unknown) => void): void {
    subscribe(CHANNEL, heard);
}

function pathOf(message: unknown): unknown {
    const { headers } = Object(message);
    return Object(headers)[":path"];
}
