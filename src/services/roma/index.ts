import type { BatchApi, Job, JobState, SubmitReply, TargetState } from "../../batch/api";
import type { Call, CloudClient, Service } from "../../cloud/call";
import type { Act, TargetSetDefinition } from "../definition";
import { failedSubmit, readIfThere } from "../shared/failures";
import { idOf } from "../shared/fields";
import { type Collection, findByIds, forEachLimit, unseenState } from "../shared/inspection";
import {
    type Asset,
    appPages,
    CALLER_CODES,
    fdiTaskPages,
    getApp,
    getFdiTask,
    mayMeanThereIsNone,
    NO_PERMISSION_CODES,
    NOT_YOURS_CODES,
} from "./api";
import { type AssetNames, acceptedAnswer, jobState, statusAnswer } from "./jobs";

export { listApps, listFdiTasks } from "./api";

/** Integration applications and FDI tasks. https://support.huaweicloud.com/intl/en-us/api-roma/DeleteAsset.html */
export const roma: Service = {
    name: "roma",
    title: "ROMA Connect",
    hostLabels: { default: "roma" },
    // HTTP 400, as all of this service's refusals.
    authenticationCodes: ["ROMA.1000", "ROMA.1002"],
    permissionCodes: [...NO_PERMISSION_CODES, ...NOT_YOURS_CODES],
    busyCodes: ["ROMA.10012"],
};

const instanceId = idOf("a ROMA instance");

/** The apps and FDI tasks of one instance that must be gone. */
export const assetBatchDeletion: TargetSetDefinition = {
    resource: "roma:AssetBatchDeletion",
    service: roma,
    noun: ["asset", "assets"],
    targets: [
        { input: "appIds", kind: "app", id: idOf("an application") },
        { input: "taskIds", kind: "task", id: idOf("an FDI task", 32) },
    ],
    inputs: { instanceId },
    placeInputs: ["instanceId"],
    goalInputs: [],
    hasWhen: true,
    hasEnterpriseProject: false,
    acts(inputs) {
        const instance = instanceId.parse(inputs.instanceId);
        const act: Act = { variant: instance, api: (client) => assetDeletion(client, instance) };
        return { onCreate: act, onDestroy: act };
    },
};

export const definitions: readonly TargetSetDefinition[] = [assetBatchDeletion];

const CONCURRENT_READS = 48;

