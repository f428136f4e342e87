import { clouddc, instanceBatchDeletion, instanceDeletion } from "../../src/services/clouddc";
import { listInstances } from "../../src/services/clouddc/api";
import { FakeCloud, never, plain, type Reply, refusal } from "./fake-cloud";

const options = { reportedDone: new Set<string>(), signal: never };
const uuid = (i: number) => `0198170e-4ca7-7ee4-89a7-${String(i).padStart(12, "0")}`;
const uuids = (count: number) => Array.from({ length: count }, (_, i) => uuid(i));
const list = (instances: readonly unknown[], extra: object = {}): Reply => ({ body: { instances, ...extra } });
const notFound = (ids: readonly string[]) =>
    refusal({
        status: 404,
        code: "iMetal.0200",
        detail: `Instances not found: [${ids.map((id) => `{${id}}`).join(", ")}]`,
    });

describe("inspection", () => {
    const seen = async (instance: object) => {
        const cloud = new FakeCloud(clouddc, () => list([{ id: "i1", ...instance }]));
        return (await instanceDeletion(cloud).inspect(["i1"], options)).get("i1");
    };

    test.each([
        ["terminated", { state: "terminated" }, { is: "settled", shown: true, facts: { status: "terminated" } }],
        [
            "terminated, whatever its operation says",
            { state: "terminated", operation_state: "uninstall-processing" },
            { is: "settled", shown: true, facts: { status: "terminated" } },
        ],
        ["shutting-down", { state: "shutting-down" }, { is: "inProgress", facts: { status: "shutting-down" } }],
        [
            "uninstalling",
            { state: "stopped", operation_state: "uninstall-processing" },
            { is: "inProgress", facts: { status: "stopped" } },
        ],
        [
            "running: the cloud is asked",
            { state: "running", name: "web" },
            { is: "ready", facts: { name: "web", status: "running" } },
        ],
        ["pending", { state: "pending" }, { is: "ready", facts: { status: "pending" } }],
        [
            "stopped",
            { state: "stopped", operation_state: "install-succeed" },
            { is: "ready", facts: { status: "stopped" } },
        ],
        ["reinstalling", { state: "reinstalling" }, { is: "ready", facts: { status: "reinstalling" } }],
        ["failed", { state: "failed" }, { is: "ready", facts: { status: "failed" } }],
        [
            "a state not known yet",
            { state: "dreaming", operation_state: 7 },
            { is: "ready", facts: { status: "dreaming" } },
        ],
        ["no state at all", { state: null, error: null }, { is: "ready" }],
        [
            "another error than the deletion's",
            { state: "error", operation_state: "install-failed", error: { error_type: "create_instance_error" } },
            { is: "ready", facts: { status: "error" } },
        ],
    ])("%s", async (_name, instance, expected) => {
        expect(await seen(instance)).toEqual(expected);
    });

    test("a deletion that failed says why, and one try is told from the next", async () => {
        const failed = (updated_at: string) =>
            seen({
                state: "error",
                operation_state: "uninstall-failed",
                updated_at,
                error: { error_code: "iMetal.0301", error_msg: "disk\u0007 busy", error_type: "delete_instance_error" },
            });
        const first = await failed("t1");
        expect(first).toEqual({
            is: "ready",
            facts: { status: "error" },
            failure: { code: "iMetal.0301", message: "disk busy", stamp: "t1 iMetal.0301 disk busy" },
        });
        expect(await failed("t1")).toEqual(first);
        expect(await failed("t2")).not.toEqual(first);
        expect(await seen({ state: "error", error: { error_type: "delete_instance_error" } })).toMatchObject({
            failure: { code: "delete_instance_error" },
        });
        expect(await seen({ state: "error", operation_state: "uninstall-failed" })).toMatchObject({
            failure: { code: "uninstall-failed" },
        });
    });

    test("100 ids a call, each with its limit; those left out, and not there by their ids, are gone", async () => {
        const ids = uuids(250);
        const cloud = new FakeCloud(clouddc, (sent, query) =>
            sent.operation === "ShowInstanceStatus"
                ? notFound([uuid(7)])
                : list(
                      (query.get("instance_id") ?? "")
                          .split(",")
                          .filter((id) => id !== uuid(7))
                          .map((id) => ({ id, state: "running" })),
                  ),
        );
        const states = await instanceDeletion(cloud).inspect(ids, options);
        expect(states.size).toBe(250);
        expect([...states].filter(([, { is }]) => is === "settled").map(([id]) => id)).toEqual([uuid(7)]);
        expect(cloud.sent.slice(3).map(({ path }) => path)).toEqual([`/v1/p1/instances/${uuid(7)}/status`]);
        expect(cloud.sent[2]).toEqual({
            operation: "ListInstances",
            method: "GET",
            path: "/v1/p1/instances",
            query: `instance_id=${ids.slice(200).join(",")}&limit=100`,
            body: undefined,
            effect: "reads",
        });
    });

    test("follows the marker to the end; case makes no other instance", async () => {
        const cloud = new FakeCloud(clouddc, (sent, query) =>
            sent.operation === "ShowInstanceStatus"
                ? notFound(["c"])
                : query.get("marker") === null
                  ? list([{ id: "a", state: "running" }], { page_info: { next_marker: "m1" }, count: 2 })
                  : list([{ id: "b", state: "running" }], { page_info: { next_marker: "" }, count: 2 }),
        );
        expect(plain(await instanceDeletion(cloud).inspect(["A", "b", "c"], options))).toEqual({
            A: { is: "ready", facts: { status: "running" } },
            b: { is: "ready", facts: { status: "running" } },
            c: { is: "settled" },
        });
        expect(cloud.sent[1]?.query).toBe("instance_id=A,b,c&limit=100&marker=m1");
    });

    test.each([
        ["a count that is not shown", list([{ id: "x" }], { count: 5 })],
        ["pages that repeat", list([{ id: "x" }], { page_info: { next_marker: "again" } })],
        ["a marker after nothing", list([], { page_info: { next_marker: "more" } })],
    ])("%s: nothing is said to be gone", async (_name, reply) => {
        const cloud = new FakeCloud(clouddc, () => reply);
        await expect(instanceDeletion(cloud).inspect(["a", "b"], options)).rejects.toMatchObject({
            final: false,
            problem: { code: "ListIncomplete" },
        });
        expect(cloud.sent.length).toBeLessThan(3);
    });

    test.each([
        [
            "names the missing",
            2,
            (ids: readonly string[], gone: readonly string[]) => notFound(ids.filter((id) => gone.includes(id))),
        ],
        ["names none", 40, () => refusal({ status: 404, code: "iMetal.0200", detail: "Instances not found" })],
    ])("a list that answers 404 and %s", async (_name, calls, answer) => {
        const ids = uuids(50);
        const gone = [uuid(3), uuid(40)];
        const cloud = new FakeCloud(clouddc, (sent, query) => {
            if (sent.operation === "ShowInstanceStatus") {
                return notFound(gone);
            }
            const asked = (query.get("instance_id") ?? "").split(",");
            return asked.some((id) => gone.includes(id))
                ? answer(asked, gone)
                : list(asked.map((id) => ({ id, state: "running" })));
        });
        const states = await instanceDeletion(cloud).inspect(ids, options);
        expect([...states].filter(([, { is }]) => is === "settled").map(([id]) => id)).toEqual(gone);
        expect(cloud.count("ListInstances")).toBeLessThanOrEqual(calls);
        expect(cloud.count("ShowInstanceStatus")).toBe(gone.length);
    });

    describe("what the list does not show", () => {
        const shown = new Map<string, string>();
        const cloud = (status: (id: string) => Reply) =>
            new FakeCloud(clouddc, (sent) =>
                sent.operation === "ShowInstanceStatus"
                    ? status(sent.path.split("/").at(-2) ?? "")
                    : list([...shown].map(([id, state]) => ({ id, state }))),
            );
        beforeEach(() => shown.clear());

        const running = { is: "ready", facts: { status: "running" } };

        test("lives, if its status says so", async () => {
            const hidden = cloud((id) => ({ body: { [id === "a" ? "state" : "status"]: "running" } }));
            const seen = await instanceDeletion(hidden).inspect(["a", "b"], options);
            expect(plain(seen)).toEqual({ a: running, b: running });
        });

        test("is terminated, or in deletion, if its status says so", async () => {
            const hidden = cloud((id) => ({ body: { state: id === "a" ? "terminated" : "shutting-down" } }));
            const seen = await instanceDeletion(hidden).inspect(["a", "b"], options);
            expect(plain(seen)).toEqual({
                a: { is: "settled", shown: true, facts: { status: "terminated" } },
                b: { is: "inProgress", facts: { status: "shutting-down" } },
            });
        });

        test("is unseen where the status is refused, and the others go on", async () => {
            shown.set("a", "running");
            const api = instanceDeletion(
                cloud(() => refusal({ status: 403, code: "iMetal.0004", detail: "no permission" })),
            );
            expect(plain(await api.inspect(["a", "b"], options))).toEqual({
                a: running,
                b: {
                    is: "unseen",
                    problem: {
                        code: "iMetal.0004",
                        message: expect.stringContaining("grant the IAM action clouddc:instance:get"),
                    },
                },
            });
            shown.clear();
            // What the list has shown before could be seen.
            expect((await api.inspect(["a"], options)).get("a")).toEqual({ is: "settled" });
        });

        test("is nothing at all where the gateway knows no such API, or the status has no state", async () => {
            const gateway = cloud(() => refusal({ status: 404, code: "APIGW.0101" }));
            await expect(instanceDeletion(gateway).inspect(["a"], options)).rejects.toMatchObject({ final: true });
            await expect(instanceDeletion(cloud(() => ({ body: {} }))).inspect(["a"], options)).rejects.toThrow();
        });
    });

    test("another 404 is no end of anything", async () => {
        const cloud = new FakeCloud(clouddc, () => refusal({ status: 404, code: "HTTP.404" }));
        await expect(instanceDeletion(cloud).inspect(["a"], options)).rejects.toMatchObject({ final: true });
    });
});

