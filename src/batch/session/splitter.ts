import type { SubmitReply } from "../api";

type Refusal = Extract<SubmitReply, { is: "refused" }>;
type Keys = readonly string[];

/** What becomes of a refused request: these targets are refused, those are sent again, each list as one request. */
export interface Split {
    readonly refused: Keys;
    readonly again: readonly Keys[];
}

/** Takes refused requests apart, and remembers them: what was refused together is not sent together again. */
export class Splitter {
    private readonly refusedTogether = new Set<string>();

    /** By the targets that the refusal names, else by halves: at most 2·f·log₂(B/f) requests for f bad ids of B, not B. */
    split(keys: Keys, { culprits: named = [], splits }: Refusal): Split {
        if (keys.length > 1) {
            this.refusedTogether.add(nameOf(keys));
        }
        const asked = new Set(keys);
        const culprits = new Set(named.filter((key) => asked.has(key)));
        if (culprits.size > 0 && culprits.size < keys.length) {
            return { refused: [...culprits], again: [keys.filter((key) => !culprits.has(key))] };
        }
        if (culprits.size === 0 && splits && keys.length > 1) {
            return { refused: [], again: halves(keys) };
        }
        return { refused: keys, again: [] };
    }

    /** Where the halves of a refused request have to be sent again, and have come together: the halves. */
    splitAgain(keys: Keys): readonly Keys[] | undefined {
        return this.refusedTogether.has(nameOf(keys)) ? halves(keys) : undefined;
    }
}

function halves(keys: Keys): readonly Keys[] {
    const half = Math.ceil(keys.length / 2);
    return [keys.slice(0, half), keys.slice(half)];
}

function nameOf(keys: Keys): string {
    return keys.toSorted().join("\n");
}
