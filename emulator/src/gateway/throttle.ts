import * as z from "zod";
import type { World } from "../world/world";
import { gatewaySettings } from "./authentication";
import { gatewayRefusal } from "./refusal";

export const throttleSchema = z.strictObject({
    /** One service; all if left out. */
    service: z.string().optional(),
    /** One operation; all if left out, each with a count of its own. */
    operation: z.string().optional(),
    /** `api`: over everybody; `user`: for each identity; `ip`: the same as api here, but worded so. */
    per: z.enum(["api", "user", "ip"]).default("api"),
    /** Requests in a window. */
    limit: z.number().int().min(0),
    /** Length of the sliding window. */
    windowSeconds: z.number().positive(),
});
export type ThrottleInput = z.input<typeof throttleSchema>;
export type Throttle = z.infer<typeof throttleSchema>;

/** The gateway's default as its documentation quotes it: 200 requests a second for each API. */
export const defaultThrottles: readonly Throttle[] = [{ per: "api", limit: 200, windowSeconds: 1 }];

/** Sliding windows of requests, by the wall time that clients live in. */
export class Throttles {
    private policies: readonly Throttle[] = defaultThrottles;
    private readonly seen = new Map<string, number[]>();

    read(): readonly Throttle[] {
        return this.policies;
    }

    set(policies: readonly Throttle[]): void {
        this.policies = policies;
        this.seen.clear();
    }

    /** Throws the gateway's 429 if a policy's limit is reached. */
    admit(world: World, service: string, operation: string, identity: string): void {
        const now = world.clock.wallNow();
        const { throttledRequestsCount, retryAfterSeconds } = gatewaySettings.in(world);
        let exceeded: Throttle | undefined;
        const windows: number[][] = [];
        for (const [index, policy] of this.policies.entries()) {
            if (policy.service !== undefined && policy.service !== service) {
                continue;
            }
            if (policy.operation !== undefined && policy.operation !== operation) {
                continue;
            }
            const bucket = policy.service === undefined ? `${service}/${operation}` : "";
            const key = `${index}|${bucket}|${policy.per === "user" ? identity : ""}`;
            const window = this.seen.get(key) ?? [];
            const from = now - policy.windowSeconds * 1000;
            while (window[0] !== undefined && window[0] <= from) {
                window.shift();
            }
            this.seen.set(key, window);
            windows.push(window);
            if (window.length >= policy.limit) {
                exceeded ??= policy;
            }
        }
        if (exceeded === undefined || throttledRequestsCount) {
            for (const window of windows) {
                window.push(now);
            }
        }
        if (exceeded !== undefined) {
            const { per, limit, windowSeconds } = exceeded;
            const text = `policy ${per} over ratelimit,limit:${limit},time:${windowSeconds} second`;
            const headers: Record<string, string> =
                retryAfterSeconds === null ? {} : { "Retry-After": String(retryAfterSeconds) };
            throw gatewayRefusal(429, "APIGW.0308", `The throttling threshold has been reached: ${text}`, headers);
        }
    }
}
