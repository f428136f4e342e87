import { type Harness, harness, project } from "./harness";

const BASE = `/v1/${project}`;
const list = ({ send }: Harness, query = "") => send("GET", `${BASE}/instances${query}`);
const remove = ({ send }: Harness, instance_id_set: unknown) =>
    send("POST", `${BASE}/instances/batch-delete`, { body: { instance_id_set } });
const state = async ({ send }: Harness, id: string) => (await send("GET", `${BASE}/instances/${id}/status`)).body;
const seeded = async ({ emulator }: Harness, count: number, template: object = {}) => {
    const objects = [{ service: "clouddc", kind: "instances", count, template: { ...template } }];
    const [ids = []] = await emulator.control.seed({ objects });
    return ids;
};
const set = ({ emulator }: Harness, settings: object) =>
    emulator.control.seed({ settings: { clouddc: { ...settings } } });
const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const wish = {
    name: "node",
    image_id: "image",
    vpc_id: "vpc",
    network_interfaces: [{ subnet_id: "subnet" }],
    password: "Secret-1",
};
const refusal = ({ status, body }: { status: number; body: { error_code: string } }) => [status, body.error_code];

test("a batch deletion goes from shutting-down to terminated, which is listed for a while and then gone", async () => {
    const h = harness();
    const ids = await seeded(h, 2);
    const reply = await remove(h, ids);
    expect([reply.status, reply.body]).toEqual([202, { instances: ids.map((id) => ({ id })) }]);
    const [first = ""] = ids;
    expect(await state(h, first)).toEqual({
        state: "shutting-down",
        operation_state: "uninstall-processing",
        error: null,
    });
    h.time.now += 60_000;
    expect(await state(h, first)).toMatchObject({ state: "terminated", operation_state: "uninstall-succeed" });
    const { tombstones, submissions } = await h.emulator.control.auditLog();
    expect(tombstones.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(tombstones[0]?.by).toBe(`DeleteInstances ${submissions[0]?.requestId}`);
    expect(submissions).toMatchObject([{ accepted: true, ids }]);
    const listed = await list(h, `?instance_id=${ids.join("%2C")}&limit=100`);
    expect(listed.body.count).toBe(2);
    h.time.now += 300_000;
    expect(refusal(await h.send("GET", `${BASE}/instances/${first}/status`))).toEqual([404, "iMetal.0200"]);
    expect((await list(h, `?instance_id=${ids.join("%2C")}`)).body).toMatchObject({ instances: [], count: 0 });
    expect((await h.emulator.control.auditLog()).tombstones.length).toBe(2);
});

test("with no retention an instance is gone as soon as it is terminated", async () => {
    const h = harness();
    await set(h, { terminatedRetentionSeconds: 0 });
    const ids = await seeded(h, 1);
    await remove(h, ids);
    h.time.now += 60_000;
    expect((await list(h)).body.count).toBe(0);
    expect((await h.emulator.control.auditLog()).tombstones.length).toBe(1);
});

test("a single deletion is 204", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1);
    const reply = await h.send("DELETE", `${BASE}/instances/${id}`);
    expect([reply.status, reply.text]).toEqual([204, ""]);
    expect((await state(h, id)).state).toBe("shutting-down");
    expect(refusal(await h.send("DELETE", `${BASE}/instances/${id}`))).toEqual([400, "iMetal.0201"]);
    expect(refusal(await h.send("DELETE", `${BASE}/instances/${UNKNOWN}`))).toEqual([404, "iMetal.0200"]);
});

test.each([
    ["no set", {}, "iMetal.0002"],
    ["an empty set", { instance_id_set: [] }, "iMetal.0002"],
    ["51 ids", { instance_id_set: Array.from({ length: 51 }, (_, n) => `${n}`) }, "iMetal.0001"],
    ["numbers", { instance_id_set: [1] }, "iMetal.0001"],
    ["text", { instance_id_set: "a" }, "iMetal.0001"],
    ["a duplicate", { instance_id_set: ["a", "a"] }, "iMetal.0001"],
])("a batch deletion with %s is refused", async (_, body, code) => {
    const { send } = harness();
    expect(refusal(await send("POST", `${BASE}/instances/batch-delete`, { body }))).toEqual([400, code]);
});

