import * as z from "zod";
import { type Random, seededRandom } from "./random";

const target = z.strictObject({
    /** The service whose process it is. */
    service: z.string(),
    /** The process that is to go wrong, as the service names it, e.g. "delete-image-server". */
    process: z.string(),
    /** Only for these targets; otherwise for any. */
    ids: z.array(z.string()).optional(),
    /** For so many targets, then no more; unlimited if left out. */
    times: z.number().int().min(1).optional(),
    /** For this share of the targets. */
    probability: z.number().min(0).max(1).optional(),
    /** Makes the draws of `probability` repeat. */
    seed: z.number().int().optional(),
});

/**
 * How a process ends other than well: `fail` (with the state the service shows, and the code and message it gives),
 * `stuck` (never ends), `lie` (says that it ended well while nothing happened), `vanish` (its record disappears).
 */
export const outcomeFaultSchema = z.discriminatedUnion("outcome", [
    target.extend({
        outcome: z.literal("fail"),
        status: z.string().optional(),
        code: z.string().optional(),
        message: z.string().optional(),
    }),
    target.extend({ outcome: z.literal("stuck") }),
    target.extend({ outcome: z.literal("lie") }),
    target.extend({ outcome: z.literal("vanish") }),
]);
export type OutcomeFaultInput = z.input<typeof outcomeFaultSchema>;
export type OutcomeFault = z.infer<typeof outcomeFaultSchema>;

/** Of a process that outcome faults can spoil. */
export interface Spoilable {
    /** What `ids` of a fault are. */
    readonly ids: string;
    /** What each outcome does to it; one that is not there can't be given. */
    readonly outcomes: Readonly<Partial<Record<OutcomeFault["outcome"], string>>>;
    /** What `status` of a failure may be; it may not be given if this is left out. */
    readonly statuses?: readonly string[];
}

/** The outcome faults of one world. */
export class OutcomeFaults {
    private faults: { fault: OutcomeFault; left: number; ids: ReadonlySet<string> | undefined; random: Random }[] = [];

    constructor(private readonly random: Random) {}

    add(fault: OutcomeFault): void {
        const random = fault.seed === undefined ? this.random : seededRandom(fault.seed);
        const ids = fault.ids === undefined ? undefined : new Set(fault.ids);
        this.faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY, ids, random });
    }

    clear(): void {
        this.faults = [];
    }

    /** What is to become of this target, or undefined if all goes well. Uses the fault up. */
    take(service: string, process: string, id: string): OutcomeFault | undefined {
        for (const entry of this.faults) {
            const { fault } = entry;
            if (fault.service !== service || fault.process !== process || entry.left === 0) {
                continue;
            }
            if (entry.ids !== undefined && !entry.ids.has(id)) {
                continue;
            }
            if (fault.probability !== undefined && entry.random() >= fault.probability) {
                continue;
            }
            entry.left -= 1;
            return fault;
        }
        return undefined;
    }
}
