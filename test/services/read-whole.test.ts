import { readWhole } from "../../src/services/shared/read-whole";

const PAGE = 100;

/** Pages of a list of `there` things that counts `total`; `order` gives the order for each page. */
function list(there: number, total: number, order: (ids: readonly string[]) => readonly string[]) {
    const ids = Array.from({ length: there }, (_, n) => `id-${n}`);
    const pages = { read: 0 };
    const page = async (offset: number, limit: number) => {
        pages.read += 1;
        const items = order(ids).slice(offset, offset + limit);
        return { total, items: items.map((id) => ({ id })) };
    };
    const collection = {
        noun: "things",
        pageSize: PAGE,
        concurrent: 4,
        idOf: ({ id }: { readonly id: string }) => id,
        page,
    };
    return { collection, pages };
}

/** The same shuffles in each run of the test. */
function shuffles(seed: number) {
    let state = seed;
    const next = () => {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
        return state / 2 ** 31;
    };
    return (ids: readonly string[]) =>
        ids
            .map((id) => ({ id, at: next() }))
            .toSorted((a, b) => a.at - b.at)
            .map(({ id }) => id);
}

test.each([142, 350, 1_000])(
    "a list of %s things whose pages come in any order is read until each was seen",
    async (there) => {
        for (let seed = 1; seed <= 100; seed += 1) {
            const seen = new Set<string>();
            await readWhole(list(there, there, shuffles(seed)).collection, ({ id }) => seen.add(id));
            expect(seen.size).toBe(there);
        }
    },
);

test("a list that counts more than it ever shows is an error after eight readings without news", async () => {
    const { collection, pages } = list(50, 51, (ids) => ids);
    await expect(readWhole(collection, () => undefined)).rejects.toThrow(/does not show all that it counts/);
    expect(pages.read).toBe(1 + 8);
});
