import * as z from "zod";
import type { CloudClient } from "../../cloud/call";
import type { CloudError } from "../../cloud/errors";
import { read } from "../shared/failures";
import { flag, number, text } from "../shared/fields";
import type { Collection, Page } from "../shared/inspection";
import { listAll, queryOf } from "../shared/listing";
import type { App, AppFilters, FdiTask, FdiTaskFilters } from "./types";

export const NO_PERMISSION_CODES: readonly string[] = ["ROMA.1006"];
/** Not about any asset: "no permission" and "invalid URL" (ErrorCode_server; everything there is HTTP 400). */
export const CALLER_CODES: readonly string[] = [...NO_PERMISSION_CODES, "ROMA.1007"];
/** "No permission to operate the app": it is there, for somebody else. */
export const NOT_YOURS_CODES: readonly string[] = ["ROMA.12001", "ROMA.12002"];

/** No code for "there is no such thing" is documented: it may be any refusal but those whose codes mean something else. */
export function mayMeanThereIsNone(refusal: CloudError): boolean {
    return (
        (refusal.status === 404 || refusal.status === 400) &&
        !/^(APIGW|HTTP)\./.test(refusal.code) &&
        !CALLER_CODES.includes(refusal.code) &&
        !NOT_YOURS_CODES.includes(refusal.code)
    );
}

const userName = z
    .object({ user_name: text })
    .transform(({ user_name }) => user_name)
    .optional()
    .catch(undefined);

export const app = z
    .object({
        id: z.string(),
        name: text,
        remark: text,
        roles: z.array(z.string()).catch([]),
        create_time: text,
        update_time: text,
        created_user: userName,
        last_updated_user: userName,
        owner: flag,
        favorite: flag,
    })
    .transform(
        (shown): App => ({
            id: shown.id,
            name: shown.name,
            remark: shown.remark,
            roles: shown.roles,
            createTime: shown.create_time,
            updateTime: shown.update_time,
            createdBy: shown.created_user,
            updatedBy: shown.last_updated_user,
            owner: shown.owner,
            favorite: shown.favorite,
        }),
    );

const fdiTask = z
    .object({
        task_id: z.string(),
        task_name: text,
        task_type: text,
        status: number,
        execute_status: text,
        created_date: z.union([z.string(), z.number()]).optional().catch(undefined),
        source_app_id: text,
        target_app_id: text,
        enterprise_project_id: text,
        task_tag: text,
    })
    .transform(
        (task): FdiTask => ({
            id: task.task_id,
            name: task.task_name,
            taskType: task.task_type,
            status: task.status,
            executeStatus: task.execute_status,
            createdDate: task.created_date,
            sourceAppId: task.source_app_id,
            targetAppId: task.target_app_id,
            enterpriseProjectId: task.enterprise_project_id,
            taskTag: task.task_tag,
        }),
    );

/** One task comes wrapped (ShowTask: `{task, task_detail}`), with the fields of a listed one at least where they matter here. */
export const shownFdiTask = z.union([z.object({ task: fdiTask }).transform(({ task }) => task), fdiTask]);

type List<T> = Omit<Collection<T>, "get" | "concurrent">;

const appPage = z
    .object({ total: z.int().min(0), apps: z.array(app) })
    .transform((body): Page<App> => ({ total: body.total, items: body.apps }));

/** 1 to 500 a page, offset up to 10,000. */
export function appPages(client: CloudClient, instance: string, filters: AppFilters, signal: AbortSignal): List<App> {
    return {
        noun: "ROMA apps",
        idOf: (item) => item.id,
        pageSize: 500,
        lastOffset: 10_000,
        page: (offset, limit) =>
            read(
                client,
                {
                    operation: "ListAppsV2",
                    method: "GET",
                    path: ["v2", client.place.projectId, "instances", instance, "apps"],
                    query: queryOf({
                        offset,
                        limit,
                        name: filters.name,
                        favorite: filters.favorite,
                        auth_role: filters.authRole,
                        owner: filters.owner,
                        user_name: filters.userName,
                    }),
                    effect: "reads",
                    answer: appPage,
                },
                signal,
            ),
    };
}

const fdiTaskPage = z
    .object({ total: z.int().min(0), entities: z.array(fdiTask) })
    .transform((body): Page<FdiTask> => ({ total: body.total, items: body.entities }));

/** Up to 999 a page, offset up to 999,999. */
export function fdiTaskPages(
    client: CloudClient,
    instance: string,
    filters: FdiTaskFilters,
    signal: AbortSignal,
): List<FdiTask> {
    return {
        noun: "ROMA FDI tasks",
        idOf: (item) => item.id,
        pageSize: 999,
        lastOffset: 999_999,
        page: (offset, limit) =>
            read(
                client,
                {
                    operation: "ListFdiTasks",
                    method: "GET",
                    path: ["v2", client.place.projectId, "fdi", "instances", instance, "tasks"],
                    query: queryOf({
                        offset,
                        limit,
                        task_id: filters.taskId,
                        name: filters.name,
                        status: filters.status,
                        task_type: filters.taskType,
                        execute_status: filters.executeStatus,
                        source_datasource_id: filters.sourceDatasourceId,
                        target_datasource_id: filters.targetDatasourceId,
                        source_app_id: filters.sourceAppId,
                        target_app_id: filters.targetAppId,
                        task_tag: filters.taskTag,
                        sort_field: filters.sortField,
                        sort_type: filters.sortType,
                    }),
                    effect: "reads",
                    answer: fdiTaskPage,
                },
                signal,
            ),
    };
}

/** All apps of one instance that the caller may see. Throws ApiFailure beyond the 10,500 that the API lists. */
export function listApps(client: CloudClient, instanceId: string, filters: AppFilters, signal: AbortSignal) {
    return listAll(appPages(client, instanceId, filters, signal));
}

/** All FDI tasks of one instance. */
export function listFdiTasks(client: CloudClient, instanceId: string, filters: FdiTaskFilters, signal: AbortSignal) {
    return listAll(fdiTaskPages(client, instanceId, filters, signal));
}
