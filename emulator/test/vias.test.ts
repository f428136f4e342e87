import { type Harness, harness, project } from "./harness";

const BASE = `/v2/${project}`;
const BATCHES = `${BASE}/batch-tasks`;
const ENTRANCES = "b0000000000000000000000000000001";
const source = (n: number) => `c000000000000000000000000000000${n}`;

const valid = {
    name: "count-people",
    batch_input: {
        video_source_group: [
            {
                video_source_group_id: ENTRANCES,
                video_source_list: [{ video_source_id: source(1) }, { video_source_id: source(2) }],
            },
        ],
    },
    output: { event_center: true },
    service_name: "people-counting",
    service_version: "1.0.0",
};
const create = ({ send }: Harness, changes: object = {}) => send("POST", BATCHES, { body: { ...valid, ...changes } });
const set = ({ emulator }: Harness, vias: object) => emulator.control.seed({ settings: { vias: { ...vias } } });
const seeded = async ({ emulator }: Harness, count: number, template: object = {}) => {
    const objects = [{ service: "vias", kind: "batchTasks", count, template: { ...template } }];
    const [ids = []] = await emulator.control.seed({ objects });
    return ids;
};
const rowOf = async ({ send }: Harness, id: string) =>
    (await send("GET", `${BATCHES}?page_size=200`)).body.batch_task_list.find((row: { id: string }) => row.id === id);
/** How many children there are in which state, as the list shows it. */
const statesOf = async (h: Harness, id: string) => {
    const info: Record<string, number> = (await rowOf(h, id))?.batch_task_status_info ?? {};
    return Object.fromEntries(Object.entries(info).filter(([, count]) => count > 0));
};
const childrenOf = async ({ send }: Harness, id: string): Promise<{ id: string; state: string; name: string }[]> =>
    (await send("GET", `${BASE}/tasks?batch_id=${id}&page_size=1000`)).body.tasks;
const act = ({ send }: Harness, id: string, action: string) => send("PUT", `${BATCHES}/${id}/action/${action}`);
const remove = ({ send }: Harness, id: string) => send("DELETE", `${BATCHES}/${id}`);

test("a batch task's life: its children pend, start, run, stop, and go; it goes with the last of them", async () => {
    const h = harness();
    const created = await create(h);
    const id = created.body.id;
    expect([created.status, created.body]).toEqual([
        200,
        { total_count: 2, failed_count: 0, succeed_count: 2, id, error_list: [] },
    ]);
    expect(await statesOf(h, id)).toEqual({ pending: 2 });
    h.time.now += 2000;
    expect(await statesOf(h, id)).toEqual({ starting: 2 });
    h.time.now += 30_000;
    expect(await statesOf(h, id)).toEqual({ running: 2 });
    const refused = await remove(h, id);
    expect([refused.status, refused.body.error_code]).toEqual([400, "VIAS.00010004"]);
    expect((await act(h, id, "stop")).body).toMatchObject({ total_count: 2, succeed_count: 2, id });
    expect(await statesOf(h, id)).toEqual({ stopping: 2 });
    expect((await remove(h, id)).status).toBe(400);
    h.time.now += 10_000;
    expect(await statesOf(h, id)).toEqual({ stopped: 2 });
    const deleted = await remove(h, id);
    expect([deleted.status, deleted.body]).toEqual([
        200,
        { total_count: 2, failed_count: 0, succeed_count: 2, id, error_list: [] },
    ]);
    expect(await statesOf(h, id)).toEqual({ deleting: 2 });
    const again = await remove(h, id);
    expect([again.status, again.body.error_code]).toEqual([400, "VIAS.00010004"]);
    h.time.now += 20_000;
    expect(await rowOf(h, id)).toBeUndefined();
    expect((await remove(h, id)).body.error_code).toBe("VIAS.00010008");
    const { tombstones, submissions, doubleSubmissions } = await h.emulator.control.auditLog();
    expect(tombstones.map(({ kind }) => kind)).toEqual(["tasks", "tasks", "batchTasks"]);
    expect(tombstones[2]?.by).toMatch(/^DeleteBatchTask [0-9a-f]{32}$/);
    expect(submissions.map(({ accepted }) => accepted)).toEqual([false, false, true, false, false]);
    expect(doubleSubmissions).toMatchObject([{ operation: "DeleteBatchTask", id }]);
});

