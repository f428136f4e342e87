import type { Problem } from "../../batch/api";
import type { Guard } from "../../batch/guard";
import { clean } from "../../util/text";
import { namedTarget } from "../targets";
import type { ActingResource, NotApproved } from "./approved-list";
import type { GuardLists } from "./guard-lists";
import type { KeepReason } from "./keep-list";
import { KEPT, MAX_ITEMS, NOT_APPROVED } from "./refusals";

const RULE_SHOWN = 100;
const PLACES_SHOWN = 3;

/**
 * The guard of one call of a hook, for all its runs together: keep list, approved list, and `maxItems`, which counts each target that
 * the call submits once. Of those that one request of a run adds, the first go while the number lasts.
 */
export function guardOf(lists: GuardLists, resource: ActingResource, maxItems: number | undefined): Guard {
    const { definition } = resource;
    const { keep } = lists;
    const kinds = definition.targets.flatMap(({ kind }) => kind ?? []);
    const approval = lists.approved?.judgeOf(resource);
    const limit = maxItems === undefined ? undefined : new Limit(maxItems);
    const problems = new ProblemTexts(lists);
    return {
        refuse: (keys, factsOf) => {
            const refused = new Map<string, Problem>();
            for (const key of keys) {
                const kept = keep.reason(namedTarget(kinds, key).id, factsOf(key)?.name);
                const unapproved = kept === undefined ? approval?.(key) : undefined;
                if (kept !== undefined) {
                    refused.set(key, problems.kept(kept));
                } else if (unapproved !== undefined) {
                    refused.set(key, problems.notApproved(unapproved));
                } else if (limit?.admits(key) === false) {
                    refused.set(key, limit.problem);
                }
            }
            return refused;
        },
    };
}

class Limit {
    private readonly submitted = new Set<string>();
    readonly problem: Problem;

    constructor(private readonly maxItems: number) {
        this.problem = {
            code: MAX_ITEMS,
            message: `maxItems is ${maxItems}: this run sends no more`,
        };
    }

    admits(key: string): boolean {
        if (this.submitted.size >= this.maxItems && !this.submitted.has(key)) {
            return false;
        }
        this.submitted.add(key);
        return true;
    }
}

/** One object for all targets that are refused for the same reason: there may be very many. */
class ProblemTexts {
    private readonly byReason = new Map<KeepReason | NotApproved, Problem>();

    constructor(private readonly lists: GuardLists) {}

    kept(reason: KeepReason): Problem {
        return this.problem(reason, KEPT, () => keptText(reason));
    }

    notApproved(reason: NotApproved): Problem {
        const source = this.lists.approved?.source ?? "";
        return this.problem(reason, NOT_APPROVED, () => notApprovedText(reason, source));
    }

    private problem(reason: KeepReason | NotApproved, code: string, text: () => string): Problem {
        const known = this.byReason.get(reason);
        if (known !== undefined) {
            return known;
        }
        const problem = { code, message: text() };
        this.byReason.set(reason, problem);
        return problem;
    }
}

function keptText(reason: KeepReason): string {
    switch (reason.by) {
        case "id":
            return `${reason.source} has its id`;
        case "name":
            return `${reason.source} keeps what is named ${JSON.stringify(clean(reason.rule, RULE_SHOWN))}`;
        case "nameNotSeen":
            return `its name can't be read, and ${reason.source} has rules that may be for names`;
    }
}

function notApprovedText(reason: NotApproved, source: string): string {
    if (reason.is === "notListed") {
        return `${source} does not have it`;
    }
    const places = reason.places.slice(0, PLACES_SHOWN).map((place) => clean(place, RULE_SHOWN));
    const more = reason.places.length > PLACES_SHOWN ? ` and ${reason.places.length - PLACES_SHOWN} more` : "";
    const whose = reason.places.length === 0 ? "it is empty" : `it is for ${places.join("; ")}${more}`;
    return `${source} has nothing for this place: ${whose}`;
}
