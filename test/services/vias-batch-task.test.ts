import { CloudError } from "../../src/cloud/errors";
import { vias } from "../../src/services/vias";
import {
    childCountsOfBatch,
    findBatchTaskById,
    findBatchTaskByName,
    listBatchTasks,
} from "../../src/services/vias/api";
import { batchTaskBody, createBody, updateBody } from "../../src/services/vias/batch-task/body";
import {
    createBatchTask,
    deleteBatchTask,
    failedChildren,
    startBatchTask,
    stopBatchTask,
    updateBatchTask,
} from "../../src/services/vias/batch-task/calls";
import { childCounts, childCountsText, isStopped } from "../../src/services/vias/batch-task/child-counts";
import { listChildren, showChild, startProgress } from "../../src/services/vias/batch-task/children";
import { FakeCloud, never, type Reply, refusal } from "./fake-cloud";

const body = batchTaskBody.parse({
    name: "night",
    batchInput: { videoSourceGroup: [{ videoSourceGroupId: "g1" }] },
    output: { eventCenter: true },
    serviceName: "counting",
    serviceVersion: "1.0",
});
const counts = { id: "b1", total_count: 2, failed_count: 0, succeed_count: 2, error_list: [] };
const answering = (reply: Reply) => new FakeCloud(vias, () => reply);

describe("changes", () => {
    test("create", async () => {
        const cloud = answering({ body: counts, requestId: "r1" });
        expect(await createBatchTask(cloud, body, never)).toEqual({
            is: "created",
            id: "b1",
            counts: { total: 2, succeeded: 2, failed: 0, errors: [], requestId: "r1" },
        });
        expect(cloud.sent).toEqual([
            {
                operation: "CreateBatchTask",
                method: "POST",
                path: "/v2/p1/batch-tasks",
                query: "",
                body: createBody(body),
                effect: "changes",
            },
        ]);
    });

    test("a name that is taken is a result, not an error", async () => {
        const cloud = answering(refusal({ code: "VIAS.00010011", detail: "same name", requestId: "r1" }));
        expect(await createBatchTask(cloud, body, never)).toEqual({
            is: "nameTaken",
            problem: { code: "VIAS.00010011", message: "same name", requestId: "r1" },
        });
    });

    test.each([{}, { id: null }, { id: "" }, { id: "../x" }, { id: "a/b" }, { id: 7 }, "<html>"])(
        "an answer to create without a usable id is uncertain: %j",
        async (answer) => {
            await expect(createBatchTask(answering({ body: answer }), body, never)).rejects.toMatchObject({
                kind: "uncertain",
            });
        },
    );

    test("any other refusal is thrown", async () => {
        const cloud = answering(refusal({ code: "VIAS.00010001" }));
        await expect(createBatchTask(cloud, body, never)).rejects.toBeInstanceOf(CloudError);
    });

    test.each([
        [
            "PUT",
            "/v2/p1/batch-tasks/b1",
            updateBody(body),
            (cloud: FakeCloud) => updateBatchTask(cloud, "b1", body, never),
        ],
        [
            "PUT",
            "/v2/p1/batch-tasks/b1/action/start",
            undefined,
            (cloud: FakeCloud) => startBatchTask(cloud, "b1", never),
        ],
        [
            "PUT",
            "/v2/p1/batch-tasks/b1/action/stop",
            undefined,
            (cloud: FakeCloud) => stopBatchTask(cloud, "b1", never),
        ],
        ["DELETE", "/v2/p1/batch-tasks/b1", undefined, (cloud: FakeCloud) => deleteBatchTask(cloud, "b1", never)],
    ])("%s %s", async (method, path, sentBody, act) => {
        const cloud = answering({ body: counts });
        expect(await act(cloud)).toMatchObject({ is: "answered", counts: { total: 2, succeeded: 2, failed: 0 } });
        expect(cloud.sent).toMatchObject([{ method, path, effect: "changes", query: "" }]);
        expect(cloud.sent[0]?.body).toEqual(sentBody);
        for (const code of ["VIAS.00010002", "VIAS.00010007", "VIAS.00010008"]) {
            expect(await act(answering(refusal({ code, detail: "none" })))).toEqual({
                is: "notThere",
                problem: { code, message: "none" },
            });
        }
        await expect(act(answering(refusal({ status: 404, code: "APIGW.0101" })))).rejects.toBeInstanceOf(CloudError);
        await expect(act(answering(refusal({ kind: "uncertain" })))).rejects.toMatchObject({ kind: "uncertain" });
    });
});