describe("the whole list", () => {
    /** A list of pages with one instance each, which say what `extra` says. */
    const paged = (pages: number, extra: (page: number) => object) =>
        new FakeCloud(clouddc, (_, query) => {
            const page = Number(query.get("marker") ?? 0);
            const next = page + 1 < pages ? { page_info: { next_marker: String(page + 1) } } : {};
            return list([{ id: uuid(page), state: "running" }], { ...next, ...extra(page) });
        });
    const read = async (cloud: FakeCloud, most: number) => {
        const reading = await instanceDeletion(cloud).whole?.read("", most, never);
        return [reading?.is, cloud.sent.length];
    };

    test("shows the state of each instance", async () => {
        const short = new FakeCloud(clouddc, () => list([{ id: "i1", state: "running", name: "web" }], { count: 1 }));
        expect(await instanceDeletion(short).whole?.read("", 1, never)).toEqual({
            is: "read",
            states: new Map([["i1", { is: "ready", facts: { name: "web", status: "running" } }]]),
        });
    });

    test.each([
        ["counts more than it may be read for: one page tells", () => ({ count: 5_000 }), 2, ["tooLong", 1]],
        ["does not count, and goes on: nobody knows how long", () => ({}), 100, ["tooLong", 1]],
        ["counts each page by itself, and goes on", () => ({ count: 1 }), 2, ["tooLong", 2]],
    ])("that %s", async (_, extra, most, expected) => {
        expect(await read(paged(4, extra), most)).toEqual(expected);
    });
});

