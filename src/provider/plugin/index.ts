import "../../util/requires-node";
import { credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { definitionOf, serviceNames, services } from "../../services/registry";
import { CANCELLED } from "../../util/cancellation";
import { systemClock } from "../../util/clock";
import { Gathering } from "../assessment/gathering";
import { addressOf } from "../engine-watch";
import type { Properties } from "../hooks";
import { createProviderProcess } from "../provider-process";
import { engineLogService, printedFor, withoutLogService } from "../report/engine-log";
import { destroyAct } from "../target-set/moments";
import { Configuration } from "./configuration";
import { Functions } from "./functions";
import { ResourceCalls } from "./resource-calls";
import { PACKAGE, providerService } from "./server";
import { mostRows, TargetRows } from "./target-rows";

const { version }: { version: string } = require("../../../package.json");

/** Larger than any list of ids that a program declares. Bytes. */
const LARGEST_MESSAGE = 400 * 1024 * 1024;

/** The engine calls for several resources within a moment of each other, and for the next ones when these are answered. Milliseconds. */
const QUIET = 5;
const LONGEST_GATHERING = 50;

/** Face 2: a provider plugin. The engine starts it with its own address as the last argument, and reads the port from its first line. */
function main(): void {
    const engine = addressOf(process.argv.at(-1) ?? "");
    const cancellation = new AbortController();
    const configuration = new Configuration(serviceNames);
    const { context, lifecycle, list } = createProviderProcess({
        engine,
        cancelled: cancellation.signal,
        configuration: () => configuration.settings,
        log:
            engine === undefined
                ? withoutLogService
                : engineLogService(engine, () => ({ credentials, EngineClient, LogRequest, LogSeverity })),
        undelivered: printedFor((line) => console.error(line)),
    });
    const gathering = () => new Gathering(systemClock, QUIET, LONGEST_GATHERING);
    const reads = gathering();
    const server = new Server({
        "grpc.max_receive_message_length": LARGEST_MESSAGE,
        "grpc.max_send_message_length": LARGEST_MESSAGE,
    });
    server.addService(
        ResourceProviderService,
        providerService({
            version,
            schema: () => loadSchema().schemaText,
            configuration,
            resources: new ResourceCalls({
                lifecycle,
                outputs: (resource) => loadSchema().outputsOf(`${PACKAGE}:${resource}`),
                actsAtDestroy,
                warn: (urn, text) => {
                    context.progress.note(urn, "warning", text);
                    return context.progress.end(urn);
                },
                gathered: () => reads.arrive(),
                rows: new TargetRows(context, {
                    most: mostRows(process.env.HUAWEICLOUD_BATCH_ROWS),
                    previews: process.env.HUAWEICLOUD_BATCH_PREVIEW !== "off",
                    gathering: gathering(),
                }),
            }),
            functions: new Functions(() => Object.values(services).flatMap((load) => load().lists ?? []), list),
            // It also comes at every normal end, when no hook is under way.
            cancel: () => cancellation.abort(CANCELLED),
        }),
    );
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error !== null) {
            throw error;
        }
        process.stdout.write(`${port}\n`);
    });
}

/** A batch task is deleted with its resource. */
function actsAtDestroy(properties: Properties): boolean {
    const { __resource } = properties;
    const definition = typeof __resource === "string" ? definitionOf(__resource, services) : undefined;
    return definition === undefined || destroyAct(definition, properties) !== undefined;
}

/** Loaded where it is asked for: a process that only reads and deletes starts without it. */
function loadSchema(): typeof import("./schema") {
    return require("./schema");
}

main();