describe("counts", () => {
    const problem = async (answer: object) => {
        const changed = await stopBatchTask(answering({ body: answer, requestId: "r1" }), "b1", never);
        return changed.is === "answered" ? failedChildren("stop", changed.counts) : changed;
    };

    test("no failure, no problem", async () => {
        expect(await problem(counts)).toBeUndefined();
        expect(await problem({})).toBeUndefined();
        expect(await problem({ failed_count: -3, error_list: null })).toBeUndefined();
    });

    test("failures come with the cloud's words, bounded and harmless", async () => {
        const error_list = ["one\u001b[31m\r\n", "two", "three", "four", "five"];
        expect(await problem({ total_count: 9, failed_count: 5, succeed_count: 4, error_list })).toEqual({
            code: "ChildrenFailed",
            message: "stop failed for 5 of 9 tasks of the batch task: one; two; three (and 2 more)",
            requestId: "r1",
        });
        expect(JSON.stringify(await problem({ failed_count: 1, error_list: ["x".repeat(1e6)] })).length).toBeLessThan(
            700,
        );
    });

    test("an error is one, even without its count", async () => {
        expect(await problem({ error_list: ["broken"] })).toMatchObject({ code: "ChildrenFailed" });
    });

    test("counts of failures that come as text are counted", async () => {
        expect(await problem({ total_count: "3", failed_count: "2", succeed_count: "1" })).toMatchObject({
            message: "stop failed for 2 of 3 tasks of the batch task: the cloud does not say why",
        });
    });

    test("a failure without words is one", async () => {
        expect(await problem({ total_count: 1, failed_count: 1 })).toMatchObject({
            message: "stop failed for 1 of 1 tasks of the batch task: the cloud does not say why",
        });
    });
});

describe("the list", () => {
    const tenant = (rows: ReadonlyArray<{ id: string; batch_task_name?: string }>) =>
        new FakeCloud(vias, (_, query) => {
            const like = query.get("name_like");
            const shown = rows.filter((row) => like === null || (row.batch_task_name ?? "").includes(like));
            const size = Number(query.get("page_size"));
            const from = (Number(query.get("page_num")) - 1) * size;
            return { body: { count: shown.length, batch_task_list: shown.slice(from, from + size) } };
        });
    const many = Array.from({ length: 401 }, (_, i) => ({ id: `b${i}`, batch_task_name: `night-${i}` }));

    test("all pages, 200 a page, oldest first", async () => {
        const cloud = tenant(many);
        const listed = await listBatchTasks(cloud, { videoGroup: ["g1", "g2"], taskState: "running" }, never);
        expect(listed.map((row) => row.id)).toEqual(many.map((row) => row.id));
        expect(cloud.sent.map((sent) => `${sent.path}?${sent.query}`)).toEqual(
            [1, 2, 3].map(
                (page) =>
                    `/v2/p1/batch-tasks?page_size=200&page_num=${page}&order_by=asc&sort_name=created_at&video_group=g1,g2&task_state=running`,
            ),
        );
    });

    test("by id, narrowed by the name", async () => {
        const cloud = tenant(many);
        expect(await findBatchTaskById(cloud, "b400", "night-400", never)).toMatchObject({ id: "b400" });
        expect(cloud.sent.length).toBe(1);
        expect(cloud.sent[0]?.query).toMatch(/&type_like=batch_task_name&name_like=night-400$/);
    });

    test("by id, although it was renamed", async () => {
        expect(await findBatchTaskById(tenant(many), "b400", "another", never)).toMatchObject({ id: "b400" });
    });

    test("by id, gone: the whole list is read twice", async () => {
        const cloud = tenant(many);
        expect(await findBatchTaskById(cloud, "gone", undefined, never)).toBeUndefined();
        expect(cloud.sent.length).toBe(6);
    });

    test("by name, exactly", async () => {
        expect(await findBatchTaskByName(tenant(many), "night-4", never)).toMatchObject({ id: "b4" });
        expect(await findBatchTaskByName(tenant(many), "night", never)).toBeUndefined();
    });

    test.each([
        ["as the models have it", "cloud", "cloud"],
        ["as the pages have it", 0, "0"],
        ["null", null, undefined],
        ["an object", { of: "task" }, undefined],
    ])("the type of a row is text: %s", async (_, type, said) => {
        const cloud = answering({ body: { count: 1, batch_task_list: [{ id: "b1", type }] } });
        expect((await listBatchTasks(cloud, {}, never))[0]?.type).toBe(said);
    });

    test.each([
        [1_767_225_600_000, 1_767_225_600_000],
        ["1767225600000", 1_767_225_600_000],
        ["2026-01-01T00:00:00Z", 1_767_225_600_000],
        ["yesterday", undefined],
        ["", undefined],
        [null, undefined],
        [{}, undefined],
    ])("when a row was made, from %j", async (created_at, at) => {
        const cloud = answering({ body: { count: 1, batch_task_list: [{ id: "b1", created_at }] } });
        expect((await listBatchTasks(cloud, {}, never))[0]?.createdAt).toBe(at);
    });

    test("counts that come as text are counted: what deletes, or runs, is never overlooked", async () => {
        const row = { id: "b1", num_task: "3", batch_task_status_info: { deleting: "2", running: 1, stopped: "some" } };
        const cloud = answering({ body: { count: 1, batch_task_list: [row] } });
        const [listed] = await listBatchTasks(cloud, {}, never);
        expect(listed).toMatchObject({ numTask: 3, statusInfo: { deleting: 2, running: 1, stopped: 0 } });
        expect(listed === undefined ? listed : childCountsOfBatch(listed)).toMatchObject({ deleting: 2, running: 1 });
    });

    test("rows of any shape do no harm", async () => {
        const rows = [
            { id: "b1", batch_task_name: 7, batch_task_status_info: { running: "x", stopped: 2 } },
            { id: "b2" },
        ];
        const cloud = answering({ body: { count: 2, batch_task_list: rows } });
        const [first, second] = await listBatchTasks(cloud, {}, never);
        expect(first).toMatchObject({ id: "b1", name: undefined, statusInfo: { running: 0, stopped: 2 } });
        expect(second === undefined ? second : childCountsOfBatch(second).total).toBe(0);
    });
});