describe("submit", () => {
    test("the request", async () => {
        const cloud = new FakeCloud(clouddc, () => ({
            status: 202,
            body: { instances: [{ id: "a" }] },
            requestId: "r",
        }));
        expect(await instanceDeletion(cloud).submit(["a", "b"], never)).toEqual({
            is: "accepted",
            requestId: "r",
            failed: new Map(),
        });
        expect(cloud.sent).toEqual([
            {
                operation: "DeleteInstances",
                method: "POST",
                path: "/v1/p1/instances/batch-delete",
                query: "",
                body: { instance_id_set: ["a", "b"] },
                effect: "changes",
            },
        ]);
    });

    test.each([[{ instance_id: "a" }], [undefined], ["accepted"]])(
        "the answer's body does not matter: %p",
        async (body) => {
            const cloud = new FakeCloud(clouddc, () => ({ status: 202, body }));
            expect(await instanceDeletion(cloud).submit(["a"], never)).toMatchObject({ is: "accepted" });
        },
    );

    test.each([
        `Instances not found: [{${uuid(1)}}, {${uuid(3)}}]`,
        `Instances not found: [${uuid(1)}, ${uuid(3)}]`,
        `Instances not found: ["${uuid(1)}","${uuid(3)}"]`,
        `Instances not found: ${uuid(1)} ${uuid(3).toUpperCase()}.`,
        `Instances not found: [{'${uuid(1)}'}; {'${uuid(3)}'}; {'${uuid(77)}'}`,
    ])("the culprits in %s", async (detail) => {
        const cloud = new FakeCloud(clouddc, () => refusal({ status: 404, code: "iMetal.0200", detail }));
        expect(await instanceDeletion(cloud).submit(uuids(5), never)).toMatchObject({
            is: "refused",
            culprits: [uuid(1), uuid(3)],
        });
    });

    test("an id that only begins like one of ours is not named", async () => {
        const cloud = new FakeCloud(clouddc, () =>
            refusal({ status: 404, code: "iMetal.0200", detail: `Instances not found: [${uuid(1)}0]` }),
        );
        expect(await instanceDeletion(cloud).submit(uuids(3), never)).toEqual({
            is: "refused",
            splits: true,
            problem: expect.objectContaining({ code: "iMetal.0200" }),
        });
    });

    test("no permission stops the run", async () => {
        const cloud = new FakeCloud(clouddc, () => refusal({ status: 403, code: "iMetal.0004" }));
        await expect(instanceDeletion(cloud).submit(["a"], never)).rejects.toMatchObject({ final: true });
    });
});