test("bodies that are empty or not JSON", async () => {
    const { send } = harness();
    expect(refusal(await send("POST", `${BASE}/instances/batch-delete`))).toEqual([400, "iMetal.0002"]);
    expect(refusal(await send("POST", `${BASE}/instances/batch-delete`, { rawBody: "{" }))).toEqual([
        400,
        "iMetal.0001",
    ]);
});

test("ids that do not exist refuse the whole call and are named, or are ignored", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1);
    const refused = await remove(h, [UNKNOWN, id, "other"]);
    expect([refused.status, refused.body]).toEqual([
        404,
        { error_code: "iMetal.0200", error_msg: `Instances not found: [${UNKNOWN}, other]` },
    ]);
    expect((await state(h, id)).state).toBe("running");
    await set(h, { unknownIds: "ignore" });
    expect((await remove(h, [UNKNOWN, id])).body).toEqual({ instances: [{ id }] });
});

test("an empty set as everything, and duplicates collapsed, if so set", async () => {
    const h = harness();
    await set(h, { emptySet: "everything", duplicateIds: "collapse" });
    const ids = await seeded(h, 3);
    expect((await remove(h, [ids[0], ids[0]])).body.instances.length).toBe(1);
    expect((await remove(h, [])).body.instances.length).toBe(2);
    await set(h, { emptySet: "nothing" });
    expect((await remove(h, [])).body).toEqual({ instances: [] });
});

test("submitted again while shutting down: refused and in the audit log; accepted if so set", async () => {
    const h = harness();
    const ids = await seeded(h, 1);
    await remove(h, ids);
    expect(refusal(await remove(h, ids))).toEqual([400, "iMetal.0201"]);
    expect((await h.emulator.control.auditLog()).doubleSubmissions.map(({ id }) => id)).toEqual(ids);
    await set(h, { deletingAgain: "accept" });
    h.time.now += 30_000;
    expect((await remove(h, ids)).status).toBe(202);
    h.time.now += 30_000;
    // The deletion under way is not begun anew.
    expect((await state(h, ids[0] ?? "")).state).toBe("terminated");
});

test.each([
    ["running", {}, 202],
    ["running", { deletingRunning: "refuse" }, 400],
    ["pending", {}, 202],
    ["stopped", {}, 202],
    ["error", {}, 202],
    ["stopping", {}, 400],
    ["reinstalling", { deletingInTransition: "allow" }, 202],
    ["terminated", {}, 404],
    ["terminated", { deletingTerminated: "refuse" }, 400],
    ["terminated", { deletingTerminated: "accept" }, 202],
])("deletion of %s with %j is %i", async (given, settings, status) => {
    const h = harness();
    await set(h, settings);
    const ids = await seeded(h, 1, { state: given });
    const [fine = ""] = await seeded(h, 1, { state: "stopped" });
    expect((await remove(h, [...ids, fine])).status).toBe(status);
    // All or nothing.
    expect((await state(h, fine)).state).toBe(status === 202 ? "shutting-down" : "stopped");
});

