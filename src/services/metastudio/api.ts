import * as z from "zod";
import type { Problem } from "../../batch/api";
import type { CloudClient } from "../../cloud/call";
import type { CloudError } from "../../cloud/errors";
import { read, readIfThere, saysNotFound } from "../shared/failures";
import { text } from "../shared/fields";
import { type Collection, forEachLimit, type Page } from "../shared/inspection";
import { listAll, queryOf } from "../shared/listing";
import { unlessRefused } from "../shared/permission";
import type { Asset, AssetFilters } from "./types";

/** Error codes: 400 MSS.10001001 asset not found. */
export const NOT_FOUND = "MSS.10001001";
/** ListAssets: limit 1..100, default 10. ListAssetSummary documents no limit; it gets the same. */
export const PAGE_SIZE = 100;
const CONCURRENT_READS = 48;

const saysNoSuchAsset = (refusal: CloudError) => refusal.code === NOT_FOUND || saysNotFound(refusal);

/** The fields of ShowAsset and ListAssets that are used. */
const asset = z
    .object({
        asset_id: z.string(),
        asset_name: text,
        asset_state: text,
        asset_type: text,
        asset_description: text,
        tags: z.array(z.string()).optional().catch(undefined),
        system_properties: z
            .array(z.object({ key: z.string().catch(""), value: z.string().catch("") }))
            .optional()
            .catch(undefined),
        app_user_id: text,
        supported_service: z.array(z.string()).optional().catch(undefined),
        create_time: text,
        update_time: text,
    })
    .transform(
        (shown): Asset => ({
            id: shown.asset_id,
            name: shown.asset_name,
            state: shown.asset_state,
            type: shown.asset_type,
            description: shown.asset_description,
            tags: shown.tags,
            systemProperties: shown.system_properties,
            appUserId: shown.app_user_id,
            supportedServices: shown.supported_service,
            createTime: shown.create_time,
            updateTime: shown.update_time,
        }),
    );

/** The fields of ListAssetSummary that an inspection needs; few, because there may be very many assets. */
const assetSummary = z
    .object({ asset_id: z.string(), asset_name: text, asset_state: text })
    .transform((shown): AssetSummary => ({ id: shown.asset_id, name: shown.asset_name, state: shown.asset_state }));
export type AssetSummary = Pick<Asset, "id" | "name" | "state"> & Partial<Pick<Asset, "createTime">>;

const summaries = z.object({ asset_list: z.array(assetSummary).nullish() });

const assetPage = z
    .object({ count: z.int().min(0), assets: z.array(asset) })
    .transform((body): Page<Asset> => ({ total: body.count, items: body.assets }));

/** The result of an inspection for one asset. `asset` undefined: it does not exist. `isReported`: an answer reported it done before the read began. */
export type Show<T> = (id: string, asset: AssetSummary | undefined, isReported: boolean) => T;

/** Ids that each of the two list calls has shown in this process. Neither is documented to show all assets to every caller. */
export class ShownAssets {
    readonly bySummaries = new Set<string>();
    readonly byList = new Set<string>();
}

/**
 * The result of `show` for each asset, by id. Three calls in turn, because the documentation does not say whether ListAssetSummary leaves
 * out unknown ids, refuses the whole request because of them, or leaves out the recycle bin:
 * ListAssetSummary; for ids that it does not show, unless they were reported done, ListAssets, which shows all states; for ids that no
 * list has ever shown, ShowAsset. `unseen` makes the result of an asset whose ShowAsset is refused.
 */
export async function readAssets<T>(
    client: CloudClient,
    ids: readonly string[],
    isReported: (id: string) => boolean,
    shownBefore: ShownAssets,
    { show, unseen }: { readonly show: Show<T>; readonly unseen: (problem: Problem) => T },
    signal: AbortSignal,
): Promise<Map<string, T>> {
    const found = new Map<string, T>();
    const unlisted: string[] = [];
    await forEachLimit(chunks(ids), CONCURRENT_READS, async (chunk) => {
        // Taken before the read: a report that comes during the read does not apply to its answer.
        const reportedDone = new Set(chunk.filter(isReported));
        const shown = await readSummaries(client, chunk, signal);
        const byOthers = shown === undefined && chunk.length > 1;
        addShown(found, chunk, shown ?? [], reportedDone, show, shownBefore.bySummaries);
        for (const id of chunk.filter((id) => !found.has(id))) {
            if (!byOthers && reportedDone.has(id) && shownBefore.bySummaries.has(id)) {
                found.set(id, show(id, undefined, true));
            } else {
                unlisted.push(id);
            }
        }
    });
    const unread: string[] = [];
    if (unlisted.length === 1) {
        unread.push(...unlisted);
    } else {
        await forEachLimit(chunks(unlisted), CONCURRENT_READS, async (chunk) => {
            const reportedDone = new Set(chunk.filter(isReported));
            const page = await readPage(client, { assetIds: chunk, assetSource: "ALL" }, 0, signal);
            addShown(found, chunk, page.items, reportedDone, show, shownBefore.byList);
            const requested = new Set(chunk);
            const isConclusive = page.total <= page.items.length && page.items.every(({ id }) => requested.has(id));
            for (const id of chunk.filter((id) => !found.has(id))) {
                const couldBeSeen =
                    shownBefore.byList.has(id) || (reportedDone.has(id) && shownBefore.bySummaries.has(id));
                if (isConclusive && couldBeSeen) {
                    found.set(id, show(id, undefined, reportedDone.has(id)));
                } else {
                    unread.push(id);
                }
            }
        });
    }
    await forEachLimit(unread, CONCURRENT_READS, async (id) => {
        const reportedDone = isReported(id);
        const read = await unlessRefused(SHOW_NEEDS, () => readAsset(client, id, signal));
        found.set(id, read.is === "refused" ? unseen(read.problem) : show(id, read.value, reportedDone));
    });
    return found;
}

