import type { Problem } from "../../batch/api";
import { problemText } from "../../batch/problem";
import type { Connection } from "../../cloud/cloud";
import { placeText } from "../../cloud/place/place-source";
import {
    type Applied,
    applyBody,
    type BatchTaskContext,
    childCountsText,
    findBatchTaskById,
    type Goal,
    notCreated,
    reconcileChildren,
} from "../../services/vias/batch-task";
import { CANCELLED } from "../../util/cancellation";
import { Incomplete, type Properties } from "../hooks";
import { childCauses } from "./child-causes";
import { bodyOf } from "./inputs";
import { outputsOf } from "./state";

type Facts = Omit<Parameters<typeof outputsOf>[1], "id" | "place">;

const STAY_STOPPED = "its tasks were stopped for the update, and stay stopped until then";

/** One batch task that exists, as one hook works on it. */
export class BatchTaskWork {
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
                `batch task ${task.id} is not updated while tasks of it are under way (${childCountsText(children)}): they are stopped for the update${then}`,
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
        const reached = await reconcileChildren(this.task, goal, expectedChildren ?? 1);
        const { children } = reached;
        if (reached.is === "notReached") {
            const { problem, failed } = reached;
            const stays = stoppedForUpdate && goal === "started" && !reached.requested;
            const why = [
                ...(problem.code === CANCELLED.code ? [] : [problemText(problem)]),
                ...(stays ? [STAY_STOPPED] : []),
            ].join("; ");
            throw this.incomplete([why, ...childCauses(failed).lines], {
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
        const again = await reconcileChildren(this.task, "started");
        const { children } = again;
        if (again.is === "reached") {
            const said = `${why}; its tasks, stopped for the update, are started again`;
            return this.incomplete([said], { bodyApplied: false, children, inDesiredState: true });
        }
        if (again.problem.code === CANCELLED.code) {
            const cancelled = again.problem;
            const said = `${why}; ${again.requested ? "its tasks, stopped for the update, are being started again" : STAY_STOPPED}`;
            return this.incomplete([said], { bodyApplied: false, children, stoppedForUpdate: true, cancelled });
        }
        const said = `${why}; its tasks, stopped for the update, are not started again yet: ${problemText(again.problem)}`;
        const { failed } = again;
        return this.incomplete([said, ...childCauses(failed).lines], {
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

export function nameOf({ name }: Properties): string | undefined {
    return typeof name === "string" ? name : undefined;
}