describe("child counts", () => {
    test.each([
        ...["pending", "recovering", "starting", "upgrading", "scheduling"].map(
            (state) => [state, "starting", false] as const,
        ),
        ["running", "running", false] as const,
        ["stopping", "stopping", false] as const,
        ["deleting", "deleting", true] as const,
        ["succeeded", "succeeded", true] as const,
        ...["create_failed", "start_failed", "failed", "frozen"].map((state) => [state, "failed", true] as const),
        ...["abnormal", "freezing", "lack_of_resources"].map((state) => [state, "unwell", false] as const),
        ...["stopped", "stopped_no_service"].map((state) => [state, "stopped", true] as const),
        ["melting", "other", false] as const,
        ["constructor", "other", false] as const,
        ["__proto__", "other", false] as const,
    ])("%s counts as %s; stopped: %p", (state, group, stopped) => {
        for (const spelled of [state, state.toUpperCase()]) {
            const stands = childCounts([[spelled, 2]]);
            expect(stands[group]).toBe(2);
            expect(stands.total).toBe(2);
            expect(isStopped(stands)).toBe(stopped);
        }
    });

    test("counts that are none are none", () => {
        expect(
            childCounts([
                ["running", 0],
                ["stopped", -1],
            ]).total,
        ).toBe(0);
        expect(
            childCountsText(
                childCounts([
                    ["running", 2],
                    ["STOPPED", 1],
                    ["stopped", 1],
                ]),
            ),
        ).toBe("2 running, 2 stopped");
    });
});

