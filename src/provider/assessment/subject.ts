import type { Connection, PlaceRequest } from "../../cloud/cloud";
import type { TargetSetDefinition } from "../../services/definition";
import type { Clock } from "../../util/clock";
import type { GuardLists } from "../guards/guard-lists";
import type { Properties } from "../hooks";
import type { Sessions } from "../sessions";

/** What the looks of one process share: reads of the same place and identity are merged, as those of runs are. */
export interface AssessmentContext {
    readonly clock: Clock;
    readonly sessions: Sessions;
    readonly connect: (request: PlaceRequest, signal: AbortSignal) => Promise<Connection>;
    /** Rejects where a list is given and can't be used: then no hook would send anything. */
    readonly guardLists: () => Promise<GuardLists>;
}

/**
 * The moment that is asked about:
 * "create": the resource is created by the next up ·
 * "update": the next up changes it, and its old inputs are not known here ·
 * "unchanged": the next up of a program that declares it as it is in the state ·
 * "destroy": it is destroyed today.
 */
export type Moment = "create" | "update" | "unchanged" | "destroy";

export interface Subject {
    readonly definition: TargetSetDefinition;
    /** Inputs that check has passed, or outputs that echo them. */
    readonly properties: Properties;
    readonly moment: Moment;
    /** Of outputs the stored place, of inputs what they give. */
    readonly where: PlaceRequest;
    /** Why this operation leaves a target alone, though the resource acts on it: another one declares it. */
    readonly holder?: (key: string) => string | undefined;
    /** Whether its deletion is no batch deletion, and no guard binds it. */
    readonly unguarded?: true;
}
