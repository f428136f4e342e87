import { ApiFailure, type BatchApi, type SubmitReply } from "../../src/batch/api";
import { run } from "../../src/batch/run";
import { hasRefused, Session } from "../../src/batch/session/session";
import { batchTaskDeletion, vias } from "../../src/services/vias";
import { VirtualClock } from "../virtual-clock";
import { FakeCloud, never, plain, type Reply, refusal, type Sent } from "./fake-cloud";

type States = Record<string, number>;
type Tenant = Map<string, { name: string; states: States }>;

const options = { reportedDone: new Set<string>(), signal: never };
const done = { total_count: 1, failed_count: 0, succeed_count: 1, error_list: [] };
/** The code of this refusal is not documented. */
const running = refusal({ status: 400, code: "VIAS.00010099", detail: "tasks are running", requestId: "r1" });

function api(cloud: FakeCloud): BatchApi {
    const act = batchTaskDeletion.acts({}).onDestroy;
    if (act === undefined) {
        throw new Error("no act");
    }
    return act.api(cloud);
}

/** As the session does it: what was refused is prepared. */
async function submit(deletion: BatchApi, keys: readonly string[], signal: AbortSignal): Promise<SubmitReply> {
    const reply = await deletion.submit(keys, signal);
    return hasRefused(reply) ? ((await deletion.prepare?.(keys, reply, signal)) ?? reply) : reply;
}

const tenantOf = (rows: Record<string, States>): Tenant =>
    new Map(Object.entries(rows).map(([id, states]) => [id, { name: `name-of-${id}`, states }]));

/** A tenant's list; deletions and stops are answered by `change`. */
function cloudOf(tenant: Tenant, change: (sent: Sent) => Reply = () => ({ body: done })) {
    return new FakeCloud(vias, (sent, query) => {
        if (sent.operation !== "ListBatchTasks") {
            return change(sent);
        }
        const like = query.get("name_like") ?? "";
        const rows = [...tenant].filter(([, { name }]) => name.includes(like));
        const size = Number(query.get("page_size"));
        const from = (Number(query.get("page_num")) - 1) * size;
        const list = rows.slice(from, from + size).map(([id, { name, states }]) => ({
            id,
            batch_task_name: name,
            batch_task_status_info: states,
        }));
        return { body: { count: rows.length, batch_task_list: list } };
    });
}

describe("the definition", () => {
    test.each([
        ["0a1b2c3d-1111-4222-8333-444455556666", true],
        ["a".repeat(64), true],
        ["a".repeat(65), false],
        ...["", ".", "..", "a/b", "a,b", "a b", "a\n", "%2e", "a.b"].map((id): [string, boolean] => [id, false]),
    ])("%j: %p", (id, valid) => {
        expect(batchTaskDeletion.targets[0]?.id.safeParse(id).success).toBe(valid);
    });

    test("the limits", () => {
        const { perRequest, exclusive, effect, poll: look } = api(cloudOf(tenantOf({})));
        expect({ perRequest, exclusive, effect, look }).toEqual({
            perRequest: 1,
            exclusive: false,
            effect: "deletes",
            look: undefined,
        });
    });
});

