import * as z from "zod";
import { clean } from "../../../util/text";

/*
 * Parts of VIAS's answers. The SDK's models and the API's pages differ in what is a number and what is text: either is read.
 */

/** Names and states end in messages and in a stack's state: they are made harmless where they come in. */
export const cleaned = z.string().transform((words) => clean(words, 500));
export const text = cleaned.optional().catch(undefined);
/** Text, or a number: a type is "cloud" or "edge", "0" or "1", and a number on the pages. */
export const label = z
    .union([cleaned, z.number().transform(String)])
    .optional()
    .catch(undefined);

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

/** Milliseconds since the epoch, from such a number, its digits, or a date. */
export const moment = z
    .union([z.number(), z.string()])
    .transform((value) => {
        const ms = typeof value === "number" ? value : /^\d{1,15}$/.test(value) ? Number(value) : Date.parse(value);
        return Number.isFinite(ms) ? ms : undefined;
    })
    .optional()
    .catch(undefined);
