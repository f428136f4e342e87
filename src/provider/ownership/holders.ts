/**
 * A place as far as it is known: region, project, and what else a service has of places (a ROMA instance), in this order.
 * Undefined is what is not known yet.
 */
export type PlacePattern = ReadonlyArray<string | undefined>;

/** What is known of a declared resource that acts at destroy, or owns the thing. Each adds to what was known of the same URN. */
export interface Holding {
    readonly urn: string;
    /** Where ids mean the same things: the service. */
    readonly kind: string;
    /** "clouddc:InstanceBatchDeletion" */
    readonly resource: string;
    /** Keys of targets; they are only ever added to. */
    readonly keys?: readonly string[];
    /** Whether `keys` are all that it declares. */
    readonly complete?: boolean;
    /** From its arguments. */
    readonly given?: PlacePattern;
    /** Resolved: then what was given does not count any more. */
    readonly exact?: PlacePattern;
}

export interface HoldQuery {
    readonly kind: string;
    readonly place: PlacePattern;
    readonly keys: readonly string[];
    /** Only holders of this resource count. */
    readonly onlyResource?: string | undefined;
    /** Holders of which not all ids are known yet do not count for what they may still declare. */
    readonly ignoreIncomplete?: boolean;
    readonly skip?: (urn: string) => boolean;
}

/** By whom a key is held; not certain: by what is known of the place, or of the ids, it may be. */
export interface Hold {
    readonly urn: string;
    readonly certain: boolean;
}

interface Holder {
    readonly urn: string;
    readonly resource: string;
    complete: boolean;
    given: PlacePattern;
    exact: PlacePattern | undefined;
    /** Ids that were its own until it was replaced. */
    readonly excluded: Set<string>;
}

interface Kind {
    readonly holders: Map<string, Holder>;
    /** Most operations ask for nothing of this: lists are kept as they came until one does. */
    readonly notIndexed: Array<{ readonly holder: Holder; readonly keys: readonly string[] }>;
    readonly byKey: Map<string, Holder[]>;
}

/** Who holds what. A holder stays one, whatever comes later. */
export class Holders {
    private readonly kinds = new Map<string, Kind>();

    add({ urn, kind, resource, keys, complete, given, exact }: Holding): void {
        const known: Kind = this.kinds.get(kind) ?? { holders: new Map(), notIndexed: [], byKey: new Map() };
        this.kinds.set(kind, known);
        const holder: Holder = known.holders.get(urn) ?? {
            urn,
            resource,
            complete: true,
            given: [],
            exact: undefined,
            excluded: new Set(),
        };
        known.holders.set(urn, holder);
        holder.complete = complete ?? holder.complete;
        holder.given = given ?? holder.given;
        holder.exact = exact ?? holder.exact;
        if (keys !== undefined && keys.length > 0) {
            known.notIndexed.push({ holder, keys });
            for (const key of holder.excluded.size === 0 ? [] : keys) {
                holder.excluded.delete(key);
            }
        }
    }

    /** The thing goes with the old resource: the one that replaces it has another. */
    excludeKeys(kind: string, urn: string, keys: readonly string[]): void {
        const holder = this.kinds.get(kind)?.holders.get(urn);
        for (const key of holder === undefined ? [] : keys) {
            holder?.excluded.add(key);
        }
    }

    /** Place and ids of it are known, all of them. */
    isSettled(kind: string, urn: string): boolean {
        const { complete = false, exact } = this.kinds.get(kind)?.holders.get(urn) ?? {};
        return complete && exact !== undefined;
    }

    /** Those of the keys that are held, or may be. */
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

/** Two profiles that lead to one place share its things: who acts there does not count. */
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
