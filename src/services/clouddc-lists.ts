import type { InstanceFilters } from "./clouddc";
import { type ListRules, listOf, oneOf, text } from "./list-arguments";

export const listsInstances: ListRules<InstanceFilters> = {
    filters: {
        instanceState: oneOf(
            "pending",
            "running",
            "stopping",
            "stopped",
            "reinstalling",
            "shutting-down",
            "terminated",
            "failed",
        ),
        instanceIds: listOf(text, 100),
        serverIds: listOf(text, 100),
    },
    exclusive: ["instanceIds", "serverIds"],
};
