import fc from "fast-check";
import { z } from "zod";
import { ApiFailure, type BatchApi } from "../../src/batch/api";
import { CloudError } from "../../src/cloud/errors";
import { assetBatchDeletion, roma } from "../../src/services/roma";
import { listApps, listFdiTasks } from "../../src/services/roma/api";
import { FakeCloud, never, plain, type Reply, refusal, type Sent } from "./fake-cloud";

const options = { reportedDone: new Set<string>(), signal: never };

function api(cloud: FakeCloud): BatchApi {
    const act = assetBatchDeletion.acts({ instanceId: "i1" }).onDestroy;
    if (act === undefined) {
        throw new Error("no act");
    }
    return act.api(cloud);
}

const ids = z.array(z.strictObject({ id: z.string() }));
const deletion = z.strictObject({ apps: ids, tasks: ids });

interface Instance {
    apps?: ReadonlyArray<{ id: string; name?: string }>;
    tasks?: ReadonlyArray<{ task_id: string; task_name?: string }>;
}

/** Answers lists and gets of one ROMA instance; `other` answers first. */
function instance({ apps = [], tasks = [] }: Instance, other: (sent: Sent) => Reply | undefined = () => undefined) {
    const notFound = refusal({ status: 404, code: "ROMA.00110006", detail: "The resource does not exist" });
    return new FakeCloud(roma, (sent, query) => {
        const answer = other(sent);
        if (answer !== undefined) {
            return answer;
        }
        const from = Number(query.get("offset"));
        const to = from + Number(query.get("limit"));
        const last = sent.path.split("/").at(-1);
        switch (sent.operation) {
            case "ListAppsV2":
                return { body: { total: apps.length, size: 0, apps: apps.slice(from, to) } };
            case "ListFdiTasks": {
                const asked = tasks.filter(
                    (task) => query.get("task_id") === null || task.task_id === query.get("task_id"),
                );
                return { body: { total: asked.length, size: 0, entities: asked.slice(from, to) } };
            }
            case "ShowDetailsOfAppV2": {
                const app = apps.find((one) => one.id === last);
                return app === undefined ? notFound : { body: app };
            }
            case "ShowFdiTask": {
                const task = tasks.find((one) => one.task_id === last);
                return task === undefined ? notFound : { body: { task, task_detail: "{}" } };
            }
            default:
                throw new Error(`not expected: ${sent.operation}`);
        }
    });
}

describe("the definition", () => {
    const idOf = (input: string) => {
        const found = assetBatchDeletion.targets.find((target) => target.input === input)?.id;
        if (found === undefined) {
            throw new Error(input);
        }
        return found;
    };

    test.each([
        ["appIds", "3f0f2f7e-1111-4222-8333-444455556666", true],
        ["appIds", "a".repeat(64), true],
        ["appIds", "a".repeat(65), false],
        ["taskIds", "b".repeat(32), true],
        ["taskIds", "b".repeat(33), false],
        ...["", ".", "..", "a/b", "a,b", "a b", "a\n", "a\u0000", "%2e%2e", "a.b", "ａ", "app:1"].flatMap(
            (id): [string, string, boolean][] => [
                ["appIds", id, false],
                ["taskIds", id, false],
            ],
        ),
    ])("%s %j: %p", (input, id, valid) => {
        expect(idOf(input).safeParse(id).success).toBe(valid);
    });

    test("an instance id that would leave its place in the path is refused", () => {
        for (const instanceId of ["..", "a/b", "", undefined, 7]) {
            expect(() => assetBatchDeletion.acts({ instanceId })).toThrow();
        }
    });

    test("each instance is a queue of its own", () => {
        expect(assetBatchDeletion.acts({ instanceId: "i1" }).onCreate?.variant).toBe("i1");
        expect(assetBatchDeletion.placeInputs).toEqual(["instanceId"]);
    });

    test("the limits", () => {
        const { perRequest, exclusive, concurrentSubmits, effect } = api(instance({}));
        expect({ perRequest, exclusive, concurrentSubmits, effect }).toEqual({
            perRequest: 100,
            exclusive: true,
            concurrentSubmits: 1,
            effect: "deletes",
        });
        expect(roma.busyCodes).toEqual(["ROMA.10012"]);
        expect(roma.authenticationCodes).toEqual(["ROMA.1000", "ROMA.1002"]);
    });
});

