import { createServer } from "node:http";
import { type Cost, median } from "./cost.ts";
import { inProject } from "./project.mts";
import { emptyText, ourText, ProviderProcess, type StartOptions } from "./provider-process.mts";

const RUNS = 15;

export const firstRequest: Cost = {
    name: "first-request",
    measure: async () => {
        const [own, empty] = [await ourText(), await emptyText()];
        const figures = { ours: [] as number[], empty: [] as number[] };
        // In turns, so that both are measured under the same load.
        for (let run = 0; run < RUNS; run++) {
            figures.empty.push((await untilFirstRequest((url) => ({ __provider: empty, url }))).sinceCall);
            figures.ours.push((await untilFirstRequest(() => oneDeletion(own))).sinceCall);
        }
        const above = median(figures.ours) - median(figures.empty);
        return {
            name: "first-request",
            what: "from the first hook call (check, then create) to the first request",
            runs: RUNS,
            unit: "ms",
            ours: median(figures.ours),
            beside: { what: "an empty dynamic provider with one plain request", figure: median(figures.empty) },
            judged: { what: "above the empty one", figure: above, most: 100 },
        };
    },
};

/** The inputs of a deletion of one instance; `code`: that of the dynamic face. */
export function oneDeletion(code?: string): Readonly<Record<string, unknown>> {
    return {
        ...(code === undefined ? {} : { __provider: code, __resource: "clouddc:InstanceBatchDeletion" }),
        instanceIds: ["00000000-0000-4000-8000-000000000001"],
        when: "create",
    };
}

interface FirstRequest {
    /** Milliseconds since the process was started. */
    readonly sinceStart: number;
    /** Milliseconds since the first hook call. */
    readonly sinceCall: number;
}

/** In a process of its own: everything is loaded for the first time. `then`: what is done with it when its first request has arrived. */
export async function untilFirstRequest(
    inputsFor: (url: string) => Readonly<Record<string, unknown>>,
    options: StartOptions = {},
    then: (provider: ProviderProcess) => Promise<void> = async () => undefined,
): Promise<FirstRequest> {
    let arrived: (at: number) => void = () => undefined;
    const arrival = new Promise<number>((resolve) => {
        arrived = resolve;
    });
    const server = createServer((request) => {
        arrived(performance.now());
        request.socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    try {
        return await inProject({}, async (directory) => {
            const started = performance.now();
            const provider = await ProviderProcess.start(directory, variables(url), options);
            try {
                const began = performance.now();
                const inputs = await provider.check(inputsFor(url));
                const created = provider.create(inputs).then(
                    () => undefined,
                    () => undefined,
                );
                const at = await Promise.race([
                    arrival,
                    created.then(() => {
                        throw new Error("the provider sent no request");
                    }),
                ]);
                await then(provider);
                return { sinceStart: at - started, sinceCall: at - began };
            } finally {
                provider.stop();
            }
        });
    } finally {
        server.close();
    }
}

/** The environment of a provider that works on the emulated cloud at this address. */
export function variables(url: string): Record<string, string> {
    return {
        HW_ACCESS_KEY: "emulator",
        HW_SECRET_KEY: "emulator",
        HW_REGION_NAME: "cn-north-4",
        HUAWEICLOUD_BATCH_ENDPOINT: url,
    };
}
