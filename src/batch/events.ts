import type { Problem } from "./api";
import type { Outcome } from "./outcome";

/** What happens in a run, for whoever listens: progress lines, reports, traces. A listener must not throw. */
export type RunEvent =
    /** The first look has come back. */
    | { readonly is: "found"; readonly targets: number }
    /** A request was accepted, or perhaps was. */
    | { readonly is: "submitted"; readonly keys: readonly string[]; readonly job?: string }
    /** The service is busy; nothing of the request was done. `until`: milliseconds since the epoch. */
    | { readonly is: "busy"; readonly problem: Problem; readonly until: number }
    /** `progress`: from 0 to 1, where the cloud tells. */
    | { readonly is: "looked"; readonly job: string; readonly status: string; readonly progress?: number }
    | { readonly is: "jobEnded"; readonly job: string; readonly status: string }
    | { readonly is: "held"; readonly keys: readonly string[]; readonly reason: string }
    | { readonly is: "settled"; readonly key: string; readonly outcome: Outcome };
