import { besides, type ListRules, listOf, oneOf, partOfText, text } from "./list-arguments";
import type { BatchTaskFilters } from "./vias-reading";

export const listsBatchTasks: ListRules<BatchTaskFilters> = {
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
        typeLike: besides(oneOf("batch_task_name", "publish_service_name")),
        nameLike: partOfText,
        manufacturer: text,
        title: text,
    },
    // The service compares nothing, and shows all, where one of them is missing.
    needs: [
        ["nameLike", "typeLike"],
        ["typeLike", "nameLike"],
    ],
};