test("there is no reading by id", async () => {
    const h = harness();
    const { body, status } = await h.send("GET", `${BATCHES}/anything`);
    expect([status, body.error_code]).toEqual([400, "VIAS.00010001"]);
    expect(body.error_msg).toContain("Request method 'GET' not supported");
    expect(Object.keys(body)).toEqual(["error_code", "error_msg", "detail", "params", "reason", "advice"]);
});

const inGroup = (group: string, ...ids: string[]) => ({
    video_source_group: [
        { video_source_group_id: group, video_source_list: ids.map((video_source_id) => ({ video_source_id })) },
    ],
});
const hook = (headers: object) => ({ webhook: { url: "https://example.com/in", headers } });
const headersOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`h${n}`, "v"]));
const weekly = { type: "weekly", timezone: "+08:00", days_of_week: [1, 7], periods: [] };
const INVALID = "VIAS.00010001";
test.each<[string, object, string]>([
    ["no name", { name: undefined }, INVALID],
    ["a name of 101", { name: "n".repeat(101) }, INVALID],
    ["a space in the name", { name: "a b" }, INVALID],
    ["a description of 501", { description: "d".repeat(501) }, INVALID],
    ["no input", { batch_input: undefined }, INVALID],
    ["an empty input", { batch_input: { video_source_group: [] } }, INVALID],
    ["no output", { output: undefined }, INVALID],
    ["no sink", { output: {} }, INVALID],
    ["a sink switched off", { output: { event_center: false } }, INVALID],
    ["a stream's name with a dot", { output: { dis: { stream_name: "a.b" } } }, INVALID],
    ["no webhook headers", { output: hook({}) }, INVALID],
    ["11 webhook headers", { output: hook(headersOf(11)) }, INVALID],
    ["a webhook that is no address", { output: { webhook: { url: "nope", headers: { a: "b" } } } }, INVALID],
    ["a daily schedule", { schedule: { ...weekly, type: "daily" } }, INVALID],
    ["an eighth day", { schedule: { ...weekly, days_of_week: [8] } }, INVALID],
    ["days of the month", { schedule: { ...weekly, days_of_month: [1] } }, INVALID],
    ["hour 24", { schedule: { ...weekly, periods: [[{ begin_at: "24:00:00", end_at: "23:00:00" }]] } }, INVALID],
    ["a service's name with a dot", { service_name: "a.b" }, INVALID],
    ["version 1", { service_version: "1" }, INVALID],
    ["a template flag as text", { is_saved_as_template: "no" }, INVALID],
    ["a short order", { resource_order_id: "abc" }, INVALID],
    ["a source twice", { batch_input: inGroup(ENTRANCES, source(1), source(1)) }, INVALID],
    ["no order for a commercial one", { service_name: "smoke-detection", service_version: "1.2.0" }, INVALID],
    ["an unknown service", { service_name: "nobody" }, "VIAS.00010002"],
    ["an unknown version", { service_version: "9.9.9" }, "VIAS.00010002"],
    ["an unknown group", { batch_input: inGroup("nope", source(1)) }, "VIAS.00010002"],
    ["an unknown source", { batch_input: inGroup(ENTRANCES, "nope") }, "VIAS.00010002"],
    ["a source of another group", { batch_input: inGroup(ENTRANCES, source(4)) }, "VIAS.00010002"],
])("creating with %s is refused", async (_, changes, code) => {
    const { status, body } = await create(harness(), changes);
    expect([status, body.error_code]).toEqual([400, code]);
});

