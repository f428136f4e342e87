import { containsText, isOneOf, NOT_IN_ROWS } from "../shared/list-answers";
import { flag, type ListRules, mandatory, neverNarrows, oneOf, partOfText, text } from "../shared/list-arguments";
import { type App, type AppFilters, EXECUTE_STATES, type FdiTask, type FdiTaskFilters } from "./types";

const instanceId = mandatory(text);

interface OfInstance {
    readonly instanceId: string;
}

export const listsApps: ListRules<AppFilters & OfInstance, App> = {
    filters: { instanceId, name: partOfText, favorite: flag, authRole: text, owner: text, userName: text },
    rows: {
        instanceId: NOT_IN_ROWS,
        name: (app, { name }) => containsText(app.name, name),
        favorite: (app, { favorite }) => app.favorite === favorite,
        authRole: (app, { authRole }) => app.roles.some((role) => isOneOf(role, [authRole ?? ""])),
        // The rows say whether the caller is the owner; what the filter takes besides that is not documented.
        owner: (app, { owner = "" }) => !/^(true|false)$/i.test(owner) || isOneOf(String(app.owner), [owner]),
        // Which user it is compared with is not documented.
        userName: (app, { userName }) => containsText(app.createdBy, userName) || containsText(app.updatedBy, userName),
    },
};

export const listsFdiTasks: ListRules<FdiTaskFilters & OfInstance, FdiTask> = {
    filters: {
        instanceId,
        taskId: text,
        name: partOfText,
        status: oneOf(0, 1),
        taskType: oneOf("realtime", "timing"),
        executeStatus: oneOf(...EXECUTE_STATES),
        sourceDatasourceId: text,
        targetDatasourceId: text,
        sourceAppId: text,
        targetAppId: text,
        taskTag: text,
        sortField: neverNarrows(oneOf("CREATED_DATE", "STATUS")),
        sortType: neverNarrows(oneOf("ASC", "DESC")),
    },
    rows: {
        instanceId: NOT_IN_ROWS,
        taskId: (task, { taskId }) => task.id === taskId,
        name: (task, { name }) => containsText(task.name, name),
        status: (task, { status }) => task.status === status,
        taskType: (task, { taskType }) => isOneOf(task.taskType, [taskType ?? ""]),
        executeStatus: (task, { executeStatus }) => isOneOf(task.executeStatus, [executeStatus ?? ""]),
        sourceDatasourceId: NOT_IN_ROWS,
        targetDatasourceId: NOT_IN_ROWS,
        sourceAppId: (task, { sourceAppId }) => task.sourceAppId === sourceAppId,
        targetAppId: (task, { targetAppId }) => task.targetAppId === targetAppId,
        taskTag: (task, { taskTag }) => containsText(task.taskTag, taskTag),
        sortField: NOT_IN_ROWS,
        sortType: NOT_IN_ROWS,
    },
};
