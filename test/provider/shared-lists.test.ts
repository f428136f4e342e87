import { SharedLists } from "../../src/provider/matching/shared-lists";
import { clouddc } from "../../src/services/clouddc";
import type { ListedKind, ListedThing, ListQuery } from "../../src/services/listed-kind";
import { FakeCloud } from "../services/fake-cloud";
import { VirtualClock } from "../virtual-clock";

const thing = (id: string): ListedThing => ({ id, name: id, states: [], facts: undefined, shown: {} });
const HERE = { place: { region: "r", projectId: "p" }, identity: "identity-1" };

/** A list of two things that takes two seconds to read. */
function setUp() {
    const clock = new VirtualClock({ start: 0 });
    const readings: Array<{ readonly inputs: unknown; given: boolean }> = [];
    const listed: ListedKind = {
        noun: "things",
        criteria: {},
        list: async ({ inputs, signal }, show) => {
            const reading = { inputs, given: false };
            readings.push(reading);
            signal.addEventListener("abort", () => {
                reading.given = true;
            });
            for (const id of ["a", "b"]) {
                await clock.sleep(1_000, signal);
                show(thing(id));
            }
        },
        mayNotShow: () => undefined,
    };
    const lists = new SharedLists(clock);
    const read = async (
        more: Partial<ListQuery> & { readonly at?: typeof HERE; readonly show?: (thing: ListedThing) => void } = {},
    ) => {
        const seen: string[] = [];
        const { at = HERE, show = ({ id }: ListedThing) => void seen.push(id), ...query } = more;
        const client = new FakeCloud(clouddc, () => ({ body: {} }));
        const signal = new AbortController().signal;
        await lists.of(clouddc, at)(listed, { client, inputs: {}, wanted: {}, signal, ...query }, show);
        return seen;
    };
    return { clock, readings, read };
}

test("all who ask for a list at one moment share one reading, and each is shown all of it", async () => {
    const { clock, readings, read } = setUp();
    expect(await clock.run(Promise.all([read(), read(), read()]))).toEqual([
        ["a", "b"],
        ["a", "b"],
        ["a", "b"],
    ]);
    expect(readings).toHaveLength(1);
});

test("who comes while it is being read has it read anew: nothing is shown that was seen before", async () => {
    const { clock, readings, read } = setUp();
    const first = read();
    await clock.run(async () => {
        await clock.sleep(500);
        expect(await Promise.all([first, read()])).toEqual([
            ["a", "b"],
            ["a", "b"],
        ]);
    });
    expect(readings).toHaveLength(2);
});

test("another place, identity, input or criterion is another list", async () => {
    const { clock, readings, read } = setUp();
    await clock.run(
        Promise.all([
            read(),
            read({ at: { ...HERE, identity: "identity-2" } }),
            read({ at: { ...HERE, place: { region: "r", projectId: "q" } } }),
            read({ at: { ...HERE, place: { region: "s", projectId: "p" } } }),
            read({ inputs: { instanceId: "i" } }),
            read({ wanted: { tags: ["t"] } }),
        ]),
    );
    expect(readings).toHaveLength(6);
});

test("what one reader can't take fails that reader alone", async () => {
    const { clock, read } = setUp();
    const refuse = () => {
        throw new Error("unusable id");
    };
    const both = clock.run(Promise.allSettled([read({ show: refuse }), read()]));
    expect(await both).toMatchObject([
        { status: "rejected", reason: { message: "unusable id" } },
        { status: "fulfilled", value: ["a", "b"] },
    ]);
});

test("a reader that gives up ends at once; the reading is given up with the last one", async () => {
    const { clock, readings, read } = setUp();
    const first = new AbortController();
    const second = new AbortController();
    const one = read({ signal: first.signal });
    const other = read({ signal: second.signal });
    await clock.run(async () => {
        await clock.sleep(500);
        first.abort("enough");
        await expect(one).rejects.toBe("enough");
        expect(readings).toMatchObject([{ given: false }]);
        second.abort("enough too");
        await expect(other).rejects.toBe("enough too");
    });
    expect(readings).toMatchObject([{ given: true }]);
    expect(clock.sleepers).toBe(0);
});
