import { project } from "../harness";
import type { Samples } from "./sample";

const BASE = `/v1/${project}`;
const SERVERS = `${BASE}/image-servers`;

export const workspaceapp: Samples = {
    async play({ send, emulator, later }) {
        await send("POST", SERVERS, {
            body: {
                name: "office",
                description: "with everything",
                root_volume: { type: "SAS", size: 80 },
                image_ref: { id: "image", image_type: "gold", spce_code: "code", product_id: "product" },
                vpc_id: "vpc",
                subnet_id: "subnet",
                product_id: "product",
                authorize_accounts: [{ account: "somebody", account_type: "USER", domain: "" }],
                tags: [{ key: "team", value: "night" }],
                enterprise_project_id: "0",
            },
        });
        later(3600);
        const { items } = await send("GET", `${SERVERS}?limit=100`);
        const { id } = items[0];
        await send("GET", `${SERVERS}/${id}`);
        await send("PATCH", `${SERVERS}/${id}`, { body: { name: "office-2", description: "with more" } });
        await send("POST", `${SERVERS}/${id}/actions/attach-app`, { body: { items: ["version-1"] } });
        await send("GET", `${SERVERS}/${id}/actions/latest-attached-app`);
        await send("POST", `${SERVERS}/${id}/actions/recreate-image`, {
            body: { name: "image-2", description: "of the office" },
        });
        later(7200);
        await emulator.control.seed({
            outcomes: [{ service: "workspaceapp", process: "delete-image-server", outcome: "fail", times: 1 }],
        });
        for (let twice = 0; twice < 2; twice++) {
            const { job_id } = await send("PATCH", `${SERVERS}/actions/batch-delete`, {
                body: { items: [id], recursive: true },
            });
            await send("GET", `${BASE}/image-server-jobs/${job_id}`);
            later(3600);
            await send("GET", `${BASE}/image-server-jobs/${job_id}`);
        }
        for (const type of ["CREATE_SERVER", "CREATE_SERVER_IMAGE", "DELETE_SERVER"]) {
            await send("GET", `${BASE}/image-server-jobs?job_type=${type}`);
            await send("GET", `${BASE}/image-server-sub-jobs?job_type=${type}`);
        }
        await send("GET", `${BASE}/image-server-sub-jobs/actions/count`);
        const { items: done } = await send("GET", `${BASE}/image-server-sub-jobs?job_type=DELETE_SERVER`);
        await send("PATCH", `${BASE}/image-server-sub-jobs/actions/batch-delete`, {
            body: { items: [done[0].id] },
        });
    },
};
