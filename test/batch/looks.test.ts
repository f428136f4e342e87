import { ApiFailure, type TargetState, type WholeList, type WholeReading } from "../../src/batch/api";
import { run } from "../../src/batch/run";
import type { AbsenceFrom } from "../../src/batch/session/looks";
import { Session } from "../../src/batch/session/session";
import { VirtualClock } from "../virtual-clock";
import { things } from "./things";

const READY: TargetState = { is: "ready" };

interface Cloud {
    /** What the list shows. */
    readonly listed: Set<string>;
    /** What is there, though no list shows it. */
    readonly hidden?: readonly string[];
    readonly pages?: number;
    readonly others?: WholeList["others"];
    readonly kindOf?: (key: string) => string;
    readonly confirms?: () => Promise<boolean>;
    readonly reading?: (signal: AbortSignal) => Promise<WholeReading>;
}

/** A cloud whose list takes a second to read; `asked` has the keys of each inspection, `lists` the budget of each reading. */
function setUp({ listed, hidden = [], pages = 1, others = "unknown", kindOf, confirms, reading }: Cloud) {
    const clock = new VirtualClock({ start: 0 });
    const asked: string[] = [];
    const lists: number[] = [];
    const kinds: string[] = [];
    const confirmations: number[] = [];
    const api = things({
        inspect: async (keys) => {
            asked.push(keys.join());
            const is = (key: string): TargetState =>
                listed.has(key) || hidden.includes(key) ? READY : { is: "settled" };
            return new Map(keys.map((key) => [key, is(key)]));
        },
        submit: async (keys) => {
            for (const key of keys) {
                listed.delete(key);
            }
            return { is: "accepted", failed: new Map() };
        },
        whole: {
            others,
            ...(kindOf && { kindOf }),
            callsFor: (targets) => Math.ceil(targets / 2),
            read: async (kind, most, signal) => {
                lists.push(most);
                kinds.push(kind);
                if (reading !== undefined) {
                    return reading(signal);
                }
                if (pages > most) {
                    return { is: "tooLong", calls: pages };
                }
                const shown = () =>
                    new Map(
                        [...listed]
                            .filter((key) => kindOf === undefined || kindOf(key) === kind)
                            .map((key) => [key, READY]),
                    );
                const states = shown();
                await clock.sleep(1_000, signal);
                const confirm = async (ended: AbortSignal) => {
                    confirmations.push(clock.now());
                    await clock.sleep(1_000, ended);
                    return (await (confirms?.() ?? true)) ? shown() : undefined;
                };
                return { is: "read", states, ...(others === "settled" && { confirm }) };
            },
        },
    });
    const session = new Session(api, clock, () => 0.5);
    const look = async (
        keys: readonly string[],
        signal = new AbortController().signal,
        absence: AbsenceFrom = "kept",
    ) => {
        const states: string[] = [];
        await session.looks.look(keys, (key, { is }) => states.push(`${key} ${is}`), signal, absence);
        return states.join();
    };
    /** One resource for each key. */
    const lookAtEach = (keys: readonly string[]) => clock.run(Promise.all(keys.map((key) => look([key]))));
    return { clock, session, asked, lists, kinds, confirmations, look, lookAtEach };
}

const FOUR = ["a", "b", "c", "d"];
const all = (...more: string[]) => new Set([...FOUR, ...more]);

test("many resources are looked at by one reading of the list, and those that follow within a minute by the same", async () => {
    const { asked, lists, lookAtEach } = setUp({ listed: all("e", "f") });
    expect(await lookAtEach(FOUR)).toEqual(["a ready", "b ready", "c ready", "d ready"]);
    expect(await lookAtEach(["e", "f"])).toEqual(["e ready", "f ready"]);
    expect(asked).toEqual([]);
    expect(lists).toHaveLength(1);
});

test("three resources are asked about by themselves, however many targets they have", async () => {
    const { asked, lists, look, clock } = setUp({ listed: all("e", "f") });
    await clock.run(Promise.all([look(["a", "b"]), look(["c", "d"]), look(["e", "f"])]));
    expect(asked).toEqual(["a,b,c,d,e,f"]);
    expect(lists).toEqual([]);
});

