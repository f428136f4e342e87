import type { Service } from "../../src/cloud/call";
import { selectTargets } from "../../src/provider/matching/select";
import { clouddc, instanceBatchDeletion } from "../../src/services/clouddc";
import type { TargetSetDefinition } from "../../src/services/definition";
import { assetBatchAction, assetBatchDeletion as assets, metastudio } from "../../src/services/metastudio";
import { roma, assetBatchDeletion as romaAssets } from "../../src/services/roma";
import { batchTaskDeletion, vias } from "../../src/services/vias";
import { imageServerBatchDeletion, workspaceapp } from "../../src/services/workspaceapp";
import { FakeCloud, never, type Reply, refusal } from "./fake-cloud";

/** What a rule matches in each service's own list, and that a list which is not read to its end is no answer. */

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 26, 12);
const utc = (hours: number) => `${new Date(NOW - hours * HOUR).toISOString().slice(0, 19)}Z`;
const zoneless = (hours: number) => utc(hours).slice(0, 19).replace("T", " ");

interface Listed {
    readonly service: Service;
    readonly definition: TargetSetDefinition;
    /** Where the kind's criteria stand in `matching`, and what its keys begin with. */
    readonly group?: string;
    readonly kind?: string;
    readonly operation: string;
    readonly pageSize: number;
    readonly page: (rows: readonly object[], total: number) => Reply;
    readonly row: (facts: { id: string; name?: unknown; created?: unknown; state?: unknown }) => object;
    readonly offsetOf: (query: URLSearchParams) => number;
    /** A state in a row, and as a criterion; missing where the list shows none. */
    readonly states?: readonly (readonly [shown: unknown, wanted: string | undefined])[];
    /** Times of creation 48 hours ago, in other formats than text in UTC. */
    readonly times: readonly unknown[];
    /** Columns of a row beside those, and a criterion that they meet, and one that they don't. */
    readonly own: readonly (readonly [columns: object, meets: object, misses: object])[];
}

const byOffset = (query: URLSearchParams) => Number(query.get("offset"));

