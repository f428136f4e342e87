import type { ListedKind, ListedThing } from "../listed-kind";
import { factsOf } from "../shared/facts";
import { readWhole } from "../shared/read-whole";
import { shownTexts } from "../shared/shown";
import { batchTaskPages, childCountsOfBatch } from "./api";
import { shownFacts } from "./deletion";
import { type BatchTask, CHILD_STATES } from "./types";

/** What a rule may choose batch tasks by: the columns of ListBatchTasks. It names the algorithm, which is the service's. */
export const listedBatchTasks: ListedKind = {
    noun: "batch tasks",
    states: CHILD_STATES,
    criteria: {
        services: { is: "oneOf" },
        videoGroups: { is: "oneOf" },
        companies: { is: "oneOf" },
    },
    list: ({ client, signal }, show) =>
        readWhole(batchTaskPages(client, {}, signal), (row) => show(listedBatchTask(row))),
    // Whether the list is narrowed by owner or role is not documented.
    mayNotShow: () => "batch tasks that the identity may not see",
};

export function listedBatchTask(row: BatchTask): ListedThing {
    return {
        id: row.id,
        name: row.name,
        states: [...childCountsOfBatch(row).states.keys()],
        facts: factsOf(shownFacts(row)),
        shown: shownTexts({ services: row.algName, videoGroups: row.videoGroupName, companies: row.company }),
    };
}
