import { type Harness, harness, project } from "./harness";

const BASE = `/v1/${project}/digital-assets`;
const seeded = async ({ emulator }: Harness, count: number, template: object = {}) => {
    const objects = [{ service: "metastudio", kind: "assets", count, template: { ...template } }];
    const [ids = []] = await emulator.control.seed({ objects });
    return ids;
};
const set = ({ emulator }: Harness, settings: object) =>
    emulator.control.seed({ settings: { metastudio: { ...settings } } });
const act = ({ send }: Harness, action: string, asset_ids: unknown, more: object = {}) =>
    send("POST", `${BASE}/batch-action`, { body: { action, asset_ids, ...more } });
const show = async ({ send }: Harness, id: string) => (await send("GET", `${BASE}/${id}`)).body;
const state = async (h: Harness, id: string) => (await show(h, id)).asset_state;
const refusal = ({ status, body }: { status: number; body: { error_code: string } }) => [status, body.error_code];

test("DELETE puts into the recycle bin, RESTORE brings back, DELETE_FORCE deletes for good", async () => {
    const h = harness();
    const ids = await seeded(h, 2);
    const [id = ""] = ids;
    const deleted = await act(h, "DELETE", ids);
    expect([deleted.status, deleted.body]).toEqual([200, { results: [{ ret_status: "SUCCESS", asset_ids: ids }] }]);
    expect(deleted.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}$/);
    expect(await state(h, id)).toBe("DELETING");
    expect((await h.emulator.control.auditLog()).tombstones).toEqual([]);
    await act(h, "RESTORE", ids);
    expect(await state(h, id)).toBe("UNACTIVED");
    await act(h, "DELETE_FORCE", ids);
    expect(await state(h, id)).toBe("DELETED");
    const { tombstones, submissions } = await h.emulator.control.auditLog();
    expect(tombstones.map((stone) => stone.id)).toEqual(ids);
    expect(tombstones[0]?.by).toBe(`BatchExecuteAssetAction ${submissions[2]?.requestId}`);
    expect(submissions.map(({ accepted }) => accepted)).toEqual([true, true, true]);
    h.time.now += 300_000;
    expect(refusal(await h.send("GET", `${BASE}/${id}`))).toEqual([400, "MSS.10001001"]);
});

test("the recycle bin is emptied after a time, counted anew after a restoration", async () => {
    const h = harness();
    await set(h, { binRetentionSeconds: 100, deletedRecordSeconds: 0 });
    const [id = ""] = await seeded(h, 1);
    await act(h, "DELETE", [id]);
    h.time.now += 60_000;
    await act(h, "RESTORE", [id]);
    await act(h, "DELETE", [id]);
    h.time.now += 60_000;
    expect(await state(h, id)).toBe("DELETING");
    h.time.now += 40_000;
    expect((await show(h, id)).error_code).toBe("MSS.10001001");
    expect((await h.emulator.control.auditLog()).tombstones).toMatchObject([{ id, by: "recycle bin" }]);
});

test.each([
    ["no action", { asset_ids: ["a"] }],
    ["an unknown action", { action: "DETELTE", asset_ids: ["a"] }],
    ["no ids", { action: "DELETE", asset_ids: [] }],
    ["no asset_ids", { action: "DELETE" }],
    ["101 ids", { action: "DELETE", asset_ids: Array.from({ length: 101 }, (_, n) => `${n}`) }],
    ["duplicates", { action: "DELETE", asset_ids: ["a", "a"] }],
    ["numbers", { action: "DELETE", asset_ids: [1] }],
    ["params that are no text", { action: "DELETE", asset_ids: ["a"], params: {} }],
])("a batch action with %s is refused", async (_, body) => {
    const { send } = harness();
    expect(refusal(await send("POST", `${BASE}/batch-action`, { body }))).toEqual([400, "MSS.10000003"]);
});