test("everything that may be said in a create call is taken; a name only once", async () => {
    const h = harness();
    const full = {
        description: "d".repeat(500),
        schedule: { ...weekly, periods: [[{ begin_at: "08:00:00", end_at: "18:00:00" }]] },
        output: {
            obs: { bucket: "b", path: "p/", data_category: ["image"] },
            dis: { stream_name: "stream_1-a" },
            webhook: { url: "https://example.com/hush-url", headers: { "X-Key": "hush-header" } },
            event_center: true,
        },
        config: { common: { threshold: 3 } },
        is_saved_as_template: false,
        resource_order_id: "order-1",
        name: "人-数_1",
    };
    const { body } = await create(h, full);
    expect(JSON.stringify(await h.emulator.control.requests())).not.toContain("hush");
    expect((await create(h, { name: full.name })).body.error_code).toBe("VIAS.00010011");
    const [child] = await childrenOf(h, body.id);
    expect((await h.send("GET", `${BASE}/tasks/${child?.id}`)).body).toMatchObject({
        state: "PENDING",
        schedule_status: "ACTIVATED",
        creator: "emulator",
        project_id: project,
    });
    expect((await rowOf(h, body.id)).video_source_name).toBe("entrance-north,entrance-south");
});

test("what is not stopped: counted as failed, or deleted all the same", async () => {
    const h = harness();
    await set(h, { deleteActive: "count-failed" });
    const [id = ""] = await seeded(h, 1, { num_task: 3 });
    const [first] = await childrenOf(h, id);
    await h.send("PUT", `${BASE}/tasks/${first?.id}/action/stop`);
    h.time.now += 10_000;
    const partial = (await remove(h, id)).body;
    expect(partial).toMatchObject({ total_count: 3, failed_count: 2, succeed_count: 1, id });
    expect(partial.error_list).toHaveLength(2);
    h.time.now += 20_000;
    expect(await statesOf(h, id)).toEqual({ running: 2 });
    expect((await remove(h, id)).body).toMatchObject({ failed_count: 2, succeed_count: 0 });
    const { submissions } = await h.emulator.control.auditLog();
    expect(submissions.map(({ accepted }) => accepted)).toEqual([true, false]);
    await set(h, { deleteActive: "allow", afterDelete: "at-once" });
    expect((await remove(h, id)).body).toMatchObject({ total_count: 2, failed_count: 0 });
    expect(await rowOf(h, id)).toBeUndefined();
});

test("deletions that fail, lie, get stuck or are over at once, child by child", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1, { num_task: 4, task_state: "STOPPED" });
    const [failing = "", lied = "", stuck = "", fine = ""] = (await childrenOf(h, id)).map((child) => child.id);
    const fault = { service: "vias", process: "delete-task" };
    await h.emulator.control.seed({
        outcomes: [
            { ...fault, ids: [failing], outcome: "fail", code: "VIAS.00010009", message: "no", times: 1 },
            { ...fault, ids: [lied], outcome: "lie", times: 1 },
            { ...fault, ids: [stuck], outcome: "stuck" },
        ],
    });
    expect((await remove(h, id)).body).toMatchObject({
        total_count: 4,
        failed_count: 1,
        error_list: [`${failing}: VIAS.00010009 no`],
    });
    h.time.now += 3_600_000;
    expect(await statesOf(h, id)).toEqual({ stopped: 2, deleting: 1 });
    expect((await childrenOf(h, id)).map((child) => child.id)).not.toContain(fine);
    expect((await remove(h, id)).body).toMatchObject({ total_count: 3, failed_count: 0 });
    h.time.now += 3_600_000;
    expect(await statesOf(h, id)).toEqual({ deleting: 1 });
});

test("children that can't be created, started or stopped", async () => {
    const h = harness();
    const outcome = "fail" as const;
    await h.emulator.control.seed({
        outcomes: [
            { service: "vias", process: "create-task", ids: [source(2)], outcome, message: "no room" },
            { service: "vias", process: "start-task", outcome, times: 1, message: "no model" },
        ],
    });
    const { body } = await create(h);
    expect(body).toMatchObject({ total_count: 2, failed_count: 1, succeed_count: 1 });
    expect(body.error_list[0]).toContain("no room");
    expect(await statesOf(h, body.id)).toEqual({ pending: 1, create_failed: 1 });
    h.time.now += 32_000;
    expect(await statesOf(h, body.id)).toEqual({ start_failed: 1, create_failed: 1 });
    const [failed] = (await childrenOf(h, body.id)).filter(({ state }) => state === "START_FAILED");
    expect((await h.send("GET", `${BASE}/tasks/${failed?.id}`)).body.error).toEqual({
        code: "VIAS.00010006",
        message: "no model",
    });
    expect((await act(h, body.id, "start")).body.failed_count).toBe(0);
    h.time.now += 32_000;
    expect(await statesOf(h, body.id)).toEqual({ running: 2 });
    await h.emulator.control.seed({ outcomes: [{ service: "vias", process: "stop-task", outcome, times: 1 }] });
    await act(h, body.id, "stop");
    h.time.now += 10_000;
    expect(await statesOf(h, body.id)).toEqual({ abnormal: 1, stopped: 1 });
});

