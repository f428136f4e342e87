import type { RequestListener, ServerResponse } from "node:http";
import { mebibyte } from "./hostile-answers";
import { IMAGE_SERVERS, key, oneImageServer, ProviderProcess, place } from "./provider-process";
import { closeServers, network, serve } from "./servers";

afterEach(closeServers);

const MANY_TRIES = 6;

describe("memory stays bounded", () => {
    /** Highest memory for buffers while `work` runs, above what it was before; measured at each piece that the server sends. */
    let peak = 0;
    const piece = mebibyte;
    const measuring = (begin: (response: ServerResponse) => void): RequestListener => {
        return (_, response) => {
            begin(response);
            const more = () => {
                while (!response.destroyed) {
                    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
                    if (!response.write(piece)) {
                        response.once("drain", more);
                        return;
                    }
                }
            };
            more();
        };
    };

    test.each([
        [
            "with its length said",
            (response: ServerResponse) => response.writeHead(200, { "content-length": 1024 ** 3 }),
        ],
        ["in chunks", (response: ServerResponse) => response.writeHead(200)],
        ["as an error", (response: ServerResponse) => response.writeHead(400)],
    ])("an answer of a gibibyte, %s, is cut off at the limit each time", async (_, begin) => {
        const server = await serve(measuring(begin));
        const provider = new ProviderProcess({
            env: { ...key, ...place, HUAWEICLOUD_BATCH_ENDPOINT: server.url },
            transport: network(),
        });
        const recording = await provider.up(IMAGE_SERVERS, { ...oneImageServer, when: "destroy", onMissing: "ignore" });
        const before = process.memoryUsage().arrayBuffers;
        peak = before;
        const ended = await provider.refresh("id", recording.is === "done" ? recording.outputs : {});
        expect(ended).toMatchObject({ is: "failed", text: expect.stringContaining("AnswerTooLarge") });
        expect(peak - before).toBeLessThan(256 * mebibyte.length);
        expect(server.requests.length).toBeLessThanOrEqual(MANY_TRIES);
        for (const { bytesWritten } of server.connections) {
            // The limit, and what the system's buffers hold.
            expect(bytesWritten).toBeLessThan(32 * mebibyte.length);
        }
    });

    test("of eight answers at once, too", async () => {
        const server = await serve(measuring((response) => response.writeHead(200)));
        const before = process.memoryUsage().arrayBuffers;
        peak = before;
        const transport = network();
        await Promise.all(
            Array.from({ length: 8 }, async () => {
                const request = { method: "GET", url: server.url, headers: {}, signal: new AbortController().signal };
                await expect(transport.send(request)).rejects.toThrow("larger than");
            }),
        );
        expect(peak - before).toBeLessThan(512 * mebibyte.length);
        const sent = server.connections.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
        expect(sent).toBeLessThan(8 * 32 * mebibyte.length);
    });
});