describe("inspect", () => {
    test("one page for all of them; what is gone is looked for twice", async () => {
        const cloud = cloudOf(tenantOf({ b1: { running: 2 }, b2: {} }));
        expect(plain(await api(cloud).inspect(["b1", "b2"], options))).toEqual({
            b1: { is: "ready", facts: { name: "name-of-b1", status: "2 running" } },
            b2: { is: "ready", facts: { name: "name-of-b2" } },
        });
        expect(cloud.sent.map((sent) => `${sent.method} ${sent.path}?${sent.query}`)).toEqual([
            "GET /v2/p1/batch-tasks?page_size=200&page_num=1&order_by=asc&sort_name=created_at",
        ]);
        const gone = cloudOf(tenantOf({ b1: {} }));
        expect(plain(await api(gone).inspect(["b1", "b2"], options))).toMatchObject({ b2: { is: "settled" } });
        expect(gone.sent.length).toBe(2);
    });

    test("what is reportedDone needs no second reading", async () => {
        const cloud = cloudOf(tenantOf({}));
        await api(cloud).inspect(["b1"], { reportedDone: new Set(["b1"]), signal: never });
        expect(cloud.sent.length).toBe(1);
    });

    test.each([
        [{ running: 3 }, "ready"],
        [{ stopping: 3 }, "ready"],
        [{ stopped: 3 }, "ready"],
        [{ melting: 3 }, "ready"],
        [{}, "ready"],
        [{ stopped: 0, deleting: 0 }, "ready"],
        [{ deleting: 3 }, "inProgress"],
        [{ deleting: 1, stopped: 2 }, "inProgress"],
    ])("%j: %s", async (states, is) => {
        const cloud = cloudOf(tenantOf({ b1: states }));
        expect((await api(cloud).inspect(["b1"], options)).get("b1")).toMatchObject({ is });
    });

    test("in a long list, one whose name is known is found by it", async () => {
        const tenant = tenantOf(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`b${i}`, {}])));
        const cloud = cloudOf(tenant);
        const deletion = api(cloud);
        await deletion.inspect(["b998", "b999"], options);
        const first = cloud.sent.length;
        expect(first).toBe(5);
        await deletion.inspect(["b998", "b999"], options);
        expect(cloud.sent.slice(first).map((sent) => sent.query)).toEqual(
            ["b998", "b999"].map(
                (id) =>
                    `page_size=200&page_num=1&order_by=asc&sort_name=created_at&type_like=batch_task_name&name_like=name-of-${id}`,
            ),
        );
        // Renamed by somebody: still there.
        tenant.set("b999", { name: "renamed", states: {} });
        expect((await deletion.inspect(["b999"], options)).get("b999")).toEqual({
            is: "ready",
            facts: { name: "renamed" },
        });
        // A page that leaves out what it counts says nothing, whatever else attests.
        const lying = cloudOf(tenant);
        const { send } = lying;
        const liar = api(lying);
        await liar.inspect(["b998"], options);
        await submit(liar, ["b998"], never);
        lying.send = async (call, signal) => {
            const answer = await send.call(lying, call, signal);
            return { ...answer, body: call.answer.parse({ count: 1, batch_task_list: [] }) };
        };
        await expect(liar.inspect(["b998"], options)).rejects.toMatchObject({ problem: { code: "ListIncomplete" } });
        // Deleted by us: the answer attests it, one narrow inspection is enough.
        const reply = await submit(deletion, ["b998"], never);
        const reportedDone = (reply.is === "accepted" ? reply.reportedDone : undefined) ?? new Set();
        tenant.delete("b998");
        const before = cloud.sent.length;
        const afterwards = await deletion.inspect(["b998"], { reportedDone, signal: never });
        expect(afterwards.get("b998")).toEqual({ is: "settled" });
        expect(cloud.sent.length - before).toBe(1);
    });

    test("done by the answer, listed still: pages that skip it while others vanish do not make it gone", async () => {
        const ids = Array.from({ length: 300 }, (_, i) => `b${i}`);
        const tenant = tenantOf(Object.fromEntries(ids.map((id) => [id, {}])));
        const cloud = cloudOf(tenant);
        const deletion = api(cloud);
        const asked = ids.slice(200, 204);
        const first = await deletion.inspect(asked, options);
        expect(asked.map((id) => first.get(id)?.is)).toEqual(asked.map(() => "ready"));
        for (const id of asked) {
            await submit(deletion, [id], never);
        }
        const honest = cloudOf(tenant);
        cloud.send = async (call, signal) => {
            const answer = await honest.send(call, signal);
            if ((call.query ?? []).some(([name, value]) => name === "page_num" && value === "1")) {
                // The first ten go when the first page has been read: the second begins ten further on.
                ids.splice(0, 10).forEach((id) => void tenant.delete(id));
            }
            return answer;
        };
        const seen = await deletion.inspect(asked, { reportedDone: new Set(asked), signal: never });
        expect(asked.map((id) => seen.get(id)?.is)).toEqual(asked.map(() => "ready"));
    });

    test.each([{}, { count: 1 }, { count: -1, batch_task_list: [] }, { count: 1, batch_task_list: [{}] }, "x", null])(
        "%j is no list: nothing is gone",
        async (body) => {
            const cloud = new FakeCloud(vias, () => ({ body }));
            await expect(api(cloud).inspect(["b1"], options)).rejects.toBeInstanceOf(ApiFailure);
        },
    );
});

