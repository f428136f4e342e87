import * as z from "zod";
import { bornAt, Kind } from "../../world/kind";
import { hex32 } from "../../world/random";
import { isoSeconds, type World } from "../../world/world";
import { planStep } from "../steps";
import { durations, SERVICE_NAME, settings } from "./rules";

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

export const sharedConfig = z.object({
    shared_type: z.enum(["PRIVATE", "PUBLIC", "SHARED"]).default("PRIVATE"),
    expire_time: z.string().optional(),
    allowed_project_ids: z.array(z.string()).optional(),
});
export const SUPPORTED_SERVICE_NAMES = ["VIDEO_2D", "LIVE_2D", "CHAT_2D"] as const;
export const supportedServices = z.array(z.enum(SUPPORTED_SERVICE_NAMES));
const PROPERTY_KEYS = [
    "STYLE_ID",
    "DH_ID",
    "PLATFORM_AVAILABLE",
    "RENDER_ENGINE",
    "BACKGROUND_IMG",
    "BACKGROUND_SCENE",
    "CREATED_BY_PLATFORM",
    "MATERIAL_IMG",
    "MATERIAL_VIDEO",
    "DIGITAL_HUMAN_2D_VIDEO",
    "DIGITAL_HUMAN_3D_VIDEO",
    "BUSSINESS_CARD_VIDEO",
    "BUSINESS_CARD_VIDEO",
    "PHOTO_VIDEO",
    "TO_BE_TRANSLATED_VIDEO",
    "TRANSLATED_VIDEO",
    "LAYER_CONFIG_ENABLE",
    "MEITUAN_MATERIAL_APPROVED",
] as const;
const mode = z.enum(["Horizontal", "Vertical"]).optional();
const transcoding = z.enum(["WAITING", "TRANSCODING", "FAILED", "SUCCEEDED"]).optional();
/** By kind of asset. Of what each says only the values are judged. */
const extraMeta = z.looseObject({
    image_meta: z.looseObject({ mode }).optional(),
    video_meta: z.looseObject({ mode, video_transcoding_status: transcoding }).optional(),
});
const systemProperty = z.object({
    action: z.enum(["ADD", "DELETE"]).optional(),
    key: z.enum(PROPERTY_KEYS).optional(),
    value: z.string().optional(),
});
/** What a caller may describe of an asset; the creation and the update take the same. An asset does not show how it is shared and reviewed. */
export const described = z.object({
    asset_name: z.string().max(256),
    asset_description: z.string().max(4096),
    tags: z.array(z.string().max(128)).max(50),
    asset_extra_meta: extraMeta,
    system_properties: z.array(systemProperty).max(50),
    shared_config: sharedConfig,
    asset_order: z.number().int().min(0).max(32_767),
    supported_service: supportedServices,
    auto_operation_config: z.array(
        z.object({ operation: z.enum(["BLOCK", "DELETE"]).optional(), operation_time: z.string().optional() }),
    ),
    review_config: z.object({ no_need_review: z.boolean().optional() }),
});

const assetSchema = described.extend({
    project_id: z.string(),
    asset_id: z.string(),
    produce_id: z.string(),
    app_user_id: z.string(),
    create_time: z.string(),
    update_time: z.string(),
    asset_type: z.enum(ASSET_TYPES),
    asset_state: z.enum(ASSET_STATES),
    fail_type: z.enum(["AUTOMATIC_REVIEW_REJECT", "MANUAL_REVIEW_REJECT"]).nullable(),
    block_reason_code: z.string(),
    reason: z.string(),
    files: z.array(z.record(z.string(), z.unknown())),
    /** Not shown: what the list's asset_source is about. */
    source: z.enum(["SYSTEM", "CUSTOMIZATION"]),
    /** Not shown: counts what was begun with the asset; an event planned for an earlier step does nothing. */
    step: z.number(),
    /** Not shown: the state before the recycle bin. */
    previous_state: z.enum(ASSET_STATES),
    /** Not shown: the call that put it into the recycle bin or deleted it. */
    deleted_by: z.string(),
    /** Not shown: no list, and no summary, shows it to the caller; it is read by its id. */
    unlisted: z.boolean(),
});
export type Asset = z.infer<typeof assetSchema>;

export const assets = new Kind<Asset>(SERVICE_NAME, "assets", {
    schema: assetSchema,
    id: (asset) => asset.asset_id,
    defaults(birth) {
        const { world, project, index } = birth;
        const now = isoSeconds(bornAt(birth));
        return {
            project_id: project,
            asset_id: hex32(world.random),
            produce_id: "",
            asset_name: `asset-${index}`,
            asset_description: "",
            app_user_id: "",
            create_time: now,
            update_time: now,
            asset_type: "IMAGE",
            asset_state: "ACTIVED",
            fail_type: null,
            block_reason_code: "",
            reason: "",
            tags: [],
            asset_extra_meta: {},
            system_properties: [],
            shared_config: { shared_type: "PRIVATE" },
            files: [],
            asset_order: 0,
            supported_service: [],
            auto_operation_config: [],
            review_config: {},
            source: "CUSTOMIZATION",
            step: 0,
            previous_state: "ACTIVED",
            deleted_by: "somebody else",
            unlisted: false,
        };
    },
    onSeeded: planNext,
});

const milliseconds = (seconds: number | null): number | undefined => (seconds === null ? undefined : seconds * 1000);

/** What happens to an asset by itself in the state it is in. */
export function planNext(world: World, project: string, asset: Asset): void {
    const { binRetentionSeconds, deletedRecordSeconds, upload } = settings.in(world);
    const planIn = (inMs: number | undefined, event: string) => {
        if (inMs === undefined) {
            return;
        }
        planStep(world, asset, inMs, { service: SERVICE_NAME, event, project, id: asset.asset_id });
    };
    switch (asset.asset_state) {
        case "CREATING":
            if (upload === "ends-by-itself") {
                planIn(durations.draw(world, "upload"), "uploaded");
            }
            return;
        case "DELETING":
            planIn(milliseconds(binRetentionSeconds), "bin-expired");
            return;
        case "DELETED":
            planIn(milliseconds(deletedRecordSeconds), "forgotten");
            return;
        default:
    }
}
