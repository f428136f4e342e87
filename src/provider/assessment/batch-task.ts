import { batchTaskDeletion, findBatchTaskByName, vias } from "../../services/vias/batch-task";
import { placeAndStateOf } from "../batch-task/inputs";
import { goalOf, readBatchTask } from "../batch-task/state";
import { nameOf } from "../batch-task/work";
import type { Properties } from "../hooks";
import { assess } from "./assess";
import { type AssessedTarget, type Assessment, countFates, isNothing, type NothingToDo } from "./assessment";
import type { AssessmentContext, Subject } from "./subject";

export type BatchTaskSubject = Pick<Subject, "properties" | "moment" | "where" | "holder">;

/** The same as `assess`, of a vias.BatchTask: it owns one batch task, or is about to. */
export async function assessBatchTask(
    context: AssessmentContext,
    subject: BatchTaskSubject,
    signal: AbortSignal,
): Promise<Assessment | NothingToDo> {
    const { properties, moment } = subject;
    const { adopt } = placeAndStateOf(properties);
    switch (moment) {
        case "destroy":
            return look(context, subject, readBatchTask(properties).batchTaskId, signal);
        case "unchanged":
            return withAction(await look(context, subject, readBatchTask(properties).batchTaskId, signal), {
                action: "update",
                due: openWork(properties),
                absentMeans: "it is not there any more: `pulumi up --refresh` makes it again",
            });
        case "create":
        case "update":
            return adopt === undefined
                ? assessName(context, subject, signal)
                : withAction(await look(context, subject, adopt, signal), {
                      action: moment === "create" ? "adopt" : "update",
                      due: true,
                      absentMeans: "there is no such batch task to adopt",
                  });
    }
}

/** What a deletion of it would do. */
async function look(
    context: AssessmentContext,
    { where, holder }: BatchTaskSubject,
    id: string,
    signal: AbortSignal,
): Promise<Assessment> {
    const properties = { batchTaskIds: [id], when: "destroy" };
    const subject: Subject = {
        definition: batchTaskDeletion,
        properties,
        moment: "destroy",
        where,
        unguarded: true,
    };
    const assessed = await assess(context, holder === undefined ? subject : { ...subject, holder }, signal);
    if (isNothing(assessed)) {
        throw new Error(assessed.nothing);
    }
    return { ...assessed, resource: RESOURCE };
}

const RESOURCE = "vias:BatchTask";

/** Whether the next update has something to do, as diff and update have it. */
function openWork(properties: Properties): boolean {
    const stored = readBatchTask(properties);
    const goal = goalOf(placeAndStateOf(properties).desiredState, stored);
    return !stored.bodyApplied || (!stored.inDesiredState && goal !== undefined);
}

function withAction(
    assessed: Assessment,
    { action, due, absentMeans }: { readonly action: string; readonly due: boolean; readonly absentMeans: string },
): Assessment {
    const targets = assessed.targets.map((target): AssessedTarget => {
        const { fate, why: _, ...same } = target;
        if (fate === "settled") {
            return { ...same, fate: "impossible", why: absentMeans };
        }
        if (fate === "unseen" || fate === "impossible") {
            return target;
        }
        return due ? { ...same, fate: "due" } : { ...same, fate: "settled" };
    });
    return { ...assessed, action, effect: "acts", targets, counts: countFates(targets) };
}

/** A batch task that is to be created: names are unique. */
async function assessName(
    context: AssessmentContext,
    { properties, where, moment }: BatchTaskSubject,
    signal: AbortSignal,
): Promise<Assessment | NothingToDo> {
    const name = nameOf(properties);
    if (name === undefined || moment === "update") {
        return { nothing: "the batch task's id isn't known here" };
    }
    const connection = await context.connect(where, signal);
    const row = await findBatchTaskByName(connection.client(vias), name, signal);
    const target: AssessedTarget =
        row === undefined
            ? { key: name, id: name, fate: "due" }
            : {
                  key: name,
                  id: row.id,
                  fate: "impossible",
                  why: `the name ${name} is taken by the batch task ${row.id}: give another name, or adopt: "${row.id}"`,
              };
    return {
        resource: RESOURCE,
        title: vias.title,
        noun: batchTaskDeletion.noun,
        action: "create",
        effect: "acts",
        place: connection.place,
        within: [],
        targets: [target],
        counts: countFates([target]),
        absent: 0,
        at: context.clock.now(),
    };
}