test("start and stop: what is so already counts as failed, or not", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1, { num_task: 2 });
    expect((await act(h, id, "start")).body).toMatchObject({ total_count: 2, failed_count: 2 });
    await set(h, { idleChildren: "count-succeeded" });
    expect((await act(h, id, "start")).body).toMatchObject({ total_count: 2, failed_count: 0 });
    expect(await statesOf(h, id)).toEqual({ running: 2 });
    expect((await act(h, id, "pause")).body.error_code).toBe("VIAS.00010001");
    expect((await act(h, "unknown", "stop")).body.error_code).toBe("VIAS.00010008");
});

test("a stop on the way up is not undone by what was planned before", async () => {
    const h = harness();
    const { body } = await create(h);
    h.time.now += 2000;
    await act(h, body.id, "stop");
    h.time.now += 10_000;
    expect(await statesOf(h, body.id)).toEqual({ stopped: 2 });
    await act(h, body.id, "start");
    h.time.now += 20_000;
    expect(await statesOf(h, body.id)).toEqual({ starting: 2 });
});

test("an update wants it stopped; sources come and go", async () => {
    const h = harness();
    const { body } = await create(h);
    const { service_name: _, service_version: __, ...rest } = valid;
    const changed = { ...rest, name: "renamed", batch_input: inGroup(ENTRANCES, source(2), source(3)) };
    const update = (id: string, change: object = {}) =>
        h.send("PUT", `${BATCHES}/${id}`, { body: { ...changed, ...change } });
    expect((await update(body.id)).body.error_code).toBe("VIAS.00010004");
    await act(h, body.id, "stop");
    h.time.now += 10_000;
    expect((await update("unknown")).body.error_code).toBe("VIAS.00010008");
    expect((await update(body.id, { output: {} })).body.error_code).toBe("VIAS.00010001");
    expect((await update(body.id)).body).toMatchObject({ total_count: 3, failed_count: 0, id: body.id });
    expect(await statesOf(h, body.id)).toEqual({ stopped: 2, deleting: 1 });
    h.time.now += 20_000;
    const names = (await childrenOf(h, body.id)).map(({ name }) => name).sort();
    expect(names).toEqual(["renamed-entrance-south", "renamed-entrance-west"]);
    expect(await rowOf(h, body.id)).toMatchObject({ batch_task_name: "renamed", num_task: 2 });
});

test("the list of batch tasks: rows, paging, order, filters", async () => {
    const h = harness();
    await seeded(h, 12, { batch_task_name: "b-{n}", num_task: 0 });
    h.time.now += 1000;
    const [stopped = ""] = await seeded(h, 1, { batch_task_name: "last", num_task: 2, task_state: "STOPPED" });
    const { body: created } = await create(h);
    const list = async (query: string) => (await h.send("GET", `${BATCHES}?${query}`)).body;
    const all = await list("");
    expect([all.count, all.batch_task_list.length]).toEqual([14, 10]);
    const row = await rowOf(h, stopped);
    expect(Object.keys(row).sort()).toEqual(
        [
            ...["id", "batch_task_name", "video_source_name", "video_group_name", "alg_name", "company", "type"],
            ...["num_task", "created_at", "batch_task_status_info"],
        ].sort(),
    );
    expect(Object.keys(row.batch_task_status_info)).toHaveLength(18);
    expect((await list("page_num=2")).batch_task_list).toHaveLength(4);
    expect((await list("is_paged=false")).batch_task_list).toHaveLength(14);
    expect((await list("sort_name=task_count&order_by=desc")).batch_task_list[0].num_task).toBe(2);
    expect((await list("order_by=asc")).batch_task_list[0].batch_task_name).toBe("b-0");
    expect((await list("type_like=batch_task_name&name_like=b-1")).count).toBe(3);
    expect((await list("type_like=publish_service_name&name_like=counting")).count).toBe(14);
    expect((await list("task_state=stopped")).batch_task_list).toMatchObject([{ id: stopped }]);
    expect((await list(`video_group=${ENTRANCES}%2Cother`)).batch_task_list).toMatchObject([{ id: created.id }]);
    expect((await list("manufacturer=nobody")).count).toBe(0);
    for (const query of [
        "task_state=STOPPED",
        "page_size=4",
        "page_size=201",
        "page_num=0",
        "order_by=up",
        "name_like=b",
    ]) {
        expect((await list(query)).error_code).toBe("VIAS.00010001");
    }
});

