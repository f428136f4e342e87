import type { Problem } from "./api";
import type { Outcome } from "./outcome";

/** What happens in a run, for progress lines, reports and traces. A listener must not throw. */
export type RunEvent =
    /** The first inspection has ended. */
    | { readonly is: "inspected"; readonly targets: number }
    /** A request was accepted, or perhaps was. */
    | { readonly is: "submitted"; readonly keys: readonly string[]; readonly job?: string }
    /** The service is busy; nothing of the request was done. `until`: milliseconds since the epoch. */
    | { readonly is: "busy"; readonly problem: Problem; readonly until: number }
    /** `progress`: from 0 to 1, where the cloud says. */
    | { readonly is: "polled"; readonly job: string; readonly status: string; readonly progress?: number }
    | { readonly is: "jobEnded"; readonly job: string; readonly status: string }
    | { readonly is: "blocked"; readonly keys: readonly string[]; readonly reason: string }
    | { readonly is: "settled"; readonly key: string; readonly outcome: Outcome };
