import { project } from "../harness";
import type { Samples } from "./sample";

const BASE = `/v1/${project}/digital-assets`;

export const metastudio: Samples = {
    async play({ send }) {
        const created = await send("POST", BASE, {
            body: {
                asset_name: "welcome",
                asset_description: "a film",
                asset_type: "VIDEO",
                tags: ["lobby"],
                review_config: { no_need_review: true },
                asset_extra_meta: { video_meta: { mode: "Horizontal" } },
                system_properties: [{ action: "ADD", key: "CREATED_BY_PLATFORM", value: "no" }],
                shared_config: { shared_type: "SHARED", allowed_project_ids: [project] },
                asset_order: 1,
                supported_service: ["VIDEO_2D"],
                auto_operation_config: [{ operation: "DELETE", operation_time: "2027-01-01T00:00:00Z" }],
                is_need_generate_cover: true,
            },
            headers: { "x-app-userid": "somebody" },
        });
        const one = `${BASE}/${created.asset_id}`;
        await send("GET", one);
        await send("PUT", one, {
            body: { asset_name: "hello", asset_type: "IMAGE", asset_state: "ACTIVED", tags: ["hall"] },
        });
        await send("GET", `${BASE}?limit=100&asset_source=ALL`);
        await send("POST", `${BASE}/summarys`, { body: { asset_ids: [created.asset_id] } });
        await send("POST", `${BASE}/batch-action`, {
            body: { action: "DELETE", asset_ids: [created.asset_id, "unknown"], params: "" },
        });
        await send("POST", `${one}/restore`);
        await send("DELETE", one);
        await send("DELETE", `${one}?mode=force`);
    },
};
