/** The known name that looks most like this one, if any is likely to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
    const farthest = Math.max(2, Math.floor(name.length / 3));
    let best: { readonly name: string; readonly edits: number } | undefined;
    for (const candidate of known) {
        const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase());
        if (edits <= farthest && edits < candidate.length && (best === undefined || edits < best.edits)) {
            best = { name: candidate, edits };
        }
    }
    return best?.name;
}

/** Damerau and Levenshtein's distance: letters added, left out, changed, or swapped with the next. */
function editsBetween(a: string, b: string): number {
    let beforeLast: number[] = [];
    let last = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
        const row = [i];
        for (let j = 1; j <= b.length; j++) {
            const changed = a[i - 1] === b[j - 1] ? 0 : 1;
            let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + changed);
            if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
                edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1);
            }
            row.push(edits);
        }
        beforeLast = last;
        last = row;
    }
    return last[b.length] ?? 0;
}
