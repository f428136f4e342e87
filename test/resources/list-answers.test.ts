import { clouddc, metastudio, roma, vias, workspaceapp } from "../../src/index";
import { clouddc as clouddcService } from "../../src/services/clouddc";
import { listsInstances } from "../../src/services/clouddc/lists";
import { metastudio as metastudioService } from "../../src/services/metastudio";
import { listsAssets } from "../../src/services/metastudio/lists";
import { roma as romaService } from "../../src/services/roma";
import { listsApps, listsFdiTasks } from "../../src/services/roma/lists";
import { NOT_IN_ROWS } from "../../src/services/shared/list-answers";
import { vias as viasService } from "../../src/services/vias";
import { listsBatchTasks } from "../../src/services/vias/lists";
import { workspaceapp as workspaceappService } from "../../src/services/workspaceapp";
import { listsImageServers } from "../../src/services/workspaceapp/lists";
import { FakeCloud, never } from "../services/fake-cloud";

let cloud: FakeCloud;
jest.mock("../../src/provider/dynamic/program-lookup", () => ({
    lookUpInCloud: ({ read }: { read: (client: FakeCloud, signal: AbortSignal) => unknown }) => read(cloud, never),
}));

/** A filter, the columns of a row that matches it, and the columns of rows that do not. */
type Case = readonly [filters: object, agrees: object, ...contradicts: object[]];

interface List {
    readonly name: string;
    readonly call: unknown;
    readonly service: FakeCloud["service"];
    readonly rows: Readonly<Record<string, unknown>>;
    readonly id: string;
    readonly base?: object;
    /** The cloud's answer, whatever the filters. */
    readonly answer: (rows: readonly object[]) => object;
    readonly cases: readonly Case[];
}

const lists: readonly List[] = [
    {
        name: "roma.listApps",
        call: roma.listApps,
        service: romaService,
        rows: listsApps.rows,
        id: "id",
        base: { instanceId: "i1" },
        answer: (apps) => ({ total: apps.length, apps }),
        cases: [
            [{ name: "load-test" }, { name: "my-Load-test-1" }, { name: "billing" }, {}],
            [{ favorite: false }, { favorite: false }, { favorite: true }, { favorite: "false" }, {}],
            [{ favorite: true }, { favorite: true }, { favorite: false }, {}],
            [{ authRole: "admin" }, { roles: ["read", "admin"] }, { roles: ["read"] }, {}],
            [{ owner: "false" }, { owner: false }, { owner: true }, {}],
            [{ userName: "li" }, { created_user: { user_name: "li" } }, { created_user: { user_name: "wu" } }, {}],
        ],
    },
    {
        name: "roma.listFdiTasks",
        call: roma.listFdiTasks,
        service: romaService,
        rows: listsFdiTasks.rows,
        id: "task_id",
        base: { instanceId: "i1" },
        answer: (entities) => ({ total: entities.length, entities }),
        cases: [
            [{ taskId: "one" }, {}, { task_id: "other" }],
            [{ name: "nightly" }, { task_name: "nightly-2" }, { task_name: "daily" }, {}],
            [{ status: 0 }, { status: 0 }, { status: 1 }, {}],
            [{ taskType: "timing" }, { task_type: "TIMING" }, { task_type: "REALTIME" }, {}],
            [{ executeStatus: "ERROR" }, { execute_status: "ERROR" }, { execute_status: "RUNNING" }, {}],
            [{ sourceAppId: "a" }, { source_app_id: "a" }, { source_app_id: "b" }, {}],
            [{ targetAppId: "a" }, { target_app_id: "a" }, { target_app_id: "b" }, {}],
            [{ taskTag: "old" }, { task_tag: "old" }, { task_tag: "new" }, {}],
        ],
    },
    {
        name: "workspaceapp.listImageServers",
        call: workspaceapp.listImageServers,
        service: workspaceappService,
        rows: listsImageServers.rows,
        id: "id",
        answer: (items) => ({ count: items.length, items }),
        cases: [
            [{ serverName: "nightly-" }, { name: "nightly-1" }, { name: "golden" }, {}],
            [{ serverId: "one" }, {}, { id: "other" }],
            [{ enterpriseProjectId: "e1" }, { enterprise_project_id: "e1" }, { enterprise_project_id: "e2" }, {}],
            [{ enterpriseProjectId: "0" }, {}, { enterprise_project_id: "e2" }],
        ],
    },
    {
        name: "clouddc.listInstances",
        call: clouddc.listInstances,
        service: clouddcService,
        rows: listsInstances.rows,
        id: "id",
        answer: (instances) => ({ instances, count: instances.length }),
        cases: [
            [{ instanceState: "stopped" }, { state: "stopped" }, { state: "running" }, {}],
            [{ instanceState: "failed" }, { state: "error" }, { state: "running" }],
            [{ instanceIds: ["one", "two"] }, {}, { id: "other" }],
            [{ serverIds: ["s1"] }, { server_id: "s1" }, { server_id: "s2" }, {}],
        ],
    },
    {
        name: "metastudio.listAssets",
        call: metastudio.listAssets,
        service: metastudioService,
        rows: listsAssets.rows,
        id: "asset_id",
        answer: (assets) => ({ count: assets.length, assets }),
        cases: [
            [{ name: "draft" }, { asset_name: "Draft 7" }, { asset_name: "final" }, {}],
            [{ tag: "old,older" }, { tags: ["older"] }, { tags: ["new"] }, {}],
            [
                { tag: "old,2024", tagCombinationType: "INTERSECTION" },
                { tags: ["2024", "old", "x"] },
                { tags: ["old"] },
            ],
            [
                { startTime: "2026-01-01T00:00:00Z" },
                { create_time: "2026-01-02T00:00:00Z" },
                { create_time: "2025-12-31T23:59:00Z" },
                {},
            ],
            [
                { endTime: "2026-01-01T00:00:00Z" },
                { create_time: "2025-01-02T00:00:00Z", update_time: "2026-05-05T00:00:00Z" },
                { create_time: "2026-01-01T00:01:00Z" },
                {},
            ],
            [{ assetTypes: ["IMAGE", "PPT"] }, { asset_type: "PPT" }, { asset_type: "VIDEO" }, {}],
            [{ assetStates: ["DELETING"] }, { asset_state: "DELETING" }, { asset_state: "ACTIVED" }, {}],
            [{ assetIds: ["one"] }, {}, { asset_id: "other" }],
            [
                { supportedService: "LIVE_2D" },
                { supported_service: ["CHAT_2D", "LIVE_2D"] },
                { supported_service: ["CHAT_2D"] },
                {},
            ],
            [{ appUserId: "u1" }, { app_user_id: "u1" }, { app_user_id: "u2" }, {}],
        ],
    },
    {
        name: "vias.listBatchTasks",
        call: vias.listBatchTasks,
        service: viasService,
        rows: listsBatchTasks.rows,
        id: "id",
        answer: (batch_task_list) => ({ count: batch_task_list.length, batch_task_list }),
        cases: [
            [
                { taskState: "failed" },
                { batch_task_status_info: { failed: 1, running: 2 } },
                { batch_task_status_info: { failed: 0, running: 3 } },
                {},
            ],
            [
                { nameLike: "trial-", typeLike: "batch_task_name" },
                { batch_task_name: "Trial-4" },
                { batch_task_name: "counting" },
                {},
            ],
            [{ manufacturer: "acme" }, { company: "acme" }, { company: "other" }, {}],
        ],
    },
];

