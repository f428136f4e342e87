import type { BatchApi } from "../../src/batch/api";
import type { Service } from "../../src/cloud/call";
import { clouddc, instanceDeletion } from "../../src/services/clouddc";
import { assetBatch, metastudio } from "../../src/services/metastudio";
import { roma } from "../../src/services/roma";
import { assetDeletion } from "../../src/services/roma/deletion";
import { vias } from "../../src/services/vias";
import { BatchTaskDeletion } from "../../src/services/vias/deletion";
import { imageServerDeletion, workspaceapp } from "../../src/services/workspaceapp";
import { FakeCloud, never } from "./fake-cloud";

const options = { reportedDone: new Set<string>(), signal: never };
const HOUR = 3_600_000;
const ten = Date.UTC(2026, 10, 22, 10);
const at = { earliest: ten, latest: ten };
const somewhere = { earliest: ten - 14 * HOUR, latest: ten + 12 * HOUR };

interface Case {
    readonly service: Service;
    readonly api: (cloud: FakeCloud) => BatchApi;
    readonly key: string;
    /** The answers of all reads, with this name, state and time of creation. */
    readonly body: (shown: { name: unknown; state: unknown; created: unknown }) => unknown;
    readonly states: readonly (readonly [shown: unknown, status: string | undefined, is: string])[];
    /** Other formats than text in UTC, which all of them may use. */
    readonly times: readonly (readonly [shown: unknown, range: object | undefined])[];
}

const image = { service: workspaceapp, api: (cloud: FakeCloud) => imageServerDeletion(cloud, false), key: "t1" };
const asset = { service: metastudio, key: "t1" };
const ZONELESS = ["2026-11-22 10:00:00", somewhere] as const;

const cases: Readonly<Record<string, Case>> = {
    "image servers": {
        ...image,
        body: ({ name, state, created }) => ({ id: "t1", name, status: state, create_time: created }),
        states: [
            ["ACTIVE", "ACTIVE", "ready"],
            ["BUILDING", "BUILDING", "blocked"],
            ["DELETING", "DELETING", "inProgress"],
            ["null", undefined, "ready"],
            [null, undefined, "ready"],
        ],
        times: [ZONELESS],
    },
    "CloudDC instances": {
        service: clouddc,
        api: (cloud) => instanceDeletion(cloud),
        key: "t1",
        body: ({ name, state, created }) => ({ instances: [{ id: "t1", name, state, created_at: created }], count: 1 }),
        states: [
            ["running", "running", "ready"],
            ["shutting-down", "shutting-down", "inProgress"],
            ["terminated", "terminated", "settled"],
            [null, undefined, "ready"],
        ],
        times: [ZONELESS],
    },
    // ListAssetSummary shows no times: of these the answer is one asset by its id.
    "MetaStudio assets": {
        ...asset,
        api: (cloud) => assetBatch(cloud, "DELETE_FORCE"),
        body: ({ name, state, created }) => ({
            asset_id: "t1",
            asset_name: name,
            asset_state: state,
            create_time: created,
        }),
        states: [
            ["ACTIVED", "ACTIVED", "ready"],
            ["DELETING", "DELETING", "ready"],
            ["DELETED", "DELETED", "settled"],
            [null, undefined, "ready"],
        ],
        times: [ZONELESS],
    },
    "MetaStudio assets to be restored": {
        ...asset,
        api: (cloud) => assetBatch(cloud, "RESTORE"),
        body: ({ name, state, created }) => ({
            asset_id: "t1",
            asset_name: name,
            asset_state: state,
            create_time: created,
        }),
        states: [
            ["ACTIVED", "ACTIVED", "settled"],
            ["DELETED", "DELETED", "impossible"],
        ],
        times: [],
    },
    "ROMA apps": {
        service: roma,
        api: (cloud) => assetDeletion(cloud, "i1"),
        key: "app:t1",
        body: ({ name, created }) => ({ id: "t1", name, create_time: created }),
        states: [[undefined, undefined, "ready"]],
        times: [ZONELESS],
    },
    "ROMA FDI tasks": {
        service: roma,
        api: (cloud) => assetDeletion(cloud, "i1"),
        key: "task:t1",
        body: ({ name, state, created }) => ({ task_id: "t1", task_name: name, status: state, created_date: created }),
        states: [
            [0, "stopped", "ready"],
            [1, "running", "ready"],
            [7, "7", "ready"],
            [null, undefined, "ready"],
        ],
        times: [ZONELESS, [ten, at], [String(ten), at]],
    },
    "VIAS batch tasks": {
        service: vias,
        api: (cloud) => new BatchTaskDeletion(cloud),
        key: "t1",
        body: ({ name, state, created }) => ({
            count: 1,
            batch_task_list: [{ id: "t1", batch_task_name: name, batch_task_status_info: state, created_at: created }],
        }),
        states: [
            [{ running: 2, stopped: 1 }, "2 running, 1 stopped", "ready"],
            [{ stopped: 1, deleting: 1 }, "1 stopped, 1 deleting", "inProgress"],
            [{}, undefined, "ready"],
        ],
        times: [ZONELESS, [ten, at], [String(ten), at], [ten / 1000, at]],
    },
};

describe.each(Object.entries(cases))("facts of %s", (_name, { service, api, key, body, states, times }) => {
    const inspected = async (shown: { name?: unknown; state?: unknown; created?: unknown }) => {
        const cloud = new FakeCloud(service, (sent) =>
            sent.operation === "ListAssetSummary"
                ? { body: { asset_list: [] } }
                : { body: body({ name: undefined, state: undefined, created: undefined, ...shown }) },
        );
        return (await api(cloud).inspect([key], options)).get(key);
    };

    test.each(states.map((row) => [row[0], row] as const))("state %j", async (_, [state, status, is]) => {
        expect(await inspected({ name: "web-1", state })).toMatchObject({
            is,
            facts: status === undefined ? { name: "web-1" } : { name: "web-1", status },
        });
        expect(await inspected({ state })).toEqual(
            expect.not.objectContaining({ facts: expect.objectContaining({ name: expect.anything() }) }),
        );
    });

    test.each([["2026-11-22T10:00:00Z", at] as const, ["2026-11-22T18:00:00+08:00", at] as const, ...times])(
        "created %j",
        async (created, createdAt) => {
            expect(await inspected({ name: "web-1", created })).toMatchObject({ facts: { name: "web-1", createdAt } });
        },
    );

    test.each([undefined, null, "", "some day", { seconds: 1 }])("%j is no time of creation", async (created) => {
        const seen = await inspected({ name: "web-1", created });
        expect(seen).toMatchObject({ facts: { name: "web-1" } });
        expect(JSON.stringify(seen)).not.toContain("createdAt");
    });

    test("an empty name is none, and a name is cleaned", async () => {
        expect(JSON.stringify(await inspected({ name: "" }))).not.toContain("name");
        expect(await inspected({ name: "web\u001b[31m-1\n" })).toMatchObject({ facts: { name: "web-1" } });
    });
});
