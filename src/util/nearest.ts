/** The known name that a misspelt one most likely meant; undefined where none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
    const wanted = name.toLowerCase();
    let best: { readonly name: string; readonly distance: number } | undefined;
    for (const candidate of known) {
        const distance = editDistance(wanted, candidate.toLowerCase());
        if (best === undefined || distance < best.distance) {
            best = { name: candidate, distance };
        }
    }
    // Beyond a third of its letters another name is a guess, and no help.
    return best !== undefined && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.name : undefined;
}

/** "regoin (did you mean region?)" */
export function withNearest(name: string, known: readonly string[]): string {
    const meant = nearest(name, known);
    return meant === undefined ? name : `${name} (did you mean ${meant}?)`;
}

/** Letters added, left out, exchanged, or swapped with their neighbour. */
function editDistance(one: string, other: string): number {
    let beforeLast: readonly number[] = [];
    let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, n) => n);
    for (let i = 1; i <= one.length; i += 1) {
        const row = [i];
        for (let j = 1; j <= other.length; j += 1) {
            const same = one[i - 1] === other[j - 1];
            const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
            row.push(
                Math.min(
                    (last[j] ?? 0) + 1,
                    (row[j - 1] ?? 0) + 1,
                    (last[j - 1] ?? 0) + (same ? 0 : 1),
                    swapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
                ),
            );
        }
        beforeLast = last;
        last = row;
    }
    return last[other.length] ?? 0;
}
