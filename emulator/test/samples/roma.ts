import { project } from "../harness";
import type { Samples } from "./sample";

const INSTANCE = "01234567-89ab-4cde-8f01-23456789abcd";
const BASE = `/v2/${project}/instances/${INSTANCE}`;
const FDI = `/v2/${project}/fdi/instances/${INSTANCE}`;

export const roma: Samples = {
    async play({ send, emulator, later }) {
        await send("GET", `/v2/${project}/instances?limit=100`);
        const app = await send("POST", `${BASE}/apps`, {
            body: { name: "shop", remark: "orders", key: "app-key-1", secret: "app-secret-1" },
        });
        await send("GET", `${BASE}/apps?limit=500`);
        await send("GET", `${BASE}/validate-apps?name=shop`);
        await send("GET", `${BASE}/apps/${app.id}`);
        await send("PUT", `${BASE}/apps/${app.id}`, { body: { name: "shop-2", remark: "all orders" } });
        await send("GET", `${BASE}/apps/${app.id}/secret`);
        await send("PUT", `${BASE}/apps/${app.id}/secret`, { body: { secret: "app-secret-2" } });

        const task = {
            task_name: "sync",
            task_type: "TIMING",
            source_datasource_id: "d1",
            target_datasource_id: "d2",
            description: "nightly",
        };
        const { task: made } = await send("POST", `${FDI}/tasks`, { body: { task, task_detail: "{}" } });
        const one = `${FDI}/tasks/${made.task_id}`;
        await send("GET", `${FDI}/tasks?task_id=${made.task_id}`);
        await send("GET", one);
        await send("PUT", one, { body: { task: { ...task, task_name: "sync-2" }, task_detail: "{}" } });
        await send("POST", `${one}/run`);
        await send("POST", `${one}/terminate`);
        const list = [{ task_id: made.task_id }, { task_id: "unknown" }];
        for (const action_id of ["start", "stop"]) {
            await send("POST", `${FDI}/batch-operation/tasks`, { body: { action_id, list } });
        }

        const apps = [{ id: app.id }];
        const exported = await send("POST", `${BASE}/assets/export`, { body: { apps, tasks: [] } });
        later(60);
        await send("GET", `${BASE}/assets/jobs/${exported.job_id}`);
        await emulator.control.seed({
            outcomes: [{ service: "roma", process: "delete-app", outcome: "fail", times: 1 }],
        });
        const deleted = await send("POST", `${BASE}/assets/delete`, { body: { apps, tasks: [] } });
        await send("GET", `${BASE}/assets/jobs/${deleted.job_id}`);
        later(60);
        await send("GET", `${BASE}/assets/jobs/${deleted.job_id}`);
        await send("DELETE", one);
        await send("DELETE", `${BASE}/apps/${app.id}`);
    },
};
