import * as z from "zod";
import type { Place } from "../cloud/call";
import { batchTaskId } from "../services/vias-batch-task";
import type { Standing } from "../services/vias-standing";
import { batchTaskInputs, type DesiredState } from "./batch-task-inputs";
import type { Properties } from "./hooks";
import { placeSchema, readState, SCHEMA_VERSION } from "./state";

/** What a stack stores of a batch task, beside the echo of its inputs. */
const standingSchema = z.object({
    batchTaskId,
    place: placeSchema(),
    /** Children by state, in lower case. */
    states: z.record(z.string(), z.number()),
    /** Whether the cloud took the body over for all children; false makes the next update send it again. */
    bodyApplied: z.boolean(),
    /** Whether the children are as `desiredState` wants them. Where it is left out: false if they are to be started (again). */
    inDesiredState: z.boolean(),
    /** Its children were stopped for an update that did not come to its end, and are to run again. Schema 2. */
    stoppedForUpdate: z.boolean().exactOptional(),
    schemaVersion: z.literal(SCHEMA_VERSION),
});

export type BatchTaskStanding = z.infer<typeof standingSchema>;

/** What 0.1 stored differs in its number alone. */
const standingV1Schema = standingSchema
    .extend({ schemaVersion: z.literal(1) })
    .transform((standing): BatchTaskStanding => ({ ...standing, schemaVersion: SCHEMA_VERSION }));

export function readBatchTask(outputs: Properties): BatchTaskStanding {
    return readState<BatchTaskStanding>(outputs, { 1: () => standingV1Schema, [SCHEMA_VERSION]: () => standingSchema });
}

export function outputsOf(
    inputs: Properties,
    facts: {
        readonly id: string;
        readonly place: Place;
        /** Undefined: never seen. */
        readonly children: Standing | undefined;
        readonly bodyApplied: boolean;
        readonly inDesiredState: boolean;
        readonly stoppedForUpdate?: boolean;
    },
): Properties {
    const { id, place, children, bodyApplied, inDesiredState, stoppedForUpdate } = facts;
    return echo(inputs, {
        batchTaskId: id,
        place: { ...place },
        states: statesOf(children),
        bodyApplied,
        inDesiredState,
        ...(stoppedForUpdate ? { stoppedForUpdate } : {}),
        schemaVersion: SCHEMA_VERSION,
    });
}

export function statesOf(children: Standing | undefined): BatchTaskStanding["states"] {
    return Object.fromEntries(children?.states ?? []);
}

export function echo(inputs: Properties, standing: BatchTaskStanding): Properties {
    const given = [...batchTaskInputs, "__resource", "__urn", "__provider"].filter(
        (input) => inputs[input] !== undefined,
    );
    return { ...Object.fromEntries(given.map((input) => [input, inputs[input]])), ...standing };
}

/** What the children are to be brought to. A batch task whose start was left unfinished is started, said or not. */
export function goalOf(
    desiredState: DesiredState,
    { inDesiredState, stoppedForUpdate }: Pick<BatchTaskStanding, "inDesiredState" | "stoppedForUpdate">,
) {
    return desiredState ?? (inDesiredState && stoppedForUpdate !== true ? undefined : "started");
}
