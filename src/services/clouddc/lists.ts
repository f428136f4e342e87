import { isOneOf } from "../shared/list-answers";
import { type ListRules, listOf, oneOf, text } from "../shared/list-arguments";
import type { Instance, InstanceFilters } from "./types";

export const listsInstances: ListRules<InstanceFilters, Instance> = {
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
    rows: {
        // There is no filter for `error`. `failed` probably shows those too; that is not documented.
        instanceState: ({ state }, { instanceState = "" }) =>
            isOneOf(state, instanceState === "failed" ? ["failed", "error"] : [instanceState]),
        instanceIds: ({ id }, { instanceIds }) => isOneOf(id, instanceIds),
        serverIds: ({ serverId }, { serverIds }) => isOneOf(serverId, serverIds),
    },
    exclusive: ["instanceIds", "serverIds"],
};