describe("submit", () => {
    const submit = (reply: Reply, keys: readonly string[] = ["app:a1", "task:t1"]) => {
        const cloud = new FakeCloud(roma, () => reply);
        return { cloud, result: api(cloud).submit(keys, never) };
    };

    test("both lists are sent, each id in its own", async () => {
        const { cloud, result } = submit({ body: { job_id: "j1" }, requestId: "r1" }, ["task:t1", "app:a1", "app:a2"]);
        expect(await result).toEqual({ is: "accepted", job: "j1", requestId: "r1", failed: new Map() });
        expect(cloud.sent).toEqual([
            {
                operation: "DeleteAsset",
                method: "POST",
                path: "/v2/p1/instances/i1/assets/delete",
                query: "",
                body: { apps: [{ id: "a1" }, { id: "a2" }], tasks: [{ id: "t1" }] },
                effect: "changes",
            },
        ]);
    });

    test("the empty list is sent too", async () => {
        const { cloud, result } = submit({ body: { job_id: "j1" } }, ["task:t1"]);
        await result;
        expect(cloud.sent[0]?.body).toEqual({ apps: [], tasks: [{ id: "t1" }] });
    });

    test("nothing is sent that was not asked for", async () => {
        const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/);
        const key = fc.tuple(fc.constantFrom("app", "task"), id).map(([kind, it]) => `${kind}:${it}`);
        await fc.assert(
            fc.asyncProperty(fc.uniqueArray(key, { minLength: 1, maxLength: 100 }), async (keys) => {
                const { cloud, result } = submit({ body: { job_id: "j1" } }, keys);
                await result;
                const { apps, tasks } = deletion.parse(cloud.sent[0]?.body);
                const sent = [...apps.map(({ id }) => `app:${id}`), ...tasks.map(({ id }) => `task:${id}`)];
                expect(sent.sort()).toEqual([...keys].sort());
            }),
            { numRuns: 50 },
        );
    });

    test.each([{}, { job_id: null }, { job_id: "" }, { job_id: ".." }, { job_id: "a/b" }, { job_id: 7 }])(
        "%j names no job that can be asked for",
        async (body) => {
            expect(await submit({ body }).result).toEqual({ is: "accepted", failed: new Map() });
        },
    );

    test("another job is running: busy", async () => {
        const { result } = submit(refusal({ kind: "busy", code: "ROMA.10012", detail: "running", retryAfter: 5 }));
        expect(await result).toEqual({
            is: "busy",
            problem: { code: "ROMA.10012", message: "running" },
            retryAfter: 5,
        });
    });

    test("no permission for one app may be that app's fault: splits", async () => {
        const { result } = submit(refusal({ code: "ROMA.12001", detail: "no permission to operate the app" }));
        expect(await result).toMatchObject({ is: "refused", splits: true });
    });

    test.each(["ROMA.1006", "ROMA.1007", "APIGW.0101"])("%s is about the caller: all stops", async (code) => {
        await expect(submit(refusal({ code })).result).rejects.toMatchObject({ final: true, problem: { code } });
    });

    test("an unreadable answer is uncertain", async () => {
        expect(await submit({ body: "<html>" }).result).toMatchObject({ is: "uncertain" });
    });
});