test("the list of tasks: filters in upper case, count is that of the page", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1, { batch_task_name: "b", num_task: 12 });
    await seeded(h, 1, { num_task: 1, task_state: "STOPPED" });
    const list = async (query: string) => (await h.send("GET", `${BASE}/tasks?${query}`)).body;
    expect(await list(`batch_id=${id}&page=2`)).toMatchObject({ count: 2, page: 2, page_size: 10 });
    expect((await list("task_state=STOPPED")).tasks).toHaveLength(1);
    expect((await list("task_name=b-11")).tasks).toHaveLength(1);
    expect((await list("camera_name=camera-1&page_size=1000")).count).toBe(3);
    expect((await list("batch_id=unknown")).tasks).toEqual([]);
    await set(h, { taskCount: "of-all" });
    expect((await list(`batch_id=${id}&page=2`)).count).toBe(12);
    for (const query of ["task_state=stopped", "page_size=4", "page_size=1001", "page=0", "sort_dir=up"]) {
        expect((await list(query)).error_code).toBe("VIAS.00010001");
    }
});

const { name: _, batch_input: __, service_name: ___, ...single } = valid;
const alone = { ...single, name: "alone", input: { type: "video_source", data: [{ video_source_id: source(5) }] } };
const createTasks = ({ send }: Harness, changes: object = {}, service = "people-counting") =>
    send("POST", `${BASE}/services/${service}/tasks`, { body: { ...alone, ...changes } });

test("single tasks: created on a service, renamed, moved to another source, stopped, deleted", async () => {
    const h = harness();
    const created = await createTasks(h);
    const [{ id }] = created.body.tasks;
    expect(created.body).toEqual({ tasks: [{ id: expect.any(String) }] });
    const task = `${BASE}/tasks/${id}`;
    const shown = async () => (await h.send("GET", task)).body;
    expect((await createTasks(h, {}, "nobody")).body.error_code).toBe("VIAS.00010002");
    expect((await h.send("PUT", task, { body: { name: "new" } })).body).toEqual({});
    expect(await shown()).toMatchObject({ name: "new", video_source_name: "car-park-2", group_name: "carparks" });
    const input = { type: "video_source", data: [{ video_source_id: source(1) }] };
    await h.send("PUT", task, { body: { input } });
    expect(await shown()).toMatchObject({ input, video_source_name: "entrance-north", group_name: "entrances" });
    expect((await h.send("DELETE", task)).body.error_code).toBe("VIAS.00010004");
    expect((await h.send("PUT", `${task}/action/start`)).body.error_code).toBe("VIAS.00010004");
    expect((await h.send("PUT", `${task}/action/stop`)).status).toBe(200);
    h.time.now += 10_000;
    expect((await h.send("DELETE", task)).status).toBe(200);
    expect((await h.send("GET", task)).body.state).toBe("DELETING");
    expect((await h.send("DELETE", task)).status).toBe(400);
    h.time.now += 20_000;
    expect((await h.send("GET", task)).body.error_code).toBe("VIAS.00010007");
});

