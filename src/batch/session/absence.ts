import type { TargetState } from "../api";

/** Whether the state shows that there is no such thing, and nothing of it: neither a record nor a recycle bin has it. */
export function isAbsent(state: TargetState): boolean {
    switch (state.is) {
        case "settled":
            return state.shown !== true;
        case "impossible":
            return state.absent === true;
        case "inProgress":
        case "ready":
        case "blocked":
        case "unseen":
            return false;
    }
}
