import { project } from "../harness";
import type { Samples } from "./sample";

const BASE = `/v2/${project}`;
const ENTRANCES = "b0000000000000000000000000000001";
const camera = (n: number) => ({ video_source_id: `c000000000000000000000000000000${n}` });
const sinks = {
    obs: { bucket: "bucket", path: "path/", data_category: ["image"] },
    dis: { stream_name: "stream", data_category: ["image"] },
    webhook: { url: "https://example.com/in", headers: { "X-Key": "key" }, data_category: ["image"] },
    event_center: true,
};
const schedule = {
    type: "weekly",
    timezone: "+08:00",
    days_of_week: [1, 7],
    periods: [[{ begin_at: "08:00:00", end_at: "18:00:00" }]],
};
const batch = {
    name: "count-people",
    description: "at the doors",
    schedule,
    batch_input: {
        video_source_group: [
            { video_source_group_id: ENTRANCES, video_source_list: [{ ...camera(1), target_roi: "roi" }, camera(2)] },
        ],
    },
    output: sinks,
    config: { common: { threshold: 3 } },
};

/** VIAS: groups, sources and services first, then batch tasks and tasks, of which some fail. */
export const vias: Samples = {
    async play({ send, emulator, later }) {
        const list = await send("GET", `${BASE}/algorithm/services/user?page_size=200&alg_status=service_running`);
        await send("GET", `${BASE}/algorithm/services/${list.service_list[0].service_id}`);
        const group = await send("POST", `${BASE}/video-group`, {
            body: { video_group_name: "halls", description: "all halls", access_type: "cloud", video_source_ids: [] },
        });
        const source = await send("POST", `${BASE}/source`, {
            body: {
                video_source_name: "hall-1",
                access_type: "cloud",
                type: "url",
                latitude: "30.5",
                longitude: "114.3",
                video_group_ids: [group.video_group_id],
                type_config: "<type>URL</type>",
                tag: ["hall"],
            },
        });
        await send("GET", `${BASE}/source/sources?video_group_id=${group.video_group_id}&is_paged=true`);
        await send("GET", `${BASE}/source/sources/${source.video_source_id}`);
        await send("PUT", `${BASE}/source/${source.video_source_id}`, {
            body: { video_source_name: "hall-2", tag: ["hall"] },
        });
        await send("GET", `${BASE}/video-group/groups?name=halls`);
        await send("GET", `${BASE}/video-group/${group.video_group_id}`);
        await send("PUT", `${BASE}/video-group/${group.video_group_id}`, { body: { video_group_name: "rooms" } });

        const fault = { service: "vias", outcome: "fail" as const, message: "no room", times: 1 };
        await emulator.control.seed({
            outcomes: [
                { ...fault, process: "create-task", ids: [camera(2).video_source_id] },
                { ...fault, process: "stop-task" },
            ],
        });
        const created = await send("POST", `${BASE}/batch-tasks`, {
            body: {
                ...batch,
                service_name: "people-counting",
                service_version: "1.0.0",
                is_saved_as_template: false,
                resource_order_id: "order-1",
            },
        });
        await send("GET", `${BASE}/batch-tasks?page_size=200&order_by=asc&sort_name=created_at`);
        const { tasks } = await send("GET", `${BASE}/tasks?batch_id=${created.id}&page_size=1000`);
        for (const { id } of tasks) {
            await send("GET", `${BASE}/tasks/${id}`);
        }
        await send("PUT", `${BASE}/batch-tasks/${created.id}/action/stop`);
        later(10);
        await send("PUT", `${BASE}/batch-tasks/${created.id}/action/stop`);
        later(10);
        await send("PUT", `${BASE}/batch-tasks/${created.id}`, { body: { ...batch, name: "count-all" } });
        await send("PUT", `${BASE}/batch-tasks/${created.id}/action/start`);
        await send("PUT", `${BASE}/batch-tasks/${created.id}/action/stop`);
        later(10);
        await send("DELETE", `${BASE}/batch-tasks/${created.id}`);
        later(20);

        const alone = await send("POST", `${BASE}/services/people-counting/tasks`, {
            body: {
                name: "alone",
                description: "of its own",
                schedule,
                input: { type: "video_source", data: [camera(3)] },
                output: sinks,
                config: { common: {} },
                service_version: "1.0.0",
                is_saved_as_template: false,
                resource_order_id: "order-1",
            },
        });
        const task = `${BASE}/tasks/${alone.tasks[0].id}`;
        await send("PUT", task, { body: { name: "new", input: { type: "video_source", data: [camera(4)] } } });
        await send("GET", task);
        await send("PUT", `${task}/action/stop`);
        later(10);
        await send("DELETE", task);
        later(20);
        await send("DELETE", `${BASE}/source/${source.video_source_id}`);
        await send("DELETE", `${BASE}/video-group/${group.video_group_id}`);
    },
};
