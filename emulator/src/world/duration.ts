import * as z from "zod";
import { type Random, seededRandom } from "./random";

const milliseconds = z.number().min(0);
const seed = z.number().int().optional();

/** How long something takes, in milliseconds of the world's time. With a `seed` the draws repeat. */
export const durationSchema = z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("fixed"), ms: milliseconds }),
    z.strictObject({ kind: z.literal("uniform"), minMs: milliseconds, maxMs: milliseconds, seed }),
    z.strictObject({ kind: z.literal("log-normal"), medianMs: milliseconds, sigma: z.number().min(0), seed }),
]);
export type Duration = z.infer<typeof durationSchema>;

export const fixed = (ms: number): Duration => ({ kind: "fixed", ms });
export const seconds = (count: number): Duration => fixed(count * 1000);

/** Draws lengths of time; `fallback` is used where the duration has no seed of its own. */
export function durationDraw(duration: Duration, fallback: Random): () => number {
    switch (duration.kind) {
        case "fixed":
            return () => duration.ms;
        case "uniform": {
            const random = duration.seed === undefined ? fallback : seededRandom(duration.seed);
            return () => duration.minMs + random() * (duration.maxMs - duration.minMs);
        }
        case "log-normal": {
            const random = duration.seed === undefined ? fallback : seededRandom(duration.seed);
            return () => duration.medianMs * Math.exp(duration.sigma * standardNormal(random));
        }
    }
}

/** Box and Muller's transform. */
function standardNormal(random: Random): number {
    return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
