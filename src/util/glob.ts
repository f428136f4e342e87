/** Whether the text has a wildcard of a glob: `*` for any letters, also none, `?` for one. */
export function isGlob(text: string): boolean {
    return /[*?]/.test(text);
}

/**
 * Tells whether the glob matches a whole name, case-sensitively. A letter is one letter however it is encoded (`é` composed or
 * decomposed, an emoji). Takes at most as many steps as the lengths multiplied.
 */
export function compileGlob(glob: string): (name: string) => boolean {
    const pattern = lettersOf(glob);
    return (name) => matches(pattern, lettersOf(name));
}

function matches(pattern: ArrayLike<string>, letters: ArrayLike<string>): boolean {
    let at = 0;
    let next = 0;
    /** The last `*`, and the end of what it stands for so far. */
    let star = -1;
    let starEnd = 0;
    while (next < letters.length) {
        if (pattern[at] === "*") {
            star = at;
            starEnd = next;
            at += 1;
        } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === letters[next])) {
            at += 1;
            next += 1;
        } else if (star >= 0) {
            starEnd += 1;
            next = starEnd;
            at = star + 1;
        } else {
            return false;
        }
    }
    while (pattern[at] === "*") {
        at += 1;
    }
    return at === pattern.length;
}

function lettersOf(text: string): ArrayLike<string> {
    const composed = text.normalize("NFC");
    return /[\ud800-\udfff]/.test(composed) ? [...composed] : composed;
}

/** Whether the glob has no letter of its own: it matches every name, or each of some length. */
export function isOnlyWildcards(glob: string): boolean {
    return /^[*?]*$/.test(glob);
}