function assetDeletion(client: CloudClient, instance: string): BatchApi {
    /** A job names what failed by its name, not by its id. */
    const names = new Map<string, string>();
    let instanceAnswered = false;
    /** By the lists, which show IAM users their own things alone. */
    const shown = { app: new Set<string>(), task: new Set<string>() };

    /** "Not there" may be said of the instance as well, and then nothing is known of what is in it. */
    function inLivingInstance<T>(
        list: Pick<Collection<T>, "page">,
        get: (id: string) => Promise<Asset | undefined>,
    ): (id: string) => Promise<Asset | undefined> {
        return async (assetId) => {
            const asset = await get(assetId);
            if (asset === undefined && !instanceAnswered) {
                await list.page(0, 1);
                instanceAnswered = true;
            }
            return asset;
        };
    }

    function assetKinds(
        signal: AbortSignal,
    ): ReadonlyArray<readonly [kind: "app" | "task", assets: Collection<Asset>]> {
        const apps = appPages(client, instance, {}, signal);
        const tasks = fdiTaskPages(client, instance, {}, signal);
        return [
            [
                "app",
                {
                    ...apps,
                    idOf: (asset) => asset.id,
                    get: inLivingInstance(apps, (appId) => getApp(client, instance, appId, signal)),
                    getNeeds: { grant: "the IAM action roma:applications:get", codes: NO_PERMISSION_CODES },
                    concurrent: CONCURRENT_READS,
                },
            ],
            [
                "task",
                {
                    ...tasks,
                    idOf: (asset) => asset.id,
                    get: inLivingInstance(tasks, (taskId) => getFdiTask(client, instance, taskId, signal)),
                    getNeeds: { grant: "the IAM action roma:tasks:get", codes: NO_PERMISSION_CODES },
                    concurrent: CONCURRENT_READS,
                },
            ],
        ];
    }

    return {
        name: "ROMA Connect assets",
        effect: "deletes",
        // "A maximum of 100 applications and tasks" is read as both together.
        perRequest: 100,
        concurrentSubmits: 1,
        exclusive: true,
        polling: { first: 1_000, floor: 1_000, cap: 15_000 },
        settleWithin: 60_000,

        async inspect(keys, { reportedDone, signal }) {
            const states = new Map<string, TargetState>();
            const kinds = assetKinds(signal);
            await forEachLimit(kinds, kinds.length, async ([kind, assets]) => {
                const ids = idsOf(kind, keys);
                const evidence = { reportedDone: new Set(idsOf(kind, reportedDone)), shown: shown[kind] };
                const { things, unseen } = await findByIds(ids, assets, evidence);
                for (const assetId of ids) {
                    const key = `${kind}:${assetId}`;
                    const asset = things.get(assetId);
                    if (asset?.name !== undefined) {
                        names.set(key, asset.name);
                    }
                    const there = asset === undefined ? ({ is: "settled" } as const) : present(asset);
                    states.set(key, unseenState(unseen, assetId) ?? there);
                }
            });
            return states;
        },

        submit: (keys, signal) => deleteAssets(client, instance, keys, signal),
        poll: (jobs, signal) => lookAtJobs(client, instance, jobs, names, signal),
    };
}

/** Neither the caller's roles nor a running task rule a deletion out by any page of the API: the cloud is asked. */
function present(asset: Asset): TargetState {
    return { is: "ready", ...(asset.name === undefined ? {} : { name: asset.name }) };
}

function idsOf(kind: string, keys: Iterable<string>): readonly string[] {
    const prefix = `${kind}:`;
    return [...keys].flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
}

async function deleteAssets(
    client: CloudClient,
    instance: string,
    keys: readonly string[],
    signal: AbortSignal,
): Promise<SubmitReply> {
    const listed = (kind: string) => idsOf(kind, keys).map((assetId) => ({ id: assetId }));
    const call: Call<{ job: string | undefined }> = {
        operation: "DeleteAsset",
        method: "POST",
        path: ["v2", client.place.projectId, "instances", instance, "assets", "delete"],
        // Both lists are required, empty ones too.
        body: { apps: listed("app"), tasks: listed("task") },
        contentType: "application/json;charset=UTF-8",
        effect: "changes",
        answer: acceptedAnswer,
    };
    try {
        const { body, requestId } = await client.send(call, signal);
        return {
            is: "accepted",
            ...(body.job === undefined ? {} : { job: body.job }),
            ...(requestId === undefined ? {} : { requestId }),
            failed: new Map(),
        };
    } catch (error) {
        return failedSubmit(error, keys, { permissionCodes: CALLER_CODES });
    }
}

/** There is no list of asset jobs; but there is one job at a time. */
async function lookAtJobs(
    client: CloudClient,
    instance: string,
    jobs: readonly Job[],
    names: AssetNames,
    signal: AbortSignal,
): Promise<ReadonlyMap<string, JobState>> {
    const states = new Map<string, JobState>();
    await forEachLimit(jobs, CONCURRENT_READS, async (job) => {
        const status = await readIfThere(
            client,
            {
                operation: "CheckAssetJobStatus",
                method: "GET",
                path: ["v2", client.place.projectId, "instances", instance, "assets", "jobs", job.id],
                effect: "reads",
                answer: statusAnswer,
            },
            mayMeanThereIsNone,
            signal,
        );
        states.set(job.id, status === undefined ? { is: "lost" } : jobState(job, status, names));
    });
    return states;
}
