import { besides, flag, type ListRules, mandatory, oneOf, partOfText, text } from "./list-arguments";
import type { AppFilters, FdiTaskFilters } from "./roma-reading";

const instanceId = mandatory(text);

interface OfInstance {
    readonly instanceId: string;
}

export const listsApps: ListRules<AppFilters & OfInstance> = {
    filters: { instanceId, name: partOfText, favorite: flag, authRole: text, owner: text, userName: text },
};

export const listsFdiTasks: ListRules<FdiTaskFilters & OfInstance> = {
    filters: {
        instanceId,
        taskId: text,
        name: partOfText,
        status: oneOf(0, 1),
        taskType: oneOf("realtime", "timing"),
        executeStatus: oneOf("UNSTARTED", "WAITING", "RUNNING", "SUCCESS", "CANCELLED", "ERROR"),
        sourceDatasourceId: text,
        targetDatasourceId: text,
        sourceAppId: text,
        targetAppId: text,
        taskTag: text,
        sortField: besides(oneOf("CREATED_DATE", "STATUS")),
        sortType: besides(oneOf("ASC", "DESC")),
    },
};
