import type { ListedKind, ListedThing } from "../listed-kind";
import { factsOf } from "../shared/facts";
import { readWhole } from "../shared/read-whole";
import { shownTexts } from "../shared/shown";
import { appPages, fdiTaskPages } from "./api";
import { type App, EXECUTE_STATES, type FdiTask, TASK_STATUSES, TASK_TYPES, taskStatus } from "./types";

const CONCURRENT_READS = 48;
const BY_INSTANCE = { inputs: ["instanceId"], criteria: [] };
/** The lists show IAM users their own things alone. */
const OTHERS = "those of other users";

/** What a rule may choose apps by: the columns of ListAppsV2. It shows no state. */
export const listedApps: ListedKind = {
    group: "apps",
    noun: "apps",
    criteria: { createdBy: { is: "oneOf" } },
    readBy: BY_INSTANCE,
    list: ({ client, inputs, signal }, show) => {
        const pages = appPages(client, String(inputs.instanceId), {}, signal);
        return readWhole({ ...pages, concurrent: CONCURRENT_READS }, (app) => show(listedApp(app)));
    },
    mayNotShow: () => OTHERS,
};

/** What a rule may choose FDI tasks by: the columns of ListFdiTasks. */
export const listedTasks: ListedKind = {
    group: "tasks",
    noun: "FDI tasks",
    states: TASK_STATUSES,
    criteria: {
        types: { is: "oneOf", known: TASK_TYPES },
        executeStates: { is: "oneOf", known: EXECUTE_STATES },
        sourceAppIds: { is: "oneOf" },
        targetAppIds: { is: "oneOf" },
        tags: { is: "oneOf" },
    },
    readBy: BY_INSTANCE,
    list: ({ client, inputs, signal }, show) => {
        const pages = fdiTaskPages(client, String(inputs.instanceId), {}, signal);
        return readWhole({ ...pages, concurrent: CONCURRENT_READS }, (task) => show(listedTask(task)));
    },
    mayNotShow: () => OTHERS,
};

export function listedApp({ id, name, createTime, createdBy }: App): ListedThing {
    return { id, name, states: [], facts: factsOf({ name, created: createTime }), shown: shownTexts({ createdBy }) };
}

export function listedTask(task: FdiTask): ListedThing {
    const { id, name, taskType, executeStatus, createdDate, sourceAppId, targetAppId, taskTag } = task;
    const status = taskStatus(task.status);
    return {
        id,
        name,
        states: status === undefined ? [] : [status],
        facts: factsOf({ name, status, created: createdDate }),
        shown: shownTexts({
            // The filter takes them in lower case, the rows show them in upper case.
            types: taskType?.toUpperCase(),
            executeStates: executeStatus?.toUpperCase(),
            sourceAppIds: sourceAppId,
            targetAppIds: targetAppId,
            tags: taskTag,
        }),
    };
}
