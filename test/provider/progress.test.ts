import { createRequire } from "node:module";
import {
    createProgress,
    elapsedText,
    engineLogService,
    type LogMessage,
    progressText,
} from "../../src/provider/progress";
import { VirtualClock } from "../virtual-clock";

function progress() {
    const clock = new VirtualClock({ start: 0 });
    const sent: Array<{ at: number } & LogMessage> = [];
    return { clock, sent, progress: createProgress(clock, (message) => sent.push({ at: clock.now(), ...message })) };
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

test("each resource has its own second", async () => {
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

test("the end shows the line that waits, then nothing, and nothing is left waiting", async () => {
    const { clock, sent, progress: shown } = progress();
    shown.line("urn:a", () => "0/2 deleted");
    shown.line("urn:a", () => "1/2 deleted");
    shown.line("urn:a", () => "2/2 deleted");
    shown.end("urn:a");
    expect(sent.map(({ text }) => text)).toEqual(["0/2 deleted", "2/2 deleted"]);
    await clock.run(clock.sleep(5_000));
    expect(sent).toHaveLength(2);
    expect(clock.sleepers).toBe(0);
});

test("a note stays, whatever was shown before", () => {
    const { sent, progress: shown } = progress();
    shown.line("urn:a", () => "line");
    shown.note("urn:a", "warning", "note");
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
        "61/100 deleted, 2 failed, job 4711 running, 0:42",
    ],
    [
        { effect: "acts", total: 3, settled: { done: 1, alreadyDone: 1, unknown: 1 }, jobs: [], elapsed: 3_723_000 },
        "2/3 done, 1 unknown, 1:02:03",
    ],
    [
        { effect: "deletes", total: 9, settled: {}, jobs: [{ id: "j", percent: 34.6 }], elapsed: 0 },
        "0/9 deleted, job j running (35 %), 0:00",
    ],
    [
        { effect: "deletes", total: 9, settled: { failed: 0 }, jobs: [{ id: "j" }, { id: "k" }], elapsed: 727_000 },
        "0/9 deleted, 2 jobs running, 12:07",
    ],
] as const)("%j", (counts, text) => {
    expect(progressText(counts)).toBe(text);
});

test("time that runs backwards shows as none", () => {
    expect(elapsedText(-5_000)).toBe("0:00");
});

describe("the engine's log service", () => {
    const sdk = createRequire(require.resolve("@pulumi/pulumi"));
    const grpc: typeof import("@grpc/grpc-js") = sdk("@grpc/grpc-js");
    const { EngineService }: { EngineService: import("@grpc/grpc-js").ServiceDefinition } =
        sdk("./proto/engine_grpc_pb");
    const { Empty }: { Empty: new () => object } = sdk("google-protobuf/google/protobuf/empty_pb");

    test("gets each message with its URN, under no stream", async () => {
        const server = new grpc.Server();
        const got = new Promise((resolve) => {
            const messages: unknown[] = [];
            server.addService(EngineService, {
                log: (call: { request: { toObject(): unknown } }, answer: (error: null, empty: object) => void) => {
                    messages.push(call.request.toObject());
                    answer(null, new Empty());
                    if (messages.length === 2) {
                        resolve(messages);
                    }
                },
            });
        });
        const port = await new Promise<number>((resolve, reject) =>
            server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
                error ? reject(error) : resolve(bound),
            ),
        );
        const log = engineLogService({ host: "127.0.0.1", port });
        log({ urn: "urn:a", severity: "info", text: "1/2 deleted", ephemeral: true });
        log({ urn: "urn:a", severity: "error", text: "lost", ephemeral: false });
        const messages = await got;
        server.forceShutdown();
        expect(messages).toEqual(
            expect.arrayContaining([
                { urn: "urn:a", severity: 1, message: "1/2 deleted", streamid: 0, ephemeral: true },
                { urn: "urn:a", severity: 3, message: "lost", streamid: 0, ephemeral: false },
            ]),
        );
    });

    test("is not missed where there is none", () => {
        const log = engineLogService({ host: "127.0.0.1", port: 1 });
        expect(() => log({ urn: "urn:a", severity: "info", text: "unheard", ephemeral: true })).not.toThrow();
    });
});
