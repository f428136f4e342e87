/** What the package costs, on real processes. */
export interface CostResult {
    readonly name: string;
    readonly what: string;
    /** How many runs the figures are medians of. */
    readonly runs: number;
    readonly unit: "ms" | "bytes" | "MB" | "times" | "requests";
    readonly ours: number;
    /** What it is compared with, in the same run. */
    readonly beside: { readonly what: string; readonly figure: number } | undefined;
    /** What the aim is about. */
    readonly judged: { readonly what: string; readonly figure: number; readonly most: number };
}

export interface Cost {
    readonly name: string;
    readonly measure: () => Promise<CostResult>;
}

export function median(figures: readonly number[]): number {
    const sorted = [...figures].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? Number.NaN;
}
