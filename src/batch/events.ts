import type { Problem, TargetState } from "./api";
import type { Outcome } from "./outcome";

/** What happens in a run, for progress lines, reports and traces. A listener must not throw, but at `submitting`. */
export type RunEvent =
    /** The first inspection has ended. */
    | { readonly is: "inspected"; readonly targets: number }
    /** What was observed of these, and is acted on now. */
    | { readonly is: "observed"; readonly states: Iterable<readonly [string, TargetState]> }
    /** A request that changes these is sent next: so before each try, and before a stop too. If a listener throws, nothing is sent. */
    | { readonly is: "submitting"; readonly keys: readonly string[]; readonly operation: string }
    /** A request was accepted, or perhaps was. */
    | {
          readonly is: "submitted";
          readonly keys: readonly string[];
          readonly job?: string;
          readonly requestId?: string;
      }
    /** The service is busy; nothing of the request was done. `until`: milliseconds since the epoch. */
    | { readonly is: "busy"; readonly problem: Problem; readonly until: number }
    /** `progress`: from 0 to 1, where the cloud says. */
    | { readonly is: "polled"; readonly job: string; readonly status: string; readonly progress?: number }
    | { readonly is: "jobEnded"; readonly job: string; readonly status: string }
    | { readonly is: "blocked"; readonly keys: readonly string[]; readonly reason: string }
    | { readonly is: "settled"; readonly key: string; readonly outcome: Outcome };
