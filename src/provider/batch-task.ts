import { run } from "../batch/run";
import { Schedule } from "../batch/schedule";
import type { CloudClient } from "../cloud/call";
import type { Connection } from "../cloud/cloud";
import { CloudError } from "../cloud/errors";
import { batchTaskDeletion, vias } from "../services/vias";
import { type Changed, createBatchTask, failedChildren, updateBatchTask } from "../services/vias-batch-task";
import { findBatchTaskById, findBatchTaskByName, standingOfBatch } from "../services/vias-reading";
import { inWords, type Standing } from "../services/vias-standing";
import { bringChildren, failureOf, inDesiredState, type Wanted } from "./batch-task-children";
import { batchTaskInputs, bodyInputs, bodyOf, checkBatchTask, placeAndStateOf } from "./batch-task-inputs";
import { type BatchTaskStanding, readBatchTask } from "./batch-task-state";
import { within } from "./deadline";
import { type Difference, Incomplete, type Properties, type ResourceHooks } from "./hooks";
import { elapsedText } from "./progress";
import { sameValue, urnOf } from "./properties";
import { scopeOf } from "./recorded";
import { failureLines, problemText, succeeded } from "./report-lines";
import { SCHEMA_VERSION } from "./state";
import type { Surroundings } from "./surroundings";
import { Targets } from "./targets";
import { timeoutOf } from "./timeouts";

const MOST_TRIES = 3;

/** The hooks of vias.BatchTask. Its id is the cloud's. */
export function batchTaskHooks(surroundings: Surroundings): ResourceHooks {
    return new BatchTaskHooks(surroundings);
}

class BatchTaskHooks implements ResourceHooks {
    constructor(private readonly around: Surroundings) {}

    check(news: Properties) {
        return checkBatchTask(news);
    }

    diff(olds: Properties, news: Properties): Difference {
        const { place, batchTaskId, inDesiredState: reached } = readBatchTask(olds);
        const stored: Properties = { ...place, adopt: batchTaskId };
        const replaces = [
            // Leaving one out keeps what is stored; another one, or an unknown one, is another place, or another task.
            ...["region", "projectId", "profile", "adopt"].filter(
                (input) => news[input] !== undefined && !sameValue(stored[input], news[input]),
            ),
            ...["serviceName", "serviceVersion"].filter((input) => !sameValue(olds[input], news[input])),
        ];
        const changes =
            replaces.length > 0 ||
            [...bodyInputs, "desiredState", "timeout"].some((input) => !sameValue(olds[input], news[input])) ||
            (news.desiredState !== undefined && !reached);
        // Names are unique: the old one has to go first.
        return { changes, replaces, deleteBeforeReplace: replaces.length > 0 };
    }

    async create(inputs: Properties) {
        return within(this.around.clock, timeoutOf(inputs), async (signal) => {
            const { region, projectId, profile, adopt } = placeAndStateOf(inputs);
            const connection = await this.around.connect({ region, projectId, profile }, signal);
            const client = connection.client(vias);
            if (adopt === undefined) {
                const id = await this.createNew(inputs, connection, client, signal);
                return { id, outputs: await this.settle(id, inputs, connection, client, signal) };
            }
            await this.mustExist(adopt, inputs, connection, client, signal);
            return { id: adopt, outputs: await this.change(adopt, inputs, connection, client, signal) };
        });
    }

    async read(id: string, outputs: Properties) {
        const { place } = readBatchTask(outputs);
        return within(this.around.clock, timeoutOf(outputs), async (signal) => {
            const client = (await this.around.connect({ stored: place }, signal)).client(vias);
            const row = await findBatchTaskById(client, id, nameOf(outputs), signal);
            if (row === undefined) {
                return "gone" as const;
            }
            const wanted = this.wanted(id, outputs, client, signal);
            const seen =
                wanted.desiredState === undefined
                    ? { reached: true, children: standingOfBatch(row) }
                    : await inDesiredState(wanted);
            return { id, outputs: { ...outputs, ...standingOf(seen.children, seen.reached) } };
        });
    }

