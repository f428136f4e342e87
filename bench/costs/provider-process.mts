import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { checkout } from "./project.mts";

const require = createRequire(import.meta.url);
/** Messages and the transport have to be of the SDK's own copies. */
const sdk = createRequire(require.resolve("@pulumi/pulumi"));
const grpc: typeof import("@grpc/grpc-js") = sdk("@grpc/grpc-js");
const { ResourceProviderClient } = sdk("./proto/provider_grpc_pb");
const messages = sdk("./proto/provider_pb");
const { Struct } = sdk("google-protobuf/google/protobuf/struct_pb");
const { runtime }: typeof import("@pulumi/pulumi") = sdk("@pulumi/pulumi");

type Bag = Readonly<Record<string, unknown>>;
const LONGEST_HOOK = 180_000;

/** What serves the resources, as the engine starts it. */
interface Face {
    readonly script: string;
    readonly launcher: string;
    readonly urn: string;
    readonly configuration: Bag;
}

const plugin = join(checkout, "plugin/pulumi-resource-huaweicloud-batch");
const FACES = {
    dynamic: {
        script: join(checkout, "node_modules/@pulumi/pulumi/cmd/dynamic-provider"),
        launcher: join(checkout, "node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs"),
        urn: "urn:pulumi:dev::bench::pulumi-nodejs:dynamic:Resource::one",
        configuration: { "bench:region": "x" },
    },
    plugin: {
        script: `${plugin}.cjs`,
        launcher: plugin,
        urn: "urn:pulumi:dev::bench::huaweicloud-batch:clouddc:InstanceBatchDeletion::one",
        configuration: {},
    },
} as const satisfies Record<string, Face>;
export type FaceName = keyof typeof FACES;

export interface StartOptions {
    /** For Node, which is then started without the launcher. */
    readonly flags?: readonly string[];
    readonly face?: FaceName;
    /** Started by the shell script that the engine runs. */
    readonly launched?: boolean;
}

/** Our provider as a stack's state keeps it. */
export async function ourText(): Promise<string> {
    const { provider } = require(join(checkout, "dist/provider/dynamic/shim/shim.cjs"));
    return (await runtime.serializeFunction(() => provider, { allowSecrets: true })).text;
}

/** An empty dynamic provider, whose create sends one plain request where that is asked for. */
export async function emptyText(): Promise<string> {
    const provider = {
        check: async (_: Bag, news: Bag) => ({ inputs: news }),
        create: async (inputs: { readonly url: string }) => {
            const http: typeof import("node:http") = require("node:http");
            await new Promise((resolve) => http.get(inputs.url, resolve).on("error", resolve));
            return { id: "empty", outs: inputs };
        },
    };
    return (await runtime.serializeFunction(() => provider, { allowSecrets: true })).text;
}

/** The SDK's real dynamic-provider process, or our plugin's, called as the engine calls it. */
export class ProviderProcess {
    private readonly engine: Server;
    readonly child: ChildProcess;
    // biome-ignore lint/suspicious/noExplicitAny: the SDK ships its clients without usable types
    private readonly client: any;

    private readonly face: Face;

    private constructor(child: ChildProcess, engine: Server, client: unknown, face: Face) {
        this.child = child;
        this.engine = engine;
        this.client = client;
        this.face = face;
    }

    static async start(
        directory: string,
        env: Readonly<Record<string, string>>,
        { flags = [], face = "dynamic", launched = false }: StartOptions = {},
    ) {
        // Our provider checks whether its engine still listens.
        const engine = createServer((socket) => socket.on("error", () => undefined));
        await new Promise<void>((resolve) => engine.listen(0, "127.0.0.1", resolve));
        const address = engine.address();
        const enginePort = typeof address === "object" ? address?.port : undefined;
        const { script, launcher, configuration } = FACES[face];
        const command = launched ? [launcher] : [process.execPath, ...flags, script];
        const [file = "", ...args] = command;
        const child = spawn(file, [...args, `127.0.0.1:${enginePort}`], {
            cwd: directory,
            env: { PATH: process.env.PATH ?? "", PULUMI_NODEJS_PROJECT: "bench", ...env },
            // A launcher's own Node would take a channel for its own.
            stdio: ["ignore", "pipe", "inherit", ...(launched ? [] : (["ipc"] as const))],
            detached: true,
        });
        const { stdout } = child;
        if (stdout === null) {
            throw new Error("the provider process has no output");
        }
        const port = await new Promise<string>((resolve, reject) => {
            stdout.once("data", (line) => resolve(String(line).trim()));
            child.once("exit", (code) => reject(new Error(`the provider process ended with ${code}`)));
        });
        const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
            "grpc.max_receive_message_length": -1,
            "grpc.max_send_message_length": -1,
        });
        const started = new ProviderProcess(child, engine, client, FACES[face]);
        const configure = new messages.ConfigureRequest();
        configure.setArgs(Struct.fromJavaScript(plain(configuration)));
        await started.call("configure", configure);
        return started;
    }

    /** The inputs as check leaves them: what the engine keeps. */
    async check(inputs: Bag): Promise<Bag> {
        const request = new messages.CheckRequest();
        request.setUrn(this.face.urn);
        request.setNews(Struct.fromJavaScript(plain(inputs)));
        request.setOlds(Struct.fromJavaScript({}));
        const answer = await this.call("check", request);
        if (answer.getFailuresList().length > 0) {
            throw new Error(answer.getFailuresList()[0]?.getReason());
        }
        return answer.getInputs()?.toJavaScript() ?? {};
    }

    /** The outputs: what the engine keeps. */
    async create(inputs: Bag): Promise<Bag> {
        const request = new messages.CreateRequest();
        request.setUrn(this.face.urn);
        request.setProperties(Struct.fromJavaScript(plain(inputs)));
        const answer = await this.call("create", request);
        return answer.getProperties()?.toJavaScript() ?? {};
    }

    stop(): void {
        this.client.close();
        if (this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null) {
            // With what a launcher has started.
            process.kill(-this.child.pid, "SIGKILL");
        }
        this.engine.close();
    }

    // biome-ignore lint/suspicious/noExplicitAny: each method answers with a message of its own
    private call(method: string, request: unknown): Promise<any> {
        return new Promise((resolve, reject) => {
            const deadline = Date.now() + LONGEST_HOOK;
            this.client[method](request, new grpc.Metadata(), { deadline }, (error: Error | null, answer: unknown) =>
                error === null ? resolve(answer) : reject(error),
            );
        });
    }
}

function plain(bag: Bag): Record<string, never> {
    return JSON.parse(JSON.stringify(bag));
}
