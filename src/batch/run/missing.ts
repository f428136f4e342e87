import type { Problem, TargetState } from "../api";
import { isAbsent } from "../session/absence";

/** Names in a message. */
const MOST_NAMED = 20;

/** Why nothing is submitted: of the targets that must exist, these do not. Undefined: none is missing. */
export function missingTargets(
    states: ReadonlyMap<string, TargetState>,
    mustExist: ReadonlySet<string>,
    where: string | undefined,
): Problem | undefined {
    const missing = [...mustExist].filter((key) => {
        const state = states.get(key);
        return state !== undefined && isAbsent(state);
    });
    if (missing.length === 0) {
        return undefined;
    }
    const named = missing.slice(0, MOST_NAMED).join(", ");
    const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : "";
    const place = where === undefined ? "" : ` in ${where}`;
    const message = `not found${place}: ${named}${more}; nothing was submitted. Correct the place or the ids, or set onMissing to "ignore" (a run that was killed may have removed them already)`;
    return { code: "TargetsMissing", message };
}
