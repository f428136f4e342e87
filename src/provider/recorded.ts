import type { Place } from "../cloud/call";

/**
 * What was recorded in this operation, by this process: one process serves all resources of an operation.
 * Renaming a resource without an alias makes the engine create the new one and then delete the old one (so does replacing):
 * what the new one holds is not the old one's to delete any more.
 */
export class RecordedTargets {
    private readonly scopes = new Map<string, Scope>();

    record(scope: string, holder: string, keys: readonly string[]): void {
        const held: Scope = this.scopes.get(scope) ?? { notIndexed: [], holders: new Map() };
        this.scopes.set(scope, held);
        held.notIndexed.push({ holder: [holder], keys });
    }

    /** Those of `keys` that another resource recorded. */
    heldByOthers(scope: string, holder: string, keys: readonly string[]): ReadonlySet<string> {
        const held = this.scopes.get(scope);
        if (held === undefined) {
            return new Set();
        }
        const holders = holdersIn(held);
        return new Set(keys.filter((key) => holders.get(key)?.some((other) => other !== holder)));
    }
}

interface Scope {
    /** Most operations ask for nothing of this: lists are kept as they came until one does. */
    readonly notIndexed: Array<{ readonly holder: readonly string[]; readonly keys: readonly string[] }>;
    readonly holders: Map<string, readonly string[]>;
}

function holdersIn({ notIndexed, holders }: Scope): ReadonlyMap<string, readonly string[]> {
    for (const { holder, keys } of notIndexed.splice(0)) {
        for (const key of keys) {
            const others = holders.get(key);
            holders.set(key, others === undefined ? holder : [...others, ...holder]);
        }
    }
    return holders;
}

/** Where ids mean the same things: a service, a place, and what else the service has of places (a ROMA instance). */
export function scopeOf(service: string, place: Place, placeInputs: readonly unknown[]): string {
    return JSON.stringify([service, place.region, place.projectId, ...placeInputs]);
}
