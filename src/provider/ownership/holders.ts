/**
 * A place as far as it is known: region, project, and the service's own part of a place (a ROMA instance), in this order.
 * Undefined: that part is not known yet.
 */
export type PlacePattern = ReadonlyArray<string | undefined>;

/** Facts about a declared resource that acts at destroy or owns the thing. They add to earlier facts about the same URN. */
export interface Holding {
    readonly urn: string;
    /** The service: equal ids of one kind mean the same thing. */
    readonly kind: string;
    /** "clouddc:InstanceBatchDeletion" */
    readonly resource: string;
    /** Keys of targets. They are only added to, never removed. */
    readonly keys?: readonly string[];
    /** The rule that it declares instead of ids, as `ruleText` writes it. It holds what the rule matches when that is asked. */
    readonly rule?: string;
    /** Whether the program marks the rule secret: then it is not written for other processes. */
    readonly secretRule?: boolean;
    /** Whether `keys`, or `rule`, are all that it declares. */
    readonly complete?: boolean;
    /** The place from its arguments. */
    readonly given?: PlacePattern;
    /** The resolved place; it overrides `given`. */
    readonly exact?: PlacePattern;
}

export interface HoldQuery {
    readonly kind: string;
    readonly place: PlacePattern;
    readonly keys: readonly string[];
    /** Only holders of this resource count. */
    readonly onlyResource?: string | undefined;
    /** Ignore that a holder whose ids are not all known may still declare these keys. */
    readonly ignoreIncomplete?: boolean;
    readonly skip?: (urn: string) => boolean;
}

/** The holder of a key. Not `certain`: it may be, as far as its place and ids are known. */
export interface Hold {
    readonly urn: string;
    readonly certain: boolean;
}

/** A declared rule that holds what it matches. Not `certain`: its place is not known, so it may match elsewhere. */
export interface RuleHold extends Hold {
    readonly resource: string;
    readonly rule: string;
}

interface Holder {
    readonly urn: string;
    readonly resource: string;
    /** The program may declare another rule than the state has: both hold. */
    readonly rules: Set<string>;
    complete: boolean;
    given: PlacePattern;
    exact: PlacePattern | undefined;
    /** Ids of the resource that this one replaces. */
    readonly excluded: Set<string>;
}

interface Kind {
    readonly holders: Map<string, Holder>;
    /** Lists that the index does not have yet. Most operations never query, so the index is built at the first query. */
    readonly notIndexed: Array<{ readonly holder: Holder; readonly keys: readonly string[] }>;
    readonly byKey: Map<string, Holder[]>;
}

/** Which resource holds which keys. A holder is never removed. */
export class Holders {
    private readonly kinds = new Map<string, Kind>();

    add({ urn, kind, resource, keys, rule, complete, given, exact }: Holding): void {
        const known: Kind = this.kinds.get(kind) ?? { holders: new Map(), notIndexed: [], byKey: new Map() };
        this.kinds.set(kind, known);
        const holder: Holder = known.holders.get(urn) ?? {
            urn,
            resource,
            rules: new Set(),
            complete: true,
            given: [],
            exact: undefined,
            excluded: new Set(),
        };
        known.holders.set(urn, holder);
        holder.complete = complete ?? holder.complete;
        holder.given = given ?? holder.given;
        holder.exact = exact ?? holder.exact;
        if (rule !== undefined) {
            holder.rules.add(rule);
        }
        if (keys !== undefined && keys.length > 0) {
            known.notIndexed.push({ holder, keys });
            for (const key of holder.excluded.size === 0 ? [] : keys) {
                holder.excluded.delete(key);
            }
        }
    }

    /** These keys belong to the old resource, which is deleted: its replacement creates another thing. */
    excludeKeys(kind: string, urn: string, keys: readonly string[]): void {
        const holder = this.kinds.get(kind)?.holders.get(urn);
        for (const key of holder === undefined ? [] : keys) {
            holder?.excluded.add(key);
        }
    }

    /** Whether its place and all its ids are known. */
    isSettled(kind: string, urn: string): boolean {
        const { complete = false, exact } = this.kinds.get(kind)?.holders.get(urn) ?? {};
        return complete && exact !== undefined;
    }

    /** The declared rules that hold, or may hold, what they match in this place. */
    rulesIn({ kind, place, onlyResource, skip = () => false }: Omit<HoldQuery, "keys">): readonly RuleHold[] {
        return [...(this.kinds.get(kind)?.holders.values() ?? [])].flatMap((holder) => {
            const { urn, resource } = holder;
            const counts = (onlyResource === undefined || resource === onlyResource) && !skip(urn);
            const compared = counts && holder.rules.size > 0 ? comparePlaces(holder, place) : "another";
            return compared === "another"
                ? []
                : [...holder.rules].map((rule) => ({ urn, resource, rule, certain: compared === "same" }));
        });
    }

    /** The holds of those keys that are held or may be. */
    holdsOf({
        kind,
        place,
        keys,
        onlyResource,
        ignoreIncomplete = false,
        skip = () => false,
    }: HoldQuery): Map<string, Hold> {
        const known = this.kinds.get(kind);
        const held = new Map<string, Hold>();
        if (known === undefined) {
            return held;
        }
        index(known);
        const counts = (holder: Holder) =>
            (onlyResource === undefined || holder.resource === onlyResource) && !skip(holder.urn);
        const open = ignoreIncomplete
            ? undefined
            : [...known.holders.values()].find(
                  (holder) => !holder.complete && counts(holder) && comparePlaces(holder, place) !== "another",
              );
        for (const key of keys) {
            let hold: Hold | undefined = open === undefined ? undefined : { urn: open.urn, certain: false };
            for (const holder of known.byKey.get(key) ?? []) {
                const compared = counts(holder) && !holder.excluded.has(key) ? comparePlaces(holder, place) : "another";
                if (compared === "same") {
                    hold = { urn: holder.urn, certain: true };
                    break;
                }
                if (compared === "unknown") {
                    hold ??= { urn: holder.urn, certain: false };
                }
            }
            if (hold !== undefined) {
                held.set(key, hold);
            }
        }
        return held;
    }
}

function index({ notIndexed, byKey }: Kind): void {
    for (const { holder, keys } of notIndexed.splice(0)) {
        for (const key of keys) {
            const others = byKey.get(key);
            if (others === undefined) {
                byKey.set(key, [holder]);
            } else if (!others.includes(holder)) {
                others.push(holder);
            }
        }
    }
}

/** Compares places only: two profiles of one place see the same things. */
function comparePlaces({ given, exact }: Holder, place: PlacePattern): "same" | "another" | "unknown" {
    const pattern = exact ?? given;
    let unknown = false;
    for (const [n, value] of place.entries()) {
        const known = pattern[n];
        if (known === undefined || value === undefined) {
            unknown = true;
        } else if (known !== value) {
            return "another";
        }
    }
    return unknown ? "unknown" : "same";
}
