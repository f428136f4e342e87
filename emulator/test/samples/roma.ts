import { project } from "../harness";
import type { Samples } from "./sample";

const instance = "01234567-89ab-4cde-8f01-23456789abcd";
const base = `/v2/${project}/instances/${instance}`;
const fdi = `/v2/${project}/fdi/instances/${instance}`;

export const roma: Samples = {
    async play({ send, emulator, later }) {
        await send("GET", `/v2/${project}/instances?limit=100`);
        const app = await send("POST", `${base}/apps`, {
            body: { name: "shop", remark: "orders", key: "app-key-1", secret: "app-secret-1" },
        });
        await send("GET", `${base}/apps?limit=500`);
        await send("GET", `${base}/validate-apps?name=shop`);
        await send("GET", `${base}/apps/${app.id}`);
        await send("PUT", `${base}/apps/${app.id}`, { body: { name: "shop-2", remark: "all orders" } });
        await send("GET", `${base}/apps/${app.id}/secret`);
        await send("PUT", `${base}/apps/${app.id}/secret`, { body: { secret: "app-secret-2" } });

        const task = {
            task_name: "sync",
            task_type: "TIMING",
            source_datasource_id: "d1",
            target_datasource_id: "d2",
            description: "nightly",
        };
        const { task: made } = await send("POST", `${fdi}/tasks`, { body: { task, task_detail: "{}" } });
        const one = `${fdi}/tasks/${made.task_id}`;
        await send("GET", `${fdi}/tasks?task_id=${made.task_id}`);
        await send("GET", one);
        await send("PUT", one, { body: { task: { ...task, task_name: "sync-2" }, task_detail: "{}" } });
        await send("POST", `${one}/run`);
        await send("POST", `${one}/terminate`);
        const list = [{ task_id: made.task_id }, { task_id: "unknown" }];
        for (const action_id of ["start", "stop"]) {
            await send("POST", `${fdi}/batch-operation/tasks`, { body: { action_id, list } });
        }

        const apps = [{ id: app.id }];
        const exported = await send("POST", `${base}/assets/export`, { body: { apps, tasks: [] } });
        later(60);
        await send("GET", `${base}/assets/jobs/${exported.job_id}`);
        await emulator.control.seed({
            outcomes: [{ service: "roma", process: "delete-app", outcome: "fail", times: 1 }],
        });
        const deleted = await send("POST", `${base}/assets/delete`, { body: { apps, tasks: [] } });
        await send("GET", `${base}/assets/jobs/${deleted.job_id}`);
        later(60);
        await send("GET", `${base}/assets/jobs/${deleted.job_id}`);
        await send("DELETE", one);
        await send("DELETE", `${base}/apps/${app.id}`);
    },
};
