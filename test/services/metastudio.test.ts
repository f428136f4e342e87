import { z } from "zod";
import { run } from "../../src/batch/run";
import { Session } from "../../src/batch/session/session";
import {
    type AssetAction,
    assetBatch,
    assetBatchAction,
    assetBatchDeletion,
    metastudio,
} from "../../src/services/metastudio";
import { listAssets } from "../../src/services/metastudio/api";
import { VirtualClock } from "../virtual-clock";
import { FakeCloud, never, plain, type Reply, refusal, type Sent } from "./fake-cloud";

const options = { reportedDone: new Set<string>(), signal: never };
const ids = (count: number) => Array.from({ length: count }, (_, i) => `a${i}`);
const notFound = () => refusal({ status: 400, code: "MSS.10001001", detail: "asset not found" });

/** A library whose assets have these states. `leavesOut`: what its summaries do not show. */
function library(
    states: Readonly<Record<string, string | null>>,
    options: {
        readonly refuses?: boolean;
        readonly leavesOut?: (id: string) => boolean;
        readonly list?: (sent: Sent) => Reply;
    } = {},
): FakeCloud {
    const assets = Object.entries(states).map(([asset_id, asset_state]) => ({
        asset_id,
        asset_name: `name of ${asset_id}`,
        asset_state,
    }));
    return new FakeCloud(metastudio, (sent, query) => {
        if (sent.operation === "ListAssetSummary") {
            const asked = z.object({ asset_ids: z.array(z.string()) }).parse(sent.body).asset_ids;
            if (options.refuses && asked.some((id) => !(id in states))) {
                return notFound();
            }
            const asset_list = assets.filter(
                ({ asset_id }) => asked.includes(asset_id) && !options.leavesOut?.(asset_id),
            );
            return { body: { asset_list } };
        }
        if (sent.operation === "ListAssets") {
            const shown = assets.filter(({ asset_id }) => query.getAll("asset_id").includes(asset_id));
            return options.list?.(sent) ?? { body: { count: shown.length, assets: shown } };
        }
        const shown = assets.find(({ asset_id }) => sent.path.endsWith(`/${asset_id}`));
        return shown === undefined ? notFound() : { body: shown };
    });
}

const actions: readonly AssetAction[] = ["DELETE", "DELETE_FORCE", "RESTORE", "ACTIVE", "UNACTIVE", "SHARE", "UNSHARE"];

const inspect = (cloud: FakeCloud, action: AssetAction, keys: readonly string[]) =>
    assetBatch(cloud, action).inspect(keys, options);

describe("what an action's end and middle are", () => {
    const states = [
        "CREATING",
        "FAILED",
        "UNACTIVED",
        "ACTIVED",
        "DELETING",
        "DELETED",
        "BLOCK",
        "WAITING_DELETE",
        "NEW_ONE",
        null,
        "(none)",
    ];
    const table: Readonly<Record<AssetAction, string>> = {
        //            CREATING FAILED UNACTIVED ACTIVED DELETING DELETED BLOCK WAITING_DELETE NEW_ONE null gone
        DELETE: "       there   there   there     there  reached  reached there    there       there  there reached",
        DELETE_FORCE: " there   there   there     there   there   reached there    there       there  there reached",
        RESTORE: "     reached reached reached   reached  there   never  reached  reached     reached there never",
        ACTIVE: "       there   there   there    reached  there   never   there    there       there  there never",
        UNACTIVE: "     there   there  reached    there   there   never   there    there       there  there never",
        SHARE: "        there   there   there     there   there   never   there    there       there  there never",
        UNSHARE: "      there   there   there     there   there   never   there    there       there  there never",
    };
    const words: Readonly<Record<string, string>> = { ready: "there", settled: "reached", impossible: "never" };

    test.each(actions)("%s", async (action) => {
        const expected = table[action].trim().split(/\s+/);
        const tenant = Object.fromEntries(states.slice(0, -1).map((state, i) => [`a${i}`, state]));
        const seen = await inspect(library(tenant), action, ids(states.length));
        const shown = states.map((state, i) => [state, words[seen.get(`a${i}`)?.is ?? ""]]);
        expect(shown).toEqual(states.map((state, i) => [state, expected[i]]));
    });

    test("deletions delete, the others act", () => {
        const effects = actions.map((action) => assetBatch(library({}), action).effect);
        expect(effects).toEqual(["deletes", "deletes", "acts", "acts", "acts", "acts", "acts"]);
    });

    test("why nothing can be done", async () => {
        expect(plain(await inspect(library({ a0: "DELETED" }), "RESTORE", ids(2)))).toEqual({
            a0: {
                is: "impossible",
                problem: { code: "AssetDeleted", message: "the asset's files are deleted and can't be recovered" },
                facts: { name: "name of a0", status: "DELETED" },
            },
            a1: {
                is: "impossible",
                absent: true,
                problem: { code: "AssetNotFound", message: "there is no such asset" },
            },
        });
    });
});

