import { type Harness, harness, project } from "./harness";

const BASE = `/v1/${project}`;
const BATCH_DELETE = `${BASE}/image-servers/actions/batch-delete`;
const seeded = async ({ emulator }: Harness, count: number, template: object = {}) => {
    const objects = [{ service: "workspaceapp", kind: "imageServers", count, template: { ...template } }];
    const [ids = []] = await emulator.control.seed({ objects });
    return ids;
};
const remove = ({ send }: Harness, items: unknown, more: object = { recursive: false }) =>
    send("PATCH", BATCH_DELETE, { body: { items, ...more } });

test("a job goes from WAITING over RUNNING to SUCCESS, its servers from DELETING to gone", async () => {
    const h = harness();
    const ids = await seeded(h, 2);
    const submitted = await remove(h, [...ids, "52071768982601303451"]);
    expect(submitted.status).toBe(200);
    const job = `${BASE}/image-server-jobs/${submitted.body.job_id}`;
    expect((await h.send("GET", job)).body).toMatchObject({
        status: "WAITING",
        job_type: "DELETE_SERVER",
        sub_jobs_total: 2,
    });
    expect((await h.send("GET", `${BASE}/image-servers/${ids[0]}`)).body.status).toBe("DELETING");
    h.time.now += 2000;
    expect((await h.send("GET", job)).body.status).toBe("RUNNING");
    expect((await h.send("GET", `${BASE}/image-server-jobs?job_type=DELETE_SERVER&status=RUNNING`)).body.count).toBe(1);
    h.time.now += 30_000;
    const ended = (await h.send("GET", job)).body;
    expect(ended).toMatchObject({
        status: "SUCCESS",
        begin_time: "2026-01-01T00:00:00Z",
        end_time: "2026-01-01T00:00:32Z",
    });
    expect(ended.sub_jobs.map((s: { status: string }) => s.status)).toEqual(["SUCCESS", "SUCCESS"]);
    expect((await h.send("GET", `${BASE}/image-servers/${ids[0]}`)).status).toBe(404);
    const { tombstones, submissions } = await h.emulator.control.auditLog();
    expect(tombstones.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(tombstones[0]?.by).toBe(`job ${submitted.body.job_id}`);
    expect(submissions).toMatchObject([{ accepted: true, job: submitted.body.job_id }]);
});

test.each([
    ["no items", { items: [], recursive: false }],
    ["21 items", { items: Array.from({ length: 21 }, (_, n) => `${n}`), recursive: false }],
    ["numbers", { items: [1], recursive: false }],
    ["a duplicate", { items: ["1", "1"], recursive: false }],
    ["recursive left out", { items: ["1"] }],
    ["recursive as text", { items: ["1"], recursive: "false" }],
])("a delete call with %s is refused with 400", async (_, body) => {
    const { send } = harness();
    const reply = await send("PATCH", BATCH_DELETE, { body });
    expect([reply.status, reply.body.error_code]).toEqual([400, "WKS.00211102"]);
});

test("bodies that are empty, not JSON or of another type", async () => {
    const { send } = harness();
    expect((await send("PATCH", BATCH_DELETE)).body.error_code).toBe("WKS.0001");
    expect((await send("PATCH", BATCH_DELETE, { rawBody: "{" })).status).toBe(400);
    const headers = { "content-type": "text/plain" };
    expect((await send("PATCH", BATCH_DELETE, { body: { items: ["1"], recursive: false }, headers })).status).toBe(400);
});

test("ids that do not exist are ignored; without any other there is no job", async () => {
    const h = harness();
    expect((await remove(h, ["1"])).body).toEqual({});
    await h.emulator.control.seed({ settings: { workspaceapp: { jobIdWhenNothingToDo: "present" } } });
    const { body } = await remove(h, ["1"]);
    h.time.now += 2000;
    expect((await h.send("GET", `${BASE}/image-server-jobs/${body.job_id}`)).body).toMatchObject({
        status: "SUCCESS",
        sub_jobs_total: 0,
    });
});

test("servers being created or building an image are refused, as a call or one by one", async () => {
    const h = harness();
    const [creating = ""] = await seeded(h, 1, { status: "CREATING" });
    const [active = ""] = await seeded(h, 1, { name: "other" });
    expect((await remove(h, [active, creating])).status).toBe(409);
    expect((await h.send("GET", `${BASE}/image-servers/${active}`)).body.status).toBe("ACTIVE");
    await h.emulator.control.seed({ settings: { workspaceapp: { busyServers: "fail-sub-job" } } });
    const { body } = await remove(h, [active, creating]);
    h.time.now += 32_000;
    const job = (await h.send("GET", `${BASE}/image-server-jobs/${body.job_id}`)).body;
    expect(job.status).toBe("FAILED");
    expect(job.sub_jobs.map((s: { status: string }) => s.status)).toEqual(["SUCCESS", "FAILED"]);
    expect(job.sub_jobs[1].job_execute_info.error_message).toMatch(/CREATING/);
    h.time.now += 60_000;
    expect((await remove(h, [creating])).status).toBe(200);
});

test("a job that fails for a server that was being built leaves it alone when somebody else deletes it meanwhile", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1, { status: "BUILDING" });
    await h.emulator.control.seed({
        settings: { workspaceapp: { busyServers: "fail-sub-job" } },
        durations: { workspaceapp: { "build-image": { kind: "fixed", ms: 600_000 } } },
    });
    await remove(h, [id]);
    h.time.now += 10_000;
    const deleting = { id, status: "DELETING" };
    await h.emulator.control.seed({
        objects: [{ service: "workspaceapp", kind: "imageServers", objects: [deleting] }],
    });
    h.time.now += 25_000;
    expect((await h.send("GET", `${BASE}/image-servers/${id}`)).body.status).toBe("DELETING");
    h.time.now += 30_000;
    expect((await h.send("GET", `${BASE}/image-servers/${id}`)).status).toBe(404);
});

