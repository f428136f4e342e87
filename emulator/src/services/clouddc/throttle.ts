import { Refusal } from "../../gateway/refusal";
import type { Call, Route } from "../../gateway/route";
import type { World } from "../../world/world";
import { settings } from "./rules";

const seen = new WeakMap<World, Map<string, number[]>>();

/** The service's own 429, apart from the gateway's. */
function admit({ world, identity }: Call): void {
    const { requestsPerWindow, windowSeconds, throttledBody } = settings.in(world);
    if (requestsPerWindow === null) {
        return;
    }
    const windows = seen.get(world) ?? new Map<string, number[]>();
    seen.set(world, windows);
    const now = world.clock.wallNow();
    const name = identity?.name ?? "";
    const window = (windows.get(name) ?? []).filter((at) => at > now - windowSeconds * 1000);
    windows.set(name, window);
    if (window.length >= requestsPerWindow) {
        const headers: Record<string, string> = throttledBody === "text" ? { "Content-Type": "text/plain" } : {};
        throw new Refusal(429, "iMetal.0005", "Too many requests", {}, "service", headers);
    }
    window.push(now);
}

export const throttled = (route: Route): Route => ({
    ...route,
    handle(call, request) {
        admit(call);
        return route.handle(call, request);
    },
});
