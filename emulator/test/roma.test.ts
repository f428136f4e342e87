import { projectIdOf } from "../src/identity/places";
import { type Harness, harness, project } from "./harness";

const INSTANCE = "01234567-89ab-4cde-8f01-23456789abcd";
const BASE = `/v2/${project}/instances/${INSTANCE}`;
const FDI = `/v2/${project}/fdi/instances/${INSTANCE}/tasks`;

const seeded = async ({ emulator }: Harness, kind: "apps" | "tasks", count: number, template: object = {}) => {
    const objects = [{ service: "roma", kind, count, template: { ...template } }];
    const [ids = []] = await emulator.control.seed({ objects });
    return ids;
};
const set = ({ emulator }: Harness, roma: object) => emulator.control.seed({ settings: { roma: { ...roma } } });
const asIds = (ids: readonly string[]) => ids.map((id) => ({ id }));
const remove = ({ send }: Harness, apps: readonly string[], tasks: readonly string[] = []) =>
    send("POST", `${BASE}/assets/delete`, { body: { apps: asIds(apps), tasks: asIds(tasks) } });
const jobOf = ({ send }: Harness, id: string) => send("GET", `${BASE}/assets/jobs/${id}`);
const total = async ({ send }: Harness, path: string) => (await send("GET", path)).body.total;

test("it is born with one running instance in each of its regions, the home one with a fixed id", async () => {
    const { emulator, send } = harness();
    expect(emulator.variables().ROMA_INSTANCE_ID).toBe(INSTANCE);
    const home = (await send("GET", `/v2/${project}/instances`)).body;
    expect(home).toMatchObject({ total: 1, size: 1, instances: [{ id: INSTANCE, status: "RUNNING" }] });
    const other = (await send("GET", `/v2/${projectIdOf("cn-east-3")}/instances`)).body;
    expect(other.total).toBe(1);
    expect(other.instances[0].id).not.toBe(INSTANCE);
    expect(await total({ ...harness() }, `/v2/${projectIdOf("af-north-1")}/instances`)).toBe(0);
    expect(await total({ ...harness() }, `/v2/${project}/instances?status=FROZEN`)).toBe(0);
    for (const query of ["status=NOPE", "limit=101", "offset=101"]) {
        expect((await send("GET", `/v2/${project}/instances?${query}`)).body.error_code).toBe("ROMA.13000");
    }
});

test("a delete job runs while its assets go one by one, and succeeds when all are gone", async () => {
    const h = harness();
    const apps = await seeded(h, "apps", 2);
    const tasks = await seeded(h, "tasks", 1);
    const submitted = await remove(h, apps, tasks);
    expect([submitted.status, Object.keys(submitted.body)]).toEqual([200, ["job_id"]]);
    const id = submitted.body.job_id;
    expect((await jobOf(h, id)).body).toEqual({
        id,
        status: "RUNNING",
        progress_percent: 0,
        begin_time: "2026-01-01T00:00:00Z",
    });
    h.time.now += 10_000;
    expect((await jobOf(h, id)).body).toMatchObject({ status: "RUNNING", progress_percent: 0.33 });
    expect(await total(h, `${BASE}/apps`)).toBe(1);
    h.time.now += 20_000;
    expect((await jobOf(h, id)).body).toMatchObject({
        status: "SUCCEEDED",
        progress_percent: 1,
        end_time: "2026-01-01T00:00:30Z",
    });
    expect([await total(h, `${BASE}/apps`), await total(h, FDI)]).toEqual([0, 0]);
    const { tombstones, submissions, doubleSubmissions } = await h.emulator.control.auditLog();
    expect(tombstones.map((stone) => stone.id)).toEqual([...apps, ...tasks]);
    expect(new Set(tombstones.map(({ by }) => by))).toEqual(new Set([`job ${id}`]));
    expect(submissions).toMatchObject([
        { operation: "DeleteAsset", accepted: true, job: id, ids: [...apps, ...tasks] },
    ]);
    expect(doubleSubmissions).toEqual([]);
});

test("with at-end all assets live until the job ends", async () => {
    const h = harness();
    await set(h, { disappearance: "at-end" });
    const apps = await seeded(h, "apps", 2);
    const { body } = await remove(h, apps);
    h.time.now += 29_000;
    expect((await jobOf(h, body.job_id)).body).toMatchObject({ status: "RUNNING", progress_percent: 0.5 });
    expect(await total(h, `${BASE}/apps`)).toBe(2);
    h.time.now += 1000;
    expect(await total(h, `${BASE}/apps`)).toBe(0);
});