test("bodies that are empty or not JSON, methods and paths that do not exist", async () => {
    const { send } = harness();
    expect(refusal(await send("POST", `${BASE}/batch-action`))).toEqual([400, "MSS.00000002"]);
    expect(refusal(await send("POST", `${BASE}/batch-action`, { rawBody: "{" }))).toEqual([400, "MSS.10000002"]);
    expect(refusal(await send("PATCH", `${BASE}/batch-action`, { body: {} }))).toEqual([400, "MSS.00010004"]);
    expect(refusal(await send("GET", `${BASE}/a/b/c`))).toEqual([400, "MSS.00010003"]);
    expect(refusal(await send("GET", `/v1/${project}/nothing`))).toEqual([404, "APIGW.0101"]);
});

test("a missing or refused token gets the service's 400, a wrong signature the gateway's 401; or each the other's", async () => {
    const h = harness();
    const wrongToken = { unsigned: true, headers: { "x-auth-token": "made-up" } };
    for (const options of [{ unsigned: true }, wrongToken]) {
        expect(refusal(await h.send("GET", BASE, options))).toEqual([400, "MSS.00000001"]);
    }
    for (const options of [{ secret: "wrong" }, { access: "nobody" }, { skewMs: 3_600_000 }]) {
        expect(refusal(await h.send("GET", BASE, options))).toEqual([401, "APIGW.0301"]);
    }
    await set(h, { notAuthenticated: "gateway", wrongSignature: "MSS.00000001" });
    for (const options of [{ unsigned: true }, wrongToken]) {
        expect(refusal(await h.send("GET", BASE, options))).toEqual([401, "APIGW.0301"]);
    }
    expect(refusal(await h.send("GET", BASE, { secret: "wrong" }))).toEqual([400, "MSS.00000001"]);
});

test("an update takes the asset's type, of those that there are", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1, { asset_type: "VIDEO" });
    const update = (asset_type: string) => h.send("PUT", `${BASE}/${id}`, { body: { asset_type } });
    expect((await update("AUDIO")).body.asset_type).toBe("AUDIO");
    expect((await show(h, id)).asset_type).toBe("AUDIO");
    expect(refusal(await update("FILM"))).toEqual([400, "MSS.10000003"]);
});

test("ids that do not exist are a group of failures, or refuse the call", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1);
    const { body } = await act(h, "UNACTIVE", ["x", id, "y"]);
    expect(body.results).toEqual([
        { ret_status: "SUCCESS", asset_ids: [id] },
        {
            ret_status: "FAILED",
            asset_ids: ["x", "y"],
            error_info: { error_code: "MSS.10001001", error_msg: "Asset not found" },
        },
    ]);
    await set(h, { unknownIds: "refuse-call" });
    expect(refusal(await act(h, "ACTIVE", ["x", id]))).toEqual([400, "MSS.10001001"]);
    expect(await state(h, id)).toBe("UNACTIVED");
});

test("more ids, duplicates, and the misspelt success, if so set", async () => {
    const h = harness();
    await set(h, { maxIds: 200, duplicateIds: "collapse", successSpelling: "SUCESS" });
    const ids = await seeded(h, 150);
    const { body } = await act(h, "DELETE", [...ids, ids[0]]);
    expect(body.results).toEqual([{ ret_status: "SUCESS", asset_ids: ids }]);
});