describe("inspection: calls", () => {
    const operations = (cloud: FakeCloud) => cloud.sent.map((sent) => sent.operation);

    test("100 a call, a POST that only reads", async () => {
        const cloud = library(Object.fromEntries(ids(250).map((id) => [id, "ACTIVED"])));
        expect((await inspect(cloud, "DELETE", ids(250))).size).toBe(250);
        expect(cloud.sent).toHaveLength(3);
        expect(cloud.sent[2]).toEqual({
            operation: "ListAssetSummary",
            method: "POST",
            path: "/v1/p1/digital-assets/summarys",
            query: "",
            body: { asset_ids: ids(250).slice(200) },
            effect: "reads",
        });
    });

    test("several left out: looked for by one list with their ids, then by each id", async () => {
        const cloud = library({ a0: "ACTIVED" });
        expect((await inspect(cloud, "DELETE", ids(3))).get("a2")).toEqual({ is: "settled" });
        expect(cloud.sent[1]).toMatchObject({
            operation: "ListAssets",
            path: "/v1/p1/digital-assets",
            query: "limit=100&offset=0&asset_source=ALL&asset_id=a1&asset_id=a2",
        });
        expect(operations(cloud).slice(2)).toEqual(["ShowAsset", "ShowAsset"]);
    });

    test("no list shows it, and it lives: it is not gone", async () => {
        const empty = { body: { count: 0, assets: [] } };
        const hidden = library({ a0: "ACTIVED", a1: "ACTIVED" }, { leavesOut: () => true, list: () => empty });
        const seen = await inspect(hidden, "DELETE", ids(3));
        expect([...seen.values()].map(({ is }) => is)).toEqual(["ready", "ready", "settled"]);
    });

    test("no list shows it, and reading it is refused: unseen, and the others go on", async () => {
        const mixed = new FakeCloud(metastudio, (sent) =>
            sent.operation === "ListAssetSummary"
                ? { body: { asset_list: [{ asset_id: "a0", asset_state: "ACTIVED" }] } }
                : sent.operation === "ListAssets"
                  ? { body: { count: 0, assets: [] } }
                  : refusal({ status: sent.path.endsWith("a1") ? 403 : 400, code: "MSS.00010009", detail: "tenant" }),
        );
        const unseen = {
            is: "unseen",
            problem: {
                code: "MSS.00010009",
                message: expect.stringContaining("grant the policy MetaStudio FullAccess"),
            },
        };
        const seen = await inspect(mixed, "RESTORE", ids(3));
        expect(plain(seen)).toEqual({
            a0: { is: "settled", shown: true, facts: { status: "ACTIVED" } },
            a1: unseen,
            a2: unseen,
        });
    });

    test("one left out: confirmed by a get", async () => {
        const cloud = library({ a0: "ACTIVED" });
        await inspect(cloud, "DELETE", ids(2));
        expect(operations(cloud)).toEqual(["ListAssetSummary", "ShowAsset"]);
        expect(cloud.sent[1]?.path).toBe("/v1/p1/digital-assets/a1");
    });

    test("what lies in the bin is not gone because summaries leave it out", async () => {
        const cloud = library({ a0: "DELETING", a1: "DELETING" }, { leavesOut: () => true });
        expect([...(await inspect(cloud, "DELETE_FORCE", ids(2))).values()].map(({ is }) => is)).toEqual([
            "ready",
            "ready",
        ]);
    });

    test("one unknown id that makes the cloud refuse all costs lists, not a get each", async () => {
        const cloud = library(Object.fromEntries(ids(99).map((id) => [id, "ACTIVED"])), { refuses: true });
        const seen = await inspect(cloud, "DELETE", ids(100));
        expect([...seen].filter(([, { is }]) => is === "settled").map(([id]) => id)).toEqual(["a99"]);
        expect(operations(cloud)).toEqual(["ListAssetSummary", "ListAssets", "ShowAsset"]);
    });

    test("a single id that summaries refuse as unknown is gone when it is not there by its id either", async () => {
        const cloud = library({}, { refuses: true });
        expect((await inspect(cloud, "DELETE", ["a0"])).get("a0")).toEqual({ is: "settled" });
        expect(operations(cloud)).toEqual(["ListAssetSummary", "ShowAsset"]);
    });

    test.each([
        ["ignores the ids", { count: 900, assets: [{ asset_id: "stranger" }] }],
        ["shows less than it counts", { count: 3, assets: [] }],
    ])("a list that %s proves nothing: gets do", async (_name, body) => {
        const cloud = library({ a0: "ACTIVED", a1: "ACTIVED" }, { leavesOut: () => true, list: () => ({ body }) });
        expect([...(await inspect(cloud, "DELETE", ids(2))).values()].map(({ is }) => is)).toEqual(["ready", "ready"]);
        expect(cloud.count("ShowAsset")).toBe(2);
    });

    test("another 400 is no end of anything", async () => {
        const cloud = new FakeCloud(metastudio, () => refusal({ code: "MSS.10000003" }));
        await expect(inspect(cloud, "DELETE", ["a0"])).rejects.toMatchObject({ final: true });
    });
});