describe("inspect", () => {
    test("nothing asked, nothing sent", async () => {
        const cloud = instance({});
        expect(await api(cloud).inspect([], options)).toEqual(new Map());
        expect(cloud.sent).toEqual([]);
    });

    test("one of each: one get of each", async () => {
        const cloud = instance({
            apps: [{ id: "a1", name: "shop" }],
            tasks: [{ task_id: "t1", task_name: "nightly" }],
        });
        expect(plain(await api(cloud).inspect(["app:a1", "task:t1"], options))).toEqual({
            "app:a1": { is: "ready", facts: { name: "shop" } },
            "task:t1": { is: "ready", facts: { name: "nightly" } },
        });
        expect(cloud.sent.map((sent) => [sent.method, sent.path]).sort()).toEqual([
            ["GET", "/v2/p1/fdi/instances/i1/tasks/t1"],
            ["GET", "/v2/p1/instances/i1/apps/a1"],
        ]);
    });

    test("one task may also come as a row of the list", async () => {
        const cloud = new FakeCloud(roma, () => ({ body: { task_id: "t1", task_name: "nightly" } }));
        expect(plain(await api(cloud).inspect(["task:t1"], options))).toEqual({
            "task:t1": { is: "ready", facts: { name: "nightly" } },
        });
    });

    test("many: lists, 500 apps and 999 tasks a page", async () => {
        const apps = Array.from({ length: 501 }, (_, i) => ({ id: `a${i}` }));
        const tasks = Array.from({ length: 1000 }, (_, i) => ({ task_id: `t${i}` }));
        const cloud = instance({ apps, tasks });
        const keys = [...apps.map(({ id }) => `app:${id}`), ...tasks.map((task) => `task:${task.task_id}`)];
        const states = await api(cloud).inspect(keys, options);
        expect([...states.values()].every((state) => state.is === "ready")).toBe(true);
        expect(states.size).toBe(keys.length);
        const asked = cloud.sent.map((sent) => `${sent.path.split("/").at(-1)}?${sent.query}`);
        expect(asked).toContain("apps?offset=0&limit=500");
        expect(asked).toContain("tasks?offset=0&limit=999");
        expect(cloud.sent.length).toBe(4);
    });

    test("an app and a task of one id are two things", async () => {
        const cloud = instance({ apps: [{ id: "x" }] });
        expect(plain(await api(cloud).inspect(["app:x", "task:x"], options))).toEqual({
            "app:x": { is: "ready" },
            "task:x": { is: "settled" },
        });
    });

    test("without the delete role an app is asked for all the same", async () => {
        const cloud = new FakeCloud(roma, () => ({ body: { id: "a1", name: "n", roles: ["read"] } }));
        expect(plain(await api(cloud).inspect(["app:a1"], options))).toEqual({
            "app:a1": { is: "ready", facts: { name: "n" } },
        });
    });

    test("gone counts only in an instance that answers", async () => {
        const gone = instance({});
        expect(plain(await api(gone).inspect(["app:a1"], options))).toEqual({ "app:a1": { is: "settled" } });
        expect(gone.sent.map((sent) => sent.operation)).toEqual(["ShowDetailsOfAppV2", "ListAppsV2"]);

        const noInstance = new FakeCloud(roma, () => refusal({ status: 404, code: "ROMA.00110006" }));
        await expect(api(noInstance).inspect(["app:a1"], options)).rejects.toMatchObject({ final: true });
        await expect(api(noInstance).inspect(["task:t1"], options)).rejects.toBeInstanceOf(ApiFailure);
    });

    test("a 400 that may mean anything is cleared up by another call", async () => {
        const unclear = (there: boolean) =>
            instance({ tasks: there ? [{ task_id: "t1" }] : [] }, ({ operation }) => {
                if (operation === "CheckAppV2") {
                    return there ? { body: {} } : refusal({ status: 404, code: "ROMA.00110006" });
                }
                return operation.startsWith("Show") ? refusal({ status: 400, code: "ROMA.13099" }) : undefined;
            });
        const here = unclear(true);
        expect(plain(await api(here).inspect(["app:a1", "task:t1"], options))).toEqual({
            "app:a1": { is: "ready" },
            "task:t1": { is: "ready" },
        });
        expect(here.sent.map((sent) => `${sent.path}?${sent.query}`)).toEqual(
            expect.arrayContaining([
                "/v2/p1/instances/i1/validate-apps?id=a1",
                "/v2/p1/fdi/instances/i1/tasks?offset=0&limit=999&task_id=t1",
            ]),
        );
        // The list shows IAM users their own tasks alone: that it shows none clears nothing up.
        expect(plain(await api(unclear(false)).inspect(["app:a1", "task:t1"], options))).toEqual({
            "app:a1": { is: "settled" },
            "task:t1": {
                is: "unseen",
                problem: { code: "ROMA.13099", message: expect.stringContaining("no list shows it") },
            },
        });
    });

    test.each(["The task does not exist.", "Task not found", "任务不存在"])(
        "a 400 that says %j, and no task in the list: there is none",
        async (detail) => {
            const cloud = instance({}, ({ operation }) =>
                operation === "ShowFdiTask" ? refusal({ status: 400, code: "ROMA.13099", detail }) : undefined,
            );
            expect(plain(await api(cloud).inspect(["task:t1"], options))).toEqual({ "task:t1": { is: "settled" } });
        },
    );

    test("apps and tasks that the lists do not show, for they are somebody else's, are not gone", async () => {
        const cloud = instance({}, ({ operation, path }) => {
            const id = path.split("/").at(-1);
            return operation === "ShowDetailsOfAppV2"
                ? { body: { id, name: "theirs" } }
                : operation === "ShowFdiTask"
                  ? { body: { task: { task_id: id } } }
                  : undefined;
        });
        const keys = ["app:a1", "app:a2", "app:a3", "task:t1", "task:t2"];
        const seen = await api(cloud).inspect(keys, { reportedDone: new Set(keys), signal: never });
        expect([...seen.values()].map(({ is }) => is)).toEqual(Array(5).fill("ready"));
    });

    test("what may not be read by its id is unseen, with the action that is missing; the others go on", async () => {
        const cloud = instance({ apps: [{ id: "a1" }], tasks: [{ task_id: "t1" }] }, ({ operation }) =>
            operation === "ShowDetailsOfAppV2"
                ? refusal({ status: 403, code: "APIGW.0302" })
                : operation === "ShowFdiTask"
                  ? refusal({ status: 400, code: "ROMA.1006" })
                  : undefined,
        );
        const seen = await api(cloud).inspect(["app:a1", "app:a2", "task:t1", "task:t2"], options);
        const unseen = (code: string, action: string) => ({
            is: "unseen",
            problem: { code, message: expect.stringContaining(`grant the IAM action ${action}`) },
        });
        expect(plain(seen)).toEqual({
            "app:a1": { is: "ready" },
            "app:a2": unseen("APIGW.0302", "roma:applications:get"),
            "task:t1": { is: "ready" },
            "task:t2": unseen("ROMA.1006", "roma:tasks:get"),
        });
    });

    test("a filter that shows strangers proves nothing", async () => {
        const cloud = new FakeCloud(roma, ({ operation }) =>
            operation === "ShowFdiTask"
                ? refusal({ status: 400, code: "ROMA.13099" })
                : { body: { total: 1, entities: [{ task_id: "other" }] } },
        );
        await expect(api(cloud).inspect(["task:t1"], options)).rejects.toMatchObject({
            problem: { code: "FilterIgnored" },
        });
    });

    test("somebody else's app is there", async () => {
        const cloud = instance({}, () => refusal({ status: 400, code: "ROMA.12001" }));
        expect(plain(await api(cloud).inspect(["app:a1"], options))).toEqual({ "app:a1": { is: "ready" } });
    });

    test.each(["ROMA.1006", "APIGW.0101"])("%s says nothing of a target", async (code) => {
        const cloud = instance({}, () => refusal({ status: 404, code }));
        await expect(api(cloud).inspect(["app:a1"], options)).rejects.toBeInstanceOf(ApiFailure);
    });

    test("another app than the one asked for is no answer", async () => {
        const cloud = new FakeCloud(roma, () => ({ body: { id: "stranger" } }));
        await expect(api(cloud).inspect(["app:a1"], options)).rejects.toMatchObject({ final: false });
    });

    test("a list without its total is no answer", async () => {
        const cloud = new FakeCloud(roma, () => ({ body: { apps: [] } }));
        await expect(api(cloud).inspect(["app:a1", "app:a2"], options)).rejects.toBeInstanceOf(ApiFailure);
    });
});

