import type { Clock } from "../../util/clock";
import { holdsUnknown } from "../inputs/unknowns";
import { hasRule } from "../matching/rule";
import { Targets } from "../targets";
import { type Change, createAct } from "./moments";

/**
 * What an update has to act on, as far as state and arguments tell it: `3 ids are new; 2 came back, or are left from an earlier run`.
 * Undefined: nothing is new, or the resource has a rule.
 */
export async function diffNote({ definition, olds, news, stored }: Change, clock: Clock): Promise<string | undefined> {
    if (hasRule(news) || hasRule(olds)) {
        return undefined;
    }
    const lists = definition.targets.map(({ input }) => news[input]);
    if (lists.some(holdsUnknown)) {
        return undefined;
    }
    const targets = await Targets.of(definition.targets, news, clock);
    const before = await Targets.of(definition.targets, olds, clock);
    const fresh = targets.notIn(before).length;
    // Of one that only recorded its targets so far, all of them remain.
    const acted = createAct(definition, news) !== undefined && createAct(definition, olds) !== undefined;
    const back = acted ? stored.remaining : 0;
    const parts = [
        ...(fresh === 0 ? [] : [fresh === 1 ? "1 id is new" : `${fresh} ids are new`]),
        ...(back === 0 ? [] : [`${back} came back, or ${back === 1 ? "is" : "are"} left from an earlier run`]),
    ];
    return parts.length === 0 ? undefined : parts.join("; ");
}