const many = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => ({ id: `${prefix}${n}` }));
test.each([
    ["no apps", { tasks: [{ id: "t" }] }],
    ["no tasks", { apps: [{ id: "a" }] }],
    ["101 apps", { apps: many(101, "a"), tasks: [] }],
    ["101 tasks", { apps: [], tasks: many(101, "t") }],
    ["101 together", { apps: many(60, "a"), tasks: many(41, "t") }],
    ["bare ids", { apps: ["a"], tasks: [] }],
    ["a task id of 33 characters", { apps: [], tasks: [{ id: "t".repeat(33) }] }],
    ["an empty id", { apps: [{ id: "" }], tasks: [] }],
    ["duplicates", { apps: [{ id: "a" }, { id: "a" }], tasks: [] }],
    ["nothing", { apps: [], tasks: [] }],
])("a delete call with %s is refused", async (_, body) => {
    const h = harness();
    const { status, body: answer, headers } = await h.send("POST", `${BASE}/assets/delete`, { body });
    expect([status, answer.error_code]).toEqual([400, "ROMA.13000"]);
    expect(answer.request_id).toBe(headers.get("x-request-id"));
    expect(Object.keys(answer).sort()).toEqual(["error_code", "error_details", "error_msg", "request_id"]);
});

test("a hundred assets together are taken; with the limit for each, two hundred", async () => {
    const h = harness();
    const apps = await seeded(h, "apps", 100);
    const tasks = await seeded(h, "tasks", 100);
    expect((await remove(h, apps.slice(0, 50), tasks.slice(0, 50))).status).toBe(200);
    h.time.now += 30_000;
    await set(h, { assetLimit: "each", unknownIds: "ignore" });
    expect((await remove(h, apps, tasks)).status).toBe(200);
    h.time.now += 30_000;
    expect([await total(h, `${BASE}/apps`), await total(h, FDI)]).toEqual([0, 0]);
});

test("ids that do not exist: refused, failed in the job, or ignored", async () => {
    const h = harness();
    const [app = ""] = await seeded(h, "apps", 1);
    const refused = await remove(h, [app, "unknown"]);
    expect([refused.status, refused.body.error_code]).toEqual([400, "ROMA.10010"]);
    expect(refused.body.error_details).toMatch(/unknown/);
    expect((await h.emulator.control.auditLog()).submissions).toMatchObject([{ accepted: false, job: null }]);
    await set(h, { unknownIds: "fail-job" });
    const failing = await remove(h, ["unknown"]);
    h.time.now += 30_000;
    expect((await jobOf(h, failing.body.job_id)).body).toMatchObject({
        status: "FAILED",
        reasons: [{ resource_type: "application", resource_name: "unknown" }],
    });
    await set(h, { unknownIds: "ignore" });
    const ignoring = await remove(h, [app, "unknown"]);
    h.time.now += 30_000;
    expect((await jobOf(h, ignoring.body.job_id)).body.status).toBe("SUCCEEDED");
    expect(await total(h, `${BASE}/apps`)).toBe(0);
});

test("a user has one asset job at a time, over instances and over delete and export", async () => {
    const h = harness();
    const elsewhere = projectIdOf("cn-east-3");
    const [theirs = ""] = (await h.send("GET", `/v2/${elsewhere}/instances`)).body.instances.map(
        ({ id }: { id: string }) => id,
    );
    const apps = await seeded(h, "apps", 3);
    const [[far = ""] = []] = await h.emulator.control.seed({
        objects: [{ service: "roma", kind: "apps", project: "cn-east-3", count: 1 }],
    });
    const there = () =>
        h.send("POST", `/v2/${elsewhere}/instances/${theirs}/assets/delete`, {
            body: { apps: [{ id: far }], tasks: [] },
        });
    const exported = () => h.send("POST", `${BASE}/assets/export`, { body: { apps: asIds(apps.slice(2)) } });
    await remove(h, apps.slice(0, 1));
    for (const second of [await remove(h, apps.slice(1, 2)), await there(), await exported()]) {
        expect([second.status, second.body.error_code]).toEqual([400, "ROMA.10012"]);
    }
    await set(h, { exclusivity: "per-instance" });
    expect((await there()).status).toBe(200);
    h.time.now += 30_000;
    const running = await exported();
    expect((await remove(h, apps.slice(1, 2))).body.error_code).toBe("ROMA.10012");
    h.time.now += 20_000;
    expect((await jobOf(h, running.body.job_id)).body).toMatchObject({ status: "SUCCEEDED", type: "exportAsset" });
    expect((await remove(h, apps.slice(1, 2))).status).toBe(200);
});

