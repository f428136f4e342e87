/** What one way of doing the work took; times in milliseconds of the emulated cloud. */
export interface Measured {
    readonly wall: number;
    /** All HTTP requests, those of refused tries included. */
    readonly requests: number;
    readonly submits: number;
    /** Polls of jobs. */
    readonly looks: number;
    /** Inspections of the targets themselves. */
    readonly inspections: number;
    /** Answered with 429. */
    readonly throttled: number;
}

/** The least that any client needs. */
export interface Bound {
    readonly wall: number;
    readonly requests: number;
    readonly submits: number;
    /** How it is computed, in words. */
    readonly how: string;
}

export function mean(all: readonly Measured[]): Measured {
    const of = (part: keyof Measured) => all.reduce((sum, one) => sum + one[part], 0) / all.length;
    return {
        wall: of("wall"),
        requests: of("requests"),
        submits: of("submits"),
        looks: of("looks"),
        inspections: of("inspections"),
        throttled: of("throttled"),
    };
}
