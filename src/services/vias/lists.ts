import { containsText, isOneOf, NOT_IN_ROWS } from "../shared/list-answers";
import { type ListRules, listOf, neverNarrows, oneOf, partOfText, text } from "../shared/list-arguments";
import type { BatchTask, BatchTaskFilters } from "./types";

export const listsBatchTasks: ListRules<BatchTaskFilters, BatchTask> = {
    filters: {
        videoGroup: listOf(text),
        taskState: oneOf(
            "pending",
            "recovering",
            "starting",
            "upgrading",
            "create_failed",
            "start_failed",
            "running",
            "stopping",
            "stopped",
            "abnormal",
            "succeeded",
            "failed",
            "deleting",
            "freezing",
            "frozen",
            "stopped_no_service",
            "scheduling",
            "lack_of_resources",
        ),
        typeLike: neverNarrows(oneOf("batch_task_name", "publish_service_name")),
        nameLike: partOfText,
        manufacturer: text,
        title: text,
    },
    rows: {
        // By ids or by names is not documented, and the rows tell names.
        videoGroup: NOT_IN_ROWS,
        taskState: (task, { taskState }) => (task.statusInfo[taskState ?? ""] ?? 0) > 0,
        typeLike: NOT_IN_ROWS,
        // The rows do not tell the name of the service.
        nameLike: (task, { typeLike, nameLike }) =>
            typeLike === "publish_service_name" || containsText(task.name, nameLike),
        manufacturer: (task, { manufacturer }) => isOneOf(task.company, [manufacturer ?? ""]),
        title: NOT_IN_ROWS,
    },
    // The service compares nothing, and shows all, where one of them is missing.
    needs: [
        ["nameLike", "typeLike"],
        ["typeLike", "nameLike"],
    ],
};
