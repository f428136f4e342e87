import * as z from "zod";
import type { Refusal } from "../../gateway/refusal";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { ACTIONS, type Action, act } from "./actions";
import { assets } from "./model";
import { assetNotFound, illegalQuery, invalid, refuse, settings } from "./rules";

/** The ids of a call that takes many, each once. */
export function idsOf({ world }: Call, ids: readonly string[], duplicates: "refuse-call" | "collapse"): string[] {
    const { maxIds } = settings.in(world);
    if (ids.length > maxIds) {
        throw invalid(`asset_ids: at most ${maxIds}`);
    }
    const wanted = [...new Set(ids)];
    if (wanted.length < ids.length && duplicates === "refuse-call") {
        throw invalid("asset_ids: contains duplicates");
    }
    return wanted;
}
export const assetIds = z.array(z.string().min(1).max(64)).min(1);

/** Failures in groups of the same code and message, as the results give them. */
class Failures {
    private readonly groups = new Map<string, { refusal: Refusal; ids: string[] }>();

    add(refusal: Refusal, id: string): void {
        const key = `${refusal.code} ${refusal.message}`;
        const group = this.groups.get(key) ?? { refusal, ids: [] };
        group.ids.push(id);
        this.groups.set(key, group);
    }

    results() {
        return [...this.groups.values()].map(({ refusal, ids }) => ({
            ret_status: "FAILED",
            asset_ids: ids,
            error_info: { error_code: refusal.code, error_msg: refusal.message },
        }));
    }
}

/** One group, whatever the ids. */
const assetNotFoundInBatch = refuse("MSS.10001001", "Asset not found");

/** One asset by a call of its own. */
function actOnOne(call: Call, action: Action, id: string) {
    const { world, project } = call;
    const submission = world.auditLog.open(call, [id]);
    const asset = assets.in(world, project).get(id);
    if (asset === undefined) {
        throw assetNotFound(id);
    }
    const result = act(call, action, asset);
    if (result.kind === "refused") {
        throw result.refusal;
    }
    submission.accepted = true;
    return ok({});
}

export const actionRoutes: readonly Route[] = [
    route({
        operation: "BatchExecuteAssetAction",
        method: "POST",
        path: "/v1/:project_id/digital-assets/batch-action",
        body: z.object({ action: z.enum(ACTIONS), asset_ids: assetIds, params: z.string().optional() }),
        handle(call, { body }) {
            const { world, project } = call;
            const { duplicateIds, unknownIds, successSpelling } = settings.in(world);
            const { action, asset_ids: ids } = body;
            const submission = world.auditLog.open(call, ids);
            const wanted = idsOf(call, ids, duplicateIds);
            const store = assets.in(world, project);
            const missing = wanted.find((id) => store.get(id) === undefined);
            if (missing !== undefined && unknownIds === "refuse-call") {
                throw assetNotFound(missing);
            }
            submission.accepted = true;
            const done: string[] = [];
            const failures = new Failures();
            for (const id of wanted) {
                const asset = store.get(id);
                if (asset === undefined) {
                    failures.add(assetNotFoundInBatch, id);
                    continue;
                }
                const result = act(call, action, asset);
                if (result.kind === "done") {
                    done.push(id);
                }
                if (result.kind === "refused") {
                    failures.add(result.refusal, id);
                }
            }
            const successes = done.length === 0 ? [] : [{ ret_status: successSpelling, asset_ids: done }];
            return ok({ results: [...successes, ...failures.results()] });
        },
    }),
    route({
        operation: "DeleteAsset",
        method: "DELETE",
        path: "/v1/:project_id/digital-assets/:asset_id",
        query: z.object({ mode: z.string().optional() }),
        handle(call, { params, query }) {
            if (query.mode !== undefined && query.mode !== "force") {
                throw illegalQuery(`mode: ${query.mode}`);
            }
            const action = query.mode === "force" ? "DELETE_FORCE" : "DELETE";
            return actOnOne(call, action, params.asset_id ?? "");
        },
    }),
    route({
        operation: "RestoreAsset",
        method: "POST",
        path: "/v1/:project_id/digital-assets/:asset_id/restore",
        handle: (call, { params }) => actOnOne(call, "RESTORE", params.asset_id ?? ""),
    }),
];