describe("submit", () => {
    test("one DELETE without a body", async () => {
        const cloud = cloudOf(tenantOf({ b1: {} }), () => ({ body: done, requestId: "r1" }));
        expect(await submit(api(cloud), ["b1"], never)).toEqual({
            is: "accepted",
            requestId: "r1",
            failed: new Map(),
            reportedDone: new Set(["b1"]),
        });
        expect(cloud.sent).toEqual([
            {
                operation: "DeleteBatchTask",
                method: "DELETE",
                path: "/v2/p1/batch-tasks/b1",
                query: "",
                body: undefined,
                effect: "changes",
            },
        ]);
    });

    test("more than one is a mistake of ours", async () => {
        const cloud = cloudOf(tenantOf({}));
        await expect(submit(api(cloud), ["b1", "b2"], never)).rejects.toBeInstanceOf(RangeError);
        expect(cloud.sent).toEqual([]);
    });

    test.each(["VIAS.00010002", "VIAS.00010007", "VIAS.00010008"])(
        "%s: gone by another hand, as the list will tell",
        async (code) => {
            const cloud = cloudOf(tenantOf({}), () => refusal({ code }));
            expect(await submit(api(cloud), ["b1"], never)).toEqual({
                is: "blocked",
                reason: "the service says that it is gone, the list still has it",
            });
            expect(cloud.sent.length).toBe(1);
        },
    );

    test("HTTP 200 with failures, and nothing that runs: failed, in the cloud's words", async () => {
        const body = { total_count: 3, failed_count: 1, succeed_count: 2, error_list: ["camera 7: locked"] };
        const cloud = cloudOf(tenantOf({ b1: { stopped: 1 } }), () => ({ body, requestId: "r1" }));
        expect(await submit(api(cloud), ["b1"], never)).toEqual({
            is: "accepted",
            requestId: "r1",
            failed: new Map([
                [
                    "b1",
                    {
                        code: "ChildrenFailed",
                        message: "deletion failed for 1 of 3 tasks of the batch task: camera 7: locked",
                        requestId: "r1",
                    },
                ],
            ]),
        });
    });

    test("failures, and yet it is gone: the list has the last word", async () => {
        const cloud = cloudOf(tenantOf({}), () => ({ body: { failed_count: 1 } }));
        expect(await submit(api(cloud), ["b1"], never)).toEqual({ is: "accepted", failed: new Map() });
    });

    test("a refusal with nothing that runs is a refusal", async () => {
        const cloud = cloudOf(tenantOf({ b1: { stopped: 2, failed: 1, melting: 1 } }), () => running);
        expect(await submit(api(cloud), ["b1"], never)).toEqual({
            is: "refused",
            problem: { code: "VIAS.00010099", message: "tasks are running", requestId: "r1" },
            splits: false,
        });
        expect(cloud.count("BatchStartStopTask")).toBe(0);
    });

    test("a refusal while somebody else deletes it: wait", async () => {
        const cloud = cloudOf(tenantOf({ b1: { deleting: 1 } }), () => running);
        expect(await submit(api(cloud), ["b1"], never)).toMatchObject({ is: "blocked" });
    });

    test("no permission, a wrong identity, the gateway: all stops, nothing is looked at", async () => {
        for (const error of [
            refusal({ status: 403 }),
            refusal({ status: 404, code: "APIGW.0101" }),
            refusal({ kind: "unauthenticated", status: 401, code: "VIAS.00010005" }),
        ]) {
            const cloud = cloudOf(tenantOf({ b1: { running: 1 } }), () => error);
            await expect(submit(api(cloud), ["b1"], never)).rejects.toMatchObject({ final: true });
            expect(cloud.sent.length).toBe(1);
        }
    });

    test("perhaps done is perhaps done", async () => {
        const cloud = cloudOf(tenantOf({ b1: { running: 1 } }), () => refusal({ kind: "uncertain", code: "Reset" }));
        expect(await submit(api(cloud), ["b1"], never)).toMatchObject({ is: "uncertain" });
    });

    test("a list that can't be read after a refusal changes nothing about the refusal", async () => {
        const cloud = new FakeCloud(vias, (sent) => (sent.method === "DELETE" ? running : { body: "<html>" }));
        expect(await submit(api(cloud), ["b1"], never)).toMatchObject({ is: "refused" });
    });
});

