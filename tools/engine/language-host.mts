/**
 * Runs Node programs for a Pulumi CLI that came without its language hosts (one built from its Go module); and what Go's host would
 * run, a program that is compiled already (`runtime.options.binary`).
 * The engine starts it as `pulumi-language-nodejs [flags] <engine address>` and reads the port from the first line.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join, resolve as resolvePath } from "node:path";
import grpc from "@grpc/grpc-js";
import languageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";

/** How a program ends that has told the user what is wrong (@pulumi/pulumi/cmd/run). */
const EXIT_WITH_EVERYTHING_SAID = 32;

const ENGINE = process.argv.at(-1) ?? "";

function run(request: InstanceType<typeof language.RunRequest>): Promise<InstanceType<typeof language.RunResponse>> {
    const info = request.getInfo();
    const directory = info?.getProgramDirectory() || request.getPwd();
    // runtime.options of Pulumi.yaml, as the bundled language host reads them.
    const options = info?.getOptions()?.toJavaScript() ?? {};
    const config = JSON.stringify(
        Object.fromEntries(
            request
                .getConfigMap()
                .toArray()
                .map(([key, value]) => [key.replace(":config:", ":"), value]),
        ),
    );
    const secretKeys = JSON.stringify(request.getConfigsecretkeysList());
    if (typeof options.binary === "string") {
        const child = spawn(resolvePath(directory, options.binary), request.getArgsList(), {
            cwd: directory,
            stdio: "inherit",
            env: {
                ...process.env,
                PULUMI_MONITOR: request.getMonitorAddress(),
                PULUMI_ENGINE: ENGINE,
                PULUMI_ORGANIZATION: request.getOrganization(),
                PULUMI_PROJECT: request.getProject(),
                PULUMI_STACK: request.getStack(),
                PULUMI_ROOT_DIRECTORY: info?.getRootDirectory() || directory,
                PULUMI_PARALLEL: String(request.getParallel()),
                PULUMI_DRY_RUN: String(request.getDryrun()),
                PULUMI_CONFIG: config,
                PULUMI_CONFIG_SECRET_KEYS: secretKeys,
            },
        });
        return ended(child);
    }
    const require = createRequire(join(directory, "program.js"));
    const args = [
        require.resolve("@pulumi/pulumi/cmd/run"),
        `--monitor=${request.getMonitorAddress()}`,
        `--engine=${ENGINE}`,
        `--organization=${request.getOrganization()}`,
        `--project=${request.getProject()}`,
        `--stack=${request.getStack()}`,
        `--pwd=${request.getPwd()}`,
        `--root-directory=${info?.getRootDirectory() || directory}`,
        `--parallel=${request.getParallel()}`,
        ...(request.getDryrun() ? ["--dry-run"] : []),
        info?.getEntryPoint() || ".",
        ...request.getArgsList(),
    ];
    const child = spawn(process.execPath, [...words(options.nodeargs), ...args], {
        cwd: directory,
        stdio: "inherit",
        env: {
            ...process.env,
            PULUMI_CONFIG: config,
            PULUMI_NODEJS_TYPESCRIPT: String(options.typescript ?? true),
            ...(typeof options.tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {}),
            PULUMI_CONFIG_SECRET_KEYS: secretKeys,
        },
    });
    return ended(child);
}

function ended(child: ChildProcess): Promise<InstanceType<typeof language.RunResponse>> {
    const response = new language.RunResponse();
    return new Promise((resolve) => {
        child.once("error", (error) => {
            response.setError(`could not start the program: ${error.message}`);
            resolve(response);
        });
        child.once("exit", (code, signal) => {
            if (code === EXIT_WITH_EVERYTHING_SAID) {
                response.setBail(true);
            } else if (code !== 0) {
                response.setError(`the program ended with ${code === null ? `signal ${signal}` : `exit code ${code}`}`);
            }
            resolve(response);
        });
    });
}

const server = new grpc.Server();
server.addService(languageService.LanguageRuntimeService, {
    handshake: answer(() => new language.LanguageHandshakeResponse()),
    getRequiredPlugins: answer(() => new language.GetRequiredPluginsResponse()),
    getRequiredPackages: answer(() => new language.GetRequiredPackagesResponse()),
    getProgramDependencies: answer(() => new language.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: answer(() => new language.RuntimeOptionsResponse()),
    getPluginInfo: answer(() => new plugin.PluginInfo().setVersion("0.0.0")),
    about: answer(() => new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
    run: answer(run),
});

/** An engine that was killed leaves its hosts behind: end when the parent is gone. */
const parent = process.ppid;
setInterval(() => {
    if (process.ppid !== parent) {
        process.exit(1);
    }
}, 1000).unref();

server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
        console.error(`pulumi-language-nodejs can't listen: ${error.message}`);
        process.exit(1);
    }
    console.log(port);
});

function words(text: unknown): string[] {
    return typeof text === "string" ? text.split(/\s+/).filter((word) => word !== "") : [];
}

function answer<Request, Response>(
    handler: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
    return async (call, callback) => {
        try {
            callback(null, await handler(call.request));
        } catch (error) {
            callback({
                code: grpc.status.INTERNAL,
                details: error instanceof Error ? error.message : String(error),
            });
        }
    };
}
