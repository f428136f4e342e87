import type { TargetInput } from "../services/definition";
import type { Clock } from "../util/clock";
import { orderedSet, without } from "./inputs/ordered-set";

/** The set of targets that a resource declares, under the keys that the batch engine knows them by. */
export class Targets {
    private constructor(
        /** What stands before the ids in keys; empty where there is one kind. */
        readonly kinds: readonly string[],
        /** Each once, in order. */
        readonly keys: readonly string[],
    ) {}

    static async of(
        declared: ReadonlyArray<Pick<TargetInput, "input" | "kind">>,
        properties: Readonly<Record<string, unknown>>,
        clock: Clock,
    ): Promise<Targets> {
        let keys: readonly string[] = [];
        for (const { input, kind } of declared) {
            const ids = stringsOf(properties[input]);
            if (ids.length > 0) {
                const named = kind === undefined ? ids : ids.map((id) => `${kind}:${id}`);
                keys = keys.length === 0 ? named : [...keys, ...named];
            }
        }
        return Targets.ofKeys(declared, keys, clock);
    }

    /** The same of keys. */
    static async ofKeys(
        declared: readonly Pick<TargetInput, "kind">[],
        keys: readonly string[],
        clock: Clock,
    ): Promise<Targets> {
        const kinds = declared.flatMap(({ kind }) => kind ?? []);
        return new Targets(kinds, await orderedSet(keys, clock));
    }

    get size(): number {
        return this.keys.length;
    }

    /** Those that the other set does not have. */
    notIn(other: Targets): readonly string[] {
        return without(this.keys, other.keys);
    }

    /** The keys that an id may have. */
    keysOf(id: string): readonly string[] {
        return this.kinds.length === 0 ? [id] : this.kinds.map((kind) => `${kind}:${id}`);
    }

    /** As an entry of the output `failed`; `open` holds the keys themselves. */
    named(key: string): { readonly id: string; readonly kind?: string } {
        return namedTarget(this.kinds, key);
    }
}

/** The id of a key and, where one resource has several kinds of targets, which of these kinds it is. */
export function namedTarget(kinds: readonly string[], key: string): { readonly id: string; readonly kind?: string } {
    const kind = kinds.find((each) => key.startsWith(`${each}:`));
    return kind === undefined ? { id: key } : { id: key.slice(kind.length + 1), kind };
}

/** The list itself where it holds nothing else. */
function stringsOf(value: unknown): readonly string[] {
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    return list.every(isString) ? list : list.filter(isString);
}

function isString(value: unknown): value is string {
    return typeof value === "string";
}