test("a queued deletion is dropped once the list, read for another batch task, shows it in deletion; the others are sent", async () => {
    const tenant = tenantOf({ b1: {}, b2: {}, b3: {} });
    const cloud = cloudOf(tenant, ({ path }) => {
        tenant.delete(path.split("/").at(-1) ?? "");
        return { body: done };
    });
    const clock = new VirtualClock({ start: 0 });
    const send = cloud.send.bind(cloud);
    cloud.send = async (call, signal) => {
        if (call.effect === "changes") {
            // Throttled for five seconds.
            await clock.sleep(Math.max(0, 5_000 - clock.now()), signal).catch(() => {
                throw refusal({ kind: "aborted", code: "Aborted", detail: "given up before it was sent" });
            });
        }
        return send(call, signal);
    };
    const session = new Session(api(cloud), clock, () => 0.5);
    const act = (keys: string[]) => run(session, keys, { signal: never, random: () => 0.5 });
    const [{ outcomes }] = await clock.run(async () => {
        const first = act(["b1", "b3"]);
        await clock.sleep(1_000);
        // Somebody else deletes it; the second run reads the list for b2 alone.
        tenant.set("b1", { name: "name-of-b1", states: { deleting: 1 } });
        const both = Promise.all([first, act(["b2"])]);
        await clock.sleep(20_000);
        tenant.delete("b1");
        return both;
    });
    expect(Object.fromEntries(outcomes)).toEqual({ b1: { is: "alreadyGone" }, b3: { is: "deleted" } });
    const deleted = cloud.sent.filter(({ method }) => method === "DELETE").map(({ path }) => path);
    expect(deleted.toSorted()).toEqual(["/v2/p1/batch-tasks/b2", "/v2/p1/batch-tasks/b3"]);
});