test("outcomes: failed, stuck, a lie, vanished; a failed deletion can be tried again", async () => {
    const h = harness();
    const [failing = "", stuck = "", lied = "", vanishing = ""] = await seeded(h, 4);
    const fault = { service: "clouddc", process: "delete-instance" };
    await h.emulator.control.seed({
        outcomes: [
            { ...fault, ids: [failing], times: 1, outcome: "fail", code: "iMetal.0300", message: "disk locked" },
            { ...fault, ids: [stuck], outcome: "stuck" },
            { ...fault, ids: [lied], outcome: "lie" },
            { ...fault, ids: [vanishing], outcome: "vanish" },
        ],
    });
    await remove(h, [failing, stuck, lied, vanishing]);
    h.time.now += 60_000;
    expect(await state(h, failing)).toEqual({
        state: "error",
        operation_state: "uninstall-failed",
        error: { error_code: "iMetal.0300", error_msg: "disk locked", error_type: "delete_instance_error" },
    });
    expect((await list(h, "?instance_state=failed")).body.instances).toMatchObject([{ id: failing }]);
    expect((await state(h, stuck)).state).toBe("shutting-down");
    expect(await state(h, lied)).toMatchObject({ state: "running", operation_state: "uninstall-succeed" });
    expect((await state(h, vanishing)).error_code).toBe("iMetal.0200");
    expect((await h.emulator.control.auditLog()).tombstones.map(({ id }) => id)).toEqual([vanishing]);
    await remove(h, [failing]);
    expect(await state(h, failing)).toMatchObject({ state: "shutting-down", error: null });
    h.time.now += 60_000;
    expect((await state(h, failing)).state).toBe("terminated");
});

test("lists: default and caps of limit, markers that reach every instance once, even past one that went", async () => {
    const h = harness();
    const ids = await seeded(h, 45);
    const size = async (query: string) => (await list(h, query)).body.instances.length;
    expect(await Promise.all(["", "?limit=1", "?limit=20", "?limit=5000"].map(size))).toEqual([10, 10, 20, 45]);
    const seen: string[] = [];
    let marker = "";
    for (let pages = 0; pages < 5; pages++) {
        const { body } = await list(h, `?limit=10${marker && `&marker=${marker}`}`);
        expect(body.page_info.current_count).toBe(body.instances.length);
        seen.push(...body.instances.map(({ id }: { id: string }) => id));
        marker = body.page_info.next_marker;
        if (pages === 1) {
            await h.emulator.control.remove({ service: "clouddc", kind: "instances", id: marker });
        }
    }
    expect(marker).toBeNull();
    expect([...seen].sort()).toEqual([...ids].sort());
});

test("lists: the end of the markers as set", async () => {
    const h = harness();
    await seeded(h, 11);
    await set(h, { lastMarker: "empty" });
    expect((await list(h, "?limit=100")).body.page_info.next_marker).toBe("");
    await set(h, { lastMarker: "absent" });
    expect((await list(h, "?limit=100")).body.page_info).not.toHaveProperty("next_marker");
});

test("lists: filters, and what they refuse", async () => {
    const h = harness();
    const ids = await seeded(h, 12);
    const [stopped = ""] = await seeded(h, 1, { state: "stopped", server_id: "server" });
    expect((await list(h, "?instance_state=stopped")).body.instances).toMatchObject([{ id: stopped }]);
    expect((await list(h, "?server_id=server%2Cnone")).body.instances).toMatchObject([{ id: stopped }]);
    // The default page size holds for lists of ids too.
    const some = (await list(h, `?instance_id=${[...ids, UNKNOWN].join("%2C")}`)).body;
    expect([some.count, some.instances.length]).toEqual([12, 10]);
    const hundredAndOne = Array.from({ length: 101 }, (_, n) => `i${n}`).join("%2C");
    const bad = ["?limit=x", "?instance_state=error", "?instance_state=x", `?instance_id=${hundredAndOne}`];
    for (const query of [...bad, "?instance_id=a&server_id=b"]) {
        expect(refusal(await list(h, query))).toEqual([400, "iMetal.0001"]);
    }
    await set(h, { missingInList: "not-found" });
    expect(refusal(await list(h, `?instance_id=${UNKNOWN}`))).toEqual([404, "iMetal.0200"]);
});

test("what the emulator keeps for itself is not shown", async () => {
    const h = harness();
    await seeded(h, 1);
    const [shown] = (await list(h)).body.instances;
    expect(Object.keys(shown).sort()).toEqual(
        "created_at description error id image launched_at metadata name network_interfaces operation_state server_id state tags updated_at user_data vpc_id".split(
            " ",
        ),
    );
});