const listed: Readonly<Record<string, Listed>> = {
    "image servers": {
        service: workspaceapp,
        definition: imageServerBatchDeletion,
        operation: "ListImageServers",
        pageSize: 100,
        page: (rows, total) => ({ body: { count: total, items: rows } }),
        row: ({ id, name, created, state }) => ({ id, name, create_time: created, status: state }),
        offsetOf: byOffset,
        states: [
            ["ACTIVE", "ACTIVE"],
            ["BUILT", "BUILT"],
            ["null", undefined],
            [null, undefined],
        ],
        times: [zoneless(48), zoneless(48).replace(" ", "T")],
        own: [
            [{ server_group_id: "g1" }, { serverGroupIds: ["g0", "g1"] }, { serverGroupIds: ["g2"] }],
            [{ image_ref: { id: "i1" } }, { imageIds: ["i1"] }, { imageIds: ["i2"] }],
            // The image that was made of it is another.
            [{ image_ref: { id: "i1" }, image_id: "i2" }, { imageIds: ["i1"] }, { imageIds: ["i2"] }],
            [
                { enterprise_project_id: "ep1" },
                { enterpriseProjectIds: ["ep1"] },
                { enterpriseProjectIds: ["ep2", "all_granted_eps"] },
            ],
            [{ enterprise_project_id: "" }, { enterpriseProjectIds: ["0"] }, { enterpriseProjectIds: ["1"] }],
        ],
    },
    "CloudDC instances": {
        service: clouddc,
        definition: instanceBatchDeletion,
        operation: "ListInstances",
        pageSize: 1_000,
        page: (rows, total) => ({
            body: { instances: rows, count: total, page_info: { next_marker: `${rows.length}` } },
        }),
        row: ({ id, name, created, state }) => ({ id, name, created_at: created, state }),
        offsetOf: (query) => Number(query.get("marker") ?? 0),
        states: [
            ["running", "running"],
            ["error", "error"],
            [null, undefined],
        ],
        times: [zoneless(48)],
        own: [
            [
                { tags: [{ key: "team", value: "web" }] },
                { tags: { team: ["db", "web"] } },
                { tags: { team: ["web"], stage: ["test"] } },
            ],
            [{ tags: [{ key: "team", value: "web" }] }, { tags: { team: ["web"] } }, { tags: { web: ["team"] } }],
            [{ image: { id: "i1" } }, { imageIds: ["i1"] }, { imageIds: ["i2"] }],
            [{ vpc_id: "v1" }, { vpcIds: ["v1"] }, { vpcIds: ["v2"] }],
            [{ server_id: "s1" }, { serverIds: ["s1"] }, { serverIds: ["s2"] }],
        ],
    },
    "MetaStudio assets": {
        service: metastudio,
        definition: assets,
        operation: "ListAssets",
        pageSize: 100,
        page: (rows, total) => ({ body: { count: total, assets: rows } }),
        row: ({ id, name, created, state }) => ({
            asset_id: id,
            asset_name: name,
            create_time: created,
            asset_state: state,
        }),
        offsetOf: byOffset,
        states: [
            ["ACTIVED", "ACTIVED"],
            ["DELETING", "DELETING"],
            [null, undefined],
        ],
        times: [zoneless(48), "2026-11-24T20:00:00+08:00"],
        own: [
            [{ asset_type: "VIDEO" }, { types: ["IMAGE", "VIDEO"] }, { types: ["IMAGE"] }],
            [{ tags: ["trial", "north"] }, { tags: ["north", "trial"] }, { tags: ["trial", "south"] }],
            [
                { system_properties: [{ key: "STYLE_ID", value: "s1" }] },
                { systemProperties: { STYLE_ID: ["s1"] } },
                { systemProperties: { STYLE_ID: ["s2"] } },
            ],
        ],
    },
    "ROMA apps": {
        service: roma,
        definition: romaAssets,
        group: "apps",
        kind: "app",
        operation: "ListAppsV2",
        pageSize: 500,
        page: (rows, total) => ({ body: { total, apps: rows } }),
        row: ({ id, name, created }) => ({ id, name, create_time: created }),
        offsetOf: byOffset,
        times: [zoneless(48)],
        own: [[{ created_user: { user_name: "ann" } }, { createdBy: ["ann"] }, { createdBy: ["Ann"] }]],
    },
    "ROMA FDI tasks": {
        service: roma,
        definition: romaAssets,
        group: "tasks",
        kind: "task",
        operation: "ListFdiTasks",
        pageSize: 999,
        page: (rows, total) => ({ body: { total, entities: rows } }),
        row: ({ id, name, created, state }) => ({ task_id: id, task_name: name, created_date: created, status: state }),
        offsetOf: byOffset,
        states: [
            [0, "stopped"],
            [1, "running"],
            [null, undefined],
        ],
        times: [NOW - 48 * HOUR, String(NOW - 48 * HOUR), zoneless(48)],
        own: [
            [{ task_type: "TIMING" }, { types: ["TIMING"] }, { types: ["REALTIME"] }],
            [{ execute_status: "ERROR" }, { executeStates: ["ERROR"] }, { executeStates: ["SUCCESS"] }],
            [{ source_app_id: "a1" }, { sourceAppIds: ["a1"] }, { targetAppIds: ["a1"] }],
            [{ target_app_id: "a1" }, { targetAppIds: ["a1"] }, { sourceAppIds: ["a1"] }],
            [{ task_tag: "trial" }, { tags: ["trial"] }, { tags: ["tri"] }],
        ],
    },
    "VIAS batch tasks": {
        service: vias,
        definition: batchTaskDeletion,
        operation: "ListBatchTasks",
        pageSize: 200,
        page: (rows, total) => ({ body: { count: total, batch_task_list: rows } }),
        row: ({ id, name, created, state }) => ({
            id,
            batch_task_name: name,
            created_at: created,
            batch_task_status_info: state,
        }),
        offsetOf: (query) => (Number(query.get("page_num")) - 1) * 200,
        states: [
            [{ succeeded: 2, failed: 0 }, "succeeded"],
            [{ succeeded: "2" }, "succeeded"],
            [{}, undefined],
            [{ succeeded: 0 }, undefined],
            [null, undefined],
        ],
        times: [NOW - 48 * HOUR, String(NOW - 48 * HOUR), (NOW - 48 * HOUR) / 1_000, zoneless(48)],
        own: [
            [{ alg_name: "people-counting" }, { services: ["people-counting"] }, { services: ["people"] }],
            [{ video_group_name: "gate" }, { videoGroups: ["gate"] }, { videoGroups: ["door"] }],
            [{ company: "emulator" }, { companies: ["emulator"] }, { companies: ["other"] }],
        ],
    },
};

