import { imageServerBatchDeletion, imageServerDeletion, workspaceapp } from "../../src/services/workspaceapp";
import { listImageServers } from "../../src/services/workspaceapp/api";
import { FakeCloud, never, plain, type Reply, refusal, type Sent } from "./fake-cloud";

const active = { is: "ready", facts: { status: "ACTIVE" } };
const none: ReadonlySet<string> = new Set();
const ids = (count: number, prefix = "s") => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const page = (items: readonly unknown[], count = items.length): Reply => ({ body: { count, items } });
const notFound = () => refusal({ status: 404, code: "WKS.00211104", detail: "not found" });

/** A tenant whose servers have these states. */
function tenant(states: Readonly<Record<string, string | null>>): FakeCloud {
    const servers = Object.entries(states).map(([id, status]) => ({ id, name: `name of ${id}`, status }));
    return new FakeCloud(workspaceapp, (sent, query) => {
        if (sent.operation === "ListImageServers") {
            const from = Number(query.get("offset"));
            return page(servers.slice(from, from + Number(query.get("limit"))), servers.length);
        }
        const server = servers.find(({ id }) => sent.path.endsWith(`/${id}`));
        return server === undefined ? notFound() : { body: server };
    });
}

describe("inspection", () => {
    test("every state", async () => {
        const states = {
            s1: "ACTIVE",
            s2: "BUILT",
            s3: "ERROR",
            s4: null,
            s5: "null",
            s6: "SOMETHING_NEW",
            s7: "DELETING",
            s8: "CREATING",
            s9: "BUILDING",
        };
        const cloud = tenant(states);
        const seen = await imageServerDeletion(cloud, false).inspect([...Object.keys(states), "s10"], {
            reportedDone: none,
            signal: never,
        });
        expect(plain(seen)).toEqual({
            s1: { is: "ready", facts: { name: "name of s1", status: "ACTIVE" } },
            s2: { is: "ready", facts: { name: "name of s2", status: "BUILT" } },
            s3: { is: "ready", facts: { name: "name of s3", status: "ERROR" } },
            s4: { is: "ready", facts: { name: "name of s4" } },
            s5: { is: "ready", facts: { name: "name of s5" } },
            s6: { is: "ready", facts: { name: "name of s6", status: "SOMETHING_NEW" } },
            s7: { is: "inProgress", facts: { name: "name of s7", status: "DELETING" } },
            s8: {
                is: "blocked",
                reason: "the image server is CREATING",
                facts: { name: "name of s8", status: "CREATING" },
            },
            s9: {
                is: "blocked",
                reason: "the image server is BUILDING",
                facts: { name: "name of s9", status: "BUILDING" },
            },
            s10: { is: "settled" },
        });
        expect(cloud.sent).toEqual([
            {
                operation: "ListImageServers",
                method: "GET",
                path: "/v1/p1/image-servers",
                query: "offset=0&limit=100",
                body: undefined,
                effect: "reads",
            },
            expect.objectContaining({ operation: "ShowImageServer", path: "/v1/p1/image-servers/s10", query: "" }),
        ]);
    });

    test("in another enterprise project than said, a server is not gone", async () => {
        const cloud = new FakeCloud(workspaceapp, (sent) =>
            sent.operation === "ListImageServers"
                ? page([])
                : { body: { id: sent.path.split("/").at(-1), status: "ACTIVE" } },
        );
        const seen = await imageServerDeletion(cloud, false, "ep1").inspect(["s1", "s2"], {
            reportedDone: none,
            signal: never,
        });
        expect([...seen.values()]).toEqual([active, active]);
        expect(cloud.sent[0]?.query).toBe("offset=0&limit=100&enterprise_project_id=ep1");
    });

    test("without an enterprise project the list shows the default one alone: what it does not show is read by its id", async () => {
        const cloud = new FakeCloud(workspaceapp, (sent) =>
            sent.operation === "ListImageServers"
                ? page([])
                : sent.path.endsWith("s3")
                  ? notFound()
                  : { body: { id: sent.path.split("/").at(-1), status: "ACTIVE" } },
        );
        // That a job says they are gone is no proof either.
        const seen = await imageServerDeletion(cloud, false).inspect(["s1", "s2", "s3"], {
            reportedDone: new Set(["s1", "s2", "s3"]),
            signal: never,
        });
        expect([...seen.values()]).toEqual([active, active, { is: "settled" }]);
    });

    test.each([403, 400])(
        "what may not be read by its id (%i) is unseen, with the action that is missing; the others go on",
        async (status) => {
            const cloud = new FakeCloud(workspaceapp, (sent) =>
                sent.operation === "ListImageServers"
                    ? page([{ id: "s1", status: "ACTIVE" }])
                    : refusal({ status, code: "WKS.00081102", detail: "no permission", requestId: "r1" }),
            );
            const seen = await imageServerDeletion(cloud, false).inspect(["s1", "s2"], {
                reportedDone: none,
                signal: never,
            });
            expect(plain(seen)).toEqual({
                s1: active,
                s2: {
                    is: "unseen",
                    problem: {
                        code: "WKS.00081102",
                        message: expect.stringContaining("grant the IAM action workspace:imageServer:get"),
                        requestId: "r1",
                    },
                },
            });
        },
    );

    test("a 404 of the gateway is not the end of a server", async () => {
        const cloud = new FakeCloud(workspaceapp, () => refusal({ status: 404, code: "APIGW.0101" }));
        const inspecting = imageServerDeletion(cloud, false).inspect(["s1"], { reportedDone: none, signal: never });
        await expect(inspecting).rejects.toMatchObject({ final: true, problem: { code: "APIGW.0101" } });
    });
});

