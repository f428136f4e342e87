import * as z from "zod";
import type { Place } from "../cloud/call";
import { batchTaskId } from "../services/vias-batch-task";
import type { Standing } from "../services/vias-standing";
import { type ChildCauses, noChildCauses } from "./batch-task-failures";
import { batchTaskInputs, type DesiredState } from "./batch-task-inputs";
import { failureCauseSchema } from "./failure-causes";
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
    /** How many children there must be, while the creation is not settled: fewer in a list are not all of them. */
    expectedChildren: z.number().exactOptional(),
    /** Why children failed, when they were last to be brought somewhere; `kind` is a child's state. */
    failed: z.array(failureCauseSchema()).default([]),
    failedMore: z.number().default(0),
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
        readonly expectedChildren?: number | undefined;
        readonly failed?: ChildCauses | undefined;
    },
): Properties {
    const { id, place, children, bodyApplied, inDesiredState, stoppedForUpdate, expectedChildren } = facts;
    const { causes } = facts.failed ?? noChildCauses;
    return echo(inputs, {
        batchTaskId: id,
        place: { ...place },
        states: statesOf(children),
        bodyApplied,
        inDesiredState,
        ...(stoppedForUpdate ? { stoppedForUpdate } : {}),
        ...(expectedChildren === undefined ? {} : { expectedChildren }),
        ...causes.outputs(),
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