test("an instance is created on a ready server, which is free again after its deletion", async () => {
    const h = harness();
    const servers = await h.send("GET", `${BASE}/physicalservers?manage_state=ready&limit=1000`);
    expect(servers.body.count).toBe(100);
    const [{ id: server_id }] = servers.body.servers;
    const body = { ...wish, placement: { server_id } };
    const created = await h.send("POST", `${BASE}/instances`, { body });
    const id = created.body.instance_id;
    const server = async () => (await h.send("GET", `${BASE}/physicalservers/${server_id}`)).body;
    expect(await state(h, id)).toEqual({ state: "pending", operation_state: "install-processing", error: null });
    expect(await server()).toMatchObject({ manage_state: "in-use" });
    expect(refusal(await h.send("POST", `${BASE}/instances`, { body }))).toEqual([400, "iMetal.0101"]);
    h.time.now += 120_000;
    expect(await state(h, id)).toMatchObject({ state: "running", operation_state: "install-succeed" });
    expect(await server()).toMatchObject({ power_state: "on" });
    await remove(h, [id]);
    h.time.now += 60_000;
    expect(await server()).toMatchObject({ manage_state: "ready", power_state: "off" });
    const log = JSON.stringify(await h.emulator.control.requests());
    expect(log).not.toContain(wish.password);
});

test("an instance deleted while it is installed does not come up any more", async () => {
    const h = harness();
    await h.emulator.control.seed({ durations: { clouddc: { "delete-instance": { kind: "fixed", ms: 500_000 } } } });
    const { instance_id } = (await h.send("POST", `${BASE}/instances`, { body: wish })).body;
    await remove(h, [instance_id]);
    h.time.now += 200_000;
    expect((await state(h, instance_id)).state).toBe("shutting-down");
});

test("many are created at once: at least min_count or none", async () => {
    const h = harness();
    const create = (body: object) => h.send("POST", `${BASE}/instances/batch-create`, { body: { ...wish, ...body } });
    const made = await create({ min_count: 90, max_count: 95 });
    expect(made.body.instances.length).toBe(95);
    expect(refusal(await create({ min_count: 6, max_count: 10 }))).toEqual([400, "iMetal.0101"]);
    expect((await create({ min_count: 5, max_count: 10 })).body.instances.length).toBe(5);
    expect(refusal(await create({ min_count: 2, max_count: 1 }))).toEqual([400, "iMetal.0001"]);
    expect(refusal(await create({ max_count: 101 }))).toEqual([400, "iMetal.0001"]);
    expect(refusal(await create({ placement: { server_id_set: [UNKNOWN] } }))).toEqual([404, "iMetal.0100"]);
});

test.each([
    ["name", "iMetal.0002", undefined],
    ["name", "iMetal.0001", "with space"],
    ["image_id", "iMetal.0002", undefined],
    ["vpc_id", "iMetal.0002", undefined],
    ["password", "iMetal.0002", undefined],
    ["network_interfaces", "iMetal.0001", []],
    ["network_interfaces", "iMetal.0001", [{ subnet_id: "a" }, { subnet_id: "b" }, { subnet_id: "c" }]],
    ["metadata", "iMetal.0001", Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, "v"]))],
])("a creation with a bad %s is refused with %s", async (field, code, value) => {
    const { send } = harness();
    const body = { ...wish, [field]: value };
    expect(refusal(await send("POST", `${BASE}/instances`, { body }))).toEqual([400, code]);
});

test("a creation that fails shows why", async () => {
    const h = harness();
    await h.emulator.control.seed({
        outcomes: [{ service: "clouddc", process: "create-instance", outcome: "fail", status: "failed" }],
    });
    const { instance_id } = (await h.send("POST", `${BASE}/instances`, { body: wish })).body;
    h.time.now += 120_000;
    expect(await state(h, instance_id)).toMatchObject({
        state: "failed",
        operation_state: "install-failed",
        error: { error_type: "create_instance_error" },
    });
});

