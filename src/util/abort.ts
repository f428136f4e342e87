const fans = new WeakMap<AbortSignal, Set<{ readonly leave: () => void }>>();

/**
 * Calls `leave` when the signal aborts; returns what forgets it. One listener per signal for everyone: a signal searches
 * its listeners from the start at every add and remove (Node's EventTarget), too slow for the thousands of waits of one run.
 */
export function onAbort(signal: AbortSignal, leave: () => void): () => void {
    const entry = { leave };
    const fan = fans.get(signal) ?? open(signal);
    fan.add(entry);
    return () => {
        fan.delete(entry);
        if (fan.size === 0 && fans.get(signal) === fan) {
            fans.delete(signal);
            signal.removeEventListener("abort", spread);
        }
    };
}

function open(signal: AbortSignal): Set<{ readonly leave: () => void }> {
    const fan = new Set<{ readonly leave: () => void }>();
    fans.set(signal, fan);
    signal.addEventListener("abort", spread, { once: true });
    return fan;
}

function spread(this: AbortSignal): void {
    const fan = fans.get(this) ?? new Set();
    fans.delete(this);
    for (const { leave } of fan) {
        leave();
    }
}

/** A signal that aborts once all of these have: work shared by several goes on as long as one of them wants it. */
export function abandonedBy(signals: Iterable<AbortSignal>): { readonly signal: AbortSignal; dispose(): void } {
    const controller = new AbortController();
    const interested = new Set(signals);
    const forget: Array<() => void> = [];
    const leave = (signal: AbortSignal) => {
        interested.delete(signal);
        if (interested.size === 0) {
            controller.abort(signal.reason);
        }
    };
    for (const signal of [...interested]) {
        if (signal.aborted) {
            leave(signal);
        } else {
            forget.push(onAbort(signal, () => leave(signal)));
        }
    }
    return {
        signal: controller.signal,
        dispose: () => {
            for (const each of forget) {
                each();
            }
        },
    };
}

/**
 * A wait that ends early: resolves once `begin` calls its argument, and rejects with the signal's reason once that aborts.
 * `begin` starts the wait, and answers with what ends it: called only where the signal comes first.
 */
export function abortable<T>(signal: AbortSignal, begin: (resolve: (value: T) => void) => () => void): Promise<T> {
    return new Promise((resolve, reject) => {
        if (signal.aborted) {
            reject(signal.reason);
            return;
        }
        const forget = onAbort(signal, () => {
            end();
            reject(signal.reason);
        });
        const end = begin((value) => {
            forget();
            resolve(value);
        });
    });
}

/** Resolves or rejects as the promise does, or rejects with the signal's reason once it aborts. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    if (signal.aborted) {
        reject(signal.reason);
    }
    const forget = onAbort(signal, () => reject(signal.reason));
    try {
        return await Promise.race([promise, aborted]);
    } finally {
        forget();
    }
}

/** A controller that also aborts as soon as one of the signals does. */
export function childOf(...signals: readonly AbortSignal[]): { readonly controller: AbortController; dispose(): void } {
    const controller = new AbortController();
    const aborted = signals.find((signal) => signal.aborted);
    if (aborted !== undefined) {
        controller.abort(aborted.reason);
        return { controller, dispose: () => undefined };
    }
    const forget = signals.map((signal) => onAbort(signal, () => controller.abort(signal.reason)));
    return {
        controller,
        dispose: () => {
            for (const each of forget) {
                each();
            }
        },
    };
}
