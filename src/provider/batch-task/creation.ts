import { Schedule } from "../../batch/polling/schedule";
import type { CloudClient } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";
import { type BatchTask, findBatchTaskByName } from "../../services/vias/api";
import type { BatchTaskBody } from "../../services/vias/batch-task/body";
import { type BatchCounts, createBatchTask } from "../../services/vias/batch-task/calls";
import { CANCELLED } from "../../util/cancellation";
import type { Clock, Random } from "../../util/clock";
import { problemText } from "../report/lines";
import { lookAtTheEnd } from "../waiting/patience";

const MOST_TRIES = 3;

interface Means {
    readonly client: CloudClient;
    readonly clock: Clock;
    readonly random: Random;
    readonly signal: AbortSignal;
    readonly cancelled: AbortSignal;
}

/**
 * Creates a batch task; sends it again only where looking for its name has shown that the last try did not take effect.
 * Names are unique, so that a name that is taken ends it: nothing is adopted by its name.
 */
export async function createByName(
    body: BatchTaskBody,
    means: Means,
): Promise<{ readonly id: string; readonly counts: BatchCounts }> {
    const { client, clock, random, signal, cancelled } = means;
    const schedule = new Schedule({ first: 1_000, floor: 1_000, cap: 15_000 }, random);
    for (let tries = 1; ; tries += 1) {
        try {
            const created = await createBatchTask(client, body, signal);
            if (created.is === "created") {
                return created;
            }
            throw new Error(await nameTaken(body.name, problemText(created.problem), means));
        } catch (error) {
            if (!(error instanceof CloudError)) {
                throw error;
            }
            if (error.kind !== "uncertain") {
                throw error.kind === "refused" ? new Error(notCreated(body.name, error.message)) : error;
            }
            const since = 1_000 * 4 ** tries;
            await clock.sleep(schedule.gap(since), AbortSignal.any([signal, cancelled])).catch(() => undefined);
            const found = cancelled.aborted
                ? ((await lookAtTheEnd(means, (until) => lookFor(body.name, { ...means, signal: until }))) ?? UNSURE)
                : await lookFor(body.name, means);
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

/** An earlier create that was interrupted may have taken effect, or it is somebody else's. */
async function nameTaken(name: string, said: string, means: Means): Promise<string> {
    const found = await lookFor(name, means);
    return taken(name, found.is === "there" ? found.row : undefined, said);
}

function taken(name: string, row: BatchTask | undefined, said: string): string {
    const existing = row === undefined ? "an existing batch task" : `batch task ${row.id}`;
    const way = row === undefined ? "its id" : `"${row.id}"`;
    return (
        `VIAS batch task "${name}": nothing more was created, for ${existing} has this name (${said}). ` +
        `If it is this resource's own, from an interrupted run, set adopt to ${way}; otherwise choose another name`
    );
}

type Found =
    | { readonly is: "there"; readonly row: BatchTask }
    | { readonly is: "notThere" }
    | { readonly is: "unsure" };

const UNSURE: Found = { is: "unsure" };

async function lookFor(name: string, { client, signal }: Means): Promise<Found> {
    try {
        const row = await findBatchTaskByName(client, name, signal);
        return row === undefined ? { is: "notThere" } : { is: "there", row };
    } catch {
        // What the cloud said of the creation is worth more than that the list could not be read just now.
        return UNSURE;
    }
}
