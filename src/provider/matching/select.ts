import { ApiFailure, type TargetFacts } from "../../batch/api";
import type { CloudClient } from "../../cloud/call";
import type { TargetSetDefinition } from "../../services/definition";
import type { ListedThing } from "../../services/listed-kind";
import { forEachLimit } from "../../services/shared/inspection";
import { clean } from "../../util/text";
import type { Properties } from "../hooks";
import { matches } from "./matches";
import { type KindRule, type Rule, ruleOf } from "./rule";
import type { ReadList } from "./shared-lists";

/** What a rule matches in a place, as one look at its lists shows it. */
export interface Selection {
    /** In the order of the lists. */
    readonly keys: readonly string[];
    /** Of `keys` and `keptKeys`, as far as the list shows any. */
    readonly facts: ReadonlyMap<string, TargetFacts>;
    /** How many match and are kept by the keep list. */
    readonly kept: number;
    readonly keptKeys: readonly string[];
    /** How many things of the rule's kinds the place lists in all. */
    readonly listed: number;
    /** What the lists may not show, as a sentence; undefined: they show everything. */
    readonly mayNotShow?: string;
}

/** What must not be touched, whatever matches (a keep list). `name`: undefined where it can't be read. */
export interface Keeps {
    keeps(id: string, name: string | undefined): boolean;
}

export interface SelectOptions {
    /** Milliseconds since the epoch. */
    readonly now: number;
    readonly keep?: Keeps | undefined;
    /** Left out: each list is read for this resource alone. */
    readonly readList?: ReadList;
}

/**
 * Looks up what the resource's rule matches now: reads the lists of the kinds that it names to their end. Throws ApiFailure where a list
 * can't be read so far: that is no empty match.
 */
export async function selectTargets(
    definition: TargetSetDefinition,
    client: CloudClient,
    properties: Properties,
    options: SelectOptions,
    signal: AbortSignal,
): Promise<Selection> {
    const rule = ruleOf(definition, properties);
    if (rule === undefined) {
        throw new Error(`${definition.resource} has no rule (matching)`);
    }
    const looks = new Map<KindRule, Look>();
    await forEachLimit(rule, rule.length, async (each) => {
        looks.set(each, await look(each, { client, inputs: properties, signal, ...options }));
    });
    const inOrder = rule.flatMap((each) => looks.get(each) ?? []);
    const mayNotShow = mayNotShowText(rule, properties);
    return {
        keys: inOrder.flatMap(({ matched }) => matched),
        facts: joined(inOrder.map(({ facts }) => facts)),
        kept: inOrder.reduce((sum, { keptKeys }) => sum + keptKeys.length, 0),
        keptKeys: inOrder.flatMap(({ keptKeys }) => keptKeys),
        listed: inOrder.reduce((sum, { listed }) => sum + listed, 0),
        ...(mayNotShow === undefined ? {} : { mayNotShow }),
    };
}

/** What the lists of a rule's kinds may not show, as a sentence; undefined: they show everything. */
export function mayNotShowText(rule: Rule, inputs: Properties): string | undefined {
    const parts = rule.flatMap(({ listed, wanted }) => {
        const part = listed.mayNotShow({ inputs, wanted });
        return part === undefined ? [] : `the list of ${listed.noun} may not show ${part}`;
    });
    return parts.length === 0 ? undefined : parts.join("; ");
}

interface Look {
    readonly matched: readonly string[];
    readonly keptKeys: readonly string[];
    readonly facts: ReadonlyMap<string, TargetFacts>;
    readonly listed: number;
}

async function look(
    rule: KindRule,
    {
        client,
        inputs,
        signal,
        now,
        keep,
        readList = readAlone,
    }: { readonly client: CloudClient; readonly inputs: Properties; readonly signal: AbortSignal } & SelectOptions,
): Promise<Look> {
    const { kind, listed, id } = rule.target;
    const seen = new Set<string>();
    /** By key: whether the keep list has it. */
    const matching = new Map<string, boolean>();
    const facts = new Map<string, TargetFacts>();
    const show = (thing: ListedThing) => {
        const key = kind === undefined ? thing.id : `${kind}:${thing.id}`;
        seen.add(thing.id);
        if (!matches(rule, thing, now)) {
            matching.delete(key);
            facts.delete(key);
            return;
        }
        if (!id.safeParse(thing.id).success) {
            const message = `the list of ${listed.noun} shows one that matches and whose id can't be named in a request: "${clean(thing.id, 100)}"`;
            throw new ApiFailure({ code: "UnusableId", message }, true);
        }
        matching.set(key, keep?.keeps(thing.id, thing.name) === true || isKeptAsShown(thing, keep));
        if (thing.facts !== undefined) {
            facts.set(key, thing.facts);
        }
    };
    const { readBy = BY_NOTHING } = listed;
    const query = { client, inputs: only(readBy.inputs, inputs), wanted: only(readBy.criteria, rule.wanted), signal };
    await readList(listed, query, show);
    const matched: string[] = [];
    const keptKeys: string[] = [];
    for (const [key, isKept] of matching) {
        (isKept ? keptKeys : matched).push(key);
    }
    return { matched, keptKeys, facts, listed: seen.size };
}

const BY_NOTHING = { inputs: [], criteria: [] };
const readAlone: ReadList = (listed, query, show) => listed.list(query, show);

function only<T>(names: readonly string[], values: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
    return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/** By the name that messages show, where the cloud's own has characters that these leave out. */
function isKeptAsShown({ id, name, facts }: ListedThing, keep: Keeps | undefined): boolean {
    return facts?.name !== undefined && facts.name !== name && keep?.keeps(id, facts.name) === true;
}

function joined(maps: ReadonlyArray<ReadonlyMap<string, TargetFacts>>): ReadonlyMap<string, TargetFacts> {
    const [only, ...others] = maps;
    return others.length === 0 && only !== undefined ? only : new Map(maps.flatMap((map) => [...map]));
}
