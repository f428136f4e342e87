import { systemClock } from "../../util/clock";
import { lazy } from "../../util/lazy";
import { type Foreseen, Foresight, type ShowForesight } from "../assessment/foresight";
import { stackConfiguration } from "../inputs/stack-configuration";
import { processGuardLists } from "../process-guard-lists";
import { Sessions } from "../sessions";
import { programCloud } from "./program-cloud";

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
    return new Foresight({
        clock: systemClock,
        sessions: new Sessions(systemClock, Math.random),
        connect: async (request, signal) => programCloud(operation).connect(request, ours, signal),
        guardLists: lazy(() => processGuardLists(ours, "current")),
    });
}