test("another user's job is no hindrance; an app in both is a double submission and fails in the second", async () => {
    const h = harness();
    await h.emulator.control.seed({
        objects: [
            { service: "iam", kind: "users", objects: [{ id: "u2", name: "second" }] },
            { service: "iam", kind: "accessKeys", objects: [{ access: "second", secret: "s", user_id: "u2" }] },
        ],
    });
    const apps = await seeded(h, "apps", 1);
    await remove(h, apps);
    const body = { apps: asIds(apps), tasks: [] };
    h.time.now += 1000;
    const again = await h.send("POST", `${BASE}/assets/delete`, { body, access: "second", secret: "s" });
    expect(again.status).toBe(200);
    expect((await h.emulator.control.auditLog()).doubleSubmissions.map(({ id }) => id)).toEqual(apps);
    h.time.now += 30_000;
    expect((await jobOf(h, again.body.job_id)).body).toMatchObject({
        status: "FAILED",
        reasons: [{ error_code: "ROMA.00110006" }],
    });
});

test("a failing app: reasons by name, the others go, or stay", async () => {
    const h = harness();
    const [first = "", bad = "", last = ""] = await seeded(h, "apps", 3, { name: "shop-{n}" });
    const fail = { service: "roma", process: "delete-app", ids: [bad], outcome: "fail" as const };
    await h.emulator.control.seed({ outcomes: [{ ...fail, code: "ROMA.12002", message: "no" }] });
    const exists = async (id: string) => (await h.send("GET", `${BASE}/apps/${id}`)).status;
    await set(h, { disappearance: "at-end", othersOnFailure: "stay" });
    await remove(h, [first, bad, last]);
    h.time.now += 30_000;
    expect([await exists(first), await exists(bad), await exists(last)]).toEqual([200, 200, 200]);
    await set(h, { disappearance: "gradually" });
    await remove(h, [first, bad, last]);
    h.time.now += 30_000;
    expect([await exists(first), await exists(bad), await exists(last)]).toEqual([404, 200, 200]);
    await set(h, { othersOnFailure: "go", reasonField: "reason", jobStatusSpelling: "Running|Finished|Failed" });
    const { body } = await remove(h, [bad, last]);
    h.time.now += 30_000;
    expect([await exists(bad), await exists(last)]).toEqual([200, 404]);
    const reasons = [
        { resource_type: "application", resource_name: "shop-1", error_code: "ROMA.12002", error_msg: "no" },
    ];
    expect((await jobOf(h, body.job_id)).body).toMatchObject({ status: "Failed", reason: reasons });
});

test("at most ten reasons", async () => {
    const h = harness();
    await h.emulator.control.seed({ outcomes: [{ service: "roma", process: "delete-task", outcome: "fail" }] });
    const { body } = await remove(h, [], await seeded(h, "tasks", 12));
    h.time.now += 30_000;
    expect((await jobOf(h, body.job_id)).body.reasons).toHaveLength(10);
});

test.each([
    ["RUNNING|SUCCEEDED|FAILED", "RUNNING", "SUCCEEDED"],
    ["Running|Success|Failed", "Running", "Success"],
    ["Running|Finished|Failed", "Running", "Finished"],
])("job states spelt %s, times as numbers, a type", async (jobStatusSpelling, running, done) => {
    const h = harness();
    await set(h, { jobStatusSpelling, jobTimes: "milliseconds", deleteJobType: "deleteAsset" });
    const { body } = await remove(h, await seeded(h, "apps", 1));
    const begin_time = Date.parse("2026-01-01T00:00:00Z");
    expect((await jobOf(h, body.job_id)).body).toMatchObject({ status: running, begin_time, type: "deleteAsset" });
    h.time.now += 30_000;
    expect((await jobOf(h, body.job_id)).body).toMatchObject({ status: done, end_time: begin_time + 30_000 });
});

