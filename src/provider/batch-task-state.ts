import { z } from "zod";
import { batchTaskId } from "../services/vias-batch-task";
import { placeSchema, readState, SCHEMA_VERSION } from "./state";

/** What a stack stores of a batch task, beside the echo of its inputs. */
const standingSchema = z.object({
    batchTaskId,
    place: placeSchema,
    /** Children by state, in lower case. */
    states: z.record(z.string(), z.number()),
    /** Whether the children are as `desiredState` wants them; true where it is left out. */
    inDesiredState: z.boolean(),
    schemaVersion: z.literal(SCHEMA_VERSION),
});

export type BatchTaskStanding = z.infer<typeof standingSchema>;

export function readBatchTask(outputs: Readonly<Record<string, unknown>>): BatchTaskStanding {
    return readState(outputs, standingSchema);
}
