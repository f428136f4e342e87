import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { isoSeconds } from "../../world/world";
import { commaList, pageOf, queryInteger } from "../paging";
import { assetIds, idsOf } from "./action-routes";
import { setState } from "./actions";
import { ASSET_STATES, ASSET_TYPES, type Asset, assets, described, planNext, SUPPORTED_SERVICE_NAMES } from "./model";
import { assetNotFound, illegalQuery, refuse, settings } from "./rules";

const BASE = "/v1/:project_id/digital-assets";

const view = (asset: Asset) => {
    const {
        source: _,
        step: __,
        previous_state: ___,
        deleted_by: ____,
        unlisted: _______,
        shared_config: _____,
        review_config: ______,
        ...shown
    } = asset;
    return shown;
};
const summary = (asset: Asset) => ({
    asset_id: asset.asset_id,
    asset_name: asset.asset_name,
    asset_state: asset.asset_state,
    asset_type: asset.asset_type,
    block_reason_code: asset.block_reason_code,
    cover_url: "",
    thumbnail_url: "",
});

function assetOf(call: Call, id: string | undefined): Asset {
    const asset = assets.in(call.world, call.project).get(id ?? "");
    if (asset === undefined) {
        throw assetNotFound(id ?? "");
    }
    return asset;
}

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
/** A name that may come several times. */
const repeated = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const listQuery = z
    .object({
        limit: queryInteger(1, 100).default(10),
        offset: queryInteger(0, 2_147_483_647).default(0),
        name: z.string(),
        tag: z.string(),
        tag_combination_type: z.enum(["INTERSECTION", "UNION_SET"]).default("UNION_SET"),
        start_time: moment,
        end_time: moment,
        asset_type: commaList(ASSET_TYPES),
        sort_key: z.enum(["create_time", "update_time", "asset_order"]).default("create_time"),
        sort_dir: z.enum(["asc", "desc"]).default("asc"),
        asset_source: z.enum(["SYSTEM", "CUSTOMIZATION", "ALL"]).default("CUSTOMIZATION"),
        asset_state: commaList(ASSET_STATES),
        asset_id: repeated,
        accurate_query_field: repeated,
        role: z.enum(["SHARER", "SHAREE"]),
        supported_service: commaList(SUPPORTED_SERVICE_NAMES),
        voice_provider: commaList(["HUAWEI_METASTUDIO", "MOBVOI"]),
        app_user_id: z.string(),
    })
    .partial({
        name: true,
        tag: true,
        start_time: true,
        end_time: true,
        asset_type: true,
        asset_state: true,
        asset_id: true,
        accurate_query_field: true,
        role: true,
        supported_service: true,
        voice_provider: true,
        app_user_id: true,
    });
type ListQuery = z.output<typeof listQuery>;

type Test = (asset: Asset) => boolean;

/** What an asset must be to be listed. */
function testsOf(query: ListQuery): Test[] {
    const { name, asset_type, asset_state, asset_source, start_time, end_time, app_user_id, role } = query;
    const tests: Test[] = [({ unlisted }) => !unlisted];
    if (asset_source !== "ALL") {
        tests.push(({ source }) => source === asset_source);
    }
    if (name !== undefined) {
        const exactly = query.accurate_query_field?.some((field) => field.split(",").includes("name")) === true;
        tests.push(({ asset_name }) => (exactly ? asset_name === name : asset_name.includes(name)));
    }
    if (query.tag !== undefined) {
        const wanted = query.tag.split(",");
        const every = query.tag_combination_type === "INTERSECTION";
        tests.push(({ tags }) => {
            const has = (tag: string) => tags.includes(tag);
            return every ? wanted.every(has) : wanted.some(has);
        });
    }
    if (start_time !== undefined) {
        tests.push(({ create_time }) => Date.parse(create_time) >= start_time);
    }
    if (end_time !== undefined) {
        tests.push(({ create_time }) => Date.parse(create_time) <= end_time);
    }
    if (asset_type !== undefined) {
        tests.push((asset) => asset_type.includes(asset.asset_type));
    }
    if (asset_state !== undefined) {
        tests.push((asset) => asset_state.includes(asset.asset_state));
    }
    if (app_user_id !== undefined) {
        tests.push((asset) => asset.app_user_id === app_user_id);
    }
    if (query.supported_service !== undefined) {
        const wanted = query.supported_service;
        tests.push(({ supported_service }) => supported_service.some((service) => wanted.includes(service)));
    }
    // Nothing is shared with the emulator's accounts by others.
    if (role !== undefined) {
        tests.push((asset) => role === "SHARER" && asset.shared_config.shared_type !== "PRIVATE");
    }
    return tests;
}

