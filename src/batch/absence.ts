import type { Sighting } from "./api";

/** Whether a look shows that there is no such thing, and nothing of it: neither a record nor a recycle bin has it. */
export function isAbsent(sighting: Sighting): boolean {
    switch (sighting.is) {
        case "reached":
            return sighting.shown !== true;
        case "impossible":
            return sighting.absent === true;
        case "inProgress":
        case "present":
        case "notYet":
        case "unseen":
            return false;
    }
}
