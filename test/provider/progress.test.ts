import type { LogMessage } from "../../src/provider/report/ordered-log";
import { createProgress, elapsedText, progressText } from "../../src/provider/report/progress";
import { VirtualClock } from "../virtual-clock";

function progress() {
    const clock = new VirtualClock({ start: 0 });
    const sent: Array<{ at: number } & LogMessage> = [];
    const deliver = async (message: LogMessage) => {
        sent.push({ at: clock.now(), ...message });
    };
    return { clock, sent, progress: createProgress(clock, deliver, () => {}) };
}

test("at most one line a second, and the last one is not lost", async () => {
    const { clock, sent, progress: shown } = progress();
    for (let i = 0; i < 50; i++) {
        shown.line("urn:a", () => `line ${i}`);
        await clock.run(clock.sleep(50));
    }
    await clock.run(clock.sleep(5_000));
    expect(sent.map(({ at, text }) => [at, text])).toEqual([
        [0, "line 0"],
        [1_000, "line 19"],
        [2_000, "line 39"],
        [3_000, "line 49"],
    ]);
    expect(sent.every(({ ephemeral, severity }) => ephemeral && severity === "info")).toBe(true);
    expect(clock.sleepers).toBe(0);
});

test("the limit of one line a second applies per resource", async () => {
    const { clock, sent, progress: shown } = progress();
    shown.line("urn:a", () => "a");
    shown.line("urn:b", () => "b");
    await clock.run(clock.sleep(1));
    expect(sent.map(({ urn, text }) => [urn, text])).toEqual([
        ["urn:a", "a"],
        ["urn:b", "b"],
    ]);
});

test("the same line is sent once", async () => {
    const { clock, sent, progress: shown } = progress();
    for (let i = 0; i < 5; i++) {
        shown.line("urn:a", () => "same");
        await clock.run(clock.sleep(900));
    }
    expect(sent).toHaveLength(1);
});

test("the end shows the waiting line, no line follows, and no timer remains", async () => {
    const { clock, sent, progress: shown } = progress();
    shown.line("urn:a", () => "0/2 deleted");
    shown.line("urn:a", () => "1/2 deleted");
    shown.line("urn:a", () => "2/2 deleted");
    await clock.run(shown.end("urn:a"));
    expect(sent.map(({ text }) => text)).toEqual(["0/2 deleted", "2/2 deleted"]);
    await clock.run(clock.sleep(5_000));
    expect(sent).toHaveLength(2);
    expect(clock.sleepers).toBe(0);
});

test("a note stays, after the status line that came before it", async () => {
    const { clock, sent, progress: shown } = progress();
    shown.line("urn:a", () => "0/2 deleted");
    shown.line("urn:a", () => "1/2 deleted");
    shown.note("urn:a", "warning", "note");
    await clock.run(shown.end("urn:a"));
    expect(sent.map(({ text }) => text)).toEqual(["0/2 deleted", "1/2 deleted", "note"]);
    expect(sent.at(-1)).toMatchObject({ urn: "urn:a", severity: "warning", text: "note", ephemeral: false });
});

test.each([
    [
        {
            effect: "deletes",
            total: 100,
            settled: { deleted: 60, alreadyGone: 1, failed: 2 },
            jobs: [{ id: "4711" }],
            elapsed: 42_900,
        },
        "60/100 deleted, 1 already gone, 2 failed, job 4711 running, 0:42",
    ],
    [
        { effect: "acts", total: 3, settled: { done: 1, alreadyDone: 1, unknown: 1 }, jobs: [], elapsed: 3_723_000 },
        "1/3 done, 1 already done, 1 unknown, 1:02:03",
    ],
    [
        { effect: "deletes", total: 9, settled: {}, jobs: [{ id: "j", progress: 0.346 }], elapsed: 0 },
        "0/9 deleted, job j running (35 %), 0:00",
    ],
    [
        { effect: "deletes", total: 9, settled: { failed: 0 }, jobs: [{ id: "j" }, { id: "k" }], elapsed: 727_000 },
        "0/9 deleted, 2 jobs running, 12:07",
    ],
    [{ effect: "deletes", total: 30, settled: { alreadyGone: 30 }, jobs: [], elapsed: 0 }, "30 already gone, 0:00"],
    [{ effect: "acts", total: 2, settled: { alreadyDone: 2 }, jobs: [], elapsed: 0 }, "2 already done, 0:00"],
    [
        { effect: "deletes", total: 30, settled: { deleted: 10, alreadyGone: 20 }, jobs: [], elapsed: 0 },
        "10/30 deleted, 20 already gone, 0:00",
    ],
    [
        { effect: "deletes", total: 3, settled: { alreadyGone: 1, failed: 2 }, jobs: [], elapsed: 0 },
        "0/3 deleted, 1 already gone, 2 failed, 0:00",
    ],
] as const)("%j", (counts, text) => {
    expect(progressText(counts)).toBe(text);
});

test("negative time shows as 0:00", () => {
    expect(elapsedText(-5_000)).toBe("0:00");
});
