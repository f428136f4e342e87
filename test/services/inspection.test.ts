import fc from "fast-check";
import { ApiFailure, StillChanging } from "../../src/batch/api";
import { CloudError } from "../../src/cloud/errors";
import { type Collection, findByIds as findOf, forEachLimit } from "../../src/services/shared/inspection";
import { ShiftingList } from "./shifting-list";

const many = (count: number, prefix = "t") => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const none: ReadonlySet<string> = new Set();

/** What the list has shown before; everything, unless a test is about that. */
const everything = (ids: readonly string[]) => new Set(ids);

async function find<T>(
    ids: readonly string[],
    readable: Collection<T>,
    reportedDone: ReadonlySet<string>,
    shown: Set<string> = everything(ids),
): Promise<ReadonlyMap<string, T>> {
    return (await findOf(ids, readable, { reportedDone: reportedDone, shown })).things;
}

function refused(facts: { readonly status: number; readonly code: string }): ApiFailure {
    const cause = new CloudError({ kind: "refused", detail: "no", ...facts });
    return new ApiFailure({ code: facts.code, message: "no" }, true, { cause });
}

describe("find: the fewest calls", () => {
    test.each([
        { name: "nothing asked, nothing sent", tenant: 100, asked: many(0), gets: 0, pages: 0 },
        { name: "one id: one get", tenant: 100, asked: many(1), gets: 1, pages: 0 },
        {
            name: "20 of 100,000: 20 gets and one page",
            tenant: 100_000,
            asked: many(100_000).slice(-20),
            gets: 20,
            pages: 1,
        },
        { name: "all on one page: one page", tenant: 100, asked: many(100), gets: 0, pages: 1 },
        { name: "most of a tenant: its pages", tenant: 1_000, asked: many(1_000), gets: 0, pages: 10 },
        {
            name: "one of a page is gone: one get attests it",
            tenant: 50,
            asked: [...many(50), "gone"],
            gets: 1,
            pages: 1,
        },
        { name: "many gone: a second reading is cheaper", tenant: 150, asked: many(20, "gone"), gets: 0, pages: 4 },
        { name: "all gone from an empty tenant", tenant: 0, asked: many(20, "gone"), gets: 0, pages: 2 },
    ])("$name", async ({ tenant, asked, gets, pages }) => {
        const list = new ShiftingList(many(tenant), { pageSize: 100 });
        const found = await find(asked, list.readable(), none);
        expect([...found.keys()].sort()).toEqual(asked.filter((id) => id.startsWith("t")).sort());
        expect({ gets: list.gets, pages: list.pages }).toEqual({ gets, pages });
    });

    test("an absence that a job attests needs no second reading", async () => {
        const list = new ShiftingList(many(150), { pageSize: 100 });
        const gone = many(20, "gone");
        expect((await find(gone, list.readable(), new Set(gone))).size).toBe(0);
        expect({ gets: list.gets, pages: list.pages }).toEqual({ gets: 0, pages: 2 });
    });

    test("an absence that a job attests does not count where a page was seen to skip something", async () => {
        const list = new ShiftingList(many(150), {
            pageSize: 100,
            // While the list is read for the first time, what was at its beginning goes: what was first on the second page is on none.
            shift: (shown) => {
                if (shown.pages === 1) {
                    shown.remove(0);
                }
            },
        });
        const asked = [...many(20, "gone"), "t100"];
        const found = await find(asked, list.readable(), new Set(asked));
        expect([...found.keys()]).toEqual(["t100"]);
        expect({ gets: list.gets, pages: list.pages }).toEqual({ gets: 0, pages: 4 });
    });

    test("an absence that a job attests does not count in pages that repeat some and skip as many", async () => {
        const list = new ShiftingList(many(150), { pageSize: 100 });
        const asked = many(150).slice(120);
        const shuffled = {
            ...list.readable(),
            // The second page is of another order than the first: it shows again what was there.
            page: async (offset: number) => ({
                total: 150,
                items: (offset === 0 ? list.ids.slice(0, 100) : list.ids.slice(40, 90)).map((id) => ({ id })),
            }),
        };
        expect((await find(asked, shuffled, new Set(asked))).size).toBe(30);
    });

    test("a list that shows only a part proves no absence of what it has not shown: gets do", async () => {
        const list = new ShiftingList(many(5), { pageSize: 100 });
        const part = { ...list.readable(), page: async () => ({ total: 0, items: [] }) };
        expect([...(await find(many(5), part, new Set(many(5)), new Set())).keys()]).toEqual(many(5));
        expect(list.gets).toBe(5);
    });

    test("what a list shows counts for later: its absence there then needs no get", async () => {
        const list = new ShiftingList(many(10), { pageSize: 100 });
        const shown = new Set<string>();
        await find(many(10), list.readable(), none, shown);
        expect(shown).toEqual(new Set(many(10)));
        list.ids = [];
        expect((await find(many(10), list.readable(), new Set(many(10)), shown)).size).toBe(0);
        expect({ gets: list.gets, pages: list.pages }).toEqual({ gets: 0, pages: 2 });
    });

    test("who may not read by id may list: what the list shows is there, what it showed before is gone, of the rest nobody knows", async () => {
        const list = new ShiftingList(["t0", "t1"], { pageSize: 100 });
        const refusal = refused({ status: 403, code: "WKS.00081102" });
        const readable = {
            ...list.readable(),
            get: async () => {
                throw refusal;
            },
            getNeeds: { grant: "the action x:y:get" },
        };
        const shown = new Set(["t2"]);
        const found = await findOf(["t0", "t1", "t2", "t3"], readable, { reportedDone: new Set(["t2", "t3"]), shown });
        expect([...found.things.keys()]).toEqual(["t0", "t1"]);
        expect([...found.unseen]).toEqual([
            ["t3", { code: "WKS.00081102", message: expect.stringContaining("grant the action x:y:get") }],
        ]);
        const alone = await findOf(["t0"], readable, { reportedDone: none, shown });
        expect([...alone.things.keys()]).toEqual(["t0"]);
        const gone = await findOf(["t2"], readable, { reportedDone: none, shown });
        expect([...gone.things.keys(), ...gone.unseen.keys()]).toEqual([]);
        const unknown = await findOf(["t3"], readable, { reportedDone: new Set(["t3"]), shown });
        expect([...unknown.unseen.keys()]).toEqual(["t3"]);
    });

    test("any other failure of a read by id fails the whole inspection", async () => {
        const list = new ShiftingList(["t0"], { pageSize: 100 });
        const refusal = refused({ status: 404, code: "APIGW.0101" });
        const readable = {
            ...list.readable(),
            get: async () => {
                throw refusal;
            },
        };
        await expect(findOf(["t1"], readable, { reportedDone: none })).rejects.toBe(refusal);
    });

    test("what lies beyond the API's last offset is got", async () => {
        const list = new ShiftingList(many(1_000), { pageSize: 100, lastOffset: 300 });
        const found = await find(many(1_000), list.readable(), none);
        expect(found.size).toBe(1_000);
        expect({ gets: list.gets, pages: list.pages }).toEqual({ gets: 600, pages: 4 });
    });
});