    async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
        const standing = readBatchTask(olds);
        const body = bodyInputs.some((input) => !sameValue(olds[input], news[input]));
        const state =
            news.desiredState !== undefined &&
            (!standing.inDesiredState || !sameValue(olds.desiredState, news.desiredState));
        if (!body && !state) {
            return echo(news, {
                ...standing,
                inDesiredState: standing.inDesiredState || news.desiredState === undefined,
            });
        }
        return within(this.around.clock, timeoutOf(news), async (signal) => {
            const connection = await this.around.connect({ stored: standing.place }, signal);
            const client = connection.client(vias);
            return body
                ? this.change(id, news, connection, client, signal)
                : this.settle(id, news, connection, client, signal);
        });
    }

    async remove(id: string, outputs: Properties): Promise<void> {
        const { place } = readBatchTask(outputs);
        if (this.around.recorded.heldByOthers(scopeOf(vias.name, place, []), urnOf(outputs), [id]).size > 0) {
            this.around.progress.note(
                urnOf(outputs),
                "info",
                `batch task ${id} left alone: another resource of this program holds it now`,
            );
            return;
        }
        const limit = timeoutOf(outputs, this.around.env.HUAWEICLOUD_BATCH_TIMEOUT);
        await within(this.around.clock, limit, async (signal) => {
            const connection = await this.around.connect({ stored: place }, signal);
            const act = batchTaskDeletion.acts({}).onDestroy;
            if (act === undefined) {
                throw new Error("batch tasks can't be deleted");
            }
            const session = this.around.sessions.of(batchTaskDeletion, act, connection);
            const report = await run(session, [id], { signal, random: this.around.random });
            if (!succeeded(report, 0)) {
                const targets = new Targets(batchTaskDeletion.targets, { batchTaskIds: [id] });
                throw new Error(failureLines(batchTaskDeletion, targets, report).join("\n"));
            }
        });
    }

    // --- create --------------------------------------------------------------------------------------------------

    /** Sends the create again only when looking by name has shown that the last one did not take effect. */
    private async createNew(
        inputs: Properties,
        connection: Connection,
        client: CloudClient,
        signal: AbortSignal,
    ): Promise<string> {
        const body = bodyOf(inputs);
        const schedule = new Schedule({ first: 1_000, floor: 1_000, cap: 15_000 }, this.around.random);
        for (let tries = 1; ; tries += 1) {
            try {
                const created = await createBatchTask(client, body, signal);
                if (created.is === "nameTaken") {
                    throw new Error(await this.nameTaken(body.name, problemText(created.problem), client, signal));
                }
                const problem = failedChildren("creation", created.counts);
                if (problem !== undefined) {
                    throw this.incomplete(created.id, inputs, connection, undefined, problemText(problem));
                }
                return created.id;
            } catch (error) {
                if (!(error instanceof CloudError) || error.kind !== "uncertain") {
                    throw error;
                }
                await this.around.clock.sleep(schedule.gap(1_000 * 4 ** tries), signal).catch(() => undefined);
                const found = signal.aborted ? undefined : await findBatchTaskByName(client, body.name, signal);
                if (found !== undefined) {
                    throw new Error(await this.nameTaken(body.name, error.message, client, signal));
                }
                if (tries === MOST_TRIES || signal.aborted) {
                    throw error;
                }
            }
        }
    }

    /** An earlier create that was interrupted may have taken effect, or it is somebody else's: never adopted by its name. */
    private async nameTaken(name: string, said: string, client: CloudClient, signal: AbortSignal): Promise<string> {
        const row = await findBatchTaskByName(client, name, signal).catch(() => undefined);
        const existing = row === undefined ? "an existing batch task" : `batch task ${row.id}`;
        const way = row === undefined ? "its id" : `"${row.id}"`;
        return (
            `VIAS batch task "${name}" was not created: ${existing} has this name (${said}). ` +
            `If it is this resource's own, from an interrupted run, set adopt to ${way}; otherwise choose another name`
        );
    }

    private async mustExist(
        id: string,
        inputs: Properties,
        { place }: Connection,
        client: CloudClient,
        signal: AbortSignal,
    ): Promise<void> {
        if ((await findBatchTaskById(client, id, nameOf(inputs), signal)) === undefined) {
            throw new Error(
                `VIAS batch task ${id} (adopt) is not there in ${place.region}, project ${place.projectId}: nothing was changed. Correct the id, or leave adopt out to create one`,
            );
        }
    }

    // --- update --------------------------------------------------------------------------------------------------

    /** The body as it is declared, then the children as they are to be. A PUT of the whole body may be repeated. */
    private async change(
        id: string,
        inputs: Properties,
        connection: Connection,
        client: CloudClient,
        signal: AbortSignal,
    ): Promise<Properties> {
        const answer = await this.put(id, inputs, client, signal);
        if (answer.is === "notThere") {
            throw new Error(
                `VIAS batch task ${id} is gone (${problemText(answer.problem)}): run pulumi refresh, then up creates it anew`,
            );
        }
        const problem = failedChildren("update", answer.counts);
        if (problem !== undefined) {
            throw this.incomplete(id, inputs, connection, undefined, problemText(problem));
        }
        return this.settle(id, inputs, connection, client, signal);
    }

    private async put(id: string, inputs: Properties, client: CloudClient, signal: AbortSignal): Promise<Changed> {
        const schedule = new Schedule({ first: 1_000, floor: 1_000, cap: 15_000 }, this.around.random);
        for (let tries = 1; ; tries += 1) {
            try {
                return await updateBatchTask(client, id, bodyOf(inputs), signal);
            } catch (error) {
                if (failureOf(error).final || tries === MOST_TRIES || signal.aborted) {
                    throw error;
                }
                await this.around.clock.sleep(schedule.gap(1_000 * 4 ** tries), signal).catch(() => undefined);
            }
        }
    }

    /** From here on the task exists and is ours: whatever goes wrong, it is kept. */
    private async settle(
        id: string,
        inputs: Properties,
        connection: Connection,
        client: CloudClient,
        signal: AbortSignal,
    ): Promise<Properties> {
        const urn = urnOf(inputs);
        this.around.recorded.record(scopeOf(vias.name, connection.place, []), urn, [id]);
        const reached = await bringChildren(this.wanted(id, inputs, client, signal));
        this.around.progress.end(urn);
        if (reached.is === "notReached") {
            throw this.incomplete(id, inputs, connection, reached.children, problemText(reached.problem));
        }
        return outputsOf(id, inputs, connection, reached.children, true);
    }

    private wanted(id: string, properties: Properties, client: CloudClient, signal: AbortSignal): Wanted {
        const { clock, random, progress } = this.around;
        const since = clock.now();
        const urn = urnOf(properties);
        return {
            client,
            id,
            desiredState: placeAndStateOf(properties).desiredState,
            scheduled: properties.schedule !== undefined,
            clock,
            random,
            signal,
            onLook: (children) => progress.line(urn, `${inWords(children)}, ${elapsedText(clock.now() - since)}`),
        };
    }

    private incomplete(
        id: string,
        inputs: Properties,
        connection: Connection,
        children: Standing | undefined,
        why: string,
    ): Incomplete {
        return new Incomplete(id, outputsOf(id, inputs, connection, children, false), [
            `VIAS batch task ${id} is not as declared: ${why}; run the same command again to go on`,
        ]);
    }
}

function outputsOf(
    id: string,
    inputs: Properties,
    { place }: Connection,
    children: Standing | undefined,
    reached: boolean,
): Properties {
    return echo(inputs, {
        batchTaskId: id,
        place: { ...place },
        ...standingOf(children, reached),
        schemaVersion: SCHEMA_VERSION,
    });
}

function standingOf(children: Standing | undefined, reached: boolean) {
    return { states: Object.fromEntries(children?.states ?? []), inDesiredState: reached };
}

function echo(inputs: Properties, standing: BatchTaskStanding): Properties {
    const given = [...batchTaskInputs, "__resource", "__urn", "__provider"].filter(
        (input) => inputs[input] !== undefined,
    );
    return { ...Object.fromEntries(given.map((input) => [input, inputs[input]])), ...standing };
}

function nameOf({ name }: Properties): string | undefined {
    return typeof name === "string" ? name : undefined;
}