const allowed: Record<string, Record<string, string>> = {
    DELETE: {
        CREATING: "DELETING",
        FAILED: "DELETING",
        UNACTIVED: "DELETING",
        ACTIVED: "DELETING",
        BLOCK: "DELETING",
        WAITING_DELETE: "DELETING",
    },
    DELETE_FORCE: {
        CREATING: "DELETED",
        FAILED: "DELETED",
        UNACTIVED: "DELETED",
        ACTIVED: "DELETED",
        BLOCK: "DELETED",
        WAITING_DELETE: "DELETED",
        DELETING: "DELETED",
    },
    RESTORE: { DELETING: "UNACTIVED" },
    ACTIVE: { UNACTIVED: "ACTIVED", WAITING_DELETE: "ACTIVED" },
    UNACTIVE: { ACTIVED: "UNACTIVED", WAITING_DELETE: "UNACTIVED" },
    SHARE: { ACTIVED: "ACTIVED", UNACTIVED: "UNACTIVED" },
};
const states = ["CREATING", "FAILED", "UNACTIVED", "ACTIVED", "DELETING", "DELETED", "BLOCK", "WAITING_DELETE"];
test.each(Object.keys(allowed))("%s: what it does in each state, asset by asset", async (action) => {
    const h = harness();
    const ids: string[] = [];
    for (const asset_state of states) {
        ids.push(...(await seeded(h, 1, { asset_state })));
    }
    const { results } = (await act(h, action, ids)).body;
    const done = results.find(({ ret_status }: { ret_status: string }) => ret_status === "SUCCESS").asset_ids;
    for (const [index, given] of states.entries()) {
        const id = ids[index] ?? "";
        const after = allowed[action]?.[given];
        expect([given, await state(h, id), done.includes(id)]).toEqual([given, after ?? given, after !== undefined]);
    }
});

test("SHARE and UNSHARE show in who shares", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1);
    await act(h, "SHARE", [id]);
    const stored = async () => (await h.emulator.control.objects("metastudio", "assets"))[0]?.object;
    expect(await stored()).toMatchObject({ shared_config: { shared_type: "PUBLIC" } });
    expect((await h.send("GET", `${BASE}?role=SHARER`)).body.count).toBe(1);
    expect((await act(h, "SHARE", [id])).body.results).toMatchObject([{ ret_status: "FAILED" }]);
    await act(h, "UNSHARE", [id]);
    expect(await stored()).toMatchObject({ shared_config: { shared_type: "PRIVATE" } });
    // The asset itself does not tell.
    expect(Object.keys(await show(h, id)).sort()).toEqual([
        "app_user_id",
        "asset_description",
        "asset_extra_meta",
        "asset_id",
        "asset_name",
        "asset_order",
        "asset_state",
        "asset_type",
        "auto_operation_config",
        "block_reason_code",
        "create_time",
        "fail_type",
        "files",
        "produce_id",
        "project_id",
        "reason",
        "supported_service",
        "system_properties",
        "tags",
        "update_time",
    ]);
});

test("what is done already fails, or succeeds if so set; deletions asked for again are in the audit log", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1);
    await act(h, "DELETE", [id]);
    expect((await act(h, "DELETE", [id])).body.results).toMatchObject([
        { ret_status: "FAILED", error_info: { error_code: "MSS.10000003" } },
    ]);
    await set(h, { alreadyDone: "accept" });
    expect((await act(h, "DELETE", [id])).body.results).toMatchObject([{ ret_status: "SUCCESS" }]);
    expect((await h.emulator.control.auditLog()).doubleSubmissions.map((double) => double.id)).toEqual([id, id]);
});

test("RESTORE to the state before, if so set", async () => {
    const h = harness();
    await set(h, { stateAfterRestore: "previous" });
    const [id = ""] = await seeded(h, 1, { asset_state: "WAITING_DELETE" });
    await act(h, "DELETE", [id]);
    await act(h, "RESTORE", [id]);
    expect(await state(h, id)).toBe("WAITING_DELETE");
});