describe("poll", () => {
    const job = { id: "j1", targets: ["app:a1", "app:a2", "task:t1"] };
    const named: Instance = {
        apps: [
            { id: "a1", name: "shop" },
            { id: "a2", name: "till" },
        ],
        tasks: [{ task_id: "t1", task_name: "shop" }],
    };

    async function poll(reply: Reply, things: Instance = named) {
        const cloud = instance(things, ({ operation }) => (operation === "CheckAssetJobStatus" ? reply : undefined));
        const assets = api(cloud);
        await assets.inspect(job.targets, options);
        const before = cloud.sent.length;
        const state = (await assets.poll?.([job], never))?.get("j1");
        return { state, sent: cloud.sent.slice(before) };
    }

    test("one get a job", async () => {
        const { sent } = await poll({ body: { id: "j1", status: "RUNNING" } });
        expect(sent.map((one) => [one.method, one.path, one.effect])).toEqual([
            ["GET", "/v2/p1/instances/i1/assets/jobs/j1", "reads"],
        ]);
    });

    test.each(["RUNNING", "Running", "running", "WAITING", "", "SUCCEEDING", undefined, null, 7])(
        "%p is no end",
        async (status) => {
            expect((await poll({ body: { status, progress_percent: 0.35 } })).state).toMatchObject({
                is: "running",
                progress: 0.35,
            });
        },
    );

    test.each([
        [-1, 0],
        [0.5, 0.5],
        [7, 1],
    ])("progress_percent %p is a progress of %p", async (progress_percent, progress) => {
        expect((await poll({ body: { status: "RUNNING", progress_percent } })).state).toMatchObject({ progress });
    });

    test.each(["SUCCEEDED", "Succeeded", "SUCCESS", "Success", "FINISHED", "Finished", " succeeded "])(
        "%p ended well, and reports its targets done",
        async (status) => {
            const body = { status, begin_time: "2026-01-01T00:00:00Z", end_time: 1767225600000 };
            expect((await poll({ body })).state).toEqual({
                is: "ended",
                status: status.trim(),
                well: true,
                times: { begin: "2026-01-01T00:00:00Z", end: "1767225600000" },
                reportedDone: new Set(job.targets),
                failed: new Map(),
            });
        },
    );

    test.each(["FAILED", "Failed", "failed"])("%p ended badly and reports nothing done", async (status) => {
        expect((await poll({ body: { status } })).state).toEqual({
            is: "ended",
            status,
            well: false,
            times: {},
            reportedDone: new Set(),
            failed: new Map(),
            problem: { code: "AssetJobFailed", message: `the asset job ended ${status}` },
        });
    });

    test.each(["reason", "reasons"])("%s names things by name, within their kind", async (field) => {
        const body = {
            status: "FAILED",
            [field]: [
                {
                    resource_type: "application",
                    resource_name: "shop",
                    error_code: "ROMA.12001",
                    error_msg: "no\u001b[2J",
                },
                { resource_type: "TASK", resource_name: "shop", error_code: "ROMA.9", error_msg: "in use" },
            ],
        };
        const { state } = await poll({ body });
        expect(state).toMatchObject({
            failed: new Map([
                ["app:a1", { code: "ROMA.12001", message: "no" }],
                ["task:t1", { code: "ROMA.9", message: "in use" }],
            ]),
            problem: { code: "AssetJobFailed" },
        });
    });

    test("a failure whose name two targets bear, or none, becomes the job's general problem", async () => {
        const twins = {
            apps: [
                { id: "a1", name: "x" },
                { id: "a2", name: "x" },
            ],
        };
        const reasons = [
            { resource_type: "application", resource_name: "x", error_code: "E.1", error_msg: "why" },
            { resource_type: "application", resource_name: "stranger", error_code: "E.2", error_msg: "so" },
        ];
        expect((await poll({ body: { status: "FAILED", reasons } }, twins)).state).toMatchObject({
            failed: new Map(),
            problem: { code: "E.1", message: 'the asset job ended FAILED: "x" E.1: why; "stranger" E.2: so' },
        });
        // A success that complains of something that can't be placed reports nothing done.
        expect((await poll({ body: { status: "SUCCEEDED", reasons } }, twins)).state).toMatchObject({
            well: false,
            reportedDone: new Set(),
        });
    });

    test("a success that names one failure reports the others done", async () => {
        const reasons = [{ resource_type: "application", resource_name: "till", error_code: "E.1" }];
        expect((await poll({ body: { status: "SUCCESS", reasons } })).state).toMatchObject({
            well: false,
            reportedDone: new Set(["app:a1", "task:t1"]),
            failed: new Map([["app:a2", { code: "E.1", message: expect.any(String) }]]),
        });
    });

    test("reasons of any shape do no harm", async () => {
        for (const reasons of [null, "x", [null], [7], [{}], {}]) {
            expect((await poll({ body: { status: "FAILED", reason: reasons, reasons } })).state).toMatchObject({
                is: "ended",
                well: false,
            });
        }
    });

    test.each([
        [404, "ROMA.00110006"],
        [400, "ROMA.13000"],
    ])("%d %s: lost", async (status, code) => {
        expect((await poll(refusal({ status, code }))).state).toEqual({ is: "lost" });
    });

    test.each([
        [400, "ROMA.1006"],
        [400, "ROMA.12001"],
        [403, "ROMA.00000101"],
        [404, "APIGW.0101"],
    ])("%d %s: not lost, a failure", async (status, code) => {
        await expect(poll(refusal({ status, code }))).rejects.toMatchObject({ final: true });
    });

    test("a wrong identity is not lost either", async () => {
        await expect(poll(refusal({ kind: "unauthenticated", code: "ROMA.1000" }))).rejects.toMatchObject({
            final: true,
        });
    });
});