describe("tasks that run: stop, wait, delete", () => {
    /** Deleting is refused while something is under way; a stop answers as told. */
    function scene(states: States, stop: (tenant: Tenant) => Reply = () => ({ body: done })) {
        const tenant = tenantOf({ b1: states });
        const set = (now: States) => tenant.set("b1", { name: "name-of-b1", states: now });
        const cloud = cloudOf(tenant, (sent) => {
            if (sent.operation === "BatchStartStopTask") {
                expect([sent.method, sent.path]).toEqual(["PUT", "/v2/p1/batch-tasks/b1/action/stop"]);
                return stop(tenant);
            }
            const now = tenant.get("b1")?.states ?? {};
            const active = ["running", "starting", "pending", "stopping"].some((state) => (now[state] ?? 0) > 0);
            return active ? running : { body: done };
        });
        const deletion = api(cloud);
        const look = async () => (await deletion.inspect(["b1"], options)).get("b1");
        return { cloud, deletion, set, look, submit: () => submit(deletion, ["b1"], never) };
    }

    test.each(["running", "pending", "recovering", "starting", "upgrading", "scheduling"])(
        "%s: a stop is asked for, and waited for",
        async (state) => {
            const tenant = tenantOf({ b1: { [state]: 2, stopped: 1 } });
            const cloud = cloudOf(tenant, (sent) => (sent.method === "DELETE" ? running : { body: done }));
            const deletion = api(cloud);
            expect(await submit(deletion, ["b1"], never)).toMatchObject({ is: "blocked" });
            expect(cloud.count("BatchStartStopTask")).toBe(1);
            expect((await deletion.inspect(["b1"], options)).get("b1")).toMatchObject({ is: "blocked" });
        },
    );

    test("the time runs out between a deletion that counts failures and the stop: the deletion is not forgotten", async () => {
        const stop = new AbortController();
        const cloud = cloudOf(tenantOf({ b1: { running: 1 } }), (sent) => {
            if (sent.method === "DELETE") {
                return { body: { total_count: 1, failed_count: 1, succeed_count: 0, error_list: ["task 1: runs"] } };
            }
            stop.abort();
            return refusal({ kind: "aborted", code: "Aborted", detail: "given up before it was answered" });
        });
        expect(await submit(api(cloud), ["b1"], stop.signal)).toMatchObject({ is: "accepted" });
    });

    test("held until none runs or stops, then deleted", async () => {
        const { cloud, look, submit, set } = scene({ running: 2, starting: 1 });
        expect(await look()).toMatchObject({ is: "ready" });
        expect(await submit()).toEqual({
            is: "blocked",
            reason: "its tasks have to stop first (2 running, 1 starting)",
            begun: true,
        });
        expect(await look()).toEqual({
            is: "blocked",
            reason: "its tasks are not stopped yet (2 running, 1 starting)",
            facts: { name: "name-of-b1", status: "2 running, 1 starting" },
        });
        set({ running: 1, stopping: 2 });
        expect(await look()).toMatchObject({ is: "blocked" });
        set({ stopping: 1, stopped: 2 });
        expect(await look()).toMatchObject({ is: "blocked" });
        set({ stopped: 3 });
        expect(await look()).toMatchObject({ is: "ready" });
        expect(await submit()).toMatchObject({ is: "accepted", failed: new Map() });
        expect([cloud.count("DeleteBatchTask"), cloud.count("BatchStartStopTask")]).toEqual([2, 1]);
    });

    test("HTTP 200 with failures while tasks run is the same", async () => {
        const cloud = cloudOf(tenantOf({ b1: { running: 1 } }), (sent) => ({
            body: sent.method === "DELETE" ? { total_count: 1, failed_count: 1, error_list: ["running"] } : done,
        }));
        expect(await submit(api(cloud), ["b1"], never)).toMatchObject({ is: "blocked" });
        expect(cloud.count("BatchStartStopTask")).toBe(1);
    });

    test("those that stop already need no stop", async () => {
        const { cloud, submit, look, set } = scene({ stopping: 2 });
        expect(await submit()).toMatchObject({ is: "blocked" });
        expect(cloud.count("BatchStartStopTask")).toBe(0);
        expect(await look()).toMatchObject({ is: "blocked" });
        set({ stopped: 2 });
        expect(await look()).toMatchObject({ is: "ready" });
    });

    test("a stop that fails for some is asked for again, three times at most", async () => {
        const failing = { total_count: 2, failed_count: 1, succeed_count: 1, error_list: ["task 2: busy"] };
        const { cloud, submit, look, set } = scene({ running: 2 }, () => ({ body: failing }));
        expect(await submit()).toMatchObject({ is: "blocked" });
        set({ running: 1, stopping: 1 });
        expect(await look()).toMatchObject({ is: "blocked" });
        set({ running: 1, stopped: 1 });
        for (let again = 0; again < 2; again += 1) {
            expect(await look()).toMatchObject({ is: "ready" });
            expect(await submit()).toMatchObject({ is: "blocked" });
        }
        expect(await look()).toMatchObject({ is: "ready" });
        expect(await submit()).toMatchObject({
            is: "refused",
            problem: {
                code: "ChildrenFailed",
                message: "stop failed for 1 of 2 tasks of the batch task: task 2: busy",
            },
            splits: false,
        });
        expect(cloud.count("BatchStartStopTask")).toBe(3);
    });

    test("a refused stop is the target's failure, not the run's", async () => {
        const { submit } = scene({ running: 1 }, () => refusal({ status: 403, code: "VIAS.403", detail: "no" }));
        expect(await submit()).toEqual({
            is: "refused",
            problem: { code: "VIAS.403", message: "its tasks could not be stopped: no" },
            splits: false,
        });
    });

    test("a stop that was perhaps done is found out, and asked for again", async () => {
        const replies: Reply[] = [refusal({ kind: "uncertain", code: "Reset" }), { body: done }];
        const { cloud, submit, look } = scene({ running: 1 }, () => replies.shift() ?? { body: done });
        expect(await submit()).toMatchObject({ is: "uncertain" });
        expect(await look()).toMatchObject({ is: "ready" });
        expect(await submit()).toMatchObject({ is: "blocked" });
        expect(cloud.count("BatchStartStopTask")).toBe(2);
    });

    test("gone before it could be stopped: the list tells", async () => {
        const { submit, look } = scene({ running: 1 }, (tenant) => {
            tenant.delete("b1");
            return refusal({ code: "VIAS.00010008" });
        });
        expect(await submit()).toMatchObject({ is: "blocked" });
        expect(await look()).toEqual({ is: "settled" });
    });
});