test("after a minute the list is read again", async () => {
    const listed = all("e");
    const { clock, lists, lookAtEach } = setUp({ listed });
    await lookAtEach(FOUR);
    listed.delete("a");
    await clock.run(clock.sleep(60_000));
    expect(await lookAtEach(["a", "b"])).toEqual(["a settled", "b ready"]);
    // Worth twice what the looks of this minute would cost.
    expect(lists).toEqual([4, 2]);
});

test("what the list does not show is asked about by itself, for a list may not show all that there is", async () => {
    const { asked, lookAtEach } = setUp({ listed: all(), hidden: ["h"] });
    expect(await lookAtEach([...FOUR, "h", "gone"])).toEqual([
        "a ready",
        "b ready",
        "c ready",
        "d ready",
        "h ready",
        "gone settled",
    ]);
    expect(asked).toEqual(["h,gone"]);
});

describe("where only the list tells what is there", () => {
    test("what two readings do not show is gone; the second one comes when it is needed, once", async () => {
        const { asked, confirmations, lookAtEach } = setUp({ listed: all(), others: "settled" });
        await lookAtEach(FOUR);
        expect(confirmations).toEqual([]);
        expect(await lookAtEach(["gone", "a", "gone too"])).toEqual(["gone settled", "a ready", "gone too settled"]);
        expect(await lookAtEach(["gone as well"])).toEqual(["gone as well settled"]);
        expect(confirmations).toHaveLength(1);
        expect(asked).toEqual([]);
    });

    test.each([
        ["do not agree", async () => false],
        ["can't be read twice", () => Promise.reject(new ApiFailure({ code: "Busy", message: "busy" }, false))],
    ])("if the readings %s, the looks ask by themselves", async (_, confirms) => {
        const { asked, lookAtEach } = setUp({ listed: all(), others: "settled", confirms });
        expect(await lookAtEach([...FOUR, "gone"])).toContain("gone settled");
        expect(asked).toEqual(["gone"]);
    });

    test("what the second reading shows counts, also if the first one has skipped it", async () => {
        const listed = all();
        const { asked, lookAtEach } = setUp({ listed, others: "settled" });
        await lookAtEach(FOUR);
        listed.add("skipped");
        expect(await lookAtEach(["gone", "skipped"])).toEqual(["gone settled", "skipped ready"]);
        expect(asked).toEqual([]);
    });

    test("what is submitted during the second reading makes the first one out of date", async () => {
        const { clock, session, asked, look, lookAtEach } = setUp({ listed: all(), others: "settled" });
        await lookAtEach(FOUR);
        const looking = look(["gone"]);
        await clock.run(async () => {
            await clock.sleep(500);
            session.looks.forget();
            expect(await looking).toBe("gone settled");
        });
        expect(asked).toEqual(["gone"]);
    });
});

test("what was made since the list was read is seen by who must not be told that it is not there", async () => {
    const listed = all();
    const { clock, asked, look, lookAtEach } = setUp({ listed, others: "settled" });
    await lookAtEach(FOUR);
    listed.add("new");
    expect(await clock.run(look(["a", "new"], undefined, "now"))).toBe("a ready,new ready");
    expect(asked).toEqual(["new"]);
});

test("a list that would take more than twice as many calls is not read, and not tried again until as many were made", async () => {
    const { asked, lists, lookAtEach } = setUp({ listed: all("e", "f", "g", "h"), pages: 8 });
    // Two calls for four keys: worth four pages. Then four: worth eight.
    await lookAtEach(FOUR);
    expect(await lookAtEach(["e", "f", "g", "h"])).toHaveLength(4);
    expect(lists).toEqual([4, 8]);
    expect(asked).toEqual(["a,b,c,d"]);
});

test("a list that shows none of what is looked at is not read a second time", async () => {
    const { clock, lists, lookAtEach } = setUp({ listed: new Set(["other"]) });
    await lookAtEach(FOUR);
    await clock.run(clock.sleep(60_000));
    await lookAtEach(FOUR);
    expect(lists).toHaveLength(1);
});

test("while a run is under way nothing that was seen before is answered, and after it the list is read anew", async () => {
    const listed = all("e");
    const { clock, session, asked, lists, look, lookAtEach } = setUp({ listed });
    await lookAtEach(FOUR);
    let during: string | undefined;
    const signal = new AbortController().signal;
    await clock.run(
        run(session, ["a"], {
            signal,
            random: () => 0.5,
            onEvent: async ({ is }) => {
                if (is === "inspected") {
                    during = await look(["b"]);
                }
            },
        }),
    );
    expect(during).toBe("b ready");
    expect(asked).toContain("b");
    expect(await lookAtEach(["a", "e"])).toEqual(["a settled", "e ready"]);
    expect(lists).toHaveLength(2);
});

