import { besides, type ListRules, listOf, oneOf, partOfText, text, time } from "./list-arguments";
import type { AssetFilters } from "./metastudio-reading";

export const listsAssets: ListRules<AssetFilters> = {
    filters: {
        name: partOfText,
        tag: text,
        tagCombinationType: besides(oneOf("INTERSECTION", "UNION_SET")),
        startTime: time,
        endTime: time,
        assetTypes: listOf(
            oneOf(
                "HUMAN_MODEL",
                "VOICE_MODEL",
                "SCENE",
                "ANIMATION",
                "VIDEO",
                "IMAGE",
                "PPT",
                "MATERIAL",
                "NORMAL_MODEL",
                "COMMON_FILE",
                "HUMAN_MODEL_2D",
                "BUSINESS_CARD_TEMPLET",
                "MUSIC",
                "AUDIO",
            ),
        ),
        sortKey: besides(oneOf("create_time", "update_time", "asset_order")),
        sortDir: besides(oneOf("asc", "desc")),
        // Which of two shelves is looked at: each is a whole one.
        assetSource: besides(oneOf("SYSTEM", "CUSTOMIZATION", "ALL")),
        assetStates: listOf(
            oneOf("CREATING", "FAILED", "UNACTIVED", "ACTIVED", "DELETING", "DELETED", "BLOCK", "WAITING_DELETE"),
        ),
        assetIds: listOf(text),
        role: oneOf("SHARER", "SHAREE"),
        sex: text,
        language: text,
        systemProperty: text,
        supportedService: oneOf("VIDEO_2D", "LIVE_2D", "CHAT_2D"),
        appUserId: text,
    },
    needs: [["tagCombinationType", "tag"]],
};