test("reinstallation, password, addresses", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1);
    const put = (path: string, body: object) => h.send("PUT", `${BASE}/instances/${path}`, { body });
    expect((await put("reinstall", { instance_id_set: [id], password: "p" })).status).toBe(202);
    expect(await state(h, id)).toMatchObject({ state: "pending", operation_state: "reinstall-processing" });
    expect(refusal(await put("password", { instance_id_set: [id], new_password: "p" }))).toEqual([400, "iMetal.0201"]);
    h.time.now += 120_000;
    expect(await state(h, id)).toMatchObject({ state: "running", operation_state: "reinstall-succeed" });
    const eleven = Array.from({ length: 11 }, (_, n) => `i${n}`);
    expect(refusal(await put("reinstall", { instance_id_set: eleven, password: "p" }))).toEqual([400, "iMetal.0001"]);
    expect((await put("password", { instance_id_set: [id], new_password: "p" })).status).toBe(202);
    expect(refusal(await put("password", { instance_id_set: [UNKNOWN], new_password: "p" }))).toEqual([
        404,
        "iMetal.0200",
    ]);
    const nics = [{ subnet_id: "s", ip_address: "10.1.2.3" }];
    expect((await put(`${id}/ip`, { vpc_id: "v", nics })).status).toBe(202);
    expect(await state(h, id)).toMatchObject({ state: "running", operation_state: "modify-ip-processing" });
    h.time.now += 30_000;
    const [shown] = (await list(h, `?instance_id=${id}`)).body.instances;
    expect(shown).toMatchObject({
        operation_state: "modify-ip-succeed",
        network_interfaces: [{ subnet_id: "s", ipv4_address: "10.1.2.3" }],
    });
});

test("the power of a server stops, starts and reboots the instance on it", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1, { server_id: "server" });
    const power = (action: string, server_id_set: unknown = ["server"]) =>
        h.send("PUT", `${BASE}/physicalservers/power-state`, { body: { action, server_id_set } });
    const both = async () => {
        const { power_state, operation_state } = (await h.send("GET", `${BASE}/physicalservers/server`)).body;
        return [(await state(h, id)).state, power_state, operation_state];
    };
    expect(await both()).toEqual(["running", "on", null]);
    const replied = await power("power off");
    expect([replied.status, replied.body]).toEqual([202, { physical_servers: [{ id: "server" }] }]);
    expect(await both()).toEqual(["stopping", "on", "power-off-processing"]);
    h.time.now += 20_000;
    expect(await both()).toEqual(["stopped", "off", "power-off-succeed"]);
    await power("power on");
    expect(await both()).toEqual(["stopped", "off", "power-on-processing"]);
    h.time.now += 20_000;
    expect(await both()).toEqual(["running", "on", "power-on-succeed"]);
    await power("rebooting");
    expect(await both()).toEqual(["stopped", "on", "reboot-processing"]);
    h.time.now += 20_000;
    expect(await both()).toEqual(["running", "on", "reboot-succeed"]);
    expect(refusal(await power("explode"))).toEqual([400, "iMetal.0001"]);
    expect(refusal(await power("power on", ["none"]))).toEqual([404, "iMetal.0100"]);
    expect((await h.send("GET", `${BASE}/physicalservers/server`)).body).toMatchObject({
        health_state: "OK",
        location: { dc: "dc-1", rack: "rack-1", unit: expect.any(String) },
        hardware_attributes: { sn: expect.any(String), manufacturer: "emulated", model: "emulated" },
    });
});

test("tags are created and deleted", async () => {
    const h = harness();
    await seeded(h, 1, { server_id: "server" });
    const tags = (verb: string, resource: string) =>
        h.send("POST", `${BASE}/${resource}/tags/${verb}`, { body: { tags: [{ key: "k", value: "v" }] } });
    const shown = async () => (await h.send("GET", `${BASE}/physicalservers/server`)).body.tags;
    expect((await tags("create", "physicalservers/server")).status).toBe(204);
    expect(await shown()).toEqual([{ key: "k", value: "v" }]);
    expect((await tags("delete", "physicalservers/server")).status).toBe(204);
    expect(await shown()).toEqual([]);
    expect(refusal(await tags("create", "things/server"))).toEqual([400, "iMetal.0001"]);
    expect(refusal(await tags("create", "physicalservers/none"))).toEqual([404, "iMetal.0100"]);
});

