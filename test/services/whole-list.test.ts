import type { TargetState } from "../../src/batch/api";
import type { Page } from "../../src/services/shared/inspection";
import { readAll, readShown } from "../../src/services/shared/whole-list";
import { never } from "./fake-cloud";

const READY: TargetState = { is: "ready" };
const stateOf = (): TargetState => READY;
const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `id-${from + n}`);

/** A list with two things a page; each reading shows the next of these. */
function listOf(readings: ReadonlyArray<readonly string[]>, lastOffset?: number) {
    let reading = -1;
    let pages = 0;
    const list = {
        noun: "things",
        idOf: (id: string) => id,
        pageSize: 2,
        concurrent: 4,
        ...(lastOffset === undefined ? {} : { lastOffset }),
        page: async (offset: number): Promise<Page<string>> => {
            reading += offset === 0 ? 1 : 0;
            pages += 1;
            const all = readings[Math.min(reading, readings.length - 1)] ?? [];
            return { total: all.length, items: all.slice(offset, offset + 2) };
        },
    };
    return { list, pages: () => pages };
}

test("a list within the calls that it may take is read to its end", async () => {
    const { list, pages } = listOf([ids(0, 5)]);
    const reading = await readShown(list, stateOf, 3);
    expect(reading).toEqual({ is: "read", states: new Map(ids(0, 5).map((id) => [id, READY])) });
    expect(pages()).toBe(3);
});

test("one that takes more is left after its first page, which tells how many it would take", async () => {
    const { list, pages } = listOf([ids(0, 5)]);
    expect(await readShown(list, stateOf, 2)).toEqual({ is: "tooLong", calls: 3 });
    expect(pages()).toBe(1);
});

test("one that is longer than its highest offset reaches is never read whole", async () => {
    const { list } = listOf([ids(0, 9)], 4);
    expect(await readShown(list, stateOf, 100)).toEqual({ is: "tooLong", calls: Number.POSITIVE_INFINITY });
});

test.each([
    ["the same", ids(0, 5), ids(0, 5)],
    ["more", [...ids(0, 5), "new"], [...ids(0, 5), "new"]],
    ["less: a page may have skipped what moved", ids(1, 5), undefined],
])("a second reading that shows %s", async (_, second, confirmed) => {
    const { list } = listOf([ids(0, 5), second]);
    const reading = await readAll(() => list, stateOf, 3, never);
    const states = reading.is === "read" ? await reading.confirm?.(never) : undefined;
    expect(states && [...states.keys()]).toEqual(confirmed);
});
