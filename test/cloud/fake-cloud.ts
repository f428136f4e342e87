import { z } from "zod";
import type { Call, Service } from "../../src/cloud/call";
import { type CloudOptions, createCloud } from "../../src/cloud/cloud";
import { CloudError } from "../../src/cloud/errors";
import { type Transport, TransportFailure, type WireAnswer, type WireRequest } from "../../src/cloud/http/transport";
import { serviceNames } from "../../src/services/registry";
import { VirtualClock } from "../virtual-clock";

export const roma: Service = {
    name: "roma",
    title: "ROMA Connect",
    hostLabels: { default: "roma", byRegion: { "cn-east-2": "roma-old" } },
    authenticationCodes: ["ROMA.1000", "ROMA.1002"],
    permissionCodes: ["ROMA.1006"],
    busyCodes: ["ROMA.10012"],
};

export const read: Call<{ n: number }> = {
    operation: "ListApps",
    method: "GET",
    path: ["v2", "p", "apps"],
    effect: "reads",
    answer: z.object({ n: z.number() }),
};

export const change: Call<{ job_id: string }> = {
    operation: "DeleteAsset",
    method: "POST",
    path: ["v2", "p", "assets", "delete"],
    body: { apps: [], tasks: [] },
    effect: "changes",
    targets: [],
    answer: z.object({ job_id: z.string() }),
};

export const keys = { HW_ACCESS_KEY: "AKEXAMPLE", HW_SECRET_KEY: "SKEXAMPLE" };
export const here = { HW_REGION_NAME: "cn-north-4", HW_PROJECT_ID: "p1" };

export type Reply = Partial<WireAnswer> | TransportFailure | ((request: WireRequest) => Promise<Reply> | Reply);

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): WireAnswer => ({
    status,
    headers,
    body: JSON.stringify(body),
});
export const reset = new TransportFailure("perhaps", "ConnectionReset", "other side closed");
export const unreached = new TransportFailure("no", "ConnectionRefused", "connect ECONNREFUSED");
export const throttled = (headers: Record<string, string> = {}) =>
    json({ error_code: "APIGW.0308", error_msg: "The throttling threshold has been reached" }, 429, headers);

/** A network that answers from a script (the last reply stays) or a function, each after `latency` of virtual time. */
export class FakeNetwork implements Transport {
    readonly requests: WireRequest[] = [];
    readonly times: number[] = [];
    mostAtOnce = 0;
    private atOnce = 0;

    constructor(
        readonly clock: VirtualClock,
        private readonly replies: Reply[],
        private readonly latency = 10,
    ) {}

    async send(request: WireRequest): Promise<WireAnswer> {
        this.requests.push(request);
        this.times.push(this.clock.now());
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
        try {
            await this.clock.sleep(this.latency, request.signal).catch(() => {
                throw new TransportFailure("perhaps", "Aborted", "given up");
            });
            let reply = this.replies.length > 1 ? this.replies.shift() : this.replies[0];
            while (typeof reply === "function") {
                reply = await reply(request);
            }
            if (reply instanceof TransportFailure) {
                throw reply;
            }
            return { status: 200, headers: {}, body: "", ...reply };
        } finally {
            this.atOnce--;
        }
    }
}

/** A cloud with the given replies and environment, and what it takes to watch it. */
export function fakeCloud(
    replies: Reply[],
    options: { env?: Record<string, string>; files?: Record<string, string> } & Partial<CloudOptions> = {},
) {
    const clock = new VirtualClock({ start: Date.UTC(2026, 10, 21) });
    const network = new FakeNetwork(clock, replies);
    const { env = { ...keys, ...here }, files = {}, ...rest } = options;
    const cloud = createCloud({
        clock,
        random: () => 0.5,
        transport: network,
        env,
        readFile: async (path) => {
            const text = files[path];
            if (text === undefined) {
                throw Object.assign(new Error("no such file"), { code: "ENOENT" });
            }
            return text;
        },
        homeDir: "/home/someone",
        services: serviceNames,
        version: "1.2.3",
        ...rest,
    });
    return { clock, network, cloud };
}

export const never = new AbortController().signal;

/** The CloudError that the work ends with. */
export async function cloudError(work: Promise<unknown>): Promise<CloudError> {
    const error: unknown = await work.then(
        () => new Error("no error came"),
        (reason: unknown) => reason,
    );
    if (!(error instanceof CloudError)) {
        throw error;
    }
    return error;
}
