import * as z from "zod";
import { batchTaskBody, batchTaskId } from "../../services/vias/batch-task";
import type { Checked, Properties } from "../hooks";
import { checkProperties, placeArguments, timeArguments } from "../target-set/inputs";

const schemas = {
    ...batchTaskBody.shape,
    desiredState: z.enum(["started", "stopped"]).optional(),
    adopt: batchTaskId.optional(),
    timeout: timeArguments.timeout,
    ...placeArguments,
};

export type DesiredState = "started" | "stopped" | undefined;

export const bodyInputs: readonly string[] = Object.keys(batchTaskBody.shape);

/** All inputs, for the echo in the outputs. */
export const batchTaskInputs: readonly string[] = Object.keys(schemas);

export function checkBatchTask(news: Properties): Checked {
    return checkProperties(schemas, news);
}

/** Of inputs that have been checked, or of outputs that echo them. */
export function bodyOf(properties: Properties) {
    const given = bodyInputs.filter((input) => properties[input] !== undefined);
    return batchTaskBody.parse(Object.fromEntries(given.map((input) => [input, properties[input]])));
}

export function placeAndStateOf(properties: Properties) {
    const { region, projectId, profile, desiredState, adopt } = z.object(schemas).partial().parse(properties);
    return { region, projectId, profile, desiredState, adopt };
}