describe("submit", () => {
    const submitted = (reply: Reply, keys = ["s1", "s2"], recursive = true) => {
        const cloud = new FakeCloud(workspaceapp, () => reply);
        return { cloud, result: imageServerDeletion(cloud, recursive).submit(keys, never) };
    };

    test("the request", async () => {
        const { cloud, result } = submitted({ body: { job_id: "84d5dd05-2977" }, requestId: "r1" });
        expect(await result).toEqual({ is: "accepted", job: "84d5dd05-2977", requestId: "r1", failed: new Map() });
        expect(cloud.sent).toEqual([
            {
                operation: "BatchDeleteImageServer",
                method: "PATCH",
                path: "/v1/p1/image-servers/actions/batch-delete",
                query: "",
                body: { items: ["s1", "s2"], recursive: true },
                effect: "changes",
            },
        ]);
    });

    test.each([[undefined], [null], [""], [{}], [{ job_id: null }], [{ job_id: "" }]])(
        "no job in %p: accepted all the same",
        async (body) => {
            expect(await submitted({ body }).result).toEqual({ is: "accepted", failed: new Map() });
        },
    );

    test.each([["../x"], ["a/b"], [".."], [7]])("a job id like %p is not believed", async (job_id) => {
        expect(await submitted({ body: { job_id } }).result).toMatchObject({ is: "uncertain" });
    });

    test("a conflict of many is split; alone it is waited for", async () => {
        const conflict = refusal({ status: 409, code: "WKS.00211103", detail: "resource conflict" });
        expect(await submitted(conflict).result).toMatchObject({ is: "refused", splits: true });
        expect(await submitted(conflict, ["s1"]).result).toEqual({
            is: "blocked",
            reason: "WKS.00211103: resource conflict",
        });
    });
});

