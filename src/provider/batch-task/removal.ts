import type { RunEvent } from "../../batch/events";
import { run } from "../../batch/run";
import type { Connection } from "../../cloud/cloud";
import { placeText } from "../../cloud/place/place-source";
import { batchTaskDeletion } from "../../services/vias/batch-task";
import type { CallContext } from "../call";
import type { HooksContext } from "../context";
import { causesOf } from "../report/causes";
import { failureLines, succeeded } from "../report/lines";
import { countsOf } from "../state";
import type { Targets } from "../targets";
import { deadlineOf } from "../waiting/deadline";

export interface Removal {
    readonly id: string;
    /** The batch task as the only target. */
    readonly targets: Targets;
    readonly connection: Connection;
    /** Shows a line in the resource's row. */
    readonly show: (text: string) => void;
    readonly call: CallContext;
}

/** Deletes one batch task, in a run that shares its requests with those of other resources. Throws where it is not gone afterwards. */
export async function deleteBatchTask(
    { clock, random, sessions }: HooksContext,
    { id, targets, connection, show, call }: Removal,
    signal: AbortSignal,
): Promise<void> {
    const act = batchTaskDeletion.acts({}).onDestroy;
    if (act === undefined) {
        throw new Error("batch tasks can't be deleted");
    }
    call.record.place(connection.place);
    await call.record.targets([id], { noun: batchTaskDeletion.noun[0], kinds: [] });
    const report = await run(sessions.of(batchTaskDeletion, act, connection), [id], {
        signal,
        deadline: deadlineOf(call),
        random,
        onEvent: (event) => {
            call.record.onEvent(event);
            showEvent(event, show);
        },
    });
    if (report.absent?.has(id)) {
        call.log(
            "warning",
            `VIAS batch task ${id} was not there any more, in ${placeText(connection.place)}: it counts as already gone`,
        );
    }
    if (!succeeded(report, 0)) {
        const causes = await causesOf(targets, report, countsOf(report), clock);
        throw new Error(failureLines(batchTaskDeletion, report, causes, "destroy").join("\n"));
    }
}

function showEvent(event: RunEvent, show: (text: string) => void): void {
    if (event.is === "blocked") {
        show(event.reason);
    } else if (event.is === "submitted") {
        show("being deleted");
    } else if (event.is === "settled") {
        show(event.outcome.is === "alreadyGone" ? "already gone" : event.outcome.is);
    }
}
