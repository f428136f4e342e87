import * as z from "zod";
import type { Problem } from "../../batch/api";
import { clean } from "../../util/text";

/*
 * Fields of answers. What is missing, null or of another type is left out: no answer is refused for a field that only informs.
 */

export const text = z.string().optional().catch(undefined);
export const flag = z.boolean().optional().catch(undefined);
export const number = z.number().optional().catch(undefined);

/** An id of at most so many characters, fit to be a segment of a path. `what` is what the id is of, for people: "an image server". */
export function idOf(what: string, most = 64): z.ZodString {
    return z
        .string()
        .regex(new RegExp(`^[A-Za-z0-9_-]{1,${most}}$`), `the id of ${what} has 1 to ${most} letters, digits, - or _`);
}

/** What a job or an answer reports of one target that failed, made harmless; where it does not say, `otherwise` does. */
export function reportedProblem(code: string | undefined, message: string | undefined, otherwise: Problem): Problem {
    return { code: clean(code ?? "", 100) || otherwise.code, message: clean(message ?? "") || otherwise.message };
}