test("outcomes: failed with a code, a lie, left out with and without effect, and a stranger", async () => {
    const h = harness();
    const [fine = "", failing = "", lied = "", silent = "", omitted = ""] = await seeded(h, 5);
    const fault = { service: "metastudio", process: "delete" };
    await h.emulator.control.seed({
        outcomes: [
            { ...fault, ids: [failing], outcome: "fail", code: "MSS.10009999", message: "Insufficient permissions." },
            { ...fault, ids: [lied], outcome: "lie" },
            { ...fault, ids: [silent], outcome: "stuck" },
            { ...fault, ids: [omitted], outcome: "vanish" },
        ],
        faults: [
            {
                fault: "edit",
                service: "metastudio",
                operation: "BatchExecuteAssetAction",
                times: 1,
                edits: [{ do: "append", at: "/results/0/asset_ids", value: "stranger" }],
            },
        ],
    });
    const { results } = (await act(h, "DELETE", [fine, failing, lied, silent, omitted])).body;
    expect(results).toEqual([
        { ret_status: "SUCCESS", asset_ids: [fine, lied, "stranger"] },
        {
            ret_status: "FAILED",
            asset_ids: [failing],
            error_info: { error_code: "MSS.10009999", error_msg: "Insufficient permissions." },
        },
    ]);
    const after = await Promise.all([fine, failing, lied, silent, omitted].map((id) => state(h, id)));
    expect(after).toEqual(["DELETING", "ACTIVED", "ACTIVED", "ACTIVED", "DELETING"]);
});

test("single deletion, by force, restoration", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1);
    expect((await h.send("POST", `${BASE}/${id}/restore`)).body.error_code).toBe("MSS.10000003");
    expect((await h.send("DELETE", `${BASE}/${id}`)).status).toBe(200);
    expect(await state(h, id)).toBe("DELETING");
    expect((await h.send("POST", `${BASE}/${id}/restore`)).status).toBe(200);
    expect(refusal(await h.send("DELETE", `${BASE}/${id}?mode=soft`))).toEqual([400, "MSS.10001002"]);
    expect((await h.send("DELETE", `${BASE}/${id}?mode=force`)).status).toBe(200);
    expect(await state(h, id)).toBe("DELETED");
    expect(refusal(await h.send("DELETE", `${BASE}/none`))).toEqual([400, "MSS.10001001"]);
    expect(refusal(await h.send("POST", `${BASE}/none/restore`))).toEqual([400, "MSS.10001001"]);
});

test("summaries: many ids at once, unknown ones absent or refused, a limit", async () => {
    const h = harness();
    const ids = await seeded(h, 3);
    const summaries = (asset_ids: unknown) => h.send("POST", `${BASE}/summarys`, { body: { asset_ids } });
    await act(h, "DELETE", ids.slice(0, 1));
    const { asset_list } = (await summaries([...ids, "none"])).body;
    expect(asset_list.map(({ asset_state }: { asset_state: string }) => asset_state)).toEqual([
        "DELETING",
        "ACTIVED",
        "ACTIVED",
    ]);
    expect(Object.keys(asset_list[0]).sort()).toEqual(
        "asset_id asset_name asset_state asset_type block_reason_code cover_url thumbnail_url".split(" "),
    );
    expect(refusal(await summaries(Array.from({ length: 101 }, (_, n) => `${n}`)))).toEqual([400, "MSS.10000003"]);
    expect(refusal(await summaries([]))).toEqual([400, "MSS.10000003"]);
    await set(h, { unknownSummaries: "refuse-call" });
    expect(refusal(await summaries(["none"]))).toEqual([400, "MSS.10001001"]);
});

