import { containsText, isOneOf, NOT_IN_ROWS } from "../shared/list-answers";
import { type ListRules, listOf, neverNarrows, oneOf, partOfText, text, time } from "../shared/list-arguments";
import { ASSET_STATES, ASSET_TYPES, type Asset, type AssetFilters } from "./types";

export const listsAssets: ListRules<AssetFilters, Asset> = {
    filters: {
        name: partOfText,
        tag: text,
        tagCombinationType: neverNarrows(oneOf("INTERSECTION", "UNION_SET")),
        startTime: time,
        endTime: time,
        assetTypes: listOf(oneOf(...ASSET_TYPES)),
        sortKey: neverNarrows(oneOf("create_time", "update_time", "asset_order")),
        sortDir: neverNarrows(oneOf("asc", "desc")),
        // Selects the system's assets or the tenant's own: each is a complete list.
        assetSource: neverNarrows(oneOf("SYSTEM", "CUSTOMIZATION", "ALL")),
        assetStates: listOf(oneOf(...ASSET_STATES)),
        assetIds: listOf(text),
        role: oneOf("SHARER", "SHAREE"),
        sex: text,
        language: text,
        systemProperty: text,
        supportedService: oneOf("VIDEO_2D", "LIVE_2D", "CHAT_2D"),
        appUserId: text,
    },
    rows: {
        name: (asset, { name }) => containsText(asset.name, name),
        tag: (asset, { tag = "", tagCombinationType }) => {
            const wanted = tag.split(",");
            const has = (one: string) => asset.tags?.some((shown) => containsText(shown, one)) === true;
            return tagCombinationType === "INTERSECTION" ? wanted.every(has) : wanted.some(has);
        },
        tagCombinationType: NOT_IN_ROWS,
        startTime: isWithin,
        endTime: isWithin,
        assetTypes: (asset, { assetTypes }) => isOneOf(asset.type, assetTypes),
        sortKey: NOT_IN_ROWS,
        sortDir: NOT_IN_ROWS,
        assetSource: NOT_IN_ROWS,
        assetStates: (asset, { assetStates }) => isOneOf(asset.state, assetStates),
        assetIds: (asset, { assetIds }) => assetIds?.includes(asset.id) === true,
        role: NOT_IN_ROWS,
        // Applies only to voices, and the format of the value is not documented.
        sex: NOT_IN_ROWS,
        language: NOT_IN_ROWS,
        systemProperty: NOT_IN_ROWS,
        supportedService: (asset, { supportedService = "" }) =>
            asset.supportedServices?.includes(supportedService) === true,
        appUserId: (asset, { appUserId }) => asset.appUserId === appUserId,
    },
    needs: [["tagCombinationType", "tag"]],
};

/** Times in rows are whole seconds. */
const SECOND = 1_000;

/** Accepts either time: the documentation does not say which one the filters apply to. */
function isWithin({ createTime, updateTime }: Asset, { startTime, endTime }: AssetFilters): boolean {
    const from = startTime === undefined ? Number.NEGATIVE_INFINITY : Date.parse(startTime) - SECOND;
    const to = endTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(endTime) + SECOND;
    return [createTime, updateTime].some((time) => {
        const at = Date.parse(time ?? "");
        return at >= from && at <= to;
    });
}
