const MILLISECONDS = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const LONGEST = 7 * 24 * MILLISECONDS.h;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ms|[hms])/y;

/**
 * Milliseconds of a duration as Pulumi and Go write it: "1h30m", "90s", "1.5h", "500ms".
 * Throws if the text is not a duration, if it is less than a millisecond, or if it is more than seven days.
 */
export function parseDuration(text: string): number {
    let sum = 0;
    PART.lastIndex = 0;
    for (let read = 0; read < text.length || text === ""; ) {
        const [, amount, unit] = PART.exec(text) ?? [];
        if (amount === undefined || !isUnit(unit)) {
            throw new Error(
                `${quoted(text)} is not a duration: write numbers with units, as in "1h30m", "90s" or "500ms"`,
            );
        }
        sum += Number(amount) * MILLISECONDS[unit];
        read = PART.lastIndex;
    }
    const rounded = Math.round(sum);
    if (rounded < 1) {
        throw new Error(`${quoted(text)} is no time at all: a duration must be above zero`);
    }
    if (rounded > LONGEST) {
        throw new Error(`${quoted(text)} is too long: a duration may be seven days ("168h") at most`);
    }
    return rounded;
}

function isUnit(unit: string | undefined): unit is keyof typeof MILLISECONDS {
    return unit !== undefined && Object.hasOwn(MILLISECONDS, unit);
}

function quoted(text: string): string {
    return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