describe("submit", () => {
    const submit = (results: unknown, keys = ids(4), action: AssetAction = "DELETE") =>
        assetBatch(new FakeCloud(metastudio, () => ({ body: { results }, requestId: "r" })), action).submit(
            keys,
            never,
        );

    test("the request", async () => {
        const cloud = new FakeCloud(metastudio, () => ({ body: { results: [] } }));
        await assetBatch(cloud, "DELETE_FORCE").submit(["a0", "a1"], never);
        expect(cloud.sent).toEqual([
            {
                operation: "BatchExecuteAssetAction",
                method: "POST",
                path: "/v1/p1/digital-assets/batch-action",
                query: "",
                body: { action: "DELETE_FORCE", asset_ids: ["a0", "a1"] },
                effect: "changes",
            },
        ]);
    });

    test("groups: what failed, and why", async () => {
        expect(
            await submit([
                { ret_status: "SUCESS", asset_ids: ["a0"] },
                {
                    ret_status: "FAILED",
                    asset_ids: ["a1", "stranger"],
                    error_info: { error_code: "MSS.9", error_msg: "Insufficient\npermissions." },
                },
                { ret_status: "FAILED", asset_ids: ["a2"] },
            ]),
        ).toEqual({
            is: "accepted",
            requestId: "r",
            reportedDone: new Set(["a0"]),
            failed: new Map([
                ["a1", { code: "MSS.9", message: "Insufficient permissions." }],
                ["a2", { code: "ActionFailed", message: "the cloud gives no reason" }],
            ]),
        });
    });

    test.each([
        ["no results", undefined],
        ["null", null],
        [
            "an id in contradicting groups",
            [
                { ret_status: "SUCCESS", asset_ids: ["a0"] },
                { ret_status: "FAILED", asset_ids: ["a0"] },
            ],
        ],
        [
            "an unknown status",
            [
                { ret_status: "PENDING", asset_ids: ["a0"] },
                { ret_status: "FAILED", asset_ids: ["a0"] },
            ],
        ],
        ["groups without ids or status", [{}, { ret_status: "FAILED", asset_ids: null }]],
        [
            "gone already",
            [{ ret_status: "FAILED", asset_ids: ["a0"], error_info: { error_code: "MSS.10001001", error_msg: "x" } }],
        ],
    ])("%s: inspection tells", async (_name, results) => {
        expect(await submit(results)).toEqual({
            is: "accepted",
            requestId: "r",
            failed: new Map(),
            reportedDone: new Set(),
        });
    });

    test("an asset that is not there can't be restored", async () => {
        const results = [
            { ret_status: "FAILED", asset_ids: ["a0"], error_info: { error_code: "MSS.10001001", error_msg: "x" } },
        ];
        expect(await submit(results, ids(1), "RESTORE")).toMatchObject({
            failed: new Map([["a0", { code: "MSS.10001001", message: "x" }]]),
        });
    });

    test("results that are no list can't be read", async () => {
        expect(await submit("done")).toMatchObject({ is: "uncertain" });
    });

    test("one unknown asset that refuses the whole request: split", async () => {
        const cloud = new FakeCloud(metastudio, () => notFound());
        expect(await assetBatch(cloud, "DELETE").submit(ids(4), never)).toMatchObject({ is: "refused", splits: true });
    });
});

