import * as z from "zod";
import type { Place } from "../../cloud/call";
import { batchTaskId, type ChildCounts, type ChildFailure } from "../../services/vias/batch-task";
import type { Properties } from "../hooks";
import { failureCauseSchema } from "../report/causes";
import { placeSchema, readState, SCHEMA_VERSION } from "../state";
import { childCauses } from "./child-causes";
import { batchTaskInputs, type DesiredState } from "./inputs";

/** What a stack stores of a batch task, beside the echo of its inputs. */
const storedStateSchema = z.object({
    batchTaskId,
    place: placeSchema,
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
    failed: z.array(failureCauseSchema).default([]),
    failedMore: z.number().default(0),
    schemaVersion: z.literal(SCHEMA_VERSION),
});

export type StoredBatchTask = z.infer<typeof storedStateSchema>;

/** What 0.1 stored differs in its number alone. */
const storedStateV1Schema = storedStateSchema
    .extend({ schemaVersion: z.literal(1) })
    .transform((stored): StoredBatchTask => ({ ...stored, schemaVersion: SCHEMA_VERSION }));

export function readBatchTask(outputs: Properties): StoredBatchTask {
    return readState<StoredBatchTask>(outputs, {
        1: storedStateV1Schema,
        [SCHEMA_VERSION]: storedStateSchema,
    });
}

export function outputsOf(
    inputs: Properties,
    facts: {
        readonly id: string;
        readonly place: Place;
        /** Undefined: never seen. */
        readonly children: ChildCounts | undefined;
        readonly bodyApplied: boolean;
        readonly inDesiredState: boolean;
        readonly stoppedForUpdate?: boolean;
        readonly expectedChildren?: number | undefined;
        readonly failed?: readonly ChildFailure[] | undefined;
    },
): Properties {
    const { id, place, children, bodyApplied, inDesiredState, stoppedForUpdate, expectedChildren } = facts;
    const { causes } = childCauses(facts.failed ?? []);
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

export function statesOf(children: ChildCounts | undefined): StoredBatchTask["states"] {
    return Object.fromEntries(children?.states ?? []);
}

export function echo(inputs: Properties, stored: StoredBatchTask): Properties {
    const given = [...batchTaskInputs, "__resource", "__urn", "__provider"].filter(
        (input) => inputs[input] !== undefined,
    );
    return { ...Object.fromEntries(given.map((input) => [input, inputs[input]])), ...stored };
}

/** What the children are to become. A start that was left unfinished is gone on with, whether `desiredState` says so or not. */
export function goalOf(
    desiredState: DesiredState,
    { inDesiredState, stoppedForUpdate }: Pick<StoredBatchTask, "inDesiredState" | "stoppedForUpdate">,
) {
    return desiredState ?? (inDesiredState && stoppedForUpdate !== true ? undefined : "started");
}