test("outcomes: stuck, a lie, a job that vanishes; unknown and forgotten jobs", async () => {
    const h = harness();
    const [lied = "", vanishing = "", stuck = ""] = await seeded(h, "apps", 3);
    const fault = { service: "roma", process: "delete-app" };
    await h.emulator.control.seed({
        outcomes: [
            { ...fault, ids: [lied], outcome: "lie" },
            { ...fault, ids: [vanishing], outcome: "vanish" },
            { ...fault, ids: [stuck], outcome: "stuck" },
        ],
    });
    const job = async (id: string) => {
        const { body } = await remove(h, [id]);
        h.time.now += 3_600_000;
        return jobOf(h, body.job_id);
    };
    const lie = (await job(lied)).body;
    expect(lie.status).toBe("SUCCEEDED");
    expect((await h.send("GET", `${BASE}/apps/${lied}`)).status).toBe(200);
    const gone = await job(vanishing);
    expect([gone.status, gone.body.error_code]).toEqual([400, "ROMA.13000"]);
    expect((await h.send("GET", `${BASE}/apps/${vanishing}`)).status).toBe(404);
    expect((await job(stuck)).body.status).toBe("RUNNING");
    expect((await remove(h, [lied])).body.error_code).toBe("ROMA.10012");
    h.time.now += 86_400_000;
    expect((await jobOf(h, lie.id)).status).toBe(400);
    expect((await jobOf(h, "unknown")).status).toBe(400);
});

test("roles: an app without the delete role is refused, or fails in the job", async () => {
    const h = harness();
    const apps = await seeded(h, "apps", 1, { roles: ["read", "modify"] });
    expect((await remove(h, apps)).body.error_code).toBe("ROMA.12001");
    expect((await h.send("DELETE", `${BASE}/apps/${apps[0]}`)).body.error_code).toBe("ROMA.12001");
    await set(h, { missingRole: "fail-job" });
    const { body } = await remove(h, apps);
    h.time.now += 30_000;
    expect((await jobOf(h, body.job_id)).body.reasons).toMatchObject([{ error_code: "ROMA.12001" }]);
});

test("apps: create, read, rename, secret, validate, delete", async () => {
    const h = harness();
    const created = await h.send("POST", `${BASE}/apps`, { body: { name: "订单 (a)", secret: "hush-hush" } });
    expect([created.status, created.body.secret]).toEqual([201, undefined]);
    const app = `${BASE}/apps/${created.body.id}`;
    expect((await h.send("GET", app)).body).toMatchObject({
        name: "订单 (a)",
        created_user: { user_name: "emulator" },
    });
    expect((await h.send("GET", `${app}/secret`)).body).toEqual({ id: created.body.id, secret: "hush-hush" });
    const reset = (await h.send("PUT", `${app}/secret`, { body: {} })).body.secret;
    expect((await h.send("GET", `${app}/secret`)).body.secret).toBe(reset);
    expect(JSON.stringify(await h.emulator.control.requests())).not.toContain("hush-hush");
    await h.send("POST", `${BASE}/apps`, { body: { name: "other" } });
    for (const body of [{ name: "other" }, { name: "a/b" }, {}]) {
        expect((await h.send("POST", `${BASE}/apps`, { body })).body.error_code).toBe("ROMA.13000");
        if (body.name !== undefined) {
            expect((await h.send("PUT", app, { body })).body.error_code).toBe("ROMA.13000");
        }
    }
    // An update names what is to change, and its model has neither key nor secret.
    expect((await h.send("PUT", app, { body: { favorite: true, secret: "other" } })).body).toMatchObject({
        name: "订单 (a)",
        favorite: true,
    });
    expect((await h.send("GET", `${app}/secret`)).body.secret).toBe(reset);
    expect((await h.send("PUT", app, { body: { name: "new", remark: "r" } })).body).toMatchObject({ remark: "r" });
    expect((await h.send("GET", `${BASE}/validate-apps?name=new`)).body).toEqual({
        id: created.body.id,
        name: "new",
        remark: "r",
    });
    const validate = async (query: string) => (await h.send("GET", `${BASE}/validate-apps?${query}`)).status;
    expect([await validate("name=new"), await validate("name=none"), await validate("")]).toEqual([200, 404, 400]);
    expect((await h.send("DELETE", app)).status).toBe(204);
    expect((await h.send("GET", app)).body.error_code).toBe("ROMA.00110006");
    expect((await h.send("DELETE", app)).status).toBe(404);
});

