import type { BatchApi, SubmitReply, TargetState } from "../../batch/api";
import type { Call, CloudClient } from "../../cloud/call";
import { failedSubmit } from "../shared/failures";
import { type Collection, findByIds, forEachLimit, unseenState } from "../shared/inspection";
import { type Asset, appPages, CALLER_CODES, fdiTaskPages, getApp, getFdiTask, NO_PERMISSION_CODES } from "./api";
import { acceptedAnswer, pollJobs } from "./jobs";

const CONCURRENT_READS = 48;

/** Integration applications ("app:<id>") and FDI tasks ("task:<id>") of one instance. */
export function assetDeletion(client: CloudClient, instance: string): BatchApi {
    /** A job names what failed by its name, not by its id. */
    const names = new Map<string, string>();
    let instanceAnswered = false;
    /** By the lists, which show IAM users their own things alone. */
    const shown = { app: new Set<string>(), task: new Set<string>() };

    /** "Not there" may mean the instance, and then nothing is known of what is in it: a list of the instance has to answer first. */
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
        poll: (jobs, signal) => pollJobs(client, instance, jobs, names, signal),
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
