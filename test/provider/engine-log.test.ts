import { createRequire } from "node:module";
import { engineLogService, printedFor, withoutLogService } from "../../src/provider/report/engine-log";
import type { LogMessage } from "../../src/provider/report/ordered-log";

const sdk = createRequire(require.resolve("@pulumi/pulumi"));
const grpc: typeof import("@grpc/grpc-js") = sdk("@grpc/grpc-js");
const { EngineService }: { EngineService: import("@grpc/grpc-js").ServiceDefinition } = sdk("./proto/engine_grpc_pb");
const { Empty }: { Empty: new () => object } = sdk("google-protobuf/google/protobuf/empty_pb");

const never = new AbortController().signal;
const line: LogMessage = { urn: "urn:a", severity: "info", text: "1/2 deleted", ephemeral: true };
const note: LogMessage = { urn: "urn:a", severity: "error", text: "lost", ephemeral: false };

type Log = (call: { request: { toObject(): unknown } }, answer: (error: null, empty: object) => void) => void;

let server: import("@grpc/grpc-js").Server;
async function engine(log: Log): Promise<{ host: string; port: number }> {
    server = new grpc.Server();
    server.addService(EngineService, { log });
    const port = await new Promise<number>((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        ),
    );
    return { host: "127.0.0.1", port };
}
afterEach(() => server?.forceShutdown());

test("the engine's log service gets each message with its URN and no stream id, and delivery waits for its answer", async () => {
    const messages: unknown[] = [];
    const deliver = engineLogService(
        await engine((call, answer) => {
            messages.push(call.request.toObject());
            answer(null, new Empty());
        }),
    );
    await deliver(line, never);
    await deliver(note, never);
    expect(messages).toEqual([
        { urn: "urn:a", severity: 1, message: "1/2 deleted", streamid: 0, ephemeral: true },
        { urn: "urn:a", severity: 3, message: "lost", streamid: 0, ephemeral: false },
    ]);
});

describe.each(["grpc_proxy", "https_proxy", "http_proxy"])("with %s in the environment", (name) => {
    const { [name]: before } = process.env;
    afterEach(() => {
        if (before === undefined) {
            delete process.env[name];
        } else {
            process.env[name] = before;
        }
    });

    test("calls to this machine bypass the proxy", async () => {
        process.env[name] = "http://127.0.0.1:1";
        const messages: unknown[] = [];
        const deliver = engineLogService(
            await engine((call, answer) => {
                messages.push(call.request.toObject());
                answer(null, new Empty());
            }),
        );
        await deliver(line, never);
        expect(messages).toHaveLength(1);
    });
});

test("an engine that is not there, does not answer, or never was: the message counts as not delivered", async () => {
    await expect(engineLogService({ host: "127.0.0.1", port: 1 })(note, never)).rejects.toThrow();
    await expect(withoutLogService(note, never)).rejects.toThrow();
    const called = new AbortController();
    const deliver = engineLogService(await engine(() => called.abort()));
    await expect(deliver(note, called.signal)).rejects.toThrow();
});

test("a message that is printed instead names the resource", () => {
    const lines: string[] = [];
    const print = printedFor((each) => lines.push(each));
    print({ ...note, urn: "urn:pulumi:dev::e2e::pulumi-nodejs:dynamic/x:Y::old", severity: "warning" });
    print({ ...note, urn: "" });
    expect(lines).toEqual(["pulumi-huaweicloud-batch: warning: old: lost", "pulumi-huaweicloud-batch: error: lost"]);
});
