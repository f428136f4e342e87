import type { Connection } from "../../cloud/cloud";
import type { GuardLists } from "../guards/guard-lists";
import { hasRule } from "../matching/rule";
import { selectTargets } from "../matching/select";
import { ruleText } from "../matching/text";
import { namedTarget, Targets } from "../targets";
import type { AssessedTarget, MatchingFacts } from "./assessment";
import type { AssessmentContext, Subject } from "./subject";

/** The targets of one resource: those that it declares, or those that its rule matches now. */
export interface Chosen {
    readonly keys: readonly string[];
    readonly named: (key: string) => { readonly id: string; readonly kind?: string };
    /** Where they are declared. */
    readonly declared?: Targets;
    /** Where a rule matches them. */
    readonly matching?: MatchingFacts;
    /** What matches and is kept: it is left out. */
    readonly kept: readonly AssessedTarget[];
}

export async function chooseTargets(
    { clock, sessions }: Pick<AssessmentContext, "clock" | "sessions">,
    { definition, properties }: Pick<Subject, "definition" | "properties">,
    { connection, lists }: { readonly connection: Connection; readonly lists: GuardLists },
    signal: AbortSignal,
): Promise<Chosen> {
    const kinds = definition.targets.flatMap(({ kind }) => kind ?? []);
    const named = (key: string) => namedTarget(kinds, key);
    if (!hasRule(properties)) {
        const declared = await Targets.of(definition.targets, properties, clock);
        return { keys: declared.keys, named, declared, kept: [] };
    }
    const {
        keys: matched,
        keptKeys,
        facts,
        listed,
        mayNotShow,
    } = await selectTargets(
        definition,
        connection.client(definition.service),
        properties,
        { now: clock.now(), keep: lists.keep, readList: sessions.lists.of(definition.service, connection) },
        signal,
    );
    const { keys } = await Targets.ofKeys(definition.targets, matched, clock);
    const criteria = ruleText(definition, properties) ?? "";
    return {
        keys,
        named,
        matching: { criteria, listed, ...(mayNotShow === undefined ? {} : { mayNotShow }) },
        kept: keptKeys.map((key): AssessedTarget => {
            const { name } = facts.get(key) ?? {};
            const reason = lists.keep.reason(named(key).id, name);
            const seen = facts.get(key);
            return {
                key,
                ...named(key),
                fate: "kept",
                ...(reason === undefined ? {} : { why: `by ${reason.source}` }),
                ...(seen === undefined ? {} : { facts: seen }),
            };
        }),
    };
}
