import type { Problem } from "../../batch/api";
import type { RunEvent } from "../../batch/events";
import { run } from "../../batch/run";
import type { Connection } from "../../cloud/cloud";
import { CloudError } from "../../cloud/errors";
import { placeText } from "../../cloud/place/place-source";
import { batchTaskDeletion, vias } from "../../services/vias";
import { childCountsOfBatch, findBatchTaskById } from "../../services/vias/api";
import { failedChildren } from "../../services/vias/batch-task/calls";
import { childCounts, inWords, notCreated } from "../../services/vias/batch-task/child-counts";
import { CANCELLED } from "../../util/cancellation";
import type { ProcessContext } from "../context";
import { type Difference, Incomplete, type Properties, type ResourceHooks } from "../hooks";
import { sameValue, urnOf } from "../inputs/properties";
import { type Limits, timeoutOf } from "../inputs/timeouts";
import type { Holding } from "../ownership/holders";
import { causesOf } from "../report/causes";
import { failureLines, problemText, succeeded } from "../report/lines";
import { elapsedText } from "../report/progress";
import { countsOf } from "../state";
import { givenText, leftAloneLines, placeOf } from "../target-set/ownership";
import { Targets } from "../targets";
import { deadlineOf, within } from "../waiting/deadline";
import { type Applied, applyBody } from "./apply-body";
import { type BatchTaskContext, bringChildren, type Goal, lookAtChildren } from "./children";
import { createByName } from "./creation";
import { bodyInputs, bodyOf, checkBatchTask, type DesiredState, placeAndStateOf } from "./inputs";
import { redact, redactError, secretsOf } from "./redaction";
import { echo, goalOf, outputsOf, readBatchTask, type StoredBatchTask, statesOf } from "./state";

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
                        : await lookAtChildren(task, goal, stored.expectedChildren ?? 1);
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
            const act = batchTaskDeletion.acts({}).onDestroy;
            if (act === undefined) {
                throw new Error("batch tasks can't be deleted");
            }
            const session = this.context.sessions.of(batchTaskDeletion, act, connection);
            const line = this.liner(outputs);
            const onEvent = (event: RunEvent) => {
                if (event.is === "held") {
                    line(event.reason);
                } else if (event.is === "submitted") {
                    line("being deleted");
                } else if (event.is === "settled") {
                    line(event.outcome.is === "alreadyGone" ? "already gone" : event.outcome.is);
                }
            };
            const deadline = deadlineOf(signal);
            const report = await run(session, [id], {
                signal,
                ...(deadline === undefined ? {} : { deadline }),
                random: this.context.random,
                onEvent,
            });
            if (report.absent?.has(id)) {
                this.context.progress.note(
                    urn,
                    "warning",
                    `VIAS batch task ${id} was not there any more, in ${placeText(connection.place)}: it counts as already gone`,
                );
            }
            if (!succeeded(report, 0)) {
                const causes = await causesOf(targets, report, countsOf(report), this.context.clock);
                throw new Error(failureLines(batchTaskDeletion, report, causes).join("\n"));
            }
        });
    }

    private async createNew(inputs: Properties, connection: Connection, signal: AbortSignal) {
        const { clock, random, cancelled } = this.context;
        const client = connection.client(vias);
        const { id, counts } = await createByName(bodyOf(inputs), { client, clock, random, signal, cancelled });
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
        const { clock, random, cancelled } = this.context;
        const line = this.liner(properties);
        const secrets = secretsOf(properties);
        const task: BatchTaskContext = {
            client: connection.client(vias),
            id,
            scheduled: properties.schedule !== undefined,
            clock,
            random,
            signal,
            cancelled,
            done: { anything: false },
            onLook: (children) => line(inWords(children)),
        };
        return new BatchTaskWork(task, properties, connection, {
            record: () => this.record(id, connection, properties),
            warn: (text) => this.context.progress.note(urnOf(properties), "warning", redact(secrets, text)),
            note: (text) => this.context.progress.note(urnOf(properties), "info", redact(secrets, text)),
        });
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

const STAY_STOPPED = "its tasks were stopped for the update, and stay stopped until then";

/** One batch task that exists, as one hook works on it. */
class BatchTaskWork {
    constructor(
        readonly task: BatchTaskContext,
        private readonly inputs: Properties,
        private readonly connection: Connection,
        private readonly tell: {
            readonly record: () => Promise<void>;
            readonly note: (text: string) => void;
            readonly warn: (text: string) => void;
        },
    ) {}

    async mustExist(): Promise<void> {
        const { client, id, signal, cancelled } = this.task;
        const either = AbortSignal.any([signal, cancelled]);
        if ((await findBatchTaskById(client, id, nameOf(this.inputs), either)) === undefined) {
            throw new Error(
                `VIAS batch task ${id} (adopt) is not there, in ${placeText(this.connection.place)}: nothing was changed. Correct the place or the id, or leave adopt out to create one`,
            );
        }
    }

    /** The body as it is declared, then the children as they are to be. */
    async change(goal: Goal, expectedChildren?: number): Promise<Properties> {
        const { task } = this;
        await this.tell.record();
        const applied = await applyBody(task, bodyOf(this.inputs), (children) => {
            const then = goal === "stopped" ? "" : ", and started again after it";
            this.tell.note(
                `batch task ${task.id} is not updated while tasks of it are under way (${inWords(children)}): they are stopped for the update${then}`,
            );
        });
        switch (applied.is) {
            case "applied":
                return this.settle(
                    goal ?? (applied.stopped ? "started" : undefined),
                    expectedChildren,
                    applied.stopped,
                );
            case "notThere":
                throw new Error(
                    `VIAS batch task ${task.id} is gone (${applied.why}): run pulumi refresh, then up creates it anew`,
                );
            case "notApplied":
                if (!applied.changed) {
                    const line = `VIAS batch task ${task.id} was not updated`;
                    throw new Error(
                        applied.why === undefined ? `${problemText(CANCELLED)}. ${line}` : `${line}: ${applied.why}`,
                    );
                }
                throw await this.notApplied(applied, goal);
        }
    }

    /** From here on the task is as declared but for its children: whatever goes wrong, it is kept. */
    async settle(goal: Goal, expectedChildren?: number, stoppedForUpdate = false): Promise<Properties> {
        await this.tell.record();
        const reached = await bringChildren(this.task, goal, expectedChildren ?? 1);
        const { children } = reached;
        if (reached.is === "notReached") {
            const { problem, failed } = reached;
            const stays = stoppedForUpdate && goal === "started" && !reached.asked;
            const why = [
                ...(problem.code === CANCELLED.code ? [] : [problemText(problem)]),
                ...(stays ? [STAY_STOPPED] : []),
            ].join("; ");
            throw this.incomplete([why, ...failed.lines], {
                ...(problem.code === CANCELLED.code ? { cancelled: problem } : {}),
                bodyApplied: true,
                children,
                expectedChildren,
                failed,
                stoppedForUpdate: stoppedForUpdate && goal === "started",
            });
        }
        const missing = children === undefined ? 0 : notCreated(children);
        if (missing > 0) {
            this.tell.warn(
                `batch task ${this.task.id}: ${missing} of its tasks could not be created by the cloud, and are there as create_failed: a start makes them, where the reason has passed (desiredState: "started")`,
            );
        }
        return this.outputs({ children, bodyApplied: true, inDesiredState: true });
    }

    /** Something was done, and not all of it: the task is kept, and the next `up` goes on from there. */
    incomplete(
        [why, ...lines]: readonly [string, ...string[]],
        facts: {
            readonly bodyApplied: boolean;
            readonly children?: Facts["children"];
            readonly inDesiredState?: boolean;
            readonly stoppedForUpdate?: boolean;
            readonly expectedChildren?: Facts["expectedChildren"];
            readonly failed?: Facts["failed"];
            /** The cancellation is why; it comes first. */
            readonly cancelled?: Problem;
        },
    ): Error {
        const { inDesiredState = false } = facts;
        const { id, cancelled, done } = this.task;
        const goOn = "run the same command again to go on";
        const first = facts.cancelled === undefined ? "" : `${problemText(facts.cancelled)}. `;
        const is = `${first}VIAS batch task ${id} is not as declared${why === "" ? "" : `: ${why}`}`;
        const line = `${is}${is.includes(goOn) ? "" : `; ${goOn}`}`;
        if (cancelled.aborted && !done.anything) {
            return new Error([line, ...lines].join("\n"));
        }
        return new Incomplete(id, this.outputs({ ...facts, children: facts.children, inDesiredState }), [
            line,
            ...lines,
        ]);
    }

    /** What was stopped for an update that then failed runs again, as far as that can be done. */
    private async notApplied(
        { why, stopped, children: seen }: Extract<Applied, { is: "notApplied" }>,
        goal: Goal,
    ): Promise<Error> {
        const facts = {
            bodyApplied: false,
            children: seen,
            ...(why === undefined ? { cancelled: CANCELLED } : {}),
        };
        if (!stopped || goal === "stopped") {
            const inDesiredState = !stopped && goal === undefined;
            return this.incomplete([why ?? ""], { ...facts, inDesiredState });
        }
        if (this.task.cancelled.aborted) {
            // Nothing is started any more, and what stops has had its time.
            const said = [...(why === undefined ? [] : [why]), STAY_STOPPED].join("; ");
            return this.incomplete([said], { ...facts, stoppedForUpdate: true });
        }
        const again = await bringChildren(this.task, "started");
        const { children } = again;
        if (again.is === "reached") {
            const said = `${why}; its tasks, stopped for the update, are started again`;
            return this.incomplete([said], { bodyApplied: false, children, inDesiredState: true });
        }
        if (again.problem.code === CANCELLED.code) {
            const cancelled = again.problem;
            const said = `${why}; ${again.asked ? "its tasks, stopped for the update, are being started again" : STAY_STOPPED}`;
            return this.incomplete([said], { bodyApplied: false, children, stoppedForUpdate: true, cancelled });
        }
        const said = `${why}; its tasks, stopped for the update, are not started again yet: ${problemText(again.problem)}`;
        const { failed } = again;
        return this.incomplete([said, ...failed.lines], {
            bodyApplied: false,
            children,
            failed,
            stoppedForUpdate: true,
        });
    }

    private outputs(facts: Facts): Properties {
        return outputsOf(this.inputs, { id: this.task.id, place: this.connection.place, ...facts });
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

type Facts = Omit<Parameters<typeof outputsOf>[1], "id" | "place">;

/** Of the children that ran, or were about to, none does any more. */
function cameToRest(before: StoredBatchTask["states"], now: StoredBatchTask["states"]): boolean {
    const [then, after] = [childCounts(Object.entries(before)), childCounts(Object.entries(now))];
    return then.running + then.starting > 0 && after.total > 0 && after.stopped === after.total;
}

function nameOf({ name }: Properties): string | undefined {
    return typeof name === "string" ? name : undefined;
}
