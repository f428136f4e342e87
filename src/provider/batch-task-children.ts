import { ApiFailure, type Problem } from "../batch/api";
import { Schedule } from "../batch/schedule";
import type { Clock, Random } from "../clock";
import type { CloudClient } from "../cloud/call";
import { CloudError } from "../cloud/errors";
import { problemOf } from "../services/failures";
import { type Changed, failedChildren, startBatchTask, stopBatchTask } from "../services/vias-batch-task";
import { type Child, listChildren, showChild, standingOfChildren, startedness } from "../services/vias-reading";
import { inWords, isStopped, type Standing } from "../services/vias-standing";
import type { DesiredState } from "./batch-task-inputs";

const POLLING = { first: 1_000, floor: 500, cap: 15_000 };
const MOST_REQUESTS = 3;
const EXPLAINED = 3;

/** A batch task and what its children are to become. */
export interface Wanted {
    readonly client: CloudClient;
    readonly id: string;
    readonly desiredState: DesiredState;
    /** It has a schedule: a child whose window is not open counts as started. */
    readonly scheduled: boolean;
    readonly clock: Clock;
    readonly random: Random;
    readonly signal: AbortSignal;
    /** Told at every look. */
    readonly onLook: (children: Standing) => void;
}

export type Reached =
    | { readonly is: "reached"; readonly children: Standing }
    | { readonly is: "notReached"; readonly children: Standing | undefined; readonly problem: Problem };

interface Look {
    readonly children: Standing;
    readonly reached: boolean;
    /** Asking for the state would change something: some child is neither there nor on its way. */
    readonly ask: boolean;
    /** In a state that nothing leads out of by itself. */
    readonly failed: readonly Child[];
    readonly moving: boolean;
}

/** One look, without waiting. */
export async function inDesiredState(wanted: Wanted): Promise<{ reached: boolean; children: Standing }> {
    return look(wanted);
}

/** Starts or stops the children where that is needed, and waits until they are. Never throws once it has begun to look. */
export async function bringChildren(wanted: Wanted): Promise<Reached> {
    const { clock, signal } = wanted;
    const schedule = new Schedule(POLLING, wanted.random);
    const since = clock.now();
    let asked = 0;
    let children: Standing | undefined;
    let problem: Problem | undefined;
    while (!signal.aborted) {
        try {
            const seen = await look(wanted);
            children = seen.children;
            wanted.onLook(children);
            if (seen.reached) {
                return { is: "reached", children };
            }
            if (asked > 0 && seen.failed.length > 0 && !seen.moving) {
                return { is: "notReached", children, problem: await explain(wanted, seen.failed) };
            }
            if (seen.ask && asked < MOST_REQUESTS && (asked === 0 || !seen.moving)) {
                asked += 1;
                problem = undefined;
                problem = await ask(wanted);
            } else if (seen.ask && !seen.moving && asked >= MOST_REQUESTS) {
                return {
                    is: "notReached",
                    children,
                    problem: problem ?? {
                        code: "NotReached",
                        message: `asked ${asked} times, and still ${inWords(children)}`,
                    },
                };
            }
        } catch (error) {
            const failure = failureOf(error);
            problem = failure.problem;
            if (failure.final) {
                return { is: "notReached", children, problem };
            }
        }
        await clock.sleep(schedule.gap(clock.now() - since), signal).catch(() => undefined);
    }
    const waitedFor = children === undefined ? "" : `; its children are ${inWords(children)}`;
    const lastTrouble = problem === undefined ? "" : `; last: ${problem.code} ${problem.message}`;
    const { code, message }: Problem = signal.reason;
    return { is: "notReached", children, problem: { code, message: `${message}${waitedFor}${lastTrouble}` } };
}

async function look(wanted: Wanted): Promise<Look> {
    const { client, id, desiredState, scheduled, signal } = wanted;
    if (desiredState === "started") {
        const seen = await startedness(client, id, { scheduled, expected: 1 }, signal);
        const { standing } = seen;
        const moving = standing.starting + standing.stopping > 0;
        return {
            children: standing,
            reached: seen.started,
            ask: standing.stopped + standing.failed + standing.other > 0 || standing.total === 0,
            failed: seen.failed,
            moving,
        };
    }
    const standing = standingOfChildren(await listChildren(client, id, signal));
    return {
        children: standing,
        reached: desiredState === undefined || isStopped(standing),
        ask: standing.running + standing.starting + standing.other > 0,
        failed: [],
        moving: standing.stopping > 0,
    };
}

/** What the cloud says against it, for some children or for all. */
async function ask({ client, id, desiredState, signal }: Wanted): Promise<Problem | undefined> {
    const answer: Changed =
        desiredState === "started" ? await startBatchTask(client, id, signal) : await stopBatchTask(client, id, signal);
    return answer.is === "notThere"
        ? answer.problem
        : failedChildren(desiredState === "started" ? "start" : "stop", answer.counts);
}

async function explain({ client, signal }: Wanted, failed: readonly Child[]): Promise<Problem> {
    const told: string[] = [];
    for (const child of failed.slice(0, EXPLAINED)) {
        const detail = await showChild(client, child.id, signal);
        const why = detail.error === undefined ? "" : ` (${detail.error.code} ${detail.error.message})`;
        told.push(`${child.name ?? child.id} is ${child.state}${why}`);
    }
    const more = failed.length > EXPLAINED ? ` and ${failed.length - EXPLAINED} more` : "";
    return { code: "ChildrenFailed", message: `${told.join(", ")}${more}` };
}

/** Whether it is worth asking again. */
export function failureOf(error: unknown): { readonly problem: Problem; readonly final: boolean } {
    if (error instanceof ApiFailure) {
        return error;
    }
    if (error instanceof CloudError) {
        const passing = ["throttled", "busy", "unreachable", "uncertain", "unusable", "aborted"];
        return { problem: problemOf(error), final: !passing.includes(error.kind) };
    }
    return {
        problem: { code: "Unexpected", message: error instanceof Error ? error.message : String(error) },
        final: true,
    };
}