describe("poll", () => {
    interface FakeJob {
        readonly id: string;
        readonly status: string;
        readonly listed?: boolean;
        readonly sub_jobs?: readonly unknown[];
        readonly sub_jobs_total?: number;
    }
    const jobs = (
        fakes: readonly FakeJob[],
        options: { readonly pageLimit?: number; readonly more?: (sent: Sent, query: URLSearchParams) => Reply } = {},
    ) =>
        new FakeCloud(workspaceapp, (sent, query) => {
            if (sent.operation === "ListImageJobs") {
                const status = query.get("status");
                const listed = fakes.filter((job) => job.listed !== false && job.status === (status ?? job.status));
                const from = Number(query.get("offset"));
                return page(listed.slice(from, from + Number(query.get("limit"))), listed.length);
            }
            const job = fakes.find(({ id }) => sent.path.endsWith(`/${id}`));
            if (sent.operation === "ShowImageJob") {
                return job === undefined ? notFound() : { body: { ...job, begin_time: "b", end_time: "e" } };
            }
            return options.more?.(sent, query) ?? refusal({});
        });
    const asked = (...names: readonly string[]) => names.map((id) => ({ id, targets: [`${id}-t1`, `${id}-t2`] }));
    const poll = async (cloud: FakeCloud, names: readonly string[]) => {
        const seen = await imageServerDeletion(cloud, false).poll?.(asked(...names), never);
        return plain(seen ?? new Map());
    };
    const sub = (target: string, status: string, error?: { error_code?: string; error_message?: string }) => ({
        id: `sub-${target}`,
        status,
        job_resource_info: { resource_id: target, resource_name: "n" },
        job_execute_info: error,
    });
    const operations = (cloud: FakeCloud) => cloud.sent.map((sent) => `${sent.operation} ${sent.query || sent.path}`);

    /** So many that one page of the whole list does not show the others. */
    const old = ids(200, "old").map((id) => ({ id, status: "SUCCESS" }));

    test("many running jobs: one call", async () => {
        const names = ids(50, "j");
        const cloud = jobs(names.map((id) => ({ id, status: "RUNNING" })));
        const seen = await poll(cloud, names);
        expect(Object.keys(seen)).toHaveLength(50);
        expect(seen.j7).toEqual({ is: "running", status: "RUNNING", times: {} });
        expect(operations(cloud)).toEqual(["ListImageJobs job_type=DELETE_SERVER&offset=0&limit=100"]);
    });

    test("jobs that go on and jobs that have ended: one call while one page has them all", async () => {
        const names = ids(50, "j");
        const cloud = jobs([
            ...old.slice(0, 40),
            ...names.map((id, n) => ({ id, status: n < 10 ? "SUCCESS" : n < 30 ? "RUNNING" : "WAITING" })),
        ]);
        const seen = await poll(cloud, names);
        expect(seen.j9).toMatchObject({ is: "ended", well: true, reportedDone: new Set(["j9-t1", "j9-t2"]) });
        expect(seen.j29).toMatchObject({ is: "running", status: "RUNNING" });
        expect(seen.j49).toMatchObject({ is: "running", status: "WAITING" });
        expect(operations(cloud)).toHaveLength(1);
    });

    test("few jobs that ended, and all that failed, are read one by one, for what became of each target", async () => {
        const names = ids(9, "j");
        const few = jobs(names.map((id, n) => ({ id, status: n < 2 ? "SUCCESS" : "RUNNING" })));
        await poll(few, names);
        expect(operations(few).slice(1)).toEqual([0, 1].map((n) => `ShowImageJob /v1/p1/image-server-jobs/j${n}`));
        const many = jobs(names.map((id, n) => ({ id, status: n < 4 ? "FAILED" : "SUCCESS" })));
        expect(await poll(many, names)).toMatchObject({ j0: { well: false }, j4: { well: true } });
        expect(many.count("ListImageJobs")).toBe(1);
        expect(many.count("ShowImageJob")).toBe(4);
    });

    test("a job that a short list does not show is read by its id, and the list is still read", async () => {
        const cloud = jobs([
            { id: "j0", status: "RUNNING" },
            { id: "j1", status: "RUNNING" },
            { id: "j2", status: "WAITING", listed: false },
        ]);
        const api = imageServerDeletion(cloud, false);
        for (let round = 0; round < 2; round += 1) {
            await api.poll?.(asked("j0", "j1", "j2"), never);
        }
        expect(cloud.count("ListImageJobs")).toBe(2);
        expect(cloud.count("ShowImageJob")).toBe(2);
    });

    test("where old jobs fill the page of the whole list it is asked once and never again", async () => {
        const names = ids(9, "j");
        const cloud = jobs([...old, ...names.map((id) => ({ id, status: "RUNNING" }))]);
        const api = imageServerDeletion(cloud, false);
        for (let round = 0; round < 3; round += 1) {
            expect((await api.poll?.(asked(...names), never))?.size).toBe(9);
        }
        expect(cloud.sent.map(({ query }) => /RUNNING/.test(query))).toEqual([false, true, true, true]);
    });

    test("more jobs than a page holds are looked for by their status", async () => {
        const names = ids(101, "j");
        const cloud = jobs(names.map((id) => ({ id, status: "RUNNING" })));
        expect(Object.keys(await poll(cloud, names))).toHaveLength(101);
        expect(
            cloud.sent.every(({ operation, query }) => operation === "ShowImageJob" || query.includes("status=")),
        ).toBe(true);
    });

    test("a single job: one get, whatever it does", async () => {
        for (const status of ["WAITING", "RUNNING", "SUCCESS"]) {
            const cloud = jobs([{ id: "j1", status }]);
            expect(await poll(cloud, ["j1"])).toMatchObject({ j1: { status } });
            expect(operations(cloud)).toEqual(["ShowImageJob /v1/p1/image-server-jobs/j1"]);
        }
    });

    test("the waiting ones are read only for those not among the running", async () => {
        const cloud = jobs([
            ...old,
            { id: "j1", status: "RUNNING" },
            { id: "j2", status: "WAITING" },
            { id: "j3", status: "WAITING" },
        ]);
        expect(await poll(cloud, ["j1", "j2", "j3"])).toMatchObject({
            j1: { status: "RUNNING" },
            j3: { status: "WAITING" },
        });
        expect(operations(cloud).map((operation) => /status=(\w+)/.exec(operation)?.[1])).toEqual([
            undefined,
            "RUNNING",
            "WAITING",
        ]);
    });

    test("strangers' jobs that fill pages: a get is cheaper than the pages left", async () => {
        const strangers = ids(1_000, "x").map((id) => ({ id, status: "RUNNING" }));
        const cloud = jobs([...strangers, { id: "j1", status: "RUNNING" }, { id: "j2", status: "RUNNING" }]);
        expect(await poll(cloud, ["j1", "j2"])).toMatchObject({ j1: { is: "running" }, j2: { is: "running" } });
        expect(cloud.count("ShowImageJob")).toBe(2);
        expect(cloud.count("ListImageJobs")).toBeLessThanOrEqual(2);
    });

    test("what became of each target, from the sub-jobs", async () => {
        const cloud = jobs([
            {
                id: "j1",
                status: "FAILED",
                sub_jobs_total: 2,
                sub_jobs: [
                    sub("j1-t1", "SUCCESS"),
                    sub("j1-t2", "FAILED", { error_code: "WKS.9", error_message: "in\u001b[31m use\n::set-output" }),
                ],
            },
        ]);
        expect(await poll(cloud, ["j1"])).toEqual({
            j1: {
                is: "ended",
                status: "FAILED",
                well: false,
                times: { begin: "b", end: "e" },
                reportedDone: new Set(["j1-t1"]),
                failed: new Map([["j1-t2", { code: "WKS.9", message: "in use : :set-output" }]]),
                problem: { code: "WKS.9", message: "image-server job j1 ended with FAILED: in use : :set-output" },
            },
        });
    });

    test("ABNORMAL fails; ROLLBACK and ABORTING say nothing yet; strangers only give the reason", async () => {
        const cloud = jobs([
            {
                id: "j1",
                status: "FAILED",
                sub_jobs: [sub("j1-t1", "ABNORMAL"), sub("j1-t2", "ROLLBACK"), sub("server-group", "FAILED")],
            },
        ]);
        const seen = await poll(cloud, ["j1"]);
        expect(seen).toMatchObject({ j1: { well: false, reportedDone: new Set() } });
        expect(seen).toMatchObject({
            j1: {
                failed: new Map([
                    ["j1-t1", { code: "SubJobABNORMAL", message: "sub-job sub-j1-t1 ended with ABNORMAL" }],
                ]),
            },
        });
    });

    test("asked in detail, jobs that still run tell what failed of them, whatever the lists save", async () => {
        const names = ids(5, "j");
        const cloud = jobs(
            names.map((id) => ({
                id,
                status: "RUNNING",
                sub_jobs: [sub(`${id}-t1`, "FAILED", { error_code: "WKS.1", error_message: "locked" })],
                sub_jobs_total: 2,
            })),
            { more: () => page([sub("j0-t2", "RUNNING")], 1) },
        );
        const inDetail = asked(...names).map((job) => ({ ...job, inDetail: true as const }));
        const seen = await imageServerDeletion(cloud, false).poll?.(inDetail, never);
        for (const id of names) {
            expect(seen?.get(id)).toMatchObject({
                is: "running",
                failed: new Map([[`${id}-t1`, { code: "WKS.1", message: "locked" }]]),
            });
        }
        expect(operations(cloud).filter((operation) => operation.startsWith("ListImageJobs"))).toEqual([]);
    });

    test("a job that ended well without sub-jobs reports its targets done; a failed one reports none", async () => {
        expect(await poll(jobs([{ id: "j1", status: "SUCCESS" }]), ["j1"])).toMatchObject({
            j1: { well: true, reportedDone: new Set(["j1-t1", "j1-t2"]), failed: new Map() },
        });
        expect(await poll(jobs([{ id: "j1", status: "FAILED" }]), ["j1"])).toMatchObject({
            j1: { well: false, reportedDone: new Set(), problem: { code: "JobFailed" } },
        });
    });

    test("SUCCESS with a sub-job that failed: that target is not reportedDone", async () => {
        const cloud = jobs([
            { id: "j1", status: "SUCCESS", sub_jobs: [sub("j1-t1", "FAILED"), sub("j1-t2", "SUCCESS")] },
        ]);
        expect(await poll(cloud, ["j1"])).toMatchObject({ j1: { well: true, reportedDone: new Set(["j1-t2"]) } });
    });

    test("sub-jobs that the get left out are read from their list", async () => {
        const cloud = jobs([{ id: "j1", status: "FAILED", sub_jobs_total: 2, sub_jobs: [] }], {
            more: (_sent, query) =>
                query.get("offset") === "0"
                    ? page([sub("j1-t1", "SUCCESS")], 101)
                    : page([sub("j1-t2", "FAILED")], 101),
        });
        expect(await poll(cloud, ["j1"])).toMatchObject({ j1: { reportedDone: new Set(["j1-t1"]) } });
        expect(operations(cloud).slice(1)).toEqual([
            "ListImageSubJobs job_type=DELETE_SERVER&job_id=j1&offset=0&limit=100",
            "ListImageSubJobs job_type=DELETE_SERVER&job_id=j1&offset=100&limit=100",
        ]);
    });

    test("unknown job and sub-job states neither crash nor end anything; an unknown job is lost", async () => {
        const cloud = jobs([{ id: "j1", status: "PAUSED\u0007" }]);
        expect(await poll(cloud, ["j1"])).toMatchObject({ j1: { is: "running", status: "PAUSED" } });
        expect(await poll(cloud, ["gone"])).toEqual({ gone: { is: "lost" } });
        const odd = jobs([{ id: "j1", status: "FAILED", sub_jobs: [sub("j1-t1", "ODD"), { status: 7 }, {}] }]);
        expect(await poll(odd, ["j1"])).toMatchObject({ j1: { reportedDone: new Set(), failed: new Map() } });
    });

    test("fifty jobs that end at once cost one page of the ended ones", async () => {
        const names = ids(50, "j");
        const running = ids(200, "x").map((id) => ({ id, status: "RUNNING" }));
        const cloud = jobs([...running, ...names.map((id) => ({ id, status: "SUCCESS" }))]);
        const seen = await poll(cloud, names);
        expect(seen.j9).toMatchObject({ is: "ended", well: true, reportedDone: new Set(["j9-t1", "j9-t2"]) });
        expect(operations(cloud).at(-1)).toBe("ListImageJobs job_type=DELETE_SERVER&status=SUCCESS&offset=0&limit=100");
        expect(cloud.sent.filter((sent) => sent.query.includes("SUCCESS"))).toHaveLength(1);
        expect(cloud.count("ShowImageJob")).toBe(0);
    });

    test("where old jobs fill more pages than gets are saved, one is asked once and never again", async () => {
        const older = ids(500, "older").map((id) => ({ id, status: "SUCCESS" }));
        const cloud = jobs([...older, ...ids(3, "j").map((id) => ({ id, status: "SUCCESS" }))]);
        const api = imageServerDeletion(cloud, false);
        for (let round = 0; round < 2; round += 1) {
            expect((await api.poll?.(asked("j0", "j1", "j2"), never))?.size).toBe(3);
        }
        expect(cloud.sent.filter((sent) => sent.query.includes("SUCCESS"))).toHaveLength(1);
        expect(cloud.count("ShowImageJob")).toBe(6);
    });

    test("a page of the ended ones is asked again after jobs that were in no list had not ended", async () => {
        const older = ids(500, "older").map((id) => ({ id, status: "SUCCESS" }));
        // Begun between two lists: a get shows them.
        const young = ids(3, "j").map((id) => ({ id, status: "QUEUED" }));
        const cloud = jobs([...older, ...young]);
        const api = imageServerDeletion(cloud, false);
        await api.poll?.(asked("j0", "j1", "j2"), never);
        for (const job of young) {
            job.status = "SUCCESS";
        }
        await api.poll?.(asked("j0", "j1", "j2"), never);
        expect(cloud.sent.filter((sent) => sent.query.includes("SUCCESS"))).toHaveLength(2);
    });

    test("jobs once seen running are not looked for among the waiting", async () => {
        const states = new Map(ids(4, "j").map((id) => [id, "RUNNING"]));
        const cloud = new FakeCloud(workspaceapp, (sent, query) => {
            const shown = [...states].map(([id, status]) => ({ id, status }));
            return sent.operation === "ListImageJobs"
                ? page(query.has("status") ? shown.filter((job) => job.status === query.get("status")) : old)
                : { body: shown.find(({ id }) => sent.path.endsWith(id)) };
        });
        const api = imageServerDeletion(cloud, false);
        await api.poll?.(asked(...states.keys()), never);
        states.set("j0", "FAILED").set("j1", "FAILED");
        await api.poll?.(asked(...states.keys()), never);
        expect(cloud.sent.filter((sent) => sent.query.includes("WAITING"))).toHaveLength(0);
    });
});

