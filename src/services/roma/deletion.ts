import type { BatchApi, SubmitReply, TargetState, WholeReading } from "../../batch/api";
import type { Call, CloudClient } from "../../cloud/call";
import { withFacts } from "../shared/facts";
import { failedSubmit } from "../shared/failures";
import { type Collection, findByIds, forEachLimit, unseenState } from "../shared/inspection";
import { readShown } from "../shared/whole-list";
import { CALLER_CODES } from "./api";
import { type Asset, type AssetKind, InstanceAssets } from "./assets";
import { acceptedAnswer, pollJobs } from "./jobs";
import { taskStatus } from "./types";

/** Integration applications ("app:<id>") and FDI tasks ("task:<id>") of one instance. */
export function assetDeletion(client: CloudClient, instance: string): BatchApi {
    /** A job names what failed by its name, not by its id. */
    const names = new Map<string, string>();
    const assets = new InstanceAssets(client, instance);
    /** By the lists, which show IAM users their own things alone. */
    const shown = { app: new Set<string>(), task: new Set<string>() };

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
            const collections = assets.collections(signal);
            await forEachLimit(collections, collections.length, async ([kind, collection]) => {
                const ids = idsOf(kind, keys);
                const evidence = { reportedDone: new Set(idsOf(kind, reportedDone)), shown: shown[kind] };
                const { things, unseen } = await findByIds(ids, collection, evidence);
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

        whole: {
            others: "unknown",
            callsFor: (targets) => targets,
            kindOf: (key) => key.slice(0, key.indexOf(":")),
            read: (kind, most, signal) => readKind(assets.collections(signal), kind, most),
        },

        submit: (keys, signal) => deleteAssets(client, instance, keys, signal),
        poll: (jobs, signal) => pollJobs(client, instance, jobs, names, signal),
    };
}

async function readKind(
    collections: ReadonlyArray<readonly [kind: AssetKind, list: Collection<Asset>]>,
    wanted: string,
    most: number,
): Promise<WholeReading> {
    const [kind, list] = collections.find(([each]) => each === wanted) ?? [];
    if (kind === undefined || list === undefined) {
        throw new RangeError(`no kind of assets: ${wanted}`);
    }
    const reading = await readShown(list, present, most);
    return reading.is === "read"
        ? { is: "read", states: new Map([...reading.states].map(([id, state]) => [`${kind}:${id}`, state])) }
        : reading;
}

/** No page of the API says that the caller's roles or a running task rule a deletion out: it is asked for. */
function present(asset: Asset): TargetState {
    const { name, status, createTime, createdDate } = asset;
    return { is: "ready", ...withFacts({ name, status: taskStatus(status), created: createTime ?? createdDate }) };
}

function idsOf(kind: AssetKind, keys: Iterable<string>): readonly string[] {
    const prefix = `${kind}:`;
    return [...keys].flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
}

async function deleteAssets(
    client: CloudClient,
    instance: string,
    keys: readonly string[],
    signal: AbortSignal,
): Promise<SubmitReply> {
    const listed = (kind: AssetKind) => idsOf(kind, keys).map((assetId) => ({ id: assetId }));
    const call: Call<{ job: string | undefined }> = {
        operation: "DeleteAsset",
        method: "POST",
        path: ["v2", client.place.projectId, "instances", instance, "assets", "delete"],
        // Both lists are required, empty ones too.
        body: { apps: listed("app"), tasks: listed("task") },
        contentType: "application/json;charset=UTF-8",
        effect: "changes",
        targets: keys,
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
