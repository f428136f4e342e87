import * as z from "zod";

/*
 * The SDK's models and the API's pages differ in what is a number and what is text: either is read.
 */

/** A number, or text of its digits. */
export const count = z
    .union([
        z.int().min(0),
        z
            .string()
            .regex(/^\d{1,15}$/)
            .transform(Number),
    ])
    .optional()
    .catch(undefined);

/** The same, a hundred times cheaper: for the many counts of a long list. 0 for what is none. */
export function countIn(value: unknown): number {
    if (typeof value === "number") {
        return value;
    }
    return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : 0;
}

/** Milliseconds since the epoch, from such a number, its digits, or a date. */
export const moment = z
    .union([z.number(), z.string()])
    .transform((value) => {
        const ms = typeof value === "number" ? value : /^\d{1,15}$/.test(value) ? Number(value) : Date.parse(value);
        return Number.isFinite(ms) ? ms : undefined;
    })
    .optional()
    .catch(undefined);
