import { type LogMessage, OrderedLog } from "../../src/provider/report/ordered-log";
import { VirtualClock } from "../virtual-clock";

/** A slow engine: the later a message was sent, the sooner its call would end. */
function logged(takes: (message: LogMessage) => number) {
    const clock = new VirtualClock({ start: 0 });
    const arrived: string[] = [];
    const printed: string[] = [];
    const log = new OrderedLog(
        clock,
        async (message, signal) => {
            const ms = takes(message);
            if (ms < 0) {
                throw new Error("no connection");
            }
            await clock.sleep(ms, signal);
            arrived.push(message.text);
        },
        ({ text }) => printed.push(text),
    );
    const note = (text: string, urn = "urn:a") => log.send({ urn, severity: "warning", text, ephemeral: false });
    const line = (text: string, urn = "urn:a") => log.send({ urn, severity: "info", text, ephemeral: true });
    return { clock, arrived, printed, log, note, line };
}

test("messages arrive in the order in which they were sent, also if a later one is faster", async () => {
    const { clock, arrived, log, note } = logged(({ text }) => 100 - Number(text) * 10);
    for (const n of [0, 1, 2, 3, 4]) {
        note(String(n));
    }
    await clock.run(log.delivered("urn:a"));
    expect(arrived).toEqual(["0", "1", "2", "3", "4"]);
});

test("a waiting status line is replaced by the next one, a note is never replaced", async () => {
    const { clock, arrived, log, note, line } = logged(() => 10);
    line("0/3");
    line("1/3");
    line("2/3");
    note("note");
    line("3/3");
    await clock.run(log.delivered("urn:a"));
    expect(arrived).toEqual(["0/3", "2/3", "note", "3/3"]);
});

test("one row does not wait for another", async () => {
    const { clock, arrived, log, note } = logged(({ urn }) => (urn === "urn:a" ? 1_000 : 10));
    note("slow", "urn:a");
    note("quick", "urn:b");
    await clock.run(log.delivered("urn:b"));
    expect(arrived).toEqual(["quick"]);
});

test("a note that can't be delivered is printed once, and later messages still arrive", async () => {
    const { clock, arrived, printed, log, note, line } = logged(({ text }) => (text.startsWith("lost") ? -1 : 1));
    line("lost line");
    note("lost note");
    note("note");
    await clock.run(log.delivered("urn:a"));
    expect(arrived).toEqual(["note"]);
    expect(printed).toEqual(["lost note"]);
});

test("an engine that does not answer delays the end of a hook by two seconds at most, and no note is lost", async () => {
    const { clock, arrived, printed, log, note, line } = logged(() => 60_000);
    line("1/2");
    note("first");
    line("2/2");
    note("second");
    await clock.run(log.delivered("urn:a"));
    expect(clock.now()).toBe(2_000);
    expect(arrived).toEqual([]);
    expect(printed).toEqual(["first", "second"]);
    expect(clock.sleepers).toBe(0);
});

test("a message that hangs does not block later ones for ever", async () => {
    const { clock, arrived, printed, note } = logged(({ text }) => (text === "hangs" ? 60_000 : 1));
    note("hangs");
    note("later");
    await clock.run(clock.sleep(5_010));
    expect(arrived).toEqual(["later"]);
    expect(printed).toEqual(["hangs"]);
});

test("the next hook's row has no messages of the last one", async () => {
    const { clock, arrived, printed, log, note } = logged(({ text }) => (text === "hangs" ? 60_000 : 1));
    note("hangs");
    await clock.run(log.delivered("urn:a"));
    note("next");
    await clock.run(log.delivered("urn:a"));
    expect(arrived).toEqual(["next"]);
    expect(printed).toEqual(["hangs"]);
});
