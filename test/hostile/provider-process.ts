import { z } from "zod";
import { createCloud } from "../../src/cloud/cloud";
import type { Transport, WireRequest } from "../../src/cloud/http/transport";
import { TransportFailure } from "../../src/cloud/http/transport";
import type { ProcessContext } from "../../src/provider/context";
import { withoutEngine } from "../../src/provider/engine-watch";
import { readGuardLists } from "../../src/provider/guards/guard-lists";
import type { Properties } from "../../src/provider/hooks";
import { UnknownSettings } from "../../src/provider/inputs/settings-watch";
import { createLifecycle } from "../../src/provider/lifecycle";
import { Ownership } from "../../src/provider/ownership/ownership";
import { ReportFile } from "../../src/provider/report/record/report-file";
import { isDebugLog, requestText } from "../../src/provider/report/request-text";
import { ProcessSecrets } from "../../src/provider/report/secret-words";
import { hooksOf } from "../../src/provider/resource-hooks";
import { Sessions } from "../../src/provider/sessions";
import { Throttling } from "../../src/provider/throttling";
import { serviceNames } from "../../src/services/registry";
import { neverCancelled } from "../../src/util/cancellation";
import { type Clock, systemClock } from "../../src/util/clock";
import { lazy } from "../../src/util/lazy";
import { VirtualClock } from "../virtual-clock";

export interface Place {
    readonly env?: Readonly<Record<string, string>>;
    /** Stack configuration, with its namespace. */
    readonly config?: Readonly<Record<string, string>>;
    readonly files?: Readonly<Record<string, string>>;
    /** No network at all where it is left out: every request fails, and is counted. */
    readonly transport?: Transport;
    /** Default: a virtual clock, which stands still while a request is under way. */
    readonly clock?: Clock;
}

/** How an operation on one resource ended, as its user sees it. */
export type Ended =
    /** By check: the engine goes no further. */
    | { readonly is: "refused"; readonly text: string }
    /** `kept`: the resource stays in the state, with these outputs. */
    | { readonly is: "failed"; readonly text: string; readonly kept: Properties | undefined }
    | { readonly is: "done"; readonly id: string; readonly outputs: Properties };

const hookError = z.object({
    message: z.string(),
    id: z.string().optional(),
    properties: z.record(z.string(), z.unknown()).optional(),
    reasons: z.array(z.string()).default([]),
});

export const key = { HW_ACCESS_KEY: "AKHOSTILE", HW_SECRET_KEY: "SKHOSTILE" };
export const place = { HW_REGION_NAME: "cn-north-4", HW_PROJECT_ID: "p1" };

const noNetwork: Transport = {
    send: () => Promise.reject(new TransportFailure("no", "ConnectionRefused", "there is no network here")),
};

/** One provider process without its engine: real hooks and cloud client over the given network, environment and files. */
export class ProviderProcess {
    /** Every request that was handed to the network. */
    readonly sent: WireRequest[] = [];
    readonly notes: string[] = [];
    readonly lines: string[] = [];
    readonly context: ProcessContext;
    private readonly clock: Clock;
    private readonly lifecycle;

    constructor({ env = {}, config = {}, files = {}, transport = noNetwork, clock = new VirtualClock() }: Place) {
        this.clock = clock;
        const readFile = async (path: string) => {
            const text = files[path];
            if (text === undefined) {
                throw Object.assign(new Error("no such file"), { code: "ENOENT" });
            }
            return text;
        };
        const secrets = new ProcessSecrets();
        const { HUAWEICLOUD_BATCH_REPORT: directory } = env;
        const cloud = createCloud({
            clock,
            random: () => 0,
            env,
            homeDir: "/home/someone",
            services: serviceNames,
            version: "0.0.0",
            ...(isDebugLog(env)
                ? { onRequest: (request) => this.notes.push(secrets.conceal(requestText(request, "ids"))) }
                : {}),
            readFile,
            transport: {
                send: async (request) => {
                    this.sent.push(request);
                    const release = clock instanceof VirtualClock ? clock.hold() : () => {};
                    return transport.send(request).finally(release);
                },
            },
        });
        this.context = {
            clock,
            random: () => 0,
            env:
                env.HUAWEICLOUD_BATCH_TIMEOUT === undefined
                    ? {}
                    : { HUAWEICLOUD_BATCH_TIMEOUT: env.HUAWEICLOUD_BATCH_TIMEOUT },
            progress: {
                line: (_urn, say) => this.lines.push(say()),
                note: (_urn, _severity, text) => this.notes.push(text),
                end: async () => {},
            },
            cancelled: neverCancelled,
            report: directory === undefined ? undefined : new ReportFile({ directory, clock, version: "0.0.0" }),
            secrets,
            throttling: new Throttling(),
            guardLists: lazy(() =>
                readGuardLists({
                    env,
                    configuration: config,
                    configurationAge: "current",
                    absolutePath: (path) => path,
                    readFile: async (path) => new TextEncoder().encode(await readFile(path)),
                }),
            ),
            sessions: new Sessions(clock, () => 0),
            ownership: new Ownership(clock),
            connect: (wish, signal) => cloud.connect(wish, config, signal),
            newId: () => "0001",
        };
        this.lifecycle = createLifecycle(
            withoutEngine,
            (resource) => hooksOf(resource, this.context),
            new UnknownSettings(
                env,
                serviceNames,
                () => config,
                (text) => this.notes.push(text),
            ),
        );
    }

