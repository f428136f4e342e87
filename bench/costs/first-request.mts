import { createServer } from "node:http";
import { type Cost, median } from "./cost.ts";
import { inProject } from "./project.mts";
import { emptyText, ourText, ProviderProcess } from "./provider-process.mts";

const RUNS = 15;

export const firstRequest: Cost = {
    name: "first-request",
    measure: async () => {
        const [own, empty] = [await ourText(), await emptyText()];
        const figures = { ours: [] as number[], empty: [] as number[] };
        // In turns, so that both are measured under the same load.
        for (let run = 0; run < RUNS; run++) {
            figures.empty.push(await untilFirstRequest((url) => ({ __provider: empty, url })));
            figures.ours.push(
                await untilFirstRequest(() => ({
                    __provider: own,
                    __resource: "clouddc:InstanceBatchDeletion",
                    instanceIds: ["00000000-0000-4000-8000-000000000001"],
                    when: "create",
                })),
            );
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

/** In a process of its own: everything is loaded for the first time. */
async function untilFirstRequest(inputsFor: (url: string) => Readonly<Record<string, unknown>>): Promise<number> {
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
            const provider = await ProviderProcess.start(directory, variables(url));
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
                return at - began;
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
