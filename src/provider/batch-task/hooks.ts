import { problemText } from "../../batch/problem";
import type { Connection } from "../../cloud/cloud";
import { CloudError } from "../../cloud/errors";
import {
    type BatchTaskContext,
    batchTaskDeletion,
    childCounts,
    childCountsOfBatch,
    createByName,
    failedChildren,
    findBatchTaskById,
    inspectChildren,
    inWords,
    vias,
    type WorkContext,
} from "../../services/vias/batch-task";
import { CANCELLED } from "../../util/cancellation";
import type { ProcessContext } from "../context";
import type { Difference, Properties, ResourceHooks } from "../hooks";
import { sameValue, urnOf } from "../inputs/properties";
import { type Limits, timeoutOf } from "../inputs/timeouts";
import type { Holding } from "../ownership/holders";
import { elapsedText } from "../report/progress";
import { givenText, leftAloneLines, placeOf } from "../target-set/ownership";
import { Targets } from "../targets";
import { within } from "../waiting/deadline";
import { waitingFor } from "../waiting/patience";
import { bodyInputs, bodyOf, checkBatchTask, type DesiredState, placeAndStateOf } from "./inputs";
import { redact, redactError, secretsOf } from "./redaction";
import { deleteBatchTask } from "./removal";
import { echo, goalOf, readBatchTask, type StoredBatchTask, statesOf } from "./state";
import { BatchTaskWork, nameOf } from "./work";

/** The hooks of vias.BatchTask. Its id is the cloud's. */
export function batchTaskHooks(context: ProcessContext): ResourceHooks {
    return new BatchTaskHooks(context);
}

class BatchTaskHooks implements ResourceHooks {
    constructor(private readonly context: ProcessContext) {}

    async check(news: Properties, olds: Properties) {
        const checked = checkBatchTask(news);
        const { adopt, region, projectId } = checked.inputs;
        const adopted = givenText(adopt);
        await this.context.ownership.onCheck(urnOf(news), !("__resource" in olds), {
            ...this.holder(news),
            keys: adopted === undefined ? [] : [adopted],
            complete: adopt === undefined || adopted !== undefined,
            given: [givenText(region), givenText(projectId)],
        });
        return checked;
    }

    async diff(olds: Properties, news: Properties): Promise<Difference> {
        const stored = readBatchTask(olds);
        const { place, batchTaskId, bodyApplied, inDesiredState } = stored;
        const storedInputs: Properties = { ...place, adopt: batchTaskId };
        const replaces = [
            // Leaving one out keeps what is stored; another one, or an unknown one, is another place, or another task.
            ...["region", "projectId", "profile", "adopt"].filter(
                (input) => news[input] !== undefined && !sameValue(storedInputs[input], news[input]),
            ),
            ...["serviceName", "serviceVersion"].filter((input) => !sameValue(olds[input], news[input])),
        ];
        if (replaces.length > 0 && sameValue(batchTaskId, news.adopt)) {
            throw new Error(
                `VIAS batch task ${batchTaskId}: another ${replaces.join(", ")} replaces it, and adopt names the very task that would be deleted first: nothing was done. Leave adopt out`,
            );
        }
        await this.context.ownership.onDiff(urnOf(news), replaces, this.held(batchTaskId, stored, news));
        const changes =
            replaces.length > 0 ||
            // `__urn`: a rename of stack, project or resource; progress and warnings are to find their row.
            [...bodyInputs, "desiredState", "timeout", "__urn"].some((input) => !sameValue(olds[input], news[input])) ||
            !bodyApplied ||
            !inDesiredState;
        // Names are unique: the old one has to go first.
        return { changes, replaces, deleteBeforeReplace: replaces.length > 0 };
    }

    create(inputs: Properties) {
        return this.hook([inputs], timeoutOf(inputs), async (signal) => {
            const { region, projectId, profile, adopt, desiredState } = placeAndStateOf(inputs);
            const connection = await this.context.connect({ region, projectId, profile }, signal);
            if (adopt === undefined) {
                return this.createNew(inputs, connection, signal);
            }
            await this.record(adopt, connection, inputs);
            const work = this.workOn(adopt, inputs, connection, signal);
            await work.mustExist();
            return { id: adopt, outputs: await work.change(desiredState) };
        });
    }