test("a target submitted again while it is being deleted is a double submission in the audit log", async () => {
    const h = harness();
    const ids = await seeded(h, 1);
    await remove(h, ids);
    const again = await remove(h, ids);
    expect([again.status, again.body.error_code]).toEqual([409, "WKS.00211103"]);
    const { doubleSubmissions } = await h.emulator.control.auditLog();
    expect(doubleSubmissions.map(({ id }) => id)).toEqual(ids);
});

test("outcomes: failed, abnormal, stuck, a lie, a job that vanishes", async () => {
    const h = harness();
    const [failing = "", abnormal = "", stuck = "", lied = "", vanishing = ""] = await seeded(h, 5);
    const fault = { service: "workspaceapp", process: "delete-image-server" };
    await h.emulator.control.seed({
        outcomes: [
            { ...fault, ids: [failing], outcome: "fail", code: "WKS.9", message: "no" },
            { ...fault, ids: [abnormal], outcome: "fail", status: "ABNORMAL" },
            { ...fault, ids: [stuck], outcome: "stuck" },
            { ...fault, ids: [lied], outcome: "lie" },
            { ...fault, ids: [vanishing], outcome: "vanish" },
        ],
    });
    const job = async (id: string) => {
        const { body } = await remove(h, [id]);
        h.time.now += 3_600_000;
        return (await h.send("GET", `${BASE}/image-server-jobs/${body.job_id}`)).body;
    };
    const server = async (id: string) => (await h.send("GET", `${BASE}/image-servers/${id}`)).body.status;
    expect((await job(failing)).sub_jobs[0]).toMatchObject({
        status: "FAILED",
        job_execute_info: { error_code: "WKS.9", error_message: "no" },
    });
    expect(await server(failing)).toBe("ACTIVE");
    expect((await job(abnormal)).sub_jobs[0].status).toBe("ABNORMAL");
    expect((await job(stuck)).status).toBe("RUNNING");
    expect(await server(stuck)).toBe("DELETING");
    expect((await job(lied)).status).toBe("SUCCESS");
    expect(await server(lied)).toBe("ACTIVE");
    expect((await job(vanishing)).error_code).toBe("WKS.00211104");
    expect(await server(vanishing)).toBeUndefined();
});

test("lists: defaults, caps, filters", async () => {
    const h = harness();
    const ids = await seeded(h, 25, { name: "desk-{n}" });
    const list = (query: string) => h.send("GET", `${BASE}/image-servers${query}`);
    const first = (await list("")).body;
    expect([first.count, first.items.length]).toEqual([25, 10]);
    expect((await list("?limit=100&offset=20")).body.items.length).toBe(5);
    const { items } = (await list("?limit=100")).body;
    expect(items.map(({ id }: { id: string }) => id).sort()).toEqual([...ids].sort());
    for (const query of ["?limit=101", "?limit=0", "?limit=x", "?offset=-1"]) {
        expect((await list(query)).status).toBe(400);
    }
    expect((await list("?server_name=desk-2")).body.count).toBe(6);
    expect((await list(`?server_id=${ids[3]}`)).body.items).toMatchObject([{ name: "desk-3" }]);
    expect((await h.send("GET", `${BASE}/image-server-jobs`)).status).toBe(400);
    expect((await h.send("GET", `${BASE}/image-server-jobs?job_type=NOPE`)).status).toBe(400);
});

