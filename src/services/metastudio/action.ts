import * as z from "zod";
import type { BatchApi, Problem, SubmitReply, TargetFacts, TargetState } from "../../batch/api";
import type { CloudClient } from "../../cloud/call";
import { clean } from "../../util/text";
import { factsOf, type ShownFacts } from "../shared/facts";
import { failedSubmit } from "../shared/failures";
import { text } from "../shared/fields";
import { readShown } from "../shared/whole-list";
import {
    type AssetSummary,
    assetPages,
    NOT_FOUND,
    PAGE_SIZE,
    readAssets,
    type Show,
    ShownAssets,
    TENANT_CODES,
} from "./api";

/** Our own limit: BatchExecuteAssetAction documents none, and lists show 100 a page. */
const PER_REQUEST = 100;
/** API not found, method not allowed, tenant id mismatch: these do not depend on the assets. */
const CALLER_CODES = ["MSS.00010003", "MSS.00010004", ...TENANT_CODES];

/** BatchExecuteAssetAction: `action`. */
export const assetAction = z.enum(["DELETE", "DELETE_FORCE", "RESTORE", "ACTIVE", "UNACTIVE", "SHARE", "UNSHARE"]);
export type AssetAction = z.infer<typeof assetAction>;

export function deletes(action: AssetAction | undefined): boolean {
    return action === "DELETE" || action === "DELETE_FORCE";
}

/** The service answers at once with a result per asset. The assets' states then show whether it is true. */
export function assetBatch(client: CloudClient, action: AssetAction): BatchApi {
    const shown = new ShownAssets();
    return {
        name: `MetaStudio assets (${action})`,
        effect: deletes(action) ? "deletes" : "acts",
        perRequest: PER_REQUEST,
        concurrentSubmits: 48,
        exclusive: false,
        polling: { first: 0, floor: 500, cap: 10_000 },
        settleWithin: 30_000,
        inspect: (keys, { reportedDone, signal }) => {
            const isReported = (id: string) => reportedDone.has(id);
            const show: Show<TargetState> = (_id, asset, reported) => stateAfter(action, asset, reported);
            const unseen = (problem: Problem): TargetState => ({ is: "unseen", problem });
            return readAssets(client, keys, isReported, shown, { show, unseen }, signal);
        },
        whole: {
            others: "unknown",
            callsFor: (targets) => Math.ceil(targets / PAGE_SIZE),
            read: (_kind, most, signal) =>
                readShown(
                    assetPages(client, { assetSource: "ALL" }, signal),
                    (asset) => stateAfter(action, asset, false),
                    most,
                ),
        },
        submit: (keys, signal) => submit(client, action, keys, signal),
    };
}

/** Shared objects, because there may be very many assets. */
const GONE: TargetState = { is: "settled" };
const SETTLED: TargetState = { is: "settled", shown: true };
const READY: TargetState = { is: "ready" };

/**
 * What an asset's state means for an action. States: metastudio_02_0005 and ShowAsset. DELETING is the recycle bin; DELETED is a record
 * without files. No read shows whether an asset is shared: for SHARE and UNSHARE the answer to the request is the only proof, and a run
 * without such an answer sends the request again.
 */
function stateAfter(action: AssetAction, asset: AssetSummary | undefined, isReported: boolean): TargetState {
    const state = asset?.state;
    const gone = asset === undefined || state === "DELETED";
    const facts = asset === undefined ? undefined : factsOf(assetFacts(asset));
    const reachedIf = (reached: boolean) => there(reached, facts);
    if (asset === undefined && (action === "DELETE" || action === "DELETE_FORCE")) {
        return GONE;
    }
    switch (action) {
        case "DELETE":
            return reachedIf(gone || state === "DELETING");
        case "DELETE_FORCE":
            return reachedIf(gone);
        case "RESTORE":
            // Any state outside the recycle bin counts: the documentation does not say which state a restored asset has.
            return gone ? beyondRecovery(asset, facts) : reachedIf(state !== undefined && state !== "DELETING");
        case "ACTIVE":
            return gone ? beyondRecovery(asset, facts) : reachedIf(state === "ACTIVED");
        case "UNACTIVE":
            return gone ? beyondRecovery(asset, facts) : reachedIf(state === "UNACTIVED");
        case "SHARE":
        case "UNSHARE":
            return gone ? beyondRecovery(asset, facts) : reachedIf(isReported);
    }
}