test("each kind that has a list of its own is looked at by that list, also after another one was read", async () => {
    const { clock, asked, kinds, look } = setUp({
        listed: new Set(["app:1", "app:2", "app:3", "app:4", "task:1", "task:2", "task:3", "task:4"]),
        kindOf: (key) => key.slice(0, key.indexOf(":")),
    });
    const each = (keys: readonly string[]) => clock.run(Promise.all(keys.map((key) => look([key]))));
    await each(["app:1", "app:2", "app:3"]);
    expect(await clock.run(look(["app:4", "task:1"]))).toBe("task:1 ready,app:4 ready");
    expect(await each(["task:2", "task:3", "task:4"])).toEqual(["task:2 ready", "task:3 ready", "task:4 ready"]);
    expect(kinds).toEqual(["app", "task"]);
    expect(asked).toEqual(["app:1,app:2,app:3", "task:1"]);
});

test("what another session of the service submits makes the list out of date, also one that is just being read", async () => {
    const listed = all("e");
    const { clock, session, asked, lists, look, lookAtEach } = setUp({ listed });
    const reading = Promise.all(FOUR.map((key) => look([key])));
    await clock.run(async () => {
        await clock.sleep(500);
        listed.delete("a");
        session.looks.forget();
        expect(await reading).toEqual(["a settled", "b ready", "c ready", "d ready"]);
    });
    expect(asked).toEqual(["a,b,c,d"]);
    await lookAtEach(["e"]);
    expect(lists).toHaveLength(2);
});

test("a list that can't be read leaves each look to itself", async () => {
    const failure = new ApiFailure({ code: "Forbidden", message: "no permission to list" }, true);
    const { asked, lists, lookAtEach } = setUp({ listed: all(), reading: () => Promise.reject(failure) });
    expect(await lookAtEach(FOUR)).toEqual(["a ready", "b ready", "c ready", "d ready"]);
    await lookAtEach(FOUR);
    expect(asked).toEqual(["a,b,c,d", "a,b,c,d"]);
    expect(lists).toHaveLength(1);
});

test("a place that can't be reached is told at once, without a second wait for each look, and the session knows", async () => {
    const failure = new ApiFailure({ code: "ECONNREFUSED", message: "nobody listens" }, false, { unreachable: true });
    const { asked, session, lookAtEach } = setUp({ listed: all(), reading: () => Promise.reject(failure) });
    await expect(lookAtEach(FOUR)).rejects.toBe(failure);
    expect(asked).toEqual([]);
    expect(session.unreachable?.problem.code).toBe("ECONNREFUSED");
});

test("a refused identity is told as it is: looks by themselves would only be told that nothing more is sent", async () => {
    const failure = new ApiFailure({ code: "APIGW.0301", message: "signature" }, true, { general: true });
    const { asked, session, lookAtEach } = setUp({ listed: all(), reading: () => Promise.reject(failure) });
    await expect(lookAtEach(FOUR)).rejects.toBe(failure);
    expect(asked).toEqual([]);
    expect(session.unreachable).toBeUndefined();
});

test("a look that is given up ends at once; the list is read on for the others, and not if nobody is left", async () => {
    const { clock, look, lists } = setUp({ listed: all() });
    const given = new AbortController();
    const [first, ...others] = FOUR.map((key, n) => look([key], n === 0 ? given.signal : undefined));
    await clock.run(async () => {
        await clock.sleep(500);
        given.abort("enough");
        await expect(first).rejects.toBe("enough");
        expect(clock.now()).toBe(500);
        expect(await Promise.all(others)).toEqual(["b ready", "c ready", "d ready"]);
    });
    expect(lists).toHaveLength(1);

    const alone = setUp({ listed: all() });
    const enough = new AbortController();
    const looks = FOUR.map((key) => alone.look([key], enough.signal));
    await alone.clock.run(async () => {
        await alone.clock.sleep(500);
        enough.abort("enough");
        expect(await Promise.allSettled(looks)).toEqual(FOUR.map(() => ({ status: "rejected", reason: "enough" })));
    });
    expect(alone.clock.sleepers).toBe(0);
});