test.each([[""], ["a_b"], ["../x"], ["a,b"], ["a b"], ["-a"], ["x".repeat(65)]])("%p is no instance id", (value) => {
    expect(instanceBatchDeletion.targets[0]?.id.safeParse(value).success).toBe(false);
    expect(instanceBatchDeletion.targets[0]?.id.safeParse(uuid(1)).success).toBe(true);
});

describe("listInstances", () => {
    test("filters, markers, columns", async () => {
        const cloud = new FakeCloud(clouddc, (sent, query) =>
            sent.operation === "ShowInstanceStatus"
                ? notFound(["c"])
                : query.get("marker") === null
                  ? list([{ id: "a", name: "n", state: "running", server_id: "s", created_at: "t" }], {
                        page_info: { next_marker: "m" },
                    })
                  : list([{ id: "b", error: { error_type: "delete_instance_error" } }]),
        );
        const instances = await listInstances(cloud, { instanceState: "running", serverIds: ["s", "t"] }, never);
        expect(instances[0]).toMatchObject({ id: "a", name: "n", state: "running", serverId: "s", createdAt: "t" });
        expect(instances[1]?.error?.errorType).toBe("delete_instance_error");
        expect(cloud.sent.map((sent) => sent.query)).toEqual([
            "limit=1000&instance_state=running&server_id=s,t",
            "limit=1000&marker=m&instance_state=running&server_id=s,t",
        ]);
    });

    test.each<[string, object]>([
        ["a last page that says there are more", { count: 2 }],
        ["no page behind a marker, and no count", { page_info: { next_marker: "m" }, count: undefined }],
    ])("a list that can't be read to its end is a failure: %s", async (_, more) => {
        const cloud = new FakeCloud(clouddc, (_sent, query) =>
            list(query.get("marker") === null ? [{ id: "a" }] : [], more),
        );
        await expect(listInstances(cloud, {}, never)).rejects.toMatchObject({ problem: { code: "ListIncomplete" } });
    });

    test("pages that repeat end in a failure, not in a loop", async () => {
        const cloud = new FakeCloud(clouddc, () => list([{ id: "a" }], { page_info: { next_marker: "m" } }));
        await expect(listInstances(cloud, {}, never)).rejects.toMatchObject({ problem: { code: "ListRepeats" } });
    });
});