describe("find: lists that shift and lie", () => {
    test.each([
        [
            "every page is the first one",
            (list: ShiftingList) => ({ total: 1_000, items: list.ids.slice(0, 10).map((id) => ({ id })) }),
        ],
        ["pages are empty, whatever the total says", () => ({ total: 1_000, items: [] })],
        [
            "the total has no end",
            (list: ShiftingList) => ({ total: 1e15, items: list.ids.slice(0, 10).map((id) => ({ id })) }),
        ],
    ])("%s: live targets are still found by gets, and without gets nothing is said to be gone", async (_name, page) => {
        const list: ShiftingList = new ShiftingList(many(500), { pageSize: 10, lie: () => page(list) });
        expect((await find(many(500), list.readable(), none)).size).toBe(500);
        const mute: ShiftingList = new ShiftingList(many(500), { pageSize: 10, noGet: true, lie: () => page(mute) });
        const error = await find(many(500), mute.readable(), none).catch((e: unknown) => e);
        expect(error).toBeInstanceOf(ApiFailure);
        expect(error).toBeInstanceOf(StillChanging);
        expect(error).toMatchObject({ final: false, problem: { code: "ListKeepsChanging" } });
        expect(mute.pages).toBeLessThan(100);
    });

    test("a short page in the middle is no proof, even for what a job attests", async () => {
        const list = new ShiftingList(many(300), {
            pageSize: 100,
            lie: (page, offset) => (offset === 100 ? { ...page, items: page.items.slice(0, 99) } : page),
        });
        const asked = [...many(300)];
        expect((await find(asked, list.readable(), new Set(["t199"]))).has("t199")).toBe(true);
    });

    test("a target that each reading skips, though all totals add up, is not gone", async () => {
        let calls = 0;
        const list: ShiftingList = new ShiftingList(many(20), {
            pageSize: 10,
            noGet: true,
            // One goes before the target and another comes at the end, then back: t10 is never on the page that is read.
            shift: () => {
                calls += 1;
                if (calls % 2 === 1) {
                    list.ids = [...list.ids.slice(1), `end${calls}`];
                } else {
                    list.ids = [`front${calls}`, ...list.ids.slice(0, -1)];
                }
            },
        });
        await expect(find(["t10"], list.readable(), none)).rejects.toThrow(ApiFailure);
    });

    test("a target that moves from page to page while they are read is not gone", async () => {
        let calls = 0;
        const list: ShiftingList = new ShiftingList(many(20), {
            pageSize: 10,
            noGet: true,
            shift: () => {
                calls += 1;
                const rest = list.ids.filter((id) => id !== "t10");
                rest.splice(calls % 2 === 1 ? 0 : 10, 0, "t10");
                list.ids = rest;
            },
        });
        await expect(find(["t10"], list.readable(), none)).rejects.toThrow(ApiFailure);
    });

    test.each([false, true])(
        "a target that lives all the time is never said to be gone (without get: %s)",
        async (noGet) => {
            await fc.assert(
                fc.asyncProperty(
                    fc.integer({ min: 0, max: 60 }),
                    fc.integer({ min: 1, max: 12 }),
                    fc.uniqueArray(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 40 }),
                    fc.array(fc.tuple(fc.constantFrom("remove", "add", "move", "none"), fc.nat(), fc.nat()), {
                        maxLength: 60,
                    }),
                    async (tenant, pageSize, asked, moves) => {
                        let born = 0;
                        const script = [...moves];
                        const list: ShiftingList = new ShiftingList(many(tenant), {
                            pageSize,
                            noGet,
                            shift: () => {
                                const [what, a, b] = script.shift() ?? ["none", 0, 0];
                                const at = list.ids.length === 0 ? 0 : a % list.ids.length;
                                if (what === "remove") {
                                    list.remove(at);
                                } else if (what === "add") {
                                    list.ids.splice(b % (list.ids.length + 1), 0, `new${born++}`);
                                } else if (what === "move") {
                                    list.ids.splice(b % (list.ids.length + 1), 0, ...list.ids.splice(at, 1));
                                }
                            },
                        });
                        const ids = asked.map((i) => `t${i}`);
                        const before = new Set(list.ids);
                        try {
                            const found = await find(ids, list.readable(), none);
                            for (const id of ids) {
                                if (before.has(id) && !list.wasRemoved(id)) {
                                    expect(found.has(id)).toBe(true);
                                }
                                if (!before.has(id)) {
                                    expect(found.has(id)).toBe(false);
                                }
                            }
                        } catch (error) {
                            expect(noGet).toBe(true);
                            expect(error).toBeInstanceOf(ApiFailure);
                        }
                    },
                ),
                { numRuns: 2_000 },
            );
        },
    );
});

test("each: bounded, and the first failure keeps what has not begun from beginning", async () => {
    let under = 0;
    let most = 0;
    const begun: number[] = [];
    const run = forEachLimit([0, 1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
        begun.push(item);
        under += 1;
        most = Math.max(most, under);
        await Promise.resolve();
        under -= 1;
        if (item === 3) {
            throw new Error("third");
        }
    });
    await expect(run).rejects.toThrow("third");
    expect(most).toBe(3);
    expect(begun).not.toContain(7);
});
