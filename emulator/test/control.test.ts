import { controlClient, createEmulator, seededRandom } from "../src";
import { harness, project, signedRequest } from "./harness";

test("the world can be paused, advanced and sped up", async () => {
    const { emulator, time } = harness();
    const now = async () => (await emulator.control.state()).now - Date.parse("2026-01-01T00:00:00Z");
    await emulator.control.clock({ do: "pause" });
    time.now += 1000;
    expect(await now()).toBe(0);
    await emulator.control.clock({ do: "advance", ms: 500 });
    await emulator.control.clock({ do: "resume" });
    await emulator.control.clock({ do: "speed", factor: 10 });
    time.now += 100;
    expect(await now()).toBe(1500);
});

test("thousands of objects at once, in another region", async () => {
    const { emulator } = harness();
    const [ids = []] = await emulator.control.seed({
        objects: [{ service: "workspaceapp", kind: "imageServers", project: "cn-east-3", count: 5000 }],
    });
    expect(new Set(ids).size).toBe(5000);
    expect(await emulator.control.objects("workspaceapp", "imageServers", "cn-north-4")).toEqual([]);
    expect((await emulator.control.objects("workspaceapp", "imageServers", "cn-east-3")).length).toBe(5000);
    await emulator.control.reset();
    expect(await emulator.control.objects("workspaceapp", "imageServers", "cn-east-3")).toEqual([]);
});

test("objects can be changed and removed behind everybody's back", async () => {
    const { emulator } = harness();
    const place = { service: "workspaceapp", kind: "imageServers" };
    await emulator.control.seed({ objects: [{ ...place, objects: [{ id: "1" }] }] });
    expect(await emulator.control.change({ ...place, id: "1", changes: { status: "ERROR" } })).toBe(true);
    expect((await emulator.control.objects("workspaceapp", "imageServers"))[0]?.object.status).toBe("ERROR");
    await expect(emulator.control.change({ ...place, id: "1", changes: { status: "ODD" } })).rejects.toThrow(/status/);
    expect(await emulator.control.remove({ ...place, id: "1" })).toBe(true);
    expect(await emulator.control.remove({ ...place, id: "1" })).toBe(false);
});

test("a snapshot goes on in another emulator", async () => {
    const first = harness();
    const place = { service: "workspaceapp", kind: "imageServers" };
    await first.emulator.control.seed({ objects: [{ ...place, objects: [{ id: "1" }, { id: "2", name: "b" }] }] });
    const body = { items: ["1"], recursive: false };
    await first.send("PATCH", `/v1/${project}/image-servers/actions/batch-delete`, { body });
    const second = harness();
    await second.emulator.control.restore(await first.emulator.control.snapshot());
    second.time.now += 32_000;
    expect(await second.emulator.control.objects("workspaceapp", "imageServers")).toMatchObject([
        { object: { id: "2" } },
    ]);
});

test("without Request and Response the cloud answers the same, and control looks the same and hands out no handle", async () => {
    const place = { service: "workspaceapp", kind: "imageServers" };
    const body = { items: ["1"], recursive: false };
    const heard = async (how: "fetch" | "exchange") => {
        const { emulator, time } = harness();
        await emulator.control.seed({ objects: [{ ...place, objects: [{ id: "1" }] }] });
        const answers = [];
        for (const [method, path, content] of [
            ["PATCH", `/v1/${project}/image-servers/actions/batch-delete`, body],
            ["GET", `/v1/${project}/image-servers?limit=5&offset=0`, undefined],
            ["GET", "/v9/nowhere", undefined],
        ] as const) {
            const request = signedRequest(method, path, time.now, { body: content });
            if (how === "fetch") {
                const response = await emulator.fetch(request);
                const headers = Object.fromEntries(response.headers);
                answers.push({ status: response.status, headers, body: await response.text() });
            } else {
                const headers = Object.fromEntries(request.headers);
                const { url } = request;
                answers.push(
                    await emulator.exchange({ method, url, headers, body: content && JSON.stringify(content) }),
                );
            }
        }
        const served = controlClient("http://emulator.invalid", undefined, emulator.fetch);
        for (const look of [
            () => emulator.control.objects("workspaceapp", "imageServers"),
            () => emulator.control.auditLog(),
        ]) {
            const before = await look();
            JSON.stringify(before, (_name, value) => {
                if (Array.isArray(value)) {
                    value.push("scribble");
                }
                return value;
            });
            expect(await look()).not.toEqual(before);
        }
        expect(await emulator.control.objects("workspaceapp", "imageServers")).toEqual(
            await served.objects("workspaceapp", "imageServers"),
        );
        expect(await emulator.control.auditLog()).toEqual(await served.auditLog());
        return answers;
    };
    const answers = await heard("exchange");
    expect(answers).toEqual(await heard("fetch"));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404]);
});

test("durations can follow a distribution and repeat by their seed", async () => {
    const ends = async () => {
        const { emulator, send, time } = harness();
        await emulator.control.seed({
            durations: {
                workspaceapp: { "delete-image-server": { kind: "log-normal", medianMs: 60_000, sigma: 1, seed: 7 } },
            },
            objects: [{ service: "workspaceapp", kind: "imageServers", objects: [{ id: "1" }] }],
        });
        const body = { items: ["1"], recursive: false };
        await send("PATCH", `/v1/${project}/image-servers/actions/batch-delete`, { body });
        time.now += 36_000_000;
        return (await emulator.control.auditLog()).tombstones.map(({ at }) => at);
    };
    const once = await ends();
    expect(once.length).toBe(1);
    expect(await ends()).toEqual(once);
});

test("a control token is demanded if there is one, and writes must be JSON", async () => {
    const emulator = createEmulator({
        clock: { now: () => 0 },
        random: seededRandom(1),
        sleep: async () => {},
        controlToken: "t0ken",
    });
    const url = "http://127.0.0.1/_emulator/reset";
    const headers = { "Content-Type": "application/json" };
    expect((await emulator.fetch(new Request(url, { method: "POST", headers }))).status).toBe(401);
    const authorized = { Authorization: "Bearer t0ken" };
    expect((await emulator.fetch(new Request(url, { method: "POST", headers: authorized }))).status).toBe(415);
    expect(
        (await emulator.fetch(new Request(url, { method: "POST", headers: { ...headers, ...authorized } }))).status,
    ).toBe(200);
    await emulator.control.reset();
});