describe("what the answer calls done", () => {
    const succeeded = (...asset_ids: string[]) => ({ ret_status: "SUCCESS", asset_ids });
    const reported = (keys: readonly string[]) => ({ reportedDone: new Set(keys), signal: never });

    test("only what a group of success names, and no other group", async () => {
        const results = [succeeded("a0", "stranger"), { ret_status: "WHO_KNOWS", asset_ids: ["a1"] }];
        const cloud = new FakeCloud(metastudio, () => ({ body: { results } }));
        expect(await assetBatch(cloud, "SHARE").submit(ids(3), never)).toMatchObject({ reportedDone: new Set(["a0"]) });
    });

    test.each(["SHARE", "UNSHARE"] as const)("%s: nothing else shows that it is done", async (action) => {
        const cloud = library({ a0: "ACTIVED", a1: "ACTIVED" });
        const seen = await assetBatch(cloud, action).inspect(ids(2), reported(["a0"]));
        expect(plain(seen)).toEqual({
            a0: { is: "settled", shown: true, facts: { name: "name of a0", status: "ACTIVED" } },
            a1: { is: "ready", facts: { name: "name of a1", status: "ACTIVED" } },
        });
    });

    test("a live asset is not gone", async () => {
        const cloud = library({ a0: "ACTIVED" });
        const seen = await assetBatch(cloud, "DELETE_FORCE").inspect(["a0"], reported(["a0"]));
        expect(seen.get("a0")).toMatchObject({ is: "ready" });
    });

    test("its absence needs no second call, where the summaries have shown the asset before", async () => {
        let there = ids(2);
        const gone = new FakeCloud(metastudio, () => ({
            body: { asset_list: there.map((asset_id) => ({ asset_id, asset_state: "ACTIVED" })) },
        }));
        const api = assetBatch(gone, "DELETE_FORCE");
        await api.inspect(ids(2), options);
        there = [];
        const seen = await api.inspect(ids(2), reported(ids(2)));
        expect([...seen.values()]).toEqual([{ is: "settled" }, { is: "settled" }]);
        expect(gone.sent).toHaveLength(2);
    });

    test("the absence of an asset that no list has shown has to be confirmed by its id", async () => {
        const hidden = new FakeCloud(metastudio, (sent) =>
            sent.operation === "ListAssetSummary"
                ? { body: { asset_list: [] } }
                : sent.operation === "ListAssets"
                  ? { body: { count: 0, assets: [] } }
                  : { body: { asset_id: sent.path.split("/").at(-1), asset_state: "ACTIVED" } },
        );
        const seen = await assetBatch(hidden, "DELETE_FORCE").inspect(ids(2), reported(ids(2)));
        expect([...seen.values()].map(({ is }) => is)).toEqual(["ready", "ready"]);
    });
});

