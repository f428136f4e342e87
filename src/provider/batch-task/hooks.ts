import { problemText } from "../../batch/problem";
import type { Connection } from "../../cloud/cloud";
import { CloudError } from "../../cloud/errors";
import {
    type BatchTaskContext,
    batchTaskDeletion,
    childCounts,
    childCountsOfBatch,
    childCountsText,
    createByName,
    failedChildren,
    findBatchTaskById,
    inspectChildren,
    vias,
    type WorkContext,
} from "../../services/vias/batch-task";
import { CANCELLED } from "../../util/cancellation";
import type { CallContext } from "../call";
import type { HooksContext } from "../context";
import type { Difference, Properties, ResourceHooks } from "../hooks";
import { sameValue } from "../inputs/properties";
import type { Holding } from "../ownership/holders";
import { lazyConnection, matchedNowIn } from "../ownership/matched-now";
import { elapsedText } from "../report/progress";
import { givenText, leftAloneLines, placeOf } from "../target-set/ownership";
import { Targets } from "../targets";
import { withThrottledRow } from "../throttled-row";
import { deadlineOf, withinDeadline } from "../waiting/deadline";
import { createWaiting } from "../waiting/wait-limit";
import { bodyInputs, bodyOf, checkBatchTask, type DesiredState, placeAndStateOf } from "./inputs";
import { redact, redactError, secretsOf } from "./redaction";
import { deleteBatchTask } from "./removal";
import { echo, goalOf, readBatchTask, type StoredBatchTask, statesOf } from "./state";
import { BatchTaskWork, nameOf } from "./work";
import { WorkRecord } from "./work-record";

/** The hooks of vias.BatchTask. Its id is the cloud's. */
export function batchTaskHooks(context: HooksContext): ResourceHooks {
    return withThrottledRow(new BatchTaskHooks(context), vias, context);
}

class BatchTaskHooks implements ResourceHooks {
    constructor(private readonly context: HooksContext) {}

    async check(news: Properties, olds: Properties, { urn }: CallContext) {
        const checked = checkBatchTask(news);
        const { adopt, region, projectId } = checked.inputs;
        const adopted = givenText(adopt);
        await this.context.ownership.onCheck(urn, !("__resource" in olds), {
            ...holder(urn),
            keys: adopted === undefined ? [] : [adopted],
            complete: adopt === undefined || adopted !== undefined,
            given: [givenText(region), givenText(projectId)],
        });
        return checked;
    }

    async diff(olds: Properties, news: Properties, { urn }: CallContext): Promise<Difference> {
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
        await this.context.ownership.onDiff(urn, replaces, held(urn, batchTaskId, stored, news));
        const changes =
            replaces.length > 0 ||
            // `__urn`: a rename of stack, project or resource; progress and warnings are to find their row.
            [...bodyInputs, "desiredState", "timeout", "__urn"].some((input) => !sameValue(olds[input], news[input])) ||
            !bodyApplied ||
            !inDesiredState;
        // Names are unique: the old one has to go first, also where the engine replaces what is only changed (replaceOnChanges).
        return { changes, replaces, deleteBeforeReplace: true };
    }

    create(inputs: Properties, call: CallContext) {
        return this.hook([inputs], call, async (signal) => {
            const { region, projectId, profile, adopt, desiredState } = placeAndStateOf(inputs);
            const connection = await this.context.connect({ region, projectId, profile }, signal);
            return this.workRecord(adopt, inputs, call, signal).during(connection, async (recorded, identified) => {
                if (adopt === undefined) {
                    return this.createNew(inputs, recorded, identified, call, signal);
                }
                await this.record(adopt, recorded, inputs, call);
                const work = this.workOn(adopt, inputs, recorded, call, signal);
                await work.mustExist();
                return { id: adopt, outputs: await work.change(desiredState) };
            });
        });
    }

