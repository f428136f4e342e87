import type { Problem, TargetFacts } from "./api";

/**
 * What may keep a target from being submitted although an inspection shows it ready. A run asks it right before each request for
 * targets, with what the newest inspection shows of them, and sends none that it refuses; it asks too before it waits for targets to
 * become ready. One guard may serve several runs.
 */
export interface Guard {
    /** Those that may not be sent, each with the reason; the others count as submitted. The same target comes again. */
    refuse(keys: readonly string[], factsOf: (key: string) => TargetFacts | undefined): ReadonlyMap<string, Problem>;
}