test("apps: paging, filters, caps", async () => {
    const h = harness();
    const ids = await seeded(h, "apps", 25, { name: "app-{n}" });
    await seeded(h, "apps", 1, { name: "mine", favorite: true, roles: ["read"], owner: false });
    const list = (query: string) => h.send("GET", `${BASE}/apps${query}`);
    const first = (await list("")).body;
    expect([first.total, first.size, first.apps.length]).toEqual([26, 10, 10]);
    const all = [...(await list("?limit=20")).body.apps, ...(await list("?limit=20&offset=20")).body.apps];
    expect(all.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(ids));
    for (const [query, count] of [
        ["name=app-2", 6],
        ["favorite=true", 1],
        ["auth_role=read", 1],
        ["owner=false", 1],
        ["user_name=nobody", 0],
    ]) {
        expect((await list(`?${query}`)).body.total).toBe(count);
    }
    for (const query of ["limit=0", "limit=501", "offset=10001", "favorite=yes", "auth_role=king"]) {
        expect((await list(`?${query}`)).status).toBe(400);
    }
});

test("FDI tasks: create, read, update, run, terminate, delete", async () => {
    const h = harness();
    const task = {
        task_name: "sync",
        task_type: "TIMING",
        source_datasource_id: "d1",
        target_datasource_id: "d2",
        description: "nightly",
    };
    const created = await h.send("POST", FDI, { body: { task, task_detail: '{"password":"hush"}' } });
    const { task_id: id } = created.body.task;
    const one = async () => (await h.send("GET", `${FDI}/${id}`)).body.task;
    const listed = async () => (await h.send("GET", `${FDI}?task_id=${id}`)).body.entities[0];
    const born = Date.parse("2026-01-01T00:00:00Z");
    expect(created.body).toEqual({
        task: {
            task_id: id,
            task_name: "sync",
            task_type: "timing",
            status: "stop",
            project_id: project,
            source_datasource_id: "d1",
            target_datasource_id: "d2",
            source_datasource_name: "",
            target_datasource_name: "",
            source_app_id: "",
            target_app_id: "",
            source_app_name: "",
            target_app_name: "",
            created_date: born,
            last_modified_date: born,
            description: "nightly",
            task_tag: "",
        },
        task_detail: '{"password":"hush"}',
    });
    expect((await h.send("GET", `${FDI}/${id}`)).body).toEqual(created.body);
    expect(await listed()).toEqual({
        task_id: id,
        task_name: "sync",
        task_type: "TIMING",
        status: 0,
        created_date: "2026-01-01",
        version: "1",
        last_modified_time: born,
        execute_status: "UNSTARTED",
        source_app_id: "",
        target_app_id: "",
        source_instance_id: INSTANCE,
        target_instance_id: INSTANCE,
        ext_type: "",
        enterprise_project_id: "0",
        task_tag: "",
    });
    expect(JSON.stringify(await h.emulator.control.requests())).not.toContain("hush");
    for (const body of [
        { task },
        { task, task_detail: "{" },
        { task: { ...task, task_type: "x" }, task_detail: "1" },
    ]) {
        expect((await h.send("POST", FDI, { body })).body.error_code).toBe("ROMA.13000");
    }
    await h.send("PUT", `${FDI}/${id}`, { body: { task: { ...task, task_name: "renamed" }, task_detail: "{}" } });
    expect((await one()).task_name).toBe("renamed");
    expect((await h.send("POST", `${FDI}/${id}/run`)).text).toBe("");
    expect((await one()).status).toBe("running");
    expect(await listed()).toMatchObject({ status: 1, execute_status: "WAITING" });
    h.time.now += 2000;
    expect((await listed()).execute_status).toBe("RUNNING");
    expect((await h.send("DELETE", `${FDI}/${id}`)).status).toBe(400);
    const { body } = await remove(h, [], [id]);
    h.time.now += 30_000;
    expect((await jobOf(h, body.job_id)).body).toMatchObject({
        status: "FAILED",
        reasons: [{ resource_type: "task", resource_name: "renamed" }],
    });
    h.time.now += 30_000;
    expect((await listed()).execute_status).toBe("SUCCESS");
    expect((await h.send("POST", `${FDI}/${id}/terminate`)).body).toEqual({ message: expect.any(String) });
    expect(await listed()).toMatchObject({ status: 0, execute_status: "CANCELLED" });
    expect((await h.send("DELETE", `${FDI}/${id}`)).status).toBe(204);
    expect((await h.send("GET", `${FDI}/${id}`)).status).toBe(404);
});

