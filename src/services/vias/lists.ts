import { containsText, isOneOf, NOT_IN_ROWS } from "../shared/list-answers";
import { type ListRules, listOf, neverNarrows, oneOf, partOfText, text } from "../shared/list-arguments";
import { type BatchTask, type BatchTaskFilters, CHILD_STATES } from "./types";

export const listsBatchTasks: ListRules<BatchTaskFilters, BatchTask> = {
    filters: {
        videoGroup: listOf(text),
        taskState: oneOf(...CHILD_STATES),
        typeLike: neverNarrows(oneOf("batch_task_name", "publish_service_name")),
        nameLike: partOfText,
        manufacturer: text,
        title: text,
    },
    rows: {
        // It is not documented whether these are ids or names; rows have only names.
        videoGroup: NOT_IN_ROWS,
        taskState: (task, { taskState }) => (task.statusInfo[taskState ?? ""] ?? 0) > 0,
        typeLike: NOT_IN_ROWS,
        // Rows do not have the name of the service.
        nameLike: (task, { typeLike, nameLike }) =>
            typeLike === "publish_service_name" || containsText(task.name, nameLike),
        manufacturer: (task, { manufacturer }) => isOneOf(task.company, [manufacturer ?? ""]),
        title: NOT_IN_ROWS,
    },
    // If one of them is missing, the service ignores the other and shows everything.
    needs: [
        ["nameLike", "typeLike"],
        ["typeLike", "nameLike"],
    ],
};