    read(id: string, outputs: Properties, call: CallContext) {
        const stored = readBatchTask(outputs);
        return this.hook(
            [outputs],
            call,
            async (signal) => {
                const connection = await this.context.connect({ stored: stored.place }, signal);
                const { task } = this.workOn(id, outputs, connection, call, signal);
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

    async update(id: string, olds: Properties, news: Properties, call: CallContext): Promise<Properties> {
        const { desiredState } = placeAndStateOf(news);
        const stored = leftToItself(olds, desiredState) ? settledAs(olds) : readBatchTask(olds);
        const another = bodyInputs.some((input) => !sameValue(olds[input], news[input]));
        const body = !stored.bodyApplied || another;
        const expected = another ? undefined : stored.expectedChildren;
        const goal = goalOf(desiredState, stored);
        const state = !stored.inDesiredState || !sameValue(olds.desiredState, news.desiredState);
        if (!body && (!state || goal === undefined)) {
            await this.record(id, stored, news, call);
            return echo(news, stored);
        }
        return this.hook([olds, news], call, async (signal) => {
            const connection = await this.context.connect({ stored: stored.place }, signal);
            const outputs = await this.workRecord(id, news, call, signal).during(connection, (recorded) => {
                const work = this.workOn(id, news, recorded, call, signal);
                return body ? work.change(goal, expected) : work.settle(goal, expected);
            });
            if (body && goal === undefined && cameToRest(stored.states, readBatchTask(outputs).states)) {
                call.log(
                    "warning",
                    `batch task ${id}: its tasks are stopped, and were not when this stack last saw them. ` +
                        'If an update was killed that had stopped them, set desiredState to "started" to start them again',
                );
            }
            return outputs;
        });
    }

    async remove(id: string, outputs: Properties, call: CallContext): Promise<void> {
        const { place } = readBatchTask(outputs);
        const targets = await Targets.of(batchTaskDeletion.targets, { batchTaskIds: [id] }, this.context.clock);
        await this.hook([outputs], call, async (signal) => {
            const connect = lazyConnection(this.context, place, signal);
            const asking = { definition: batchTaskDeletion, outputs, connect, signal };
            const judgement = await this.context.ownership.judge({
                urn: call.urn,
                id,
                kind: vias.name,
                place: placeOf(batchTaskDeletion, place, outputs),
                keys: targets.keys,
                deleteBeforeReplace: true,
                matchedNow: matchedNowIn(this.context, asking, call),
            });
            if (judgement.free.length === 0) {
                for (const { severity, text } of leftAloneLines(batchTaskDeletion, targets, judgement)) {
                    call.log(severity, text);
                }
                return;
            }
            const connection = await connect();
            const show = this.liner(outputs, call);
            await deleteBatchTask(this.context, { id, targets, connection, show, call }, signal);
        });
    }

    private workRecord(id: string | undefined, inputs: Properties, call: CallContext, signal: AbortSignal): WorkRecord {
        const isCutShort = () => signal.aborted || call.cancelled.aborted;
        return new WorkRecord(call.record, { id, name: nameOf(inputs), isCutShort });
    }

    private async createNew(
        inputs: Properties,
        connection: Connection,
        identified: (id: string) => void,
        call: CallContext,
        signal: AbortSignal,
    ) {
        const { id, counts } = await createByName(bodyOf(inputs), this.workContext(connection, call, signal));
        identified(id);
        const work = this.workOn(id, inputs, connection, call, signal);
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

    private record(
        id: string,
        where: Pick<Connection, "place">,
        properties: Properties,
        { urn }: CallContext,
    ): Promise<void> {
        return this.context.ownership.onMade(urn, held(urn, id, where, properties));
    }

    private workOn(
        id: string,
        properties: Properties,
        connection: Connection,
        call: CallContext,
        signal: AbortSignal,
    ): BatchTaskWork {
        const line = this.liner(properties, call);
        const secrets = secretsOf(properties);
        const task: BatchTaskContext = {
            ...this.workContext(connection, call, signal),
            id,
            scheduled: properties.schedule !== undefined,
            done: { anything: false },
            onInspected: (children) => line(childCountsText(children)),
        };
        return new BatchTaskWork(task, properties, connection, {
            record: () => this.record(id, connection, properties, call),
            warn: (text) => call.log("warning", redact(secrets, text)),
            note: (text) => call.log("info", redact(secrets, text)),
        });
    }

    private workContext(connection: Connection, call: CallContext, signal: AbortSignal): WorkContext {
        const { clock, random } = this.context;
        const { cancelled } = call;
        const waiting = createWaiting({ clock, signal, deadline: deadlineOf(call), cancelled });
        return { client: connection.client(vias), clock, random, signal, cancelled, waiting };
    }

    /** Shows a line with the time since now behind it. */
    private liner(properties: Properties, call: CallContext): (text: string) => void {
        const { clock } = this.context;
        const secrets = secretsOf(properties);
        const since = clock.now();
        return (text) => {
            const elapsed = clock.now() - since;
            call.row(() => `${redact(secrets, text)}, ${elapsedText(elapsed)}`);
        };
    }

    /** What all hooks that talk to the cloud have in common: a deadline, and no secret in what they fail with. */
    private async hook<T>(
        given: readonly Properties[],
        call: CallContext,
        work: (signal: AbortSignal) => Promise<T>,
        waits = true,
    ): Promise<T> {
        const { clock } = this.context;
        const { cancelled } = call;
        try {
            return await withinDeadline(clock, deadlineOf(call), work, { cancelled, waits });
        } catch (error) {
            if (cancelled.aborted && error instanceof CloudError && error.kind === "aborted") {
                throw new Error(`${CANCELLED.code}: ${CANCELLED.message}`, { cause: error });
            }
            throw redactError(secretsOf(...given), error);
        }
    }
}

function holder(urn: string): Pick<Holding, "urn" | "kind" | "resource"> {
    return { urn, kind: vias.name, resource: "vias:BatchTask" };
}

/** A batch task belongs to its resource from its creation to its deletion. */
function held(urn: string, id: string, { place }: Pick<Connection, "place">, properties: Properties): Holding {
    return { ...holder(urn), keys: [id], complete: true, exact: placeOf(batchTaskDeletion, place, properties) };
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
