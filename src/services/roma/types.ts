/** An integration application. */
export interface App {
    readonly id: string;
    readonly name: string | undefined;
    readonly remark: string | undefined;
    /** What the caller may do with it: read, access, delete, modify, admin. */
    readonly roles: readonly string[];
    /** As the cloud prints it. */
    readonly createTime: string | undefined;
    /** As the cloud prints it. */
    readonly updateTime: string | undefined;
    /** The name of the user who made it. */
    readonly createdBy: string | undefined;
    /** The name of the user who changed it last. */
    readonly updatedBy: string | undefined;
    /** Whether the caller owns it. */
    readonly owner: boolean | undefined;
    /** Whether the caller has marked it as a favourite. */
    readonly favorite: boolean | undefined;
}

/** An FDI data-integration task. */
export interface FdiTask {
    readonly id: string;
    readonly name: string | undefined;
    /** realtime, timing */
    readonly taskType: string | undefined;
    /** 0: stopped, 1: running. */
    readonly status: number | undefined;
    /** How its last run ended, or goes on: UNSTARTED, WAITING, RUNNING, SUCCESS, CANCELLED, ERROR. */
    readonly executeStatus: string | undefined;
    /** As the cloud prints it: text or a number. */
    readonly createdDate: string | number | undefined;
    readonly sourceAppId: string | undefined;
    readonly targetAppId: string | undefined;
    readonly enterpriseProjectId: string | undefined;
    readonly taskTag: string | undefined;
}

/** The word for the number that an FDI task shows as its status. An app shows none. */
export function taskStatus(status: number | undefined): string | undefined {
    return status === undefined ? undefined : (TASK_STATUSES[status] ?? String(status));
}

/** As rows show them; the filter takes them in lower case. */
export const TASK_TYPES = ["REALTIME", "TIMING"] as const;

export const EXECUTE_STATES = ["UNSTARTED", "WAITING", "RUNNING", "SUCCESS", "CANCELLED", "ERROR"] as const;

export type FdiExecuteState = (typeof EXECUTE_STATES)[number];

/** ListFdiTasks: 0 stopped, 1 running. */
export const TASK_STATUSES: readonly string[] = ["stopped", "running"];

/** The filters of ListAppsV2. */
export interface AppFilters {
    /** Part of the name. */
    readonly name?: string;
    /** Whether the caller has marked it as a favourite. */
    readonly favorite?: boolean;
    /** What the caller may do with it. */
    readonly authRole?: string;
    /** The owner. */
    readonly owner?: string;
    /** The name of a user. */
    readonly userName?: string;
}

/** The filters of ListFdiTasks, and how it sorts. */
export interface FdiTaskFilters {
    /** One id. */
    readonly taskId?: string;
    /** Part of the name. */
    readonly name?: string;
    /** 0: stopped, 1: running. */
    readonly status?: 0 | 1;
    readonly taskType?: "realtime" | "timing";
    readonly executeStatus?: "UNSTARTED" | "WAITING" | "RUNNING" | "SUCCESS" | "CANCELLED" | "ERROR";
    readonly sourceDatasourceId?: string;
    readonly targetDatasourceId?: string;
    readonly sourceAppId?: string;
    readonly targetAppId?: string;
    readonly taskTag?: string;
    /** Sorting alone is no filter. */
    readonly sortField?: "CREATED_DATE" | "STATUS";
    /** Sorting alone is no filter. */
    readonly sortType?: "ASC" | "DESC";
}