    read(id: string, outputs: Properties) {
        const stored = readBatchTask(outputs);
        return this.hook(
            [outputs],
            timeoutOf(outputs),
            async (signal) => {
                const connection = await this.context.connect({ stored: stored.place }, signal);
                const { task } = this.workOn(id, outputs, connection, signal);
                const row = await findBatchTaskById(task.client, id, nameOf(outputs), signal);
                if (row === undefined) {
                    return "gone" as const;
                }
                const goal = goalOf(placeAndStateOf(outputs).desiredState, stored);
                const seen =
                    goal === undefined
                        ? { reached: true, children: childCountsOfBatch(row) }
                        : await inspectChildren(task, goal, stored.expectedChildren ?? 1);
                const { stoppedForUpdate, ...rest } = outputs;
                const stopped = seen.reached || stoppedForUpdate === undefined ? {} : { stoppedForUpdate };
                const states = statesOf(seen.children);
                return { id, outputs: { ...rest, ...stopped, states, inDesiredState: seen.reached } };
            },
            false,
        );
    }

    async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
        const { desiredState } = placeAndStateOf(news);
        const stored = leftToItself(olds, desiredState) ? settledAs(olds) : readBatchTask(olds);
        const another = bodyInputs.some((input) => !sameValue(olds[input], news[input]));
        const body = !stored.bodyApplied || another;
        const expected = another ? undefined : stored.expectedChildren;
        const goal = goalOf(desiredState, stored);
        const state = !stored.inDesiredState || !sameValue(olds.desiredState, news.desiredState);
        if (!body && (!state || goal === undefined)) {
            await this.record(id, stored, news);
            return echo(news, stored);
        }
        return this.hook([olds, news], timeoutOf(news), async (signal) => {
            const connection = await this.context.connect({ stored: stored.place }, signal);
            const work = this.workOn(id, news, connection, signal);
            const outputs = body ? await work.change(goal, expected) : await work.settle(goal, expected);
            if (body && goal === undefined && cameToRest(stored.states, readBatchTask(outputs).states)) {
                this.context.progress.note(
                    urnOf(news),
                    "warning",
                    `batch task ${id}: its tasks are stopped, and were not when this stack last saw them. ` +
                        'If an update was killed that had stopped them, set desiredState to "started" to start them again',
                );
            }
            return outputs;
        });
    }

    async remove(id: string, outputs: Properties): Promise<void> {
        const { place } = readBatchTask(outputs);
        const urn = urnOf(outputs);
        const targets = await Targets.of(batchTaskDeletion.targets, { batchTaskIds: [id] }, this.context.clock);
        const judgement = await this.context.ownership.judge({
            urn,
            id,
            kind: vias.name,
            place: placeOf(batchTaskDeletion, place, outputs),
            keys: targets.keys,
            makesWay: true,
        });
        if (judgement.free.length === 0) {
            for (const { severity, text } of leftAloneLines(batchTaskDeletion, targets, judgement)) {
                this.context.progress.note(urn, severity, text);
            }
            return;
        }
        const limit = timeoutOf(outputs, this.context.env.HUAWEICLOUD_BATCH_TIMEOUT);
        await this.hook([outputs], limit, async (signal) => {
            const connection = await this.context.connect({ stored: place }, signal);
            await deleteBatchTask(this.context, { id, urn, targets, connection, show: this.liner(outputs) }, signal);
        });
    }

    private async createNew(inputs: Properties, connection: Connection, signal: AbortSignal) {
        const { id, counts } = await createByName(bodyOf(inputs), this.workContext(connection, signal));
        const work = this.workOn(id, inputs, connection, signal);
        work.task.done.anything = true;
        const problem = failedChildren("creation", counts);
        if (problem !== undefined) {
            // A start makes those that failed. Where they are to be stopped, none is sent, and no look tells that they are
            // missing something: the body is sent again.
            const bodyApplied = placeAndStateOf(inputs).desiredState !== "stopped";
            throw work.incomplete([problemText(problem)], { bodyApplied, expectedChildren: counts.total });
        }
        const { desiredState } = placeAndStateOf(inputs);
        return { id, outputs: await work.settle(desiredState, desiredState === "started" ? counts.total : undefined) };
    }

    private record(id: string, where: Pick<Connection, "place">, properties: Properties): Promise<void> {
        return this.context.ownership.onMade(urnOf(properties), this.held(id, where, properties));
    }

    /** A batch task is its resource's own from the first to the last. */
    private held(id: string, { place }: Pick<Connection, "place">, properties: Properties): Holding {
        return {
            ...this.holder(properties),
            keys: [id],
            complete: true,
            exact: placeOf(batchTaskDeletion, place, properties),
        };
    }

    private holder(properties: Properties): Pick<Holding, "urn" | "kind" | "resource"> {
        return { urn: urnOf(properties), kind: vias.name, resource: "vias:BatchTask" };
    }

    private workOn(id: string, properties: Properties, connection: Connection, signal: AbortSignal): BatchTaskWork {
        const line = this.liner(properties);
        const secrets = secretsOf(properties);
        const task: BatchTaskContext = {
            ...this.workContext(connection, signal),
            id,
            scheduled: properties.schedule !== undefined,
            done: { anything: false },
            onInspected: (children) => line(inWords(children)),
        };
        return new BatchTaskWork(task, properties, connection, {
            record: () => this.record(id, connection, properties),
            warn: (text) => this.context.progress.note(urnOf(properties), "warning", redact(secrets, text)),
            note: (text) => this.context.progress.note(urnOf(properties), "info", redact(secrets, text)),
        });
    }

    private workContext(connection: Connection, signal: AbortSignal): WorkContext {
        const { clock, random, cancelled } = this.context;
        const waiting = waitingFor({ clock, signal, cancelled });
        return { client: connection.client(vias), clock, random, signal, cancelled, waiting };
    }

    /** Shows a line with the time since now behind it. */
    private liner(properties: Properties): (text: string) => void {
        const { clock, progress } = this.context;
        const urn = urnOf(properties);
        const secrets = secretsOf(properties);
        const since = clock.now();
        return (text) => {
            const elapsed = clock.now() - since;
            progress.line(urn, () => `${redact(secrets, text)}, ${elapsedText(elapsed)}`);
        };
    }

    /** What all hooks that talk to the cloud have in common: a deadline, and no secret in what they fail with. */
    private async hook<T>(
        given: readonly Properties[],
        limit: Limits,
        work: (signal: AbortSignal) => Promise<T>,
        waits = true,
    ): Promise<T> {
        const { clock, cancelled } = this.context;
        try {
            return await within(clock, limit, work, { cancelled, waits });
        } catch (error) {
            if (cancelled.aborted && error instanceof CloudError && error.kind === "aborted") {
                throw new Error(`${CANCELLED.code}: ${CANCELLED.message}`, { cause: error });
            }
            throw redactError(secretsOf(...given), error);
        }
    }
}

/** Stopped was declared, and nothing is any more: what has not come to rest yet is left, for only a start that is left unfinished is gone on with. */
function leftToItself(olds: Properties, desiredState: DesiredState): boolean {
    return desiredState === undefined && olds.desiredState === "stopped";
}

function settledAs(olds: Properties): StoredBatchTask {
    const { stoppedForUpdate: _, ...stored } = readBatchTask(olds);
    return { ...stored, inDesiredState: true };
}

/** Of the children that ran, or were about to, none does any more. */
function cameToRest(before: StoredBatchTask["states"], now: StoredBatchTask["states"]): boolean {
    const [then, after] = [childCounts(Object.entries(before)), childCounts(Object.entries(now))];
    return then.running + then.starting > 0 && after.total > 0 && after.stopped === after.total;
}
