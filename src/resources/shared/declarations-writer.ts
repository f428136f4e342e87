import { hashOf, type JournalLine, JournalWriter } from "../../provider/ownership/journal-file";
import { RULE_INPUTS, ruleText } from "../../provider/ownership/rule-text";
import type { Declared, Values } from "./holding-facts";

const writers = new Map<string, DeclarationsWriter>();

/** The writer of one operation. A process that hosts inline programs may run several operations. */
export function writerTo(address: string): DeclarationsWriter {
    const known = writers.get(address);
    if (known !== undefined) {
        return known;
    }
    const writer = new DeclarationsWriter(address);
    writers.set(address, writer);
    return writer;
}

class DeclarationsWriter {
    private readonly journal: JournalWriter;
    /** By URN, the ids that were already written from the arguments: the state mostly has the same ids. */
    private readonly written = new Map<string, ReadonlySet<string>>();
    private broken = false;

    constructor(address: string) {
        this.journal = new JournalWriter(address);
    }

    /** Writes what a resource declares, as far as its arguments are known. `secretRule`: the program marks its rule secret. */
    declared(urn: string, facts: Declared, known: Values, unresolved: ReadonlySet<string>, secretRule: boolean): void {
        const { holds } = facts;
        if (!holds.actsAtDestroy(known) && !holds.decidedBy.some((input) => unresolved.has(input))) {
            this.append({ by: "program", urn });
            return;
        }
        const { owned } = holds;
        const ids = owned === undefined ? Object.keys(holds.ids) : [owned.adoptedBy];
        const asked = holds.byRule ? [...ids, ...RULE_INPUTS] : ids;
        const isKnown = !asked.some((input) => unresolved.has(input));
        const rule = holds.byRule && isKnown ? ruleText(known) : undefined;
        this.written.set(urn, new Set(idsOf(facts, known)));
        this.append({
            by: "program",
            urn,
            ...kindOf(facts),
            keys:
                owned === undefined
                    ? keysOf(facts, known)
                    : stringsOf([known[owned.adoptedBy]]).map((id) => hashOf(facts.namespace, id)),
            ...(rule === undefined || secretRule ? {} : { rule }),
            complete: isKnown && (rule === undefined || !secretRule),
            given: placeOf(facts, known, known.region, known.projectId, unresolved),
        });
    }

    /** Writes what the engine returned for a resource: its state, if the operation does not touch it. */
    registered(urn: string, facts: Declared, id: string, outputs: Values, secretRule: boolean): void {
        const { holds } = facts;
        const registered = hashOf("registered", String(outputs.__urn ?? ""), id);
        const { region, projectId }: Values = Object(outputs.place);
        if (typeof region !== "string" || !holds.actsAtDestroy(outputs)) {
            this.append({ by: "program", urn, registered });
            return;
        }
        const owned = holds.owned === undefined ? undefined : stringsOf([outputs[holds.owned.output]]);
        const written = this.written.get(urn);
        const rule = holds.byRule ? ruleText(outputs) : undefined;
        const isWritten = owned === undefined && idsOf(facts, outputs).every((id) => written?.has(id));
        this.append({
            by: "program",
            urn,
            ...kindOf(facts),
            ...(isWritten ? {} : { keys: owned?.map((id) => hashOf(facts.namespace, id)) ?? keysOf(facts, outputs) }),
            ...(rule === undefined ? {} : secretRule ? { complete: false } : { rule }),
            exact: placeOf(facts, outputs, region, projectId, new Set()),
            registered,
        });
    }

    /** Ignores a failed write: then the provider knows only what it checked itself, and reports targets that it can't decide. */
    private append(line: JournalLine): void {
        if (this.broken) {
            return;
        }
        try {
            this.journal.append(line);
        } catch {
            this.broken = true;
        }
    }
}

export type { DeclarationsWriter };

function kindOf({ namespace, resource }: Declared): { readonly kind: string; readonly resource: string } {
    return { kind: namespace, resource: `${namespace}:${resource}` };
}

function keysOf(facts: Declared, values: Values): readonly string[] {
    return idsOf(facts, values).map((id) => hashOf(facts.namespace, id));
}

function idsOf({ holds }: Declared, values: Values): readonly string[] {
    return Object.entries(holds.ids).flatMap(([input, kind]) => {
        const ids = stringsOf(values[input]);
        return kind === undefined ? ids : ids.map((id) => `${kind}:${id}`);
    });
}

function placeOf(
    { holds }: Declared,
    values: Values,
    region: unknown,
    projectId: unknown,
    unresolved: ReadonlySet<string>,
): ReadonlyArray<string | undefined> {
    const inputs = holds.placeInputs.map((input) =>
        unresolved.has(input) ? undefined : JSON.stringify(values[input] ?? null),
    );
    return [region, projectId, ...inputs].map((value) =>
        typeof value === "string" ? hashOf("place", value) : undefined,
    );
}

function stringsOf(value: unknown): readonly string[] {
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