test("lists: defaults, every state, order, filters", async () => {
    const h = harness();
    const count = async (query: string) => (await h.send("GET", `${BASE}${query}`)).body.count;
    const old = await seeded(h, 12, { asset_name: "old-{n}", tags: ["a"] });
    h.time.now += 60_000;
    const [fresh = ""] = await seeded(h, 1, { asset_name: "fresh", tags: ["a", "b"], asset_type: "VIDEO" });
    await seeded(h, 1, { source: "SYSTEM" });
    await act(h, "DELETE", old.slice(0, 2));
    await act(h, "DELETE_FORCE", old.slice(2, 5));
    const first = (await h.send("GET", BASE)).body;
    expect([first.count, first.assets.length]).toEqual([13, 10]);
    const newest = (await h.send("GET", `${BASE}?sort_dir=desc&limit=1`)).body.assets;
    expect(newest).toMatchObject([{ asset_id: fresh }]);
    const last = (await h.send("GET", `${BASE}?offset=12`)).body.assets;
    expect(last).toMatchObject([{ asset_id: fresh }]);
    for (const [query, expected] of [
        ["?asset_state=DELETING", 2],
        ["?asset_state=DELETING%2CDELETED", 5],
        ["?asset_state=ACTIVED&asset_type=VIDEO%2CIMAGE", 8],
        ["?name=old-1", 3],
        ["?name=old-1&accurate_query_field=name", 1],
        ["?tag=a%2Cb", 13],
        ["?tag=a%2Cb&tag_combination_type=INTERSECTION", 1],
        ["?start_time=2026-01-01T00%3A01%3A00Z", 1],
        ["?end_time=2026-01-01T08%3A00%3A30%2B08%3A00", 12],
        ["?asset_source=SYSTEM", 1],
        ["?asset_source=ALL", 14],
        [`?asset_id=${fresh}&asset_id=${old[0]}&asset_id=none`, 2],
        ["?role=SHAREE", 0],
    ] as const) {
        expect([query, await count(query)]).toEqual([query, expected]);
    }
    for (const query of ["?limit=101", "?limit=0", "?offset=-1", "?asset_state=GONE", "?sort_key=x", "?start_time=x"]) {
        expect(refusal(await h.send("GET", `${BASE}${query}`))).toEqual([400, "MSS.10001002"]);
    }
});

test("creation, update to ACTIVED, and what both refuse", async () => {
    const h = harness();
    const create = (body: object, headers = {}) =>
        h.send("POST", BASE, { body: { asset_name: "scene", asset_type: "SCENE", ...body }, headers });
    const made = await create({ tags: ["t"] }, { "x-app-userid": "someone" });
    const id = made.body.asset_id;
    expect(await show(h, id)).toMatchObject({ asset_state: "CREATING", app_user_id: "someone", tags: ["t"] });
    expect(refusal(await create({}))).toEqual([400, "MSS.10001005"]);
    expect(refusal(await create({ asset_name: undefined }))).toEqual([400, "MSS.10000003"]);
    expect(refusal(await create({ asset_name: "v", asset_type: "VOICE_MODEL" }))).toEqual([400, "MSS.10000003"]);
    expect(refusal(await create({ asset_name: "x".repeat(257) }))).toEqual([400, "MSS.10000003"]);
    expect(refusal(await create({ asset_name: "u" }, { "x-app-userid": "\u00e9" }))).toEqual([400, "MSS.00000003"]);
    const update = (body: object) => h.send("PUT", `${BASE}/${id}`, { body });
    expect((await update({ asset_state: "ACTIVED", asset_description: "d" })).status).toBe(200);
    expect(await show(h, id)).toMatchObject({ asset_state: "ACTIVED", asset_description: "d", asset_name: "scene" });
    expect(refusal(await update({ asset_state: "DELETED" }))).toEqual([400, "MSS.10000003"]);
    await act(h, "DELETE", [id]);
    expect(refusal(await update({ asset_name: "n" }))).toEqual([400, "MSS.10000003"]);
    expect(refusal(await h.send("PUT", `${BASE}/none`, { body: {} }))).toEqual([400, "MSS.10001001"]);
});

test("an upload that ends by itself, if so set; a snapshot goes on elsewhere", async () => {
    const h = harness();
    await set(h, { upload: "ends-by-itself" });
    const { asset_id } = (await h.send("POST", BASE, { body: { asset_name: "a", asset_type: "IMAGE" } })).body;
    const other = harness();
    await other.emulator.control.restore(await h.emulator.control.snapshot());
    other.time.now += 30_000;
    expect(await state(other, asset_id)).toBe("ACTIVED");
    expect(await state(h, asset_id)).toBe("CREATING");
});

test("what the emulator keeps for itself is not shown", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1);
    const shown = await show(h, id);
    for (const name of ["source", "step", "previous_state", "deleted_by"]) {
        expect(shown).not.toHaveProperty(name);
    }
});
