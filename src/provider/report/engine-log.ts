import { createRequire } from "node:module";
import { onAbort } from "../../util/abort";
import { lazy } from "../../util/lazy";
import type { DeliverLog, LogMessage } from "./ordered-log";

/** For a process without an engine. */
export const withoutLogService: DeliverLog = () => Promise.reject(new Error("no engine started this process"));

/** What a client of the engine's log is made of. */
export interface LogModules
    extends Pick<typeof import("@grpc/grpc-js"), "credentials">,
        Pick<typeof import("@pulumi/pulumi/proto/engine_grpc_pb"), "EngineClient">,
        Pick<typeof import("@pulumi/pulumi/proto/engine_pb"), "LogRequest" | "LogSeverity"> {}

/**
 * The engine's log service (pulumi/pulumi pkg/host/host_server.go Log) at this address. `modules`: by default those of the installed
 * @pulumi/pulumi; without them, or without an answer, a message counts as not delivered.
 */
export function engineLogService(
    address: { readonly host: string; readonly port: number },
    modules: () => LogModules = modulesOfSdk,
): DeliverLog {
    const connected = lazy(() => connectLog(address, modules()));
    return async (message, signal) => connected()(message, signal);
}

function modulesOfSdk(): LogModules {
    // One copy of gRPC refuses the credentials of another: take the copy that the SDK's clients use.
    const sdk = createRequire(require.resolve("@pulumi/pulumi"));
    const { credentials }: typeof import("@grpc/grpc-js") = sdk("@grpc/grpc-js");
    const { EngineClient }: typeof import("@pulumi/pulumi/proto/engine_grpc_pb") = sdk("./proto/engine_grpc_pb");
    const { LogRequest, LogSeverity }: typeof import("@pulumi/pulumi/proto/engine_pb") = sdk("./proto/engine_pb");
    return { credentials, EngineClient, LogRequest, LogSeverity };
}

/** Prints messages that did not reach the engine: the CLI shows what a dynamic provider prints, below the stack's row. */
export function printedFor(print: (line: string) => void): (message: LogMessage) => void {
    return ({ urn, severity, text }) => {
        const name = urn.split("::").at(-1) ?? "";
        print(`pulumi-huaweicloud-batch: ${severity}: ${name === "" ? "" : `${name}: `}${text}`);
    };
}

function connectLog(
    { host, port }: { readonly host: string; readonly port: number },
    { credentials, EngineClient, LogRequest, LogSeverity }: LogModules,
): DeliverLog {
    const severities = {
        debug: LogSeverity.DEBUG,
        info: LogSeverity.INFO,
        warning: LogSeverity.WARNING,
        error: LogSeverity.ERROR,
    };
    const target = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const client = new EngineClient(target, credentials.createInsecure(), {
        // Otherwise gRPC sends calls to this machine through the proxy of grpc_proxy, https_proxy or http_proxy.
        "grpc.enable_http_proxy": 0,
    });
    return (message, signal) =>
        new Promise((resolve, reject) => {
            const request = new LogRequest();
            request.setUrn(message.urn);
            request.setSeverity(severities[message.severity]);
            request.setMessage(message.text);
            request.setEphemeral(message.ephemeral);
            // No stream id: the engine joins the messages of one stream, and all become ephemeral if the first one is.
            const call = client.log(request, (error) => {
                forget();
                if (error === null) {
                    resolve();
                } else {
                    reject(error);
                }
            });
            const forget = onAbort(signal, () => call.cancel());
        });
}