describe.each(Object.entries(listed))("%s", (_name, list) => {
    const {
        service,
        definition,
        group,
        kind,
        operation,
        pageSize,
        page,
        row,
        offsetOf,
        states = [],
        times,
        own,
    } = list;
    const key = (id: string) => (kind === undefined ? id : `${kind}:${id}`);
    const cloudOf = (rows: readonly object[], change: (reply: Reply, reading: number) => Reply = (reply) => reply) => {
        let reading = 0;
        return new FakeCloud(service, (sent, query) => {
            if (sent.operation !== operation) {
                return refusal({ status: 404, code: "Unexpected.1", detail: sent.operation });
            }
            const offset = offsetOf(query);
            reading += offset === 0 ? 1 : 0;
            const shown = rows.slice(offset, offset + pageSize);
            const isLast = offset + pageSize >= rows.length;
            const reply = page(shown, rows.length);
            if (operation === "ListInstances" && !(reply instanceof Error)) {
                const marker = isLast ? {} : { next_marker: String(offset + pageSize) };
                return change({ body: { instances: shown, count: rows.length, page_info: marker } }, reading);
            }
            return change(reply, reading);
        });
    };
    const select = (cloud: FakeCloud, criteria: object, inputs: object = {}) => {
        const matching = group === undefined ? criteria : { [group]: criteria };
        const properties = { instanceId: "i1", ...inputs, matching };
        return selectTargets(definition, cloud, properties, { now: NOW }, never);
    };
    const keysOf = async (rows: readonly object[], criteria: object) => (await select(cloudOf(rows), criteria)).keys;

    test("by name", async () => {
        const rows = ["web-1", "web-2", "db-1", undefined, ""].map((name, n) => row({ id: `t${n}`, name }));
        expect(await keysOf(rows, { names: ["web-*"] })).toEqual([key("t0"), key("t1")]);
        expect(await keysOf(rows, { names: ["*-1", "x"], except: ["db-*"] })).toEqual([key("t0")]);
    });

    test.each([utc(48), ...times])("created %p, two days ago: by age", async (created) => {
        const rows = [row({ id: "t1", created })];
        // One without a zone may be 12 hours younger and 14 hours older.
        expect(await keysOf(rows, { olderThan: "35h" })).toEqual([key("t1")]);
        expect(await keysOf(rows, { newerThan: "63h" })).toEqual([key("t1")]);
        const isExact = typeof created === "number" || !/:\d\d$/.test(String(created)) || /[+]/.test(String(created));
        expect(await keysOf(rows, { olderThan: "47h" })).toEqual(isExact ? [key("t1")] : []);
        expect(await keysOf(rows, { newerThan: "49h" })).toEqual(isExact ? [key("t1")] : []);
        expect(await keysOf(rows, { olderThan: "49h" })).toEqual([]);
        expect(await keysOf(rows, { newerThan: "47h" })).toEqual([]);
    });

    test.each([undefined, null, "", "long ago", 0, {}])("created %p: not told, so no age matches", async (created) => {
        const rows = [row({ id: "t1", created })];
        expect(await keysOf(rows, { olderThan: "1h" })).toEqual([]);
        expect(await keysOf(rows, { newerThan: "3650d" })).toEqual([]);
    });

    test("by state", async () => {
        for (const [shown, wanted] of states) {
            const rows = [row({ id: "t1", state: shown })];
            const others = (definition.targets.find((target) => target.kind === kind)?.listed.states ?? []).filter(
                (state) => state !== wanted,
            );
            expect(await keysOf(rows, { states: others.slice(0, -1) })).toEqual([]);
            if (wanted !== undefined) {
                expect(await keysOf(rows, { states: [wanted] })).toEqual([key("t1")]);
            }
        }
    });

    test("by what else the list shows", async () => {
        for (const [columns, meets, misses] of own) {
            const rows = [{ ...row({ id: "t1" }), ...columns }, row({ id: "t2" })];
            expect(await keysOf(rows, meets)).toEqual([key("t1")]);
            expect(await keysOf(rows, misses)).toEqual([]);
        }
        const criteria = Object.keys(definition.targets.find((target) => target.kind === kind)?.listed.criteria ?? {});
        expect([...new Set(own.flatMap(([, meets]) => Object.keys(meets)))].sort()).toEqual(criteria.sort());
    });

    const many = Array.from({ length: pageSize * 2 + 1 }, (_, n) => row({ id: `t${n}`, name: `web-${n}` }));

    test("all pages are read", async () => {
        const cloud = cloudOf(many);
        const found = await select(cloud, { names: ["web-*"] });
        expect(found.keys).toEqual(many.map((_, n) => key(`t${n}`)));
        expect(found.listed).toBe(many.length);
        expect(cloud.sent).toHaveLength(3);
        expect(cloud.sent.every(({ effect }) => effect === "reads")).toBe(true);
    });

    test("a list that is not read to its end is an error", async () => {
        const short = cloudOf(many.slice(0, 5), () => page(many.slice(0, 4), 5));
        await expect(select(short, { names: ["web-*"] })).rejects.toMatchObject({
            problem: { code: expect.stringMatching(/^List/) },
        });
        const failing = cloudOf(many, (reply, _) =>
            reply instanceof Error ? reply : refusal({ status: 500, code: "E.1" }),
        );
        await expect(select(failing, { names: ["web-*"] })).rejects.toMatchObject({
            problem: { code: "E.1" },
        });
    });

    test("nothing is listed: nothing matches, and the place lists none", async () => {
        expect(await select(cloudOf([]), { names: ["web-*"] })).toMatchObject({ keys: [], listed: 0 });
    });
});