test("the service's own throttling: 429 with a bare string, or as JSON", async () => {
    const h = harness();
    await set(h, { requestsPerWindow: 2, windowSeconds: 10 });
    await list(h);
    await list(h);
    const text = await list(h);
    expect([text.status, text.headers.get("content-type"), text.text]).toEqual([
        429,
        "text/plain",
        "Too many requests",
    ]);
    await set(h, { throttledBody: "json" });
    expect(refusal(await list(h))).toEqual([429, "iMetal.0005"]);
    h.time.now += 10_000;
    expect((await list(h)).status).toBe(200);
});

test("who is not authenticated hears it from the gateway, or from the service", async () => {
    const h = harness();
    expect(refusal(await h.send("GET", `${BASE}/instances`, { unsigned: true }))).toEqual([401, "APIGW.0301"]);
    await set(h, { notAuthenticated: "iMetal.0003" });
    expect(refusal(await h.send("GET", `${BASE}/instances`, { unsigned: true }))).toEqual([401, "iMetal.0003"]);
});

test("seeds in the middle of something go on to its end; a snapshot goes on elsewhere", async () => {
    const h = harness();
    const [pending = ""] = await seeded(h, 1, { state: "pending" });
    const [going = ""] = await seeded(h, 1, { state: "shutting-down" });
    const [ended = ""] = await seeded(h, 1, { state: "terminated" });
    const other = harness();
    await other.emulator.control.restore(await h.emulator.control.snapshot());
    other.time.now += 120_000;
    expect((await state(other, pending)).state).toBe("running");
    expect((await state(other, going)).state).toBe("terminated");
    other.time.now += 300_000;
    expect((await state(other, ended)).error_code).toBe("iMetal.0200");
});

test("the status of all physical servers is a call of its own, in numbers", async () => {
    const h = harness();
    const template = { health_state: "Critical", power_state: "on", location: { dc: "dc-2", rack: "r", unit: "1" } };
    await h.emulator.control.seed({ objects: [{ service: "clouddc", kind: "physicalServers", count: 2, template }] });
    const { status, body } = await h.send("GET", `${BASE}/physicalservers/status`);
    expect(status).toBe(200);
    const none = { count: 0, dc_stats: {} };
    expect(body).toEqual({
        server_status: {
            total: { count: 102, dc_stats: { "dc-1": 100, "dc-2": 2 } },
            ok: { count: 100, dc_stats: { "dc-1": 100 } },
            health: { count: 100, dc_stats: { "dc-1": 100 } },
            critical: { count: 2, dc_stats: { "dc-2": 2 } },
            unHealth: { count: 2, dc_stats: { "dc-2": 2 } },
            warning: none,
            unknown: none,
            isolation: none,
        },
        server_power_status: { on: 2, off: 100, unknown: 0 },
        server_manage_state: {},
    });
});

test("an address is changed without the vpc and without an address: then it is a free one", async () => {
    const h = harness();
    const [id = ""] = await seeded(h, 1);
    const shown = async () => (await list(h)).body.instances[0];
    const { vpc_id } = await shown();
    const put = async (body: object) => (await h.send("PUT", `${BASE}/instances/${id}/ip`, { body })).status;
    const addresses: string[] = [];
    for (const nic of [{}, { ip_address: "" }, { ip_address: null }]) {
        expect(await put({ nics: [{ subnet_id: "s2", ...nic }] })).toBe(202);
        h.time.now += 60_000;
        const { network_interfaces, ...rest } = await shown();
        expect(rest.vpc_id).toBe(vpc_id);
        expect(network_interfaces).toMatchObject([{ subnet_id: "s2" }]);
        addresses.push(network_interfaces[0].ipv4_address);
    }
    expect(addresses.every((address) => /^10\.200\.\d+\.\d+$/.test(address))).toBe(true);
    expect(await put({ nics: [{ subnet_id: "s2", ip_address: "not one" }] })).toBe(400);
    expect(await put({ nics: [{ ip_address: "10.0.0.1" }] })).toBe(400);
});
