import { Schedule } from "../../../batch/polling/schedule";
import { problemText } from "../../../batch/problem";
import { CloudError } from "../../../cloud/errors";
import { CANCELLED } from "../../../util/cancellation";
import { pause } from "../../../util/clock";
import { findBatchTaskByName } from "../api";
import type { BatchTask } from "../types";
import type { BatchTaskBody } from "./body";
import { type BatchCounts, createBatchTask } from "./calls";
import type { WorkContext } from "./context";

const MOST_TRIES = 3;

/**
 * Creates a batch task. The request is sent again only if a search for the name shows that the last try had no effect.
 * Names are unique. If the name is taken, the creation fails: a batch task is never adopted by its name.
 */
export async function createByName(
    body: BatchTaskBody,
    context: WorkContext,
): Promise<{ readonly id: string; readonly counts: BatchCounts }> {
    const { client, clock, random, signal, cancelled, waiting } = context;
    const schedule = new Schedule({ first: 1_000, floor: 1_000, cap: 15_000 }, random);
    for (let tries = 1; ; tries += 1) {
        try {
            const created = await createBatchTask(client, body, signal);
            if (created.is === "created") {
                return created;
            }
            throw new Error(await nameTaken(body.name, problemText(created.problem), context));
        } catch (error) {
            if (!(error instanceof CloudError)) {
                throw error;
            }
            if (error.kind !== "uncertain") {
                throw error.kind === "refused" ? new Error(notCreated(body.name, error.message)) : error;
            }
            await pause(clock, schedule.afterTries(tries), AbortSignal.any([signal, cancelled]));
            const found = cancelled.aborted
                ? ((await waiting.lastInspection((until) => findNamed(body.name, { ...context, signal: until }))) ??
                  UNSURE)
                : await findNamed(body.name, context);
            if (found.is === "there") {
                throw new Error(taken(body.name, found.row, error.message));
            }
            if (found.is === "unsure" || tries === MOST_TRIES || signal.aborted || cancelled.aborted) {
                const first = cancelled.aborted ? `${problemText(CANCELLED)}. ` : "";
                throw new Error(
                    `${first}VIAS batch task "${body.name}" may have been created: ${error.message}. ` +
                        "Run the same command again: if it was, that names its id",
                );
            }
        }
    }
}

function notCreated(name: string, why: string): string {
    return `VIAS batch task "${name}" was not created: ${why}`;
}

/** The message for a taken name: the batch task is from an interrupted create, or belongs to another owner. */
async function nameTaken(name: string, refusal: string, context: WorkContext): Promise<string> {
    const found = await findNamed(name, context);
    return taken(name, found.is === "there" ? found.row : undefined, refusal);
}

function taken(name: string, row: BatchTask | undefined, refusal: string): string {
    const existing = row === undefined ? "an existing batch task" : `batch task ${row.id}`;
    const way = row === undefined ? "its id" : `"${row.id}"`;
    return (
        `VIAS batch task "${name}": nothing more was created, for ${existing} has this name (${refusal}). ` +
        `If it is this resource's own, from an interrupted run, set adopt to ${way}; if this resource is being replaced, ` +
        "give it the option deleteBeforeReplace; otherwise choose another name"
    );
}

type Found =
    | { readonly is: "there"; readonly row: BatchTask }
    | { readonly is: "notThere" }
    | { readonly is: "unsure" };

const UNSURE: Found = { is: "unsure" };

async function findNamed(name: string, { client, signal }: WorkContext): Promise<Found> {
    try {
        const row = await findBatchTaskByName(client, name, signal);
        return row === undefined ? { is: "notThere" } : { is: "there", row };
    } catch {
        // A failure of the list is not reported: the cloud's answer to the create is.
        return UNSURE;
    }
}