describe("definition", () => {
    const id = imageServerBatchDeletion.targets[0]?.id;
    test.each([["52071768982601303451"], ["84d5dd05-2977-4e37-8409-cf0b027f6a5b"], ["a_b"]])("%p is an id", (value) => {
        expect(id?.safeParse(value).success).toBe(true);
    });
    test.each([
        [""],
        ["."],
        [".."],
        ["a/b"],
        ["a,b"],
        ["a.b"],
        ["%2e"],
        ["a\nb"],
        ["a\n"],
        ["é"],
        ["x".repeat(65)],
        [7],
        [null],
    ])("%p is none", (value) => {
        expect(id?.safeParse(value).success).toBe(false);
    });
    test("recursive and plain deletions never share a request", () => {
        const variants = [{ recursive: true }, { recursive: false }, {}, { enterpriseProjectId: "e" }].map(
            (inputs) => imageServerBatchDeletion.acts(inputs).onCreate?.variant,
        );
        expect(variants).toEqual(["DELETE recursive", "DELETE", "DELETE", "DELETE e"]);
    });
});

test("listImageServers: filters, paging, columns", async () => {
    const cloud = new FakeCloud(workspaceapp, (_sent, query) => {
        const from = Number(query.get("offset"));
        return page(
            ids(150)
                .slice(from, from + 100)
                .map((id) => ({ id, name: "n", status: null, image_id: "i", create_time: "t" })),
            150,
        );
    });
    const servers = await listImageServers(cloud, { serverName: "web", enterpriseProjectId: "ep" }, never);
    expect(servers).toHaveLength(150);
    expect(servers[0]).toEqual({ id: "s0", name: "n", imageId: "i", createTime: "t" });
    expect(cloud.sent.map((sent) => sent.query)).toEqual([
        "offset=0&limit=100&server_name=web&enterprise_project_id=ep",
        "offset=100&limit=100&server_name=web&enterprise_project_id=ep",
    ]);
});
