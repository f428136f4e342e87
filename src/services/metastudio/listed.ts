import type { ListedKind, ListedThing } from "../listed-kind";
import { factsOf } from "../shared/facts";
import { readWhole } from "../shared/read-whole";
import { assetFacts } from "./action";
import { assetPages } from "./api";
import { ASSET_STATES, ASSET_TYPES, type Asset } from "./types";

/** What a rule may choose assets by: the columns of ListAssets. Never an asset of the system. */
export const listedAssets: ListedKind = {
    noun: "assets",
    states: ASSET_STATES,
    criteria: {
        types: { is: "oneOf", known: ASSET_TYPES },
        tags: { is: "eachOf" },
        systemProperties: { is: "pairs" },
    },
    list: ({ client, signal }, show) =>
        // In the order of creation, so that new assets do not shift the pages.
        readWhole(
            assetPages(client, { assetSource: "CUSTOMIZATION", sortKey: "create_time", sortDir: "asc" }, signal),
            (asset) => show(listedAsset(asset)),
        ),
    // Whether the list is narrowed to the caller's own is not documented.
    mayNotShow: () => "assets that other users of the tenant do not share with the identity",
};

export function listedAsset(asset: Asset): ListedThing {
    const { id, name, state, type, tags, systemProperties } = asset;
    return {
        id,
        name,
        states: state ? [state] : [],
        facts: factsOf(assetFacts(asset)),
        shown: {
            types: type ? [type] : undefined,
            tags,
            systemProperties: systemProperties?.map(({ key, value }) => [key, value] as const),
        },
    };
}