/** "Tenant id mismatch": the identity belongs to another tenant than the asset. */
export const TENANT_CODES: readonly string[] = ["MSS.00010009"];

/** The documentation names no IAM action for ShowAsset. A tenant mismatch does not mean that the asset is absent. */
const SHOW_NEEDS = { grant: "the policy MetaStudio FullAccess, for ShowAsset", codes: TENANT_CODES };

/** Undefined: the asset does not exist. */
function readAsset(client: CloudClient, id: string, signal: AbortSignal): Promise<AssetSummary | undefined> {
    return readIfThere(
        client,
        {
            operation: "ShowAsset",
            method: "GET",
            path: ["v1", client.place.projectId, "digital-assets", id],
            effect: "reads",
            targets: [id],
            answer: asset,
        },
        saysNoSuchAsset,
        signal,
    );
}

/** Undefined: the cloud refuses the request because one of the assets does not exist. */
async function readSummaries(
    client: CloudClient,
    ids: readonly string[],
    signal: AbortSignal,
): Promise<readonly AssetSummary[] | undefined> {
    const answer = await readIfThere(
        client,
        {
            operation: "ListAssetSummary",
            method: "POST",
            path: ["v1", client.place.projectId, "digital-assets", "summarys"],
            body: { asset_ids: ids },
            effect: "reads",
            answer: summaries,
        },
        saysNoSuchAsset,
        signal,
    );
    return answer === undefined ? undefined : (answer.asset_list ?? []);
}

/** Stores results under the given id strings, so that the copies in the answer can be freed. */
function addShown<T>(
    found: Map<string, T>,
    ids: readonly string[],
    shown: readonly AssetSummary[],
    reportedDone: ReadonlySet<string>,
    show: Show<T>,
    shownBefore: Set<string>,
): void {
    const byId = new Map(shown.map((asset) => [asset.id, asset]));
    for (const id of ids) {
        const asset = byId.get(id);
        if (asset !== undefined) {
            shownBefore.add(id);
            found.set(id, show(id, asset, reportedDone.has(id)));
        }
    }
}

function chunks(ids: readonly string[]): readonly (readonly string[])[] {
    return Array.from({ length: Math.ceil(ids.length / PAGE_SIZE) }, (_, i) =>
        ids.slice(i * PAGE_SIZE, (i + 1) * PAGE_SIZE),
    );
}

function readPage(
    client: CloudClient,
    filters: AssetFilters,
    offset: number,
    signal: AbortSignal,
): Promise<Page<Asset>> {
    return read(
        client,
        {
            operation: "ListAssets",
            method: "GET",
            path: ["v1", client.place.projectId, "digital-assets"],
            query: [
                ...queryOf({
                    limit: PAGE_SIZE,
                    offset,
                    name: filters.name,
                    tag: filters.tag,
                    tag_combination_type: filters.tagCombinationType,
                    start_time: filters.startTime,
                    end_time: filters.endTime,
                    asset_type: filters.assetTypes,
                    sort_key: filters.sortKey,
                    sort_dir: filters.sortDir,
                    asset_source: filters.assetSource,
                    asset_state: filters.assetStates,
                    role: filters.role,
                    sex: filters.sex,
                    language: filters.language,
                    system_property: filters.systemProperty,
                    supported_service: filters.supportedService,
                    app_user_id: filters.appUserId,
                }),
                // `asset_id` is repeated; the other lists are one value with commas.
                ...(filters.assetIds ?? []).map((id) => ["asset_id", id] as const),
            ],
            effect: "reads",
            answer: assetPage,
        },
        signal,
    );
}

/** All assets that match the filters. Throws ApiFailure. */
export function listAssets(client: CloudClient, filters: AssetFilters, signal: AbortSignal): Promise<readonly Asset[]> {
    return listAll(assetPages(client, filters, signal));
}

export function assetPages(
    client: CloudClient,
    filters: AssetFilters,
    signal: AbortSignal,
): Omit<Collection<Asset>, "get"> {
    return {
        noun: "MetaStudio assets",
        pageSize: PAGE_SIZE,
        concurrent: CONCURRENT_READS,
        idOf: (item) => item.id,
        page: (offset) => readPage(client, filters, offset, signal),
    };
}
