/** A digital asset. */
export interface Asset {
    readonly id: string;
    readonly name: string | undefined;
    /** CREATING, FAILED, UNACTIVED, ACTIVED, DELETING (in the recycle bin), DELETED, BLOCK, WAITING_DELETE */
    readonly state: string | undefined;
    /** HUMAN_MODEL, VOICE_MODEL, SCENE … */
    readonly type: string | undefined;
    readonly description: string | undefined;
    readonly tags: readonly string[] | undefined;
    readonly systemProperties: ReadonlyArray<{ readonly key: string; readonly value: string }> | undefined;
    /** The user of the caller's application who owns it. */
    readonly appUserId: string | undefined;
    /** The services it can be used in: VIDEO_2D, LIVE_2D, CHAT_2D. */
    readonly supportedServices: readonly string[] | undefined;
    /** As the cloud prints it. */
    readonly createTime: string | undefined;
    /** As the cloud prints it. */
    readonly updateTime: string | undefined;
}

/** ShowAsset: DELETING is the recycle bin, DELETED a record without files. */
export const ASSET_STATES = [
    "CREATING",
    "FAILED",
    "UNACTIVED",
    "ACTIVED",
    "DELETING",
    "DELETED",
    "BLOCK",
    "WAITING_DELETE",
] as const;

export type AssetState = (typeof ASSET_STATES)[number];

export const ASSET_TYPES = [
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
] as const;

export type AssetType = (typeof ASSET_TYPES)[number];

/** The filters of ListAssets. Without `assetStates` it shows assets in every state, also those in the recycle bin. */
export interface AssetFilters {
    /** Part of the name. */
    readonly name?: string;
    readonly tag?: string;
    /** Default: UNION_SET. */
    readonly tagCombinationType?: "INTERSECTION" | "UNION_SET";
    /** RFC 3339. */
    readonly startTime?: string;
    /** RFC 3339. */
    readonly endTime?: string;
    readonly assetTypes?: readonly AssetType[];
    readonly sortKey?: "create_time" | "update_time" | "asset_order";
    readonly sortDir?: "asc" | "desc";
    /** Default: CUSTOMIZATION. */
    readonly assetSource?: "SYSTEM" | "CUSTOMIZATION" | "ALL";
    readonly assetStates?: readonly AssetState[];
    readonly assetIds?: readonly string[];
    readonly role?: "SHARER" | "SHAREE";
    readonly sex?: string;
    readonly language?: string;
    readonly systemProperty?: string;
    readonly supportedService?: "VIDEO_2D" | "LIVE_2D" | "CHAT_2D";
    readonly appUserId?: string;
}
