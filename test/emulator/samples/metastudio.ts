import { project } from "../harness";
import type { Samples } from "./sample";

const base = `/v1/${project}/digital-assets`;

export const metastudio: Samples = {
    open: [
        "null for what may be left out is as if it were",
        "requests have the fields of the models, and no value that an enumeration does not have is taken",
    ],
    async play({ send }) {
        const created = await send("POST", base, {
            body: {
                asset_name: "welcome",
                asset_description: "a film",
                asset_type: "VIDEO",
                tags: ["lobby"],
                is_need_generate_cover: true,
            },
            headers: { "x-app-userid": "somebody" },
        });
        const one = `${base}/${created.asset_id}`;
        await send("GET", one);
        await send("PUT", one, {
            body: { asset_name: "hello", asset_type: "VIDEO", asset_state: "ACTIVED", tags: ["hall"] },
        });
        await send("GET", `${base}?limit=100&asset_source=ALL`);
        await send("POST", `${base}/summarys`, { body: { asset_ids: [created.asset_id] } });
        await send("POST", `${base}/batch-action`, {
            body: { action: "DELETE", asset_ids: [created.asset_id, "unknown"], params: "" },
        });
        await send("POST", `${one}/restore`);
        await send("DELETE", one);
        await send("DELETE", `${one}?mode=force`);
    },
};
