import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Configuration } from "./configuration";
import { failureOf } from "./failures";
import type { Functions } from "./functions";
import type { ResourceCalls } from "./resource-calls";

/** The package's name: the first part of each type token, and the namespace of its configuration. */
export const PACKAGE = "huaweicloud-batch";

export interface ProviderOptions {
    readonly version: string;
    /** The package's schema, as JSON. */
    readonly schema: () => string;
    readonly configuration: Configuration;
    readonly resources: ResourceCalls;
    readonly functions: Functions;
    /** The engine cancels the operation, or ends it. */
    readonly cancel: () => void;
}

type Provider = Pick<
    IResourceProviderServer,
    | "handshake"
    | "getSchema"
    | "checkConfig"
    | "diffConfig"
    | "configure"
    | "check"
    | "diff"
    | "create"
    | "read"
    | "update"
    | "delete"
    | "invoke"
    | "list"
    | "cancel"
    | "getPluginInfo"
    | "attach"
    | "getMapping"
    | "getMappings"
>;

/** ResourceProviderService (pulumi/pulumi proto/pulumi/provider.proto) over the hooks that the dynamic provider serves too. */
export function providerService(options: ProviderOptions): Provider {
    const { configuration, resources, functions } = options;
    return {
        handshake: unary(async () => {
            const answer = new rpc.ProviderHandshakeResponse();
            // Secrets arrive marked: so the hooks know which arguments must not be shown.
            answer.setAcceptSecrets(true);
            return answer;
        }),
        getPluginInfo: unary(async () => {
            const answer = new PluginInfo();
            answer.setVersion(options.version);
            return answer;
        }),
        getSchema: unary(async () => {
            const answer = new rpc.GetSchemaResponse();
            answer.setSchema(options.schema());
            return answer;
        }),
        checkConfig: unary(async (request: rpc.CheckRequest) => configuration.check(request)),
        diffConfig: unary(async () => {
            // A stack that comes from the dynamic type has another provider's inputs. The place of a resource is stored with it.
            const answer = new rpc.DiffResponse();
            answer.setChanges(rpc.DiffResponse.DiffChanges.DIFF_NONE);
            return answer;
        }),
        configure: unary(async (request: rpc.ConfigureRequest) => {
            configuration.set(request.getArgs());
            const answer = new rpc.ConfigureResponse();
            answer.setAcceptsecrets(true);
            answer.setSupportspreview(true);
            return answer;
        }),
        check: unary((request: rpc.CheckRequest) => resources.check(request)),
        diff: unary((request: rpc.DiffRequest) => resources.diff(request)),
        create: unary((request: rpc.CreateRequest) => resources.create(request)),
        read: unary((request: rpc.ReadRequest) => resources.read(request)),
        update: unary((request: rpc.UpdateRequest) => resources.update(request)),
        delete: unary(async (request: rpc.DeleteRequest) => {
            await resources.remove(request);
            return new Empty();
        }),
        invoke: unary((request: rpc.InvokeRequest) => functions.invoke(request)),
        list: (call) => {
            functions
                .list(call.request, (answer) => call.write(answer))
                .then(
                    () => call.end(),
                    // destroy() would leave the caller waiting: the stream sends its status at the end, and never comes to it then.
                    (error: unknown) => call.emit("error", failureOf(error)),
                );
        },
        cancel: unary(async () => {
            options.cancel();
            return new Empty();
        }),
        attach: unary(async () => new Empty()),
        getMapping: unary(async () => new rpc.GetMappingResponse()),
        getMappings: unary(async () => new rpc.GetMappingsResponse()),
    };
}

function unary<Request, Answer>(
    answer: (request: Request) => Promise<Answer>,
): (call: ServerUnaryCall<Request, Answer>, callback: sendUnaryData<Answer>) => void {
    return ({ request }, callback) => {
        answer(request).then(
            (response) => callback(null, response),
            (error: unknown) => callback(isFailure(error) ? error : failureOf(error)),
        );
    };
}

function isFailure(error: unknown): error is ReturnType<typeof failureOf> {
    return typeof error === "object" && error !== null && "code" in error && "details" in error;
}
