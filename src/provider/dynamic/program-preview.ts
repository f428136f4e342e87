import type { PlaceRequest } from "../../cloud/cloud";
import { systemClock } from "../../util/clock";
import { lazy } from "../../util/lazy";
import { type Foreseen, Foresight, type ShowForesight } from "../assessment/foresight";
import { Gathering } from "../assessment/gathering";
import { stackConfiguration } from "../inputs/stack-configuration";
import { processGuardLists } from "../process-guard-lists";
import { Sessions } from "../sessions";
import { programCloud } from "./program-cloud";

/** A program declares many resources at once, and the engine then names them one after the other. Milliseconds. */
const QUIET = 100;
const LONGEST_GATHERING = 1_000;

const foresights = new WeakMap<object, Foresight>();

/**
 * Shows what a resource of a previewed program would do. Never rejects. `operation` identifies the operation, `configuration` is the
 * stack's whole configuration.
 */
export function foresee(
    foreseen: Foreseen,
    configuration: Readonly<Record<string, string>>,
    operation: object,
    show: ShowForesight,
): Promise<void> {
    const known = foresights.get(operation);
    const foresight = known ?? createForesight(configuration, operation);
    foresights.set(operation, foresight);
    return foresight.see(foreseen, show);
}

function createForesight(configuration: Readonly<Record<string, string>>, operation: object): Foresight {
    const ours = stackConfiguration(configuration);
    const context = {
        clock: systemClock,
        sessions: new Sessions(systemClock, Math.random),
        connect: async (request: PlaceRequest, signal: AbortSignal) =>
            programCloud(operation).connect(request, ours, signal),
        guardLists: lazy(() => processGuardLists(ours, "current")),
    };
    return new Foresight(context, new Gathering(systemClock, QUIET, LONGEST_GATHERING));
}