export function assetFacts({ name, state, createTime }: AssetSummary): ShownFacts {
    return { name, status: state, created: createTime };
}

function there(reached: boolean, facts: TargetFacts | undefined): TargetState {
    if (facts === undefined) {
        return reached ? SETTLED : READY;
    }
    return reached ? { is: "settled", shown: true, facts } : { is: "ready", facts };
}

function beyondRecovery(asset: AssetSummary | undefined, facts: TargetFacts | undefined): TargetState {
    const message =
        asset === undefined ? "there is no such asset" : "the asset's files are deleted and can't be recovered";
    const problem = { code: asset === undefined ? "AssetNotFound" : "AssetDeleted", message };
    return {
        is: "impossible",
        problem,
        ...(asset === undefined ? { absent: true } : {}),
        ...(facts === undefined ? {} : { facts }),
    };
}

async function submit(
    client: CloudClient,
    action: AssetAction,
    keys: readonly string[],
    signal: AbortSignal,
): Promise<SubmitReply> {
    try {
        const { body, requestId } = await client.send(
            {
                operation: "BatchExecuteAssetAction",
                method: "POST",
                path: ["v1", client.place.projectId, "digital-assets", "batch-action"],
                body: { action, asset_ids: keys },
                effect: "changes",
                targets: keys,
                answer: actionAnswer,
            },
            signal,
        );
        const { succeeded, failed } = perAsset(body.results, keys);
        for (const [key, problem] of failed) {
            // For a deletion "not found" may be success: the next inspection decides.
            if (problem.code === NOT_FOUND && (action === "DELETE" || action === "DELETE_FORCE")) {
                failed.delete(key);
            }
        }
        return {
            is: "accepted",
            failed,
            reportedDone: succeeded,
            ...(requestId === undefined ? {} : { requestId }),
        };
    } catch (error) {
        return failedSubmit(error, keys, { permissionCodes: CALLER_CODES });
    }
}

const result = z.object({
    ret_status: text,
    asset_ids: z.array(z.string()).catch([]),
    error_info: z.object({ error_code: text, error_msg: text }).optional().catch(undefined),
});

const actionAnswer = z.object({ results: z.array(result).nullish() });

/**
 * Each id belongs to one group. An id in no group, in contradicting groups, or in a group of unknown status is neither done nor failed:
 * the next inspection decides. The enumeration has SUCCESS, the page's example SUCESS.
 */
function perAsset(
    results: ReadonlyArray<z.infer<typeof result>> | null | undefined,
    keys: readonly string[],
): { succeeded: ReadonlySet<string>; failed: Map<string, Problem> } {
    const requested = new Set(keys);
    const succeeded = new Set<string>();
    const failed = new Map<string, Problem>();
    const unclear = new Set<string>();
    for (const group of results ?? []) {
        const status = group.ret_status ?? "";
        const well = /^SUCC?ESS$/i.test(status);
        for (const id of group.asset_ids) {
            if (!requested.has(id)) {
                continue;
            }
            if (well) {
                succeeded.add(id);
            } else if (/^FAILED$/i.test(status)) {
                failed.set(id, groupProblem(group));
            } else {
                unclear.add(id);
            }
        }
    }
    for (const id of requested) {
        if (unclear.has(id) || (succeeded.has(id) && failed.has(id))) {
            succeeded.delete(id);
            failed.delete(id);
        }
    }
    return { succeeded, failed };
}

function groupProblem(group: z.infer<typeof result>): Problem {
    return {
        code: clean(group.error_info?.error_code || "ActionFailed", 100),
        message: clean(group.error_info?.error_msg || "the cloud gives no reason"),
    };
}