test("sub-jobs: list, count, clearing of what has ended", async () => {
    const h = harness();
    const ids = await seeded(h, 3);
    const { body } = await remove(h, ids);
    const list = () => h.send("GET", `${BASE}/image-server-sub-jobs?job_type=DELETE_SERVER&job_id=${body.job_id}`);
    const clear = (items: string[]) =>
        h.send("PATCH", `${BASE}/image-server-sub-jobs/actions/batch-delete`, { body: { items } });
    const subJobs = (await list()).body.items.map(({ id }: { id: string }) => id);
    expect((await clear(subJobs)).status).toBe(409);
    h.time.now += 32_000;
    expect(
        (await h.send("GET", `${BASE}/image-server-sub-jobs/actions/count?job_type=DELETE_SERVER&status=SUCCESS`)).body
            .count,
    ).toBe(3);
    expect((await clear(subJobs.slice(0, 2))).status).toBe(200);
    expect((await list()).body.count).toBe(1);
});

const newServer = {
    name: "server",
    root_volume: { type: "SAS", size: 80 },
    image_ref: { id: "i", image_type: "private" },
    vpc_id: "v",
    subnet_id: "s",
    product_id: "p",
    authorize_accounts: [{ account: "a", account_type: "USER" }],
};

test("a server is created, renamed, makes an image", async () => {
    const h = harness();
    const body = {
        name: "fresh",
        root_volume: { type: "SAS", size: 80 },
        image_ref: { id: "i", image_type: "private" },
        vpc_id: "v",
        subnet_id: "s",
        product_id: "p",
        authorize_accounts: [{ account: "a", account_type: "USER" }],
    };
    expect(
        (await h.send("POST", `${BASE}/image-servers`, { body: { ...body, root_volume: { type: "SAS", size: 81 } } }))
            .status,
    ).toBe(400);
    const created = await h.send("POST", `${BASE}/image-servers`, { body });
    expect((await h.send("POST", `${BASE}/image-servers`, { body })).status).toBe(409);
    const job = (await h.send("GET", `${BASE}/image-server-jobs/${created.body.job_id}`)).body;
    const id = job.sub_jobs[0].job_resource_info.resource_id;
    const status = async () => (await h.send("GET", `${BASE}/image-servers/${id}`)).body.status;
    expect(await status()).toBe("CREATING");
    h.time.now += 62_000;
    expect(await status()).toBe("ACTIVE");
    const renamed = await h.send("PATCH", `${BASE}/image-servers/${id}`, { body: { name: "new" } });
    expect([renamed.status, renamed.text]).toEqual([200, ""]);
    expect(
        (await h.send("POST", `${BASE}/image-servers/${id}/actions/recreate-image`, { body: { name: "image" } }))
            .status,
    ).toBe(200);
    expect(await status()).toBe("BUILDING");
    h.time.now += 122_000;
    expect(await status()).toBe("BUILT");
});

test("the sub-job of an image names the image, and the server has it in the end", async () => {
    const h = harness();
    const [[id = ""] = []] = await h.emulator.control.seed({
        objects: [{ service: "workspaceapp", kind: "imageServers", objects: [{ name: "desk" }] }],
    });
    const path = `${BASE}/image-servers/${id}`;
    const { job_id } = (await h.send("POST", `${path}/actions/recreate-image`, { body: { name: "gold image" } })).body;
    const subJob = async () => (await h.send("GET", `${BASE}/image-server-jobs/${job_id}`)).body.sub_jobs[0];
    const { resource_id, resource_name } = (await subJob()).job_resource_info;
    expect(resource_name).toBe("gold image");
    h.time.now += 122_000;
    expect(await subJob()).toMatchObject({ status: "SUCCESS" });
    expect((await h.send("GET", path)).body).toMatchObject({ status: "BUILT", image_id: resource_id });
});

