import type { Place } from "../cloud/call";

/**
 * What was recorded in this operation, by this process: one process serves all resources of an operation.
 * Renaming a resource without an alias makes the engine create the new one and then delete the old one (so does replacing):
 * what the new one holds is not the old one's to delete any more.
 */
export class RecordedTargets {
    private readonly holders = new Map<string, Map<string, Set<string>>>();

    record(scope: string, holder: string, keys: readonly string[]): void {
        const byKey = this.holders.get(scope) ?? new Map<string, Set<string>>();
        this.holders.set(scope, byKey);
        for (const key of keys) {
            const holders = byKey.get(key) ?? new Set<string>();
            byKey.set(key, holders.add(holder));
        }
    }

    /** Those of `keys` that another resource recorded. */
    heldByOthers(scope: string, holder: string, keys: readonly string[]): ReadonlySet<string> {
        const byKey = this.holders.get(scope);
        return new Set(keys.filter((key) => [...(byKey?.get(key) ?? [])].some((other) => other !== holder)));
    }
}

/** Where ids mean the same things: a service, a place, and what else the service has of places (a ROMA instance). */
export function scopeOf(service: string, place: Place, placeInputs: readonly unknown[]): string {
    return JSON.stringify([service, place.region, place.projectId, ...placeInputs]);
}
