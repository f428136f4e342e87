import * as z from "zod";
import type { TargetInput, TargetSetDefinition } from "../../services/definition";
import type { ListedKind, Wanted } from "../../services/listed-kind";
import { isOnlyWildcards } from "../../util/glob";
import { KeepList } from "../guards/keep-list";
import type { Properties } from "../hooks";
import { parseAge } from "../inputs/duration";

/** What a resource's `matching` says: one set of criteria for each kind of targets that it names. */
export type Rule = readonly KindRule[];

export interface KindRule extends Criteria {
    readonly target: TargetInput;
}

/** A thing of one kind matches if it meets each criterion that is given, and `except` does not name it. */
export interface Criteria {
    readonly listed: ListedKind;
    /** Globs; one of them matches the name. */
    readonly names?: readonly string[];
    /** One of them. */
    readonly states?: readonly string[];
    readonly olderThan?: Age;
    readonly newerThan?: Age;
    /** Ids and globs of names. */
    readonly except: KeepList;
    /** The same, as they are written. */
    readonly exceptions: readonly string[];
    /** The service's own criteria. */
    readonly wanted: Readonly<Record<string, Wanted>>;
}

export interface Age {
    readonly text: string;
    readonly ms: number;
}

/** The common criteria; the others are the service's. */
export const COMMON_CRITERIA = ["names", "olderThan", "newerThan", "states", "except"] as const;

const list = z.array(z.string());
const age = z.string().transform((text): Age => ({ text, ms: parseAge(text) }));
const criteria = z
    .object({
        names: list.optional(),
        states: list.optional(),
        olderThan: age.optional(),
        newerThan: age.optional(),
        except: list.default([]),
    })
    .catchall(z.union([list, z.record(z.string(), list)]));
const grouped = z.record(z.string(), z.unknown());

/** Whether the resource names its targets by a rule. */
export function hasRule({ matching }: Properties): boolean {
    return matching !== undefined && matching !== null;
}

/** The rule of checked inputs, or of outputs that echo them; undefined: the resource names ids. Throws for anything else. */
export function ruleOf(definition: TargetSetDefinition, properties: Properties): Rule | undefined {
    if (!hasRule(properties)) {
        return undefined;
    }
    const rule = readRule(definition, properties.matching);
    for (const each of rule) {
        requireNarrowing(each);
    }
    if (rule.length === 0) {
        throw new Error("matching names no kind of targets: nothing was sent");
    }
    return rule;
}

/** A rule that may match everything. Throws for what is none. */
export function readRule(definition: TargetSetDefinition, matching: unknown): Rule {
    return definition.targets.flatMap((target): Rule => {
        const { group } = target.listed;
        const given = group === undefined ? matching : grouped.parse(matching)[group];
        return given === undefined ? [] : [{ target, ...criteriaOf(target.listed, given) }];
    });
}

/** The criteria of one kind. Throws for what are none. */
export function criteriaOf(listed: ListedKind, given: unknown): Criteria {
    const { names, states, olderThan, newerThan, except, ...wanted } = criteria.parse(given);
    return {
        listed,
        except: new KeepList([{ source: "matching.except", count: except.length, rules: except }]),
        exceptions: except,
        wanted,
        ...(names === undefined ? {} : { names }),
        ...(states === undefined ? {} : { states }),
        ...(olderThan === undefined ? {} : { olderThan }),
        ...(newerThan === undefined ? {} : { newerThan }),
    };
}

/** Check has seen to it. A state may have been changed since, and a rule without criteria would match everything. */
function requireNarrowing(rule: KindRule): void {
    if (!narrows(rule)) {
        throw new Error("matching has no criterion that narrows it: nothing was sent");
    }
}

/** Whether a criterion leaves anything out: `*` does not, nor do all the states that there are, nor does `except`. */
export function narrows({ listed, names, states, olderThan, newerThan, wanted }: Criteria): boolean {
    return (
        olderThan !== undefined ||
        newerThan !== undefined ||
        (names !== undefined && !names.some(isOnlyWildcards)) ||
        (states !== undefined && leavesOut(states, listed.states)) ||
        Object.entries(wanted).some(
            ([name, value]) => !isTexts(value) || leavesOut(value, listed.criteria[name]?.known),
        )
    );
}

export function isTexts(value: Wanted): value is readonly string[] {
    return Array.isArray(value);
}

function leavesOut(texts: readonly string[], known: readonly string[] | undefined): boolean {
    return known === undefined || known.some((each) => !texts.includes(each));
}