test("ids of jobs and sub-jobs are eighteen digits", async () => {
    const h = harness();
    const ids = await h.emulator.control.seed({
        objects: [{ service: "workspaceapp", kind: "imageServers", count: 2 }],
    });
    const { job_id } = (
        await h.send("PATCH", `${BASE}/image-servers/actions/batch-delete`, {
            body: { items: ids[0], recursive: true },
        })
    ).body;
    const { sub_jobs } = (await h.send("GET", `${BASE}/image-server-jobs/${job_id}`)).body;
    for (const id of [job_id, ...sub_jobs.map((subJob: { id: string }) => subJob.id)]) {
        expect(id).toMatch(/^[1-9]\d{17}$/);
    }
});

test.each(["", "0"])(
    "enterprise project %p is the default one, in a new server and in the list's filter",
    async (id) => {
        const h = harness();
        await h.emulator.control.seed({
            objects: [
                { service: "workspaceapp", kind: "imageServers", objects: [{ enterprise_project_id: "other" }, {}] },
            ],
        });
        const body = { ...newServer, enterprise_project_id: id };
        expect((await h.send("POST", `${BASE}/image-servers`, { body })).status).toBe(200);
        const listed = (await h.send("GET", `${BASE}/image-servers?enterprise_project_id=${id}`)).body;
        expect(listed.count).toBe(2);
        expect(listed.items.map((item: { enterprise_project_id: string }) => item.enterprise_project_id)).toEqual([
            "0",
            "0",
        ]);
    },
);

test("names of servers are letters, digits, _, - and Chinese; those of images may hold dots and inner spaces", async () => {
    const h = harness();
    const create = async (name: string) =>
        (await h.send("POST", `${BASE}/image-servers`, { body: { ...newServer, name } })).status;
    for (const name of ["桌面_1-a", "A", "x".repeat(64)]) {
        expect(await create(name)).toBe(200);
    }
    for (const name of ["", "a b", "a.b", "a/b", "été", "x".repeat(65)]) {
        expect(await create(name)).toBe(400);
    }
    const [[id = ""] = []] = await h.emulator.control.seed({
        objects: [{ service: "workspaceapp", kind: "imageServers", count: 1 }],
    });
    const rename = async (name: string) =>
        (await h.send("PATCH", `${BASE}/image-servers/${id}`, { body: { name } })).status;
    expect([await rename("a.b"), await rename("a b"), await rename("新")]).toEqual([400, 400, 200]);
    const image = async (name: string) =>
        (await h.send("POST", `${BASE}/image-servers/${id}/actions/recreate-image`, { body: { name } })).status;
    expect([await image(" a"), await image("a "), await image("a/b"), await image("a. b_镜-1")]).toEqual([
        400, 400, 400, 200,
    ]);
});

test("what the SDKs' models demand of a new server: kinds of disks, codes of gold images, one value a tag", async () => {
    const h = harness();
    const status = async (changes: object) =>
        (await h.send("POST", `${BASE}/image-servers`, { body: { ...newServer, name: "n", ...changes } })).status;
    expect(await status({ root_volume: { type: "TAPE", size: 80 } })).toBe(400);
    expect(await status({ image_ref: { id: "i", image_type: "gold" } })).toBe(400);
    expect(await status({ tags: [{ key: "a" }, { key: "a", value: "1" }] })).toBe(400);
    expect(await status({ extra_session_type: "TPU" })).toBe(400);
    const gold = { id: "i", image_type: "gold", spce_code: "c", product_id: "p" };
    expect(await status({ image_ref: gold, tags: [{ key: "a" }], extra_session_type: "GPU" })).toBe(200);
});

test("applications are attached to a server that is ACTIVE or BUILT; the last ones can be read", async () => {
    const h = harness();
    const [active = ""] = await seeded(h, 1);
    const [building = ""] = await seeded(h, 1, { name: "b", status: "BUILDING" });
    const attach = (id: string, items: unknown) =>
        h.send("POST", `${BASE}/image-servers/${id}/actions/attach-app`, { body: { items } });
    const latest = async (id: string) =>
        (await h.send("GET", `${BASE}/image-servers/${id}/actions/latest-attached-app`)).body;
    expect(await latest(active)).toEqual({ items: [] });
    expect((await attach(active, ["a"])).body.uri).toMatch(/^file:/);
    await attach(active, ["b", "c"]);
    expect((await latest(active)).items.map(({ id }: { id: string }) => id)).toEqual(["b", "c"]);
    expect((await attach(building, ["a"])).status).toBe(409);
    expect((await attach("1", ["a"])).status).toBe(404);
    for (const items of [[], ["a", "a"], Array.from({ length: 101 }, (_, n) => `${n}`)]) {
        expect((await attach(active, items)).status).toBe(400);
    }
});
