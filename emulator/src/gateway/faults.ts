import * as z from "zod";
import { type Random, seededRandom } from "../world/random";
import { editSchema } from "./edit";

const match = z.strictObject({
    /** Only requests of this service. */
    service: z.string().optional(),
    /** Only requests of this operation. */
    operation: z.string().optional(),
    /** Access key or user name, as the log shows it. */
    identity: z.string().optional(),
    /** Lets so many matching requests pass before it strikes. */
    skip: z.number().int().min(0).default(0),
    /** Strikes so many times; unlimited if left out. */
    times: z.number().int().min(1).optional(),
    /** Strikes this share of the matching requests. */
    probability: z.number().min(0).max(1).optional(),
    /** Makes the draws of `probability` repeat. */
    seed: z.number().int().optional(),
});
/** Whether the call has had its effect when the fault strikes. */
const when = z.enum(["before", "after"]).default("before");

/** Without an identity a fault strikes before authentication; with one, after it. */
export const faultSchema = z.discriminatedUnion("fault", [
    /** An error in the service's own shape (or the gateway's), or any raw body. */
    match.extend({
        fault: z.literal("respond"),
        when,
        status: z.number().int().min(200).max(599),
        code: z.string().optional(),
        message: z.string().optional(),
        shape: z.enum(["service", "gateway"]).default("service"),
        /** Sent as it is instead of an error body. */
        body: z.string().optional(),
        contentType: z.string().default("application/json"),
        headers: z.record(z.string(), z.string()).default({}),
    }),
    /** The answer comes late. */
    match.extend({ fault: z.literal("delay"), ms: z.number().min(0) }),
    /** The connection is reset. */
    match.extend({ fault: z.literal("reset"), when }),
    /** The connection stays open and silent. */
    match.extend({ fault: z.literal("hang"), when }),
    /** Half of the answer's body, then the connection ends. */
    match.extend({ fault: z.literal("truncate") }),
    /** The right answer with its JSON changed. */
    match.extend({ fault: z.literal("edit"), edits: z.array(editSchema).min(1) }),
]);
export type FaultInput = z.input<typeof faultSchema>;
export type Fault = z.infer<typeof faultSchema>;

export type NetworkFaultKind = "reset-before" | "reset-after" | "hang-before" | "hang-after" | "truncated";

/** The head of an answer whose body breaks off. */
export interface BrokenAnswer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** What still arrived. */
    readonly partialBody: string;
    /** What Content-Length promised. */
    readonly promisedBytes: number;
}

/**
 * Thrown by an in-process emulator where a served one would break the connection: there is no answer to give back.
 * `before` and `after` say whether the request had its effect.
 */
export class EmulatedNetworkFault extends Error {
    override readonly name = "EmulatedNetworkFault";
    constructor(
        readonly kind: NetworkFaultKind,
        /** Only for `truncated`. */
        readonly answer?: BrokenAnswer,
    ) {
        super(`emulated network fault: ${kind}`);
    }
}

interface Armed {
    readonly fault: Fault;
    readonly random: Random;
    skip: number;
    left: number;
    struck: number;
}

export class Faults {
    private armed: Armed[] = [];

    constructor(private readonly random: Random) {}

    add(fault: Fault): void {
        const random = fault.seed === undefined ? this.random : seededRandom(fault.seed);
        this.armed.push({ fault, random, skip: fault.skip, left: fault.times ?? Number.POSITIVE_INFINITY, struck: 0 });
    }

    clear(): void {
        this.armed = [];
    }

    read(): { fault: Fault; struck: number }[] {
        return this.armed.map(({ fault, struck }) => ({ fault, struck }));
    }

    /** The first fault that strikes this request; uses it up. `identity` undefined: not authenticated yet. */
    take(service: string, operation: string, identity: string | undefined): Fault | undefined {
        for (const armed of this.armed) {
            const { fault } = armed;
            if (armed.left === 0 || (fault.service !== undefined && fault.service !== service)) {
                continue;
            }
            if (fault.operation !== undefined && fault.operation !== operation) {
                continue;
            }
            if (fault.identity !== identity) {
                continue;
            }
            if (fault.probability !== undefined && armed.random() >= fault.probability) {
                continue;
            }
            if (armed.skip > 0) {
                armed.skip -= 1;
                continue;
            }
            armed.left -= 1;
            armed.struck += 1;
            return fault;
        }
        return undefined;
    }
}