function call(list: List, filters: object, rows: readonly object[]): Promise<unknown> {
    cloud = new FakeCloud(list.service, () => ({ body: list.answer(rows) }));
    return Promise.resolve(Reflect.apply(Object(list.call), undefined, [{ ...list.base, ...filters }]));
}

describe.each(lists)("$name, answered by a cloud that ignores its filters", (list) => {
    const one = { [list.id]: "one" };

    test.each(list.cases)(
        "%j: rows that match are returned, and one row that does not match refuses the whole list",
        async (filters, agrees, ...contradicts) => {
            const right = { ...one, ...agrees };
            expect(await call(list, filters, [right])).toMatchObject([{ id: "one" }]);
            for (const columns of contradicts) {
                const wrong = { [list.id]: "wrong\u001b[31m", ...columns };
                const named = Object.keys(filters)[0];
                const rest = "id" in columns || "task_id" in columns || "asset_id" in columns ? "other" : "wrong";
                const error: unknown = await call(list, filters, [right, wrong]).catch((reason: unknown) => reason);
                expect(String(error)).toContain(
                    `${list.name}: of 2 that the list shows, 1 does not show what the filter ${named} asks for: ${rest}. Nothing is returned`,
                );
            }
        },
    );

    test("all: true compares nothing, and an empty answer contradicts nothing", async () => {
        expect(await call(list, { all: true }, [one, { [list.id]: "two" }])).toHaveLength(2);
        for (const [filters] of list.cases) {
            expect(await call(list, filters, [])).toEqual([]);
        }
    });

    test("every filter is tested here, except those whose effect no row shows", () => {
        const tried = new Set(list.cases.flatMap(([filters]) => Object.keys(filters)));
        const judged = Object.keys(list.rows).filter((name) => list.rows[name] !== NOT_IN_ROWS);
        expect(judged.filter((name) => !tried.has(name))).toEqual([]);
    });
});

test("the rows that do not match a filter are counted and the first are named, for every filter", async () => {
    const [list] = lists;
    const rows = Array.from({ length: 40 }, (_, n) => ({ id: `app-${n}`, name: "x", favorite: true }));
    const error: unknown = list && (await call(list, { name: "y", favorite: false }, rows).catch((reason) => reason));
    expect(String(error)).toContain(
        "40 do not show what the filter name asks for: app-0; app-1; app-2; app-3; app-4 (and 35 more)",
    );
    expect(String(error)).toContain("40 do not show what the filter favorite asks for");
});