describe("children", () => {
    const children = (states: readonly string[]) => states.map((state, i) => ({ id: `c${i}`, name: `n${i}`, state }));
    /** `first`: what the API counts pages from. */
    const cloudOf = (states: readonly string[], first = 1, schedule: Record<string, string> = {}) =>
        new FakeCloud(vias, (sent, query) => {
            if (sent.operation === "ShowTaskInfo") {
                const id = sent.path.split("/").at(-1) ?? "";
                return { body: { id, state: "STOPPED", schedule_status: schedule[id] ?? "ACTIVATED" } };
            }
            const size = Number(query.get("page_size"));
            const page = query.get("page") === null ? first : Number(query.get("page"));
            const tasks = children(states).slice((page - first) * size, (page - first + 1) * size);
            return { body: { count: tasks.length, page, page_size: size, tasks } };
        });

    test.each([0, 1])("all pages, counted from %d", async (first) => {
        const cloud = cloudOf(
            Array.from({ length: 2500 }, () => "running"),
            first,
        );
        const listed = await listChildren(cloud, "b1", never);
        expect(listed.length).toBe(2500);
        expect(listed[2499]).toEqual({ id: "c2499", name: "n2499", state: "RUNNING", videoSourceName: undefined });
        expect(cloud.sent.map((sent) => `${sent.path}?${sent.query}`)).toEqual([
            "/v2/p1/tasks?batch_id=b1&page_size=1000",
            `/v2/p1/tasks?batch_id=b1&page_size=1000&page=${first + 1}`,
            `/v2/p1/tasks?batch_id=b1&page_size=1000&page=${first + 2}`,
        ]);
    });

    test("a full page that repeats itself ends the list", async () => {
        const tasks = children(Array.from({ length: 1000 }, () => "RUNNING"));
        const cloud = answering({ body: { count: 1000, tasks } });
        expect((await listChildren(cloud, "b1", never)).length).toBe(1000);
        expect(cloud.sent.length).toBe(2);
    });

    test("one child's own page", async () => {
        const cloud = answering({
            body: {
                state: "start_failed",
                schedule_status: "INACTIVATED",
                error: { code: "E.1", message: "no\nroom" },
            },
        });
        expect(await showChild(cloud, "c1", never)).toEqual({
            state: "START_FAILED",
            scheduleInactive: true,
            error: { code: "E.1", message: "no room" },
        });
        expect(cloud.sent).toMatchObject([{ method: "GET", path: "/v2/p1/tasks/c1", effect: "reads" }]);
        expect(await showChild(answering({ body: { error: "no\nroom" } }), "c1", never)).toMatchObject({
            error: { code: "", message: "no room" },
        });
        expect(await showChild(answering({ body: { error: "" } }), "c1", never)).toMatchObject({ error: undefined });
        expect(await showChild(answering({ body: {} }), "c1", never)).toEqual({
            state: "UNKNOWN",
            scheduleInactive: false,
            error: undefined,
        });
    });

    test.each([
        ["with nothing wrong", { code: "", message: "" }, undefined],
        ["null", null, undefined],
        ["an object of nulls", { code: null, message: null }, undefined],
        ["a code alone", { code: "VIAS.00010006" }, { code: "VIAS.00010006", message: "" }],
        ["a code that is a number", { code: 10_006, message: "no room" }, { code: "10006", message: "no room" }],
        ["words alone", { message: "no room" }, { code: "", message: "no room" }],
        ["words that are none", { code: "E.1", message: ["no room"] }, { code: "E.1", message: "" }],
        ["a list", ["no room"], undefined],
    ])("a child's error: %s", async (_, error, said) => {
        expect((await showChild(answering({ body: { state: "FAILED", error } }), "c1", never)).error).toEqual(said);
    });

    test("a page's number that comes as text is its number", async () => {
        const all = children(Array.from({ length: 2500 }, () => "RUNNING"));
        const cloud = new FakeCloud(vias, (_, query) => {
            const page = Number(query.get("page") ?? 0);
            return { body: { page: String(page), tasks: all.slice(page * 1000, (page + 1) * 1000) } };
        });
        expect((await listChildren(cloud, "b1", never)).length).toBe(2500);
    });

    test.each([
        { states: ["RUNNING", "SUCCEEDED"], expected: 2, started: true, waiting: 0, failed: 0 },
        { states: ["RUNNING"], expected: 2, started: false, waiting: 0, failed: 0 },
        { states: ["RUNNING", "STARTING"], expected: 2, started: false, waiting: 1, failed: 0 },
        { states: ["RUNNING", "STOPPED"], expected: 2, started: false, waiting: 1, failed: 0 },
        { states: ["RUNNING", "START_FAILED"], expected: 2, started: false, waiting: 0, failed: 1 },
        { states: ["RUNNING", "MELTING"], expected: 2, started: false, waiting: 1, failed: 0 },
        { states: [], expected: 0, started: true, waiting: 0, failed: 0 },
    ])("$states of $expected: started $started", async ({ states, expected, started, waiting, failed }) => {
        const cloud = cloudOf(states);
        const seen = await startProgress(cloud, "b1", { scheduled: false, expected }, never);
        expect([seen.started, seen.waiting.length, seen.failed.length]).toEqual([started, waiting, failed]);
        expect(cloud.sent.length).toBe(1);
    });

    test("outside its schedule's hours a child need not run", async () => {
        const options = { scheduled: true, expected: 2 };
        const inactive = cloudOf(["RUNNING", "STOPPED"], 1, { c1: "INACTIVATED" });
        expect(await startProgress(inactive, "b1", options, never)).toMatchObject({ started: true });
        expect(inactive.sent.map((sent) => sent.path)).toEqual(["/v2/p1/tasks", "/v2/p1/tasks/c1"]);
        expect(await startProgress(cloudOf(["RUNNING", "STOPPED"]), "b1", options, never)).toMatchObject({
            started: false,
        });
    });
});
