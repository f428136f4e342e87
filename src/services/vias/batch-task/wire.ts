import * as z from "zod";
import { clean } from "../../../util/text";

/*
 * Parts of VIAS's answers. The SDK's models and the API's documentation disagree about which values are numbers and which are text: both are accepted.
 */

/** Names and states appear in messages and in a stack's state, so they are cleaned when they are parsed. */
export const cleaned = z.string().transform((words) => clean(words, 500));
export const text = cleaned.optional().catch(undefined);
/** Text or a number: a type is "cloud", "edge", "0" or "1", and a number in the documentation. */
export const label = z
    .union([cleaned, z.number().transform(String)])
    .optional()
    .catch(undefined);

/** A number, or a text with its digits. */
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

/** Milliseconds since the epoch, from a number, a text with its digits, or a date. */
export function milliseconds(printed: string | number | undefined): number | undefined {
    const ms =
        typeof printed !== "string" ? printed : /^\d{1,15}$/.test(printed) ? Number(printed) : Date.parse(printed);
    return ms !== undefined && Number.isFinite(ms) ? ms : undefined;
}
