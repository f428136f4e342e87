import * as z from "zod";
import type { Problem } from "../../batch/api";
import { clean } from "../../util/text";

/*
 * Fields of answers. A field that is missing, null or of another type is undefined: an answer is not refused for a field that is only shown.
 */

export const text = z.string().optional().catch(undefined);
export const flag = z.boolean().optional().catch(undefined);
export const number = z.number().optional().catch(undefined);

/** An id of at most `most` characters that is a valid path segment. `what` names the thing in messages: "an image server". */
export function idOf(what: string, most = 64): z.ZodString {
    return z
        .string()
        .regex(new RegExp(`^[A-Za-z0-9_-]{1,${most}}$`), `the id of ${what} has 1 to ${most} letters, digits, - or _`);
}

/** The cleaned code and message that a job or an answer reports for one failed target; `otherwise` where it reports none. */
export function reportedProblem(code: string | undefined, message: string | undefined, otherwise: Problem): Problem {
    return { code: clean(code ?? "", 100) || otherwise.code, message: clean(message ?? "") || otherwise.message };
}
