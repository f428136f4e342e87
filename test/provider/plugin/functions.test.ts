import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { listLookUp } from "../../../src/provider/matching/list-rows";
import { Functions } from "../../../src/provider/plugin/functions";
import { services } from "../../../src/services/registry";

const lists = Object.values(services).flatMap((load) => load().lists ?? []);
const rows = Array.from({ length: 10 }, (_, n) => ({ id: `id-${n}`, name: `name-${n}` }));
const INSTANCES = "huaweicloud-batch:clouddc:InstanceBatchDeletion";

interface Page {
    readonly ids: readonly string[];
    readonly next: string;
}

/** A plugin whose lists read what `there` says at that time. */
function plugin(there: { rows: typeof rows } = { rows }) {
    const reads: unknown[] = [];
    const functions = new Functions(
        () => lists,
        async (list, args, options) => {
            listLookUp(list, args, options);
            reads.push(args);
            return there.rows;
        },
    );
    const page = async (asked: {
        readonly token?: string;
        readonly query?: Record<string, string>;
        readonly limit?: number;
        readonly size?: number;
        readonly after?: string;
    }): Promise<Page> => {
        const request = new rpc.ListRequest();
        request.setToken(asked.token ?? INSTANCES);
        request.setQuery(Struct.fromJavaScript(asked.query ?? {}));
        request.setLimit(asked.limit ?? 0);
        request.setPageSize(asked.size ?? 0);
        request.setContinuationToken(asked.after ?? "");
        const answers: rpc.ListResponse[] = [];
        await functions.list(request, (answer) => answers.push(answer));
        return {
            ids: answers.flatMap((answer) => answer.getResult()?.getId() ?? []),
            next: answers.at(-1)?.getContinuation()?.getContinuationToken() ?? "",
        };
    };
    return { page, reads };
}

const idsOf = (from: number, to: number) => rows.slice(from, to).map(({ id }) => id);

test("a list that nothing narrows shows everything, in one page where no size is given", async () => {
    expect(await plugin().page({})).toEqual({ ids: idsOf(0, 10), next: "" });
});

test("pages of a size: each row once, from one read, and the last page has no token", async () => {
    const { page, reads } = plugin();
    const first = await page({ size: 4 });
    const second = await page({ size: 4, after: first.next });
    const third = await page({ size: 4, after: second.next });
    expect([first, second, third].map(({ ids }) => ids)).toEqual([idsOf(0, 4), idsOf(4, 8), idsOf(8, 10)]);
    expect(third.next).toBe("");
    expect(reads).toHaveLength(1);
});

test("a page that ends with the list has no token", async () => {
    expect(await plugin().page({ size: 10 })).toEqual({ ids: idsOf(0, 10), next: "" });
});

test("the limit is that of all pages, whether each request names it, or what is left of it", async () => {
    const { page } = plugin();
    const first = await page({ size: 3, limit: 5 });
    expect(first.ids).toEqual(idsOf(0, 3));
    expect(await page({ size: 3, limit: 5, after: first.next })).toEqual({ ids: idsOf(3, 5), next: "" });
    expect(await page({ size: 3, limit: 2, after: first.next })).toEqual({ ids: idsOf(3, 5), next: "" });
    expect(await page({ limit: 20 })).toEqual({ ids: idsOf(0, 10), next: "" });
});

test("another process goes on with a token: it reads the list anew", async () => {
    const { next } = await plugin().page({ size: 4 });
    const another = plugin({ rows: rows.slice(2) });
    expect(await another.page({ size: 4, after: next })).toMatchObject({ ids: idsOf(4, 8) });
    const changed = plugin({ rows: rows.slice(4) });
    await expect(changed.page({ size: 4, after: next })).rejects.toThrow(/list has changed.* from its beginning/);
});

test("a token that is none, and a filter that there is not, are refused by name", async () => {
    await expect(plugin().page({ after: "token" })).rejects.toThrow("the continuation token is not one of this list");
    await expect(plugin().page({ query: { instanceStates: "x" } })).rejects.toThrow(/no filter.*instanceState/);
});

test("what has two kinds of targets names the lists to use, and nothing is read", async () => {
    const { page, reads } = plugin();
    await expect(page({ token: "huaweicloud-batch:roma:AssetBatchDeletion" })).rejects.toThrow(
        "use roma:listApps or roma:listFdiTasks",
    );
    expect(reads).toEqual([]);
});
