import { ApiFailure } from "../../src/batch/api";
import type { CloudClient, Service } from "../../src/cloud/call";
import type { Cloud, PlaceRequest } from "../../src/cloud/cloud";
import { CloudError } from "../../src/cloud/errors";
import { lookUp } from "../../src/provider/lookup";
import { CANCELLED } from "../../src/util/cancellation";
import { VirtualClock } from "../virtual-clock";

const service: Service = {
    name: "clouddc",
    title: "CloudDC",
    hostLabels: { default: "clouddc" },
    authenticationCodes: [],
    permissionCodes: [],
    busyCodes: [],
};
const place = { region: "cn-east-3", projectId: "p" };

function reading<T>(read: (client: CloudClient, signal: AbortSignal) => Promise<T>, cancelled?: AbortSignal) {
    const clock = new VirtualClock();
    const requests: unknown[] = [];
    const cloud: Cloud = {
        connect: async (request: PlaceRequest, configuration) => {
            requests.push({ request, configuration });
            return {
                place,
                identity: "identity-1",
                client: (of) => ({ service: of, place, send: () => Promise.reject(new Error("no network here")) }),
            };
        },
    };
    const where = { region: "cn-east-3" };
    const configuration = { "huaweicloud-batch:projectId": "p" };
    return {
        clock,
        requests,
        result: lookUp(cloud, clock, {
            service,
            read,
            where,
            configuration,
            env: {},
            services: ["clouddc"],
            ...(cancelled && { cancelled }),
        }),
    };
}

test("reads from the named service, in the place from arguments and configuration", async () => {
    const { requests, result } = reading(async (client) => [client.service.name, client.place]);
    await expect(result).resolves.toEqual(["clouddc", place]);
    expect(requests).toEqual([
        { request: { region: "cn-east-3" }, configuration: { "huaweicloud-batch:projectId": "p" } },
    ]);
});

test("a failure is one line with code, message and request id", async () => {
    const problem = { code: "iMetal.0004", message: "no permission", requestId: "r1" };
    const { result } = reading(() => Promise.reject(new ApiFailure(problem, true)));
    await expect(result).rejects.toThrow(/^iMetal\.0004: no permission \(request r1\)$/);
});

test("a failure to connect is passed on unchanged", async () => {
    const refusal = new CloudError({ kind: "configuration", code: "CredentialsMissing", detail: "no credentials" });
    const { result } = reading(() => Promise.reject(refusal));
    await expect(result).rejects.toBe(refusal);
});

test("a look-up ends after ten minutes", async () => {
    const { clock, result } = reading((_, signal) => untilAborted(signal));
    const start = clock.now();
    await expect(clock.run(result)).rejects.toThrow(/^Timeout: not read within 10m/);
    expect(clock.now() - start).toBe(600_000);
    expect(clock.sleepers).toBe(0);
});

test("a look-up ends at the engine's cancellation, and says so", async () => {
    const cancellation = new AbortController();
    const { clock, result } = reading((_, signal) => untilAborted(signal), cancellation.signal);
    const start = clock.now();
    void clock.sleep(5_000).then(() => cancellation.abort(CANCELLED));
    await expect(clock.run(result)).rejects.toThrow(/^Cancelled: the operation was cancelled, so nothing more is sent/);
    expect(clock.now() - start).toBe(5_000);
    expect(clock.sleepers).toBe(0);
});

function untilAborted(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