describe("as the product does it: a session for each action, a client for each session", () => {
    function scene() {
        const clock = new VirtualClock({ start: 0 });
        const actions: string[] = [];
        const client = () =>
            new FakeCloud(metastudio, (sent) => {
                if (sent.operation !== "BatchExecuteAssetAction") {
                    return { body: { asset_list: [{ asset_id: "a0", asset_state: "ACTIVED" }] } };
                }
                actions.push(z.object({ action: z.string() }).parse(sent.body).action);
                return { body: { results: [{ ret_status: "SUCCESS", asset_ids: ["a0"] }] } };
            });
        const session = (action: AssetAction) => new Session(assetBatch(client(), action), clock, () => 0.5);
        const sessions = { SHARE: session("SHARE"), UNSHARE: session("UNSHARE") };
        const act = async (action: "SHARE" | "UNSHARE") =>
            (await run(sessions[action], ["a0"], { signal: never, random: () => 0.5 })).outcomes.get("a0");
        return { clock, actions, act };
    }

    test("SHARE, UNSHARE and SHARE again are each done: what one run knows is no proof for a later one", async () => {
        const { clock, actions, act } = scene();
        for (const action of ["SHARE", "UNSHARE", "SHARE"] as const) {
            expect(await clock.run(act(action))).toEqual({ is: "done" });
        }
        expect(actions).toEqual(["SHARE", "UNSHARE", "SHARE"]);
    });

    test("two resources that share one asset at once: each ends as done", async () => {
        const { clock, actions, act } = scene();
        expect(await clock.run(Promise.all([act("SHARE"), act("SHARE")]))).toEqual([{ is: "done" }, { is: "done" }]);
        expect(new Set(actions)).toEqual(new Set(["SHARE"]));
    });
});

describe("definitions", () => {
    test("permanently chooses the action", () => {
        expect(assetBatchDeletion.acts({ permanently: true }).onDestroy?.variant).toBe("DELETE_FORCE");
        expect(assetBatchDeletion.acts({}).onCreate?.variant).toBe("DELETE");
    });

    test("at least one action", () => {
        expect(assetBatchAction.problems?.({})).toHaveLength(1);
        expect(assetBatchAction.problems?.({ onDestroy: "UNSHARE" })).toEqual([]);
        expect(Object.keys(assetBatchAction.acts({ onDestroy: "UNSHARE" }))).toEqual(["onDestroy"]);
        expect(assetBatchAction.inputs.onCreate?.safeParse("DETELTE").success).toBe(false);
    });

    test.each([[""], ["a/b"], ["a.b"], ["a,b"], ["a\n"], ["x".repeat(65)]])("%p is no asset id", (value) => {
        expect(assetBatchDeletion.targets[0]?.id.safeParse(value).success).toBe(false);
    });
});

test("listAssets: filters, paging, columns", async () => {
    const cloud = new FakeCloud(metastudio, (_sent, query) => {
        const from = Number(query.get("offset"));
        const assets = ids(150)
            .slice(from, from + 100)
            .map((asset_id) => ({
                asset_id,
                asset_state: "ACTIVED",
                asset_type: "IMAGE",
                tags: ["t"],
                create_time: "c",
            }));
        return { body: { count: 150, assets } };
    });
    const filters = { name: "x", assetStates: ["ACTIVED", "UNACTIVED"], assetIds: ["i", "j"], role: "SHARER" } as const;
    const assets = await listAssets(cloud, filters, never);
    expect(assets).toHaveLength(150);
    expect(assets[0]).toEqual({ id: "a0", state: "ACTIVED", type: "IMAGE", tags: ["t"], createTime: "c" });
    expect(cloud.sent.map((sent) => sent.query)).toEqual([
        "limit=100&offset=0&name=x&asset_state=ACTIVED,UNACTIVED&role=SHARER&asset_id=i&asset_id=j",
        "limit=100&offset=100&name=x&asset_state=ACTIVED,UNACTIVED&role=SHARER&asset_id=i&asset_id=j",
    ]);
});
