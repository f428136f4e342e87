import * as z from "zod";
import type { Problem } from "../../batch/api";
import { clean } from "../../util/text";

/*
 * Fields of answers. What is missing, null or of another type is left out: no answer is refused for a field that only informs.
 */

export const text = z.string().optional().catch(undefined);
export const flag = z.boolean().optional().catch(undefined);
export const number = z.number().optional().catch(undefined);

/** What a job or an answer reports of one target that failed, made harmless; where it does not say, `otherwise` does. */
export function reportedProblem(code: string | undefined, message: string | undefined, otherwise: Problem): Problem {
    return { code: clean(code ?? "", 100) || otherwise.code, message: clean(message ?? "") || otherwise.message };
}