    /** What check says against these arguments; undefined if nothing. */
    async check(resource: string, args: Properties): Promise<{ text: string | undefined; inputs: Properties }> {
        const news = { __resource: resource, __provider: "the provider's text", ...args };
        const { inputs, failures } = await this.lifecycle.check({}, news);
        const text = failures
            .map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`))
            .join("\n");
        return { text: text === "" ? undefined : text, inputs };
    }

    /** Whether an `up` changes anything; `inputs` as check gave them. */
    async changes(id: string, olds: Properties, inputs: Properties): Promise<boolean> {
        return (await this.lifecycle.diff(id, olds, inputs)).changes;
    }

    /** A first `pulumi up` of one resource. */
    async up(resource: string, args: Properties): Promise<Ended> {
        const { text, inputs } = await this.check(resource, args);
        if (text !== undefined) {
            return { is: "refused", text };
        }
        return this.ended(
            this.lifecycle.create(inputs).then(({ id, outs }) => ({ is: "done", id, outputs: outs }) as const),
        );
    }

    /** `pulumi refresh`. */
    refresh(id: string, outputs: Properties): Promise<Ended> {
        return this.ended(
            this.lifecycle
                .read(id, outputs)
                .then((found) => ({ is: "done", id: found.id, outputs: found.props }) as const),
        );
    }

    /** `pulumi destroy`. */
    destroy(id: string, outputs: Properties): Promise<Ended> {
        return this.ended(this.lifecycle.remove(id, outputs).then(() => ({ is: "done", id, outputs: {} }) as const));
    }

    /** A `pulumi up` over old outputs. */
    async update(id: string, olds: Properties, resource: string, args: Properties): Promise<Ended> {
        const { text, inputs } = await this.check(resource, args);
        if (text !== undefined) {
            return { is: "refused", text };
        }
        return this.ended(
            this.lifecycle.update(id, olds, inputs).then(({ outs }) => ({ is: "done", id, outputs: outs }) as const),
        );
    }

    private async ended(work: Promise<Ended>): Promise<Ended> {
        const settled = work.catch((error: unknown): Ended => {
            const { message, reasons, properties } = hookError.parse({ ...Object(error), message: messageOf(error) });
            return { is: "failed", text: [message, ...reasons].join("\n"), kept: properties };
        });
        return this.clock instanceof VirtualClock ? this.clock.run(settled) : settled;
    }
}

/** With real time: for servers that judge dates. */
export const inRealTime = systemClock;

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** Some arguments of each resource that check takes, and the inputs that hold ids. */
export const resources: ReadonlyArray<{
    readonly resource: string;
    readonly ids: readonly string[];
    readonly args: Properties;
}> = [
    {
        resource: "roma:AssetBatchDeletion",
        ids: ["appIds", "taskIds"],
        args: { instanceId: "i1", appIds: ["a"], taskIds: [], when: "create" },
    },
    {
        resource: "workspaceapp:ImageServerBatchDeletion",
        ids: ["imageServerIds"],
        args: { imageServerIds: ["a"], recursive: false, when: "create" },
    },
    { resource: "clouddc:InstanceBatchDeletion", ids: ["instanceIds"], args: { instanceIds: ["a"], when: "create" } },
    { resource: "metastudio:AssetBatchDeletion", ids: ["assetIds"], args: { assetIds: ["a"], when: "create" } },
    { resource: "metastudio:AssetBatchAction", ids: ["assetIds"], args: { assetIds: ["a"], onCreate: "DELETE" } },
    { resource: "vias:BatchTaskDeletion", ids: ["batchTaskIds"], args: { batchTaskIds: ["a"], when: "create" } },
];

/** The resource that stands for all where their rules are the same. */
export const IMAGE_SERVERS = "workspaceapp:ImageServerBatchDeletion";
export const oneImageServer = { imageServerIds: ["server-1"], recursive: false, when: "create" };