test("one task for each of the data of an input, of whatever kind; what a kind needs must be there", async () => {
    const h = harness();
    const two = { type: "video_source", data: [{ video_source_id: source(1) }, { video_source_id: source(2) }] };
    expect((await createTasks(h, { input: two })).body.tasks).toHaveLength(2);
    const stream = { type: "url", data: [{ url: "rtsp://user:hush@camera.example.com/1" }] };
    const { tasks } = (await createTasks(h, { name: "by-url", input: stream })).body;
    expect((await h.send("GET", `${BASE}/tasks/${tasks[0].id}`)).body).toMatchObject({ input: stream });
    expect(JSON.stringify(await h.emulator.control.requests())).not.toContain("hush");
    for (const [input, code] of [
        [undefined, INVALID],
        [{ type: "video_source", data: [] }, INVALID],
        [{ type: "video_source", data: [{}] }, INVALID],
        [{ type: "film", data: [{ url: "https://example.com" }] }, INVALID],
        [{ type: "obs", data: [{ bucket: "b" }] }, INVALID],
        [{ type: "video_source", data: [{ video_source_id: "nope" }] }, "VIAS.00010002"],
    ] as const) {
        expect((await createTasks(h, { input })).body.error_code).toBe(code);
    }
    expect((await h.send("PUT", `${BASE}/tasks/${tasks[0].id}`, { body: { input: two } })).body.error_code).toBe(
        INVALID,
    );
});

test("a task says its type, its times and its error as the models have them; what is open is a setting", async () => {
    const h = harness();
    const { body } = await create(h);
    const [child] = await childrenOf(h, body.id);
    const listed = async () => (await childrenOf(h, body.id))[0];
    const shown = async () => (await h.send("GET", `${BASE}/tasks/${child?.id}`)).body;
    expect((await rowOf(h, body.id)).type).toBe("cloud");
    const at = String(Date.parse("2026-01-01T00:00:00Z"));
    expect(await listed()).toMatchObject({ type: "0", created_at: at });
    expect(await shown()).toMatchObject({ type: "cloud", created_at: at, updated_at: at });
    expect((await shown()).error).toEqual({ code: "", message: "" });
    await set(h, { noError: "null", taskTimes: "iso" });
    expect(await shown()).toMatchObject({ error: null, created_at: "2026-01-01T00:00:00Z" });
    await set(h, { noError: "absent" });
    expect(Object.keys(await shown())).not.toContain("error");
});

test("algorithm services: listed, filtered, one of them", async () => {
    const h = harness();
    const list = async (query = "") => (await h.send("GET", `${BASE}/algorithm/services/user?${query}`)).body;
    expect(await list()).toMatchObject({ count: 3, total: 3 });
    expect((await list("name_like=people")).service_list).toMatchObject([
        { service_name: "people-counting", function_version: "1.0.0", alg_status: "service_running" },
    ]);
    expect(await list("alg_status=service_failed&alg_status=not_deployed")).toMatchObject({ count: 0, total: 0 });
    expect(await list("page_size=5&page_num=2")).toMatchObject({ count: 0, total: 3 });
    const ascending = (await list("sort_name=function_version&order_by=asc")).service_list;
    expect(ascending.map(({ function_version }: { function_version: string }) => function_version)).toEqual([
        "1.0.0",
        "1.2.0",
        "2.1.0",
    ]);
    const one = (await h.send("GET", `${BASE}/algorithm/services/${ascending[0].service_id}`)).body;
    expect(one).toMatchObject({ service_name: "people-counting", alg_versions: ["1.0.0"] });
    expect((await h.send("GET", `${BASE}/algorithm/services/none`)).body.error_code).toBe("VIAS.00010002");
});

