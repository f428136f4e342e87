import type { ListedThing, Shown, Wanted } from "../../services/listed-kind";
import { compileGlob } from "../../util/glob";
import { type Criteria, isTexts } from "./rule";

/**
 * Whether a thing meets every criterion of the rule and is not excepted. What can't be told does not match: a thing without a name, state,
 * or time of creation matches no criterion for these. `now` is in milliseconds since the epoch.
 */
export function matches(rule: Criteria, thing: ListedThing, now: number): boolean {
    const { names, states, olderThan, newerThan, wanted } = rule;
    const { createdAt } = thing.facts ?? {};
    return (
        (names === undefined || isNamed(names, thing.name)) &&
        (states === undefined || hasStates(states, thing.states)) &&
        // A time that may mean several counts as the one that does not match.
        (olderThan === undefined || (createdAt !== undefined && now - createdAt.latest > olderThan.ms)) &&
        (newerThan === undefined || (createdAt !== undefined && now - createdAt.earliest < newerThan.ms)) &&
        Object.entries(wanted).every(([name, value]) => meets(rule, name, value, thing.shown[name])) &&
        !isExcepted(rule, thing)
    );
}

function isNamed(globs: readonly string[], name: string | undefined): boolean {
    return name !== undefined && globs.some((glob) => compileGlob(glob)(name));
}

/** All states that a thing has must be among the wanted ones. */
function hasStates(wanted: readonly string[], states: readonly string[]): boolean {
    return states.length > 0 && states.every((state) => wanted.some((one) => sameState(one, state)));
}

function sameState(one: string, other: string): boolean {
    return one.toLowerCase() === other.toLowerCase();
}

function meets(rule: Criteria, name: string, value: Wanted, shown: Shown | undefined): boolean {
    const criterion = rule.listed.criteria[name];
    if (criterion === undefined || shown === undefined) {
        return false;
    }
    if (!isTexts(value)) {
        const pairs = Object.entries(value);
        return pairs.length > 0 && pairs.every(([key, values]) => values.some((each) => hasPair(shown, key, each)));
    }
    const has = (text: string) => shown.includes(text);
    return value.length > 0 && (criterion.is === "eachOf" ? value.every(has) : value.some(has));
}

function hasPair(shown: Shown, key: string, value: string): boolean {
    return shown.some((pair) => typeof pair !== "string" && pair[0] === key && pair[1] === value);
}

/** By the name as the cloud has it, or as messages show it. */
function isExcepted({ except }: Criteria, { id, name, facts }: ListedThing): boolean {
    const shown = facts?.name;
    // An empty name is none.
    return except.keeps(id, name || undefined) || (shown !== undefined && shown !== name && except.keeps(id, shown));
}