test("FDI tasks: started and stopped in a batch, listed by every filter", async () => {
    const h = harness();
    const ids = await seeded(h, "tasks", 3, { task_name: "t-{n}", source_app_id: "s{n}", task_tag: "tag{n}" });
    const operate = (action_id: string, list: readonly string[]) =>
        h.send("POST", `/v2/${project}/fdi/instances/${INSTANCE}/batch-operation/tasks`, {
            body: { action_id, list: list.map((task_id) => ({ task_id })) },
        });
    // Each by itself: what is unknown does not keep the others.
    expect((await operate("start", [ids[0] ?? "", "unknown"])).body).toEqual({
        success_count: 1,
        failure_count: 1,
        success: [{ task_id: ids[0], task_name: "t-0" }],
        failure: [{ task_id: "unknown", task_name: "", error_code: "ROMA.00110006", error_msg: expect.any(String) }],
    });
    expect((await operate("pause", ids)).status).toBe(400);
    expect((await operate("start", ids.slice(0, 2))).status).toBe(200);
    const of = (query: string) => total(h, `${FDI}?${query}`);
    expect([await of("status=1"), await of("status=0"), await of("execute_status=WAITING")]).toEqual([2, 1, 2]);
    await operate("stop", ids.slice(0, 1));
    expect([await of("status=1"), await of("execute_status=CANCELLED")]).toEqual([1, 1]);
    expect([await of("name=t-"), await of("name=t-1"), await of(`task_id=${ids[2]}`)]).toEqual([3, 1, 1]);
    expect([await of("task_type=timing"), await of("task_type=realtime")]).toEqual([3, 0]);
    expect([await of("source_app_id=s1"), await of("target_app_id=s1"), await of("task_tag=tag2")]).toEqual([1, 0, 1]);
    const sorted = (await h.send("GET", `${FDI}?sort_field=STATUS&sort_type=ASC`)).body.entities;
    expect(sorted.map(({ status }: { status: number }) => status)).toEqual([0, 0, 1]);
    for (const query of ["status=2", "task_type=TIMING", "limit=many", "offset=1.5", "sort_field=x"]) {
        expect((await h.send("GET", `${FDI}?${query}`)).status).toBe(400);
    }
    // Its pages bring limit and offset within bounds, and take empty filters for none.
    for (const query of ["limit=1000", "offset=-3", "name=&status=&source_app_id=&execute_status="]) {
        expect((await h.send("GET", `${FDI}?${query}`)).body).toMatchObject({ total: 3, size: 3 });
    }
    expect((await h.send("GET", `${FDI}?offset=1000000`)).body).toMatchObject({ total: 3, size: 0 });
});

test("unknown and frozen instances", async () => {
    const { emulator, send } = harness();
    const unknown = await send("GET", `/v2/${project}/instances/none/apps`);
    expect([unknown.status, unknown.body.error_code]).toEqual([404, "ROMA.00110006"]);
    await emulator.control.change({ service: "roma", kind: "instances", id: INSTANCE, changes: { status: "FROZEN" } });
    expect((await send("GET", `${BASE}/apps`)).body.error_code).toBe("ROMA.1006");
});

test("missing and wrong tokens are ROMA's business or the gateway's; wrong signatures are the gateway's", async () => {
    const h = harness();
    const list = (options: object) => h.send("GET", `${BASE}/apps`, options);
    const missing = await list({ unsigned: true });
    expect([missing.status, missing.body.error_code]).toEqual([400, "ROMA.1000"]);
    const wrong = { unsigned: true, headers: { "x-auth-token": "nonsense" } };
    expect((await list(wrong)).body.error_code).toBe("ROMA.1002");
    expect((await list({ secret: "wrong" })).body.error_code).toBe("APIGW.0301");
    await set(h, { tokenErrors: "gateway" });
    expect([(await list(wrong)).status, (await list({ unsigned: true })).status]).toEqual([401, 401]);
    expect((await h.send("POST", `${BASE}/assets/delete`)).body.error_code).toBe("ROMA.13001");
});

test("FDI tasks are named by 3 to 100 letters, digits and . _ -, and have a source and a target", async () => {
    const h = harness();
    const task = { task_type: "TIMING", source_datasource_id: "s", target_datasource_id: "t" };
    const create = async (changes: object) =>
        (await h.send("POST", FDI, { body: { task: { ...task, ...changes }, task_detail: "{}" } })).status;
    for (const task_name of ["abc", "1.a", `a${"-".repeat(99)}`]) {
        expect(await create({ task_name })).toBe(200);
    }
    for (const task_name of ["ab", "-ab", "a b", "任务名", "a".repeat(101), null]) {
        expect(await create({ task_name })).toBe(400);
    }
    expect(await create({ task_name: "abc", target_datasource_id: null })).toBe(400);
    expect(await create({ task_name: "abc", task_tag: "a b" })).toBe(400);
});