/** By list of the store, which is another one after every change of what is in it. */
const byCreation = new WeakMap<readonly Asset[], readonly Asset[]>();
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function sorted(all: readonly Asset[], { sort_key, sort_dir }: ListQuery): readonly Asset[] {
    let ascending = sort_key === "create_time" ? byCreation.get(all) : undefined;
    if (ascending === undefined) {
        ascending = all.toSorted((a, b) =>
            sort_key === "asset_order" ? a.asset_order - b.asset_order : compareText(a[sort_key], b[sort_key]),
        );
        if (sort_key === "create_time") {
            byCreation.set(all, ascending);
        }
    }
    return sort_dir === "asc" ? ascending : ascending.toReversed();
}

function refuseSameName(call: Call, name: string, but?: Asset): void {
    if (!settings.in(call.world).uniqueNames) {
        return;
    }
    const all = assets.in(call.world, call.project).list("arbitrary");
    const isTaken = ({ asset_name, asset_state }: Asset) => asset_name === name && asset_state !== "DELETED";
    if (all.some((other) => other !== but && isTaken(other))) {
        throw refuse("MSS.10001005", `The asset name exists: ${name}`);
    }
}

const UPDATABLE: readonly Asset["asset_state"][] = ["CREATING", "UNACTIVED", "ACTIVED", "WAITING_DELETE"];

export const assetRoutes: readonly Route[] = [
    route({
        operation: "ListAssets",
        method: "GET",
        path: BASE,
        query: z.record(z.string(), z.unknown()),
        handle(call, { query: raw }) {
            const judged = listQuery.safeParse(raw);
            if (!judged.success) {
                const [issue] = judged.error.issues;
                throw illegalQuery(`${issue?.path.join(".")}: ${issue?.message}`);
            }
            const query = judged.data;
            const store = assets.in(call.world, call.project);
            const named = query.asset_id && [...new Set(query.asset_id)].map((id) => store.get(id));
            const all = named?.filter((asset) => asset !== undefined) ?? store.list("arbitrary");
            const tests = testsOf(query);
            const found = sorted(all, query).filter((asset) => tests.every((test) => test(asset)));
            return ok({ count: found.length, assets: pageOf(found, query.offset, query.limit).map(view) });
        },
    }),
    route({
        operation: "ListAssetSummary",
        method: "POST",
        path: `${BASE}/summarys`,
        body: z.object({ asset_ids: assetIds }),
        handle(call, { body }) {
            const wanted = idsOf(call, body.asset_ids, "collapse");
            const store = assets.in(call.world, call.project);
            const listed = (id: string) => {
                const asset = store.get(id);
                return asset?.unlisted === true ? undefined : asset;
            };
            const missing = wanted.find((id) => listed(id) === undefined);
            if (missing !== undefined && settings.in(call.world).unknownSummaries === "refuse-call") {
                throw assetNotFound(missing);
            }
            const found = wanted.map(listed).filter((asset) => asset !== undefined);
            return ok({ asset_list: found.map(summary) });
        },
    }),
    route({
        operation: "CreateDigitalAsset",
        method: "POST",
        path: BASE,
        body: described
            .partial()
            .required({ asset_name: true })
            .extend({
                asset_type: z
                    .enum(ASSET_TYPES)
                    .refine(
                        (type) => type !== "VOICE_MODEL" && type !== "HUMAN_MODEL_2D",
                        "cannot be uploaded by users",
                    ),
                is_need_generate_cover: z.boolean().optional(),
            }),
        handle(call, { body }) {
            const { world, project } = call;
            refuseSameName(call, body.asset_name);
            const { is_need_generate_cover: _, ...given } = body;
            const app_user_id = call.header("x-app-userid") ?? "";
            const asset = assets.create(
                { world, project, index: 0 },
                { ...given, app_user_id, asset_state: "CREATING", previous_state: "CREATING" },
            );
            planNext(world, project, asset);
            return ok({ asset_id: asset.asset_id, produce_id: asset.produce_id });
        },
    }),
    route({
        operation: "ShowAsset",
        method: "GET",
        path: `${BASE}/:asset_id`,
        handle: (call, { params }) => ok(view(assetOf(call, params.asset_id))),
    }),
    route({
        operation: "UpdateDigitalAsset",
        method: "PUT",
        path: `${BASE}/:asset_id`,
        body: described.partial().extend({
            asset_type: z.enum(ASSET_TYPES).optional(),
            asset_state: z.enum(["UNACTIVED", "ACTIVED", "WAITING_DELETE"]).optional(),
        }),
        handle(call, { params, body }) {
            const { world, project } = call;
            const asset = assetOf(call, params.asset_id);
            if (!UPDATABLE.includes(asset.asset_state)) {
                const message = `An asset in the state ${asset.asset_state} cannot be updated.`;
                throw refuse(settings.in(world).stateConflictCode, message);
            }
            if (body.asset_name !== undefined) {
                refuseSameName(call, body.asset_name, asset);
            }
            const { asset_state, ...changes } = body;
            Object.assign(asset, changes, { update_time: isoSeconds(world.now()) });
            if (asset_state !== undefined) {
                setState(world, project, asset, asset_state);
            }
            return ok(view(asset));
        },
    }),
];