describe("a list that shifts while it is read", () => {
    const asset = (n: number) => ({ asset_id: `a${n}`, asset_name: `web-${n}` });
    const rows = Array.from({ length: 150 }, (_, n) => asset(n));
    const select = (cloud: FakeCloud) =>
        selectTargets(assets, cloud, { matching: { names: ["web-*"] } }, { now: NOW }, never);

    test("is read again until everything that it counts was shown", async () => {
        let readings = 0;
        const cloud = new FakeCloud(metastudio, (_, query) => {
            const offset = byOffset(query);
            readings += offset === 0 ? 1 : 0;
            // In the first reading one vanishes from the first page before the second is read, which skips one.
            const shown = readings === 1 && offset > 0 ? rows.slice(1) : rows;
            return { body: { count: shown.length, assets: shown.slice(offset, offset + 100) } };
        });
        expect((await select(cloud)).keys).toHaveLength(150);
        expect(readings).toBe(2);
    });

    test("is an error where it never settles", async () => {
        const cloud = new FakeCloud(metastudio, (_, query) => ({
            body: { count: 150, assets: rows.slice(byOffset(query), byOffset(query) + 40) },
        }));
        await expect(select(cloud)).rejects.toMatchObject({ problem: { code: "ListKeepsChanging" }, final: false });
    });

    test("what was renamed between two readings counts as it was shown last", async () => {
        let readings = 0;
        const cloud = new FakeCloud(metastudio, (_, query) => {
            const offset = byOffset(query);
            readings += offset === 0 ? 1 : 0;
            const shown = rows.map((one, n) => (readings > 1 && n === 3 ? { ...one, asset_name: "kept" } : one));
            const total = readings === 1 && offset > 0 ? 151 : 150;
            return { body: { count: total, assets: shown.slice(offset, offset + 100) } };
        });
        const found = await select(cloud);
        expect(found.keys).toHaveLength(149);
        expect(found.keys).not.toContain("a3");
        expect(found.facts.has("a3")).toBe(false);
    });
});

