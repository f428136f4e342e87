const MILLISECONDS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
type Unit = keyof typeof MILLISECONDS;

const PART = /(\d+(?:\.\d*)?|\.\d+)([a-z]+)/y;

/** How long something may take. */
const DURATION: Format = {
    units: ["h", "m", "s", "ms"],
    longest: 7 * MILLISECONDS.d,
    isNone: 'is not a duration: write numbers with units, as in "1h30m", "90s" or "500ms"',
    isTooLong: 'is too long: a duration may be seven days ("168h") at most',
};

/** How old something is. */
const AGE: Format = {
    units: ["d", "h", "m", "s", "ms"],
    longest: 3_650 * MILLISECONDS.d,
    isNone: 'is not an age: write numbers with units, as in "30d", "36h" or "1d12h"',
    isTooLong: 'is too long: an age may be ten years ("3650d") at most',
};

interface Format {
    readonly units: readonly Unit[];
    readonly longest: number;
    readonly isNone: string;
    readonly isTooLong: string;
}

/**
 * Milliseconds of a duration as Pulumi and Go write it: "1h30m", "90s", "1.5h", "500ms".
 * Throws if the text is not a duration, if it is less than a millisecond, or if it is more than seven days.
 */
export function parseDuration(text: string): number {
    return parse(text, DURATION);
}

/** The same with days ("30d"), for the age of a thing. Throws if it is more than ten years. */
export function parseAge(text: string): number {
    return parse(text, AGE);
}

function parse(text: string, { units, longest, isNone, isTooLong }: Format): number {
    let sum = 0;
    PART.lastIndex = 0;
    for (let read = 0; read < text.length || text === ""; ) {
        const [, amount, letters] = PART.exec(text) ?? [];
        const unit = units.find((each) => each === letters);
        if (amount === undefined || unit === undefined) {
            throw new Error(`${quoted(text)} ${isNone}`);
        }
        sum += Number(amount) * MILLISECONDS[unit];
        read = PART.lastIndex;
    }
    const rounded = Math.round(sum);
    if (rounded < 1) {
        throw new Error(`${quoted(text)} is no time at all: it must be above zero`);
    }
    if (rounded > longest) {
        throw new Error(`${quoted(text)} ${isTooLong}`);
    }
    return rounded;
}

function quoted(text: string): string {
    return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
