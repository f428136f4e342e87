/** Who is to know when a service throttles the requests of this process. */
export class Throttling {
    private readonly listeners = new Map<string, Set<() => void>>();

    /** A request to the service was throttled. */
    throttled(service: string): void {
        for (const listener of this.listeners.get(service) ?? []) {
            listener();
        }
    }

    /** Returns what ends it. */
    listen(service: string, listener: () => void): () => void {
        const listeners = this.listeners.get(service) ?? new Set();
        this.listeners.set(service, listeners);
        listeners.add(listener);
        return () => listeners.delete(listener);
    }
}