describe("lists for programs", () => {
    test("all apps, with the API's filters", async () => {
        const apps = Array.from({ length: 1001 }, (_, i) => ({
            id: `a${i}`,
            name: null,
            roles: ["delete"],
            owner: true,
        }));
        const cloud = new FakeCloud(roma, (_, query) => {
            const from = Number(query.get("offset"));
            return { body: { total: apps.length, apps: apps.slice(from, from + Number(query.get("limit"))) } };
        });
        const listed = await listApps(cloud, "i1", { name: "shop", favorite: true, authRole: "delete" }, never);
        expect(listed.map((app) => app.id)).toEqual(apps.map((app) => app.id));
        expect(listed[0]).toMatchObject({ roles: ["delete"], owner: true, name: undefined });
        expect(cloud.sent.map((sent) => sent.query)).toEqual(
            [0, 500, 1000].map((offset) => `offset=${offset}&limit=500&name=shop&favorite=true&auth_role=delete`),
        );
    });

    test("more than the API shows is said", async () => {
        const cloud = new FakeCloud(roma, (_, query) => ({
            body: {
                total: 20_000,
                apps: Array.from({ length: 500 }, (_, i) => ({ id: `${query.get("offset")}-${i}` })),
            },
        }));
        await expect(listApps(cloud, "i1", {}, never)).rejects.toMatchObject({ problem: { code: "ListTooLong" } });
    });

    test("a list that shows one page for ever is said", async () => {
        const cloud = new FakeCloud(roma, () => ({ body: { total: 5_000, apps: [{ id: "a" }] } }));
        await expect(listApps(cloud, "i1", {}, never)).rejects.toMatchObject({ problem: { code: "ListRepeats" } });
    });

    test("FDI tasks", async () => {
        const cloud = new FakeCloud(roma, () => ({
            body: { total: 1, entities: [{ task_id: "t1", task_name: "n", status: 1, task_type: "TIMING" }] },
        }));
        expect(await listFdiTasks(cloud, "i1", { status: 0, taskType: "timing" }, never)).toMatchObject([
            { id: "t1", name: "n", status: 1, taskType: "TIMING" },
        ]);
        expect(cloud.sent[0]).toMatchObject({
            method: "GET",
            path: "/v2/p1/fdi/instances/i1/tasks",
            query: "offset=0&limit=999&status=0&task_type=timing",
        });
    });

    test("once the signal has come, nothing is sent", async () => {
        const cloud = new FakeCloud(roma, () => new CloudError({ kind: "refused", code: "X", detail: "" }));
        await expect(listApps(cloud, "i1", {}, AbortSignal.abort())).rejects.toBeDefined();
        expect(cloud.sent).toEqual([]);
    });
});