describe("which list is read, and what it may not show", () => {
    const select = async (definition: TargetSetDefinition, cloud: FakeCloud, properties: Record<string, unknown>) => {
        const { mayNotShow } = await selectTargets(definition, cloud, properties, { now: NOW }, never);
        return { mayNotShow, sent: cloud.sent.map(({ operation, query }) => `${operation}?${query}`) };
    };
    const servers = () => new FakeCloud(workspaceapp, () => ({ body: { count: 0, items: [] } }));
    const matching = { names: ["web-*"] };
    const List = "ListImageServers?offset=0&limit=100";

    test("image servers: the default enterprise project's, and it says so", async () => {
        const { mayNotShow, sent } = await select(imageServerBatchDeletion, servers(), { matching });
        expect(sent).toEqual([List]);
        expect(mayNotShow).toMatch(
            /^the list of image servers may not show those outside the default enterprise project/,
        );
    });

    test("image servers: that of the argument, or each of the rule's", async () => {
        const one = await select(imageServerBatchDeletion, servers(), { matching, enterpriseProjectId: "ep1" });
        expect(one).toEqual({ sent: [`${List}&enterprise_project_id=ep1`], mayNotShow: undefined });
        const both = await select(imageServerBatchDeletion, servers(), {
            matching: { enterpriseProjectIds: ["ep1", "ep2"] },
        });
        expect(both).toEqual({
            sent: [`${List}&enterprise_project_id=ep1`, `${List}&enterprise_project_id=ep2`],
            mayNotShow: undefined,
        });
        const granted = await select(imageServerBatchDeletion, servers(), {
            matching,
            enterpriseProjectId: "all_granted_eps",
        });
        expect(granted.mayNotShow).toContain("not granted to the identity");
    });

    test("image servers of a project that the cloud does not filter by match nothing outside it", async () => {
        const rows = [
            { id: "s1", name: "web-1", enterprise_project_id: "other" },
            { id: "s2", name: "web-2" },
        ];
        const ignoring = new FakeCloud(workspaceapp, () => ({ body: { count: 2, items: rows } }));
        const properties = { matching: { names: ["web-*"], enterpriseProjectIds: ["ep1"] } };
        const found = await selectTargets(imageServerBatchDeletion, ignoring, properties, { now: NOW }, never);
        expect(found.keys).toEqual([]);
        const byArgument = { matching, enterpriseProjectId: "ep1" };
        const other = await selectTargets(imageServerBatchDeletion, ignoring, byArgument, { now: NOW }, never);
        expect(other.keys).toEqual([]);
    });

    test("MetaStudio: the tenant's own, oldest first, for deletions and actions", async () => {
        for (const definition of [assets, assetBatchAction]) {
            const cloud = new FakeCloud(metastudio, () => ({ body: { count: 0, assets: [] } }));
            const { sent, mayNotShow } = await select(definition, cloud, { matching, onCreate: "SHARE" });
            expect(sent).toEqual([
                "ListAssets?limit=100&offset=0&sort_key=create_time&sort_dir=asc&asset_source=CUSTOMIZATION",
            ]);
            expect(mayNotShow).toContain("the list of assets may not show");
        }
    });

    test("ROMA: the lists of the kinds that the rule names", async () => {
        const cloud = () =>
            new FakeCloud(roma, ({ operation }) => ({
                body: { total: 0, ...(operation === "ListAppsV2" ? { apps: [] } : { entities: [] }) },
            }));
        const of = async (rule: object) =>
            (await select(romaAssets, cloud(), { instanceId: "i1", matching: rule })).sent;
        expect(await of({ apps: matching })).toEqual(["ListAppsV2?offset=0&limit=500"]);
        expect(await of({ tasks: matching })).toEqual(["ListFdiTasks?offset=0&limit=999"]);
        expect(await of({ tasks: matching, apps: matching })).toHaveLength(2);
    });

    test("ROMA: more apps than the API lists are an error, not a part of them", async () => {
        const apps = Array.from({ length: 500 }, (_, n) => ({ id: `a${n}` }));
        const cloud = new FakeCloud(roma, (_, query) => ({
            body: { total: 10_501, apps: apps.map(({ id }) => ({ id: `${query.get("offset")}-${id}` })) },
        }));
        const properties = { instanceId: "i1", matching: { apps: matching } };
        await expect(selectTargets(romaAssets, cloud, properties, { now: NOW }, never)).rejects.toMatchObject({
            problem: { code: "ListTooLong" },
            final: true,
        });
    });
});
