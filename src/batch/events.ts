import type { Outcome } from "./outcome";

/** What happens in a run, for whoever listens: progress lines, reports, traces. */
export type RunEvent =
    | { readonly is: "found"; readonly targets: number }
    | { readonly is: "submitted"; readonly keys: readonly string[]; readonly job?: string }
    | { readonly is: "looked"; readonly job: string; readonly status: string; readonly percent?: number }
    | { readonly is: "held"; readonly keys: readonly string[]; readonly reason: string }
    | { readonly is: "settled"; readonly key: string; readonly outcome: Outcome };