test("groups and sources: made, found, changed, deleted; a source is in as many groups as list it", async () => {
    const h = harness();
    const { send } = h;
    const code = ({ body }: { body: { error_code: string } }) => body.error_code;
    const group = (await send("POST", `${BASE}/video-group`, { body: { video_group_name: "halls" } })).body
        .video_group_id;
    const groupPath = `${BASE}/video-group/${group}`;
    expect(code(await send("POST", `${BASE}/video-group`, { body: { video_group_name: "halls" } }))).toBe(
        "VIAS.00010003",
    );
    for (const video_group_name of ["big-halls", "h".repeat(21), undefined]) {
        expect(code(await send("POST", `${BASE}/video-group`, { body: { video_group_name } }))).toBe(INVALID);
    }
    const hall = { video_source_name: "hall (1)", video_group_ids: [group], type_config: "<PASSWORD>hush</PASSWORD>" };
    const made = (await send("POST", `${BASE}/source`, { body: hall })).body;
    expect(made).toEqual({ video_source_id: expect.any(String) });
    const camera = made.video_source_id;
    expect(JSON.stringify(await h.emulator.control.requests())).not.toContain("hush");
    expect(code(await send("POST", `${BASE}/source`, { body: hall }))).toBe("VIAS.00010010");
    for (const wrong of [
        { video_source_name: " hall" },
        { latitude: "91" },
        { tag: ["a", "b", "c", "d", "e"] },
        { access_type: "x" },
    ]) {
        expect(code(await send("POST", `${BASE}/source`, { body: { video_source_name: "x", ...wrong } }))).toBe(
            INVALID,
        );
    }
    const sources = async (query: string) => (await send("GET", `${BASE}/source/sources?${query}`)).body;
    expect(await sources(`video_group_id=${group}`)).toMatchObject({
        video_source_number: 1,
        total_number: 6,
        video_source_list: [
            {
                video_source_id: camera,
                status: { level: "1" },
                video_packages: [{ video_group_id: group }],
                num_tasks: 0,
            },
        ],
    });
    expect((await sources("scope_name=group_name&scope=carparks")).video_source_number).toBe(2);
    expect((await sources("scope=entrance&order_by=asc&page_size=5")).video_source_list).toHaveLength(3);
    expect((await sources("status=2&status=9")).video_source_number).toBe(0);
    await send("PUT", `${BASE}/source/${camera}`, { body: { video_source_name: "hall 2", latitude: "30.5" } });
    const shown = (await send("GET", `${BASE}/source/sources/${camera}`)).body;
    expect(shown).toMatchObject({ video_source_name: "hall 2", latitude: "30.5", video_packages: [{}] });

    await send("PUT", groupPath, { body: { video_group_name: "rooms", video_source_ids: [camera, source(1)] } });
    expect((await send("GET", groupPath)).body).toMatchObject({ video_group_name: "rooms", num_video_source: 2 });
    expect((await send("GET", `${BASE}/video-group/${ENTRANCES}`)).body.num_video_source).toBe(3);
    const groups = async (query: string) => (await send("GET", `${BASE}/video-group/groups?${query}`)).body;
    expect(await groups("")).toMatchObject({ video_group_number: 3, total_number: 3, quota_number: 1000 });
    expect((await groups("name=room&has_task=false")).video_group_list).toMatchObject([{ num_batch_task: 0 }]);
    expect(code(await send("DELETE", groupPath))).toBe("VIAS.00010004");
    await create(h, { batch_input: inGroup(group, camera) });
    expect((await groups("has_task=true&sort_name=num_task")).video_group_list).toMatchObject([{ type: "url" }]);
    expect(code(await send("DELETE", `${BASE}/source/${camera}`))).toBe("VIAS.00010004");
    await send("PUT", groupPath, { body: { video_source_ids: [] } });
    expect((await send("DELETE", groupPath)).status).toBe(204);
    expect(code(await send("GET", groupPath))).toBe("VIAS.00010002");
});

test("missing and wrong tokens are VIAS' business or the gateway's", async () => {
    const h = harness();
    const list = () => h.send("GET", BATCHES, { unsigned: true });
    expect([(await list()).status, (await list()).body.error_code]).toEqual([401, "VIAS.00010005"]);
    await set(h, { tokenErrors: "gateway" });
    expect((await list()).body.error_code).toBe("APIGW.0301");
    expect((await h.send("POST", BATCHES)).body.error_code).toBe("VIAS.00010001");
});

test("a snapshot goes on where it was", async () => {
    const h = harness();
    const { body } = await create(h);
    h.time.now += 2000;
    const other = harness();
    other.time.now = h.time.now;
    await other.emulator.control.restore(await h.emulator.control.snapshot());
    other.time.now += 30_000;
    expect(await statesOf(other, body.id)).toEqual({ running: 2 });
});
