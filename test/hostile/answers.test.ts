import { selfSigned } from "./certificate";
import { answers, json, removeAuthorities, text, trusted } from "./hostile-answers";
import { IMAGE_SERVERS, key, oneImageServer, ProviderProcess, place } from "./provider-process";
import { closeServers, network, serve } from "./servers";

/**
 * What the other side may answer, over the real network on this machine. An inspection ends in an error that says what came; a
 * change in an outcome that does not claim success.
 */

afterAll(removeAuthorities);
afterEach(closeServers);

const MANY_TRIES = 6;

describe("an inspection is answered by", () => {
    test.each(answers)("%s", async (_, way, says) => {
        const { server, limits, env } = await way();
        const provider = new ProviderProcess({
            env: { ...key, ...place, HUAWEICLOUD_BATCH_ENDPOINT: server.url },
            transport: network(limits, env),
        });
        const recording = await provider.up(IMAGE_SERVERS, { ...oneImageServer, when: "destroy", onMissing: "ignore" });
        expect(provider.sent).toEqual([]);
        const ended = await provider.refresh("id", recording.is === "done" ? recording.outputs : {});
        expect(ended.is).toBe("failed");
        const said = "text" in ended ? ended.text : "";
        expect(said).toMatch(says);
        expect(said).toMatch(/^Workspace APP ShowImageServer: [^\p{Cc}]{1,700}$/u);
        expect(said).not.toContain(key.HW_SECRET_KEY);
        expect(provider.sent.length).toBeLessThanOrEqual(MANY_TRIES);
    });
});

describe("a deletion is answered by", () => {
    test.each(answers)("%s", async (_, way) => {
        const { server, limits, env } = await way();
        const honest = await serve((_request, response) =>
            json(response, { id: "server-1", name: "desk", status: "ACTIVE" }),
        );
        const transport = network(limits, env);
        // Reads go to an honest cloud, changes to the hostile one.
        const provider = new ProviderProcess({
            env: { ...key, ...place, HUAWEICLOUD_BATCH_ENDPOINT: honest.url },
            transport: {
                send: (request) =>
                    transport.send(
                        request.method === "GET"
                            ? request
                            : { ...request, url: request.url.replace(honest.url, server.url) },
                    ),
            },
        });
        const ended = await provider.up(IMAGE_SERVERS, { ...oneImageServer, timeout: "20s" });
        expect(ended.is).toBe("failed");
        const said = "text" in ended ? ended.text : "";
        expect(said).toContain("Workspace APP");
        for (const line of said.split("\n")) {
            expect(line).toMatch(/^[^\p{Cc}]{1,1000}$/u);
        }
        const changes = provider.sent.filter(({ method }) => method === "PATCH");
        expect(changes.length).toBeGreaterThan(0);
        expect(changes.every(({ body }) => body === '{"items":["server-1"],"recursive":false}')).toBe(true);
        // What may have taken effect is kept in the state as not settled.
        if (ended.is === "failed" && ended.kept !== undefined) {
            expect(ended.kept).toMatchObject({
                remaining: 1,
                open: ["server-1"],
                counts: { deleted: 0, alreadyGone: 0 },
            });
        }
    });
});

test("a certificate that is trusted, and right, lets the request through: the cases above fail for what they say", async () => {
    const certificate = selfSigned({ host: "127.0.0.1" });
    const server = await serve((_, response) => json(response, { id: "server-1", status: "ACTIVE" }), certificate);
    const provider = new ProviderProcess({
        env: { ...key, ...place, HUAWEICLOUD_BATCH_ENDPOINT: server.url },
        transport: network({}, trusted(certificate)),
    });
    const recording = await provider.up(IMAGE_SERVERS, { ...oneImageServer, when: "destroy", onMissing: "ignore" });
    const ended = await provider.refresh("id", recording.is === "done" ? recording.outputs : {});
    expect(ended).toMatchObject({ is: "done", outputs: { remaining: 1 } });
});

test("a host that does not exist is an error after a few tries", async () => {
    // ".invalid" is never assigned (RFC 6761): the machine's own resolver refuses it.
    const provider = new ProviderProcess({
        env: { ...key, ...place, HUAWEICLOUD_BATCH_ENDPOINT: "https://nowhere.invalid" },
        transport: network(),
    });
    const recording = await provider.up(IMAGE_SERVERS, { ...oneImageServer, when: "destroy", onMissing: "ignore" });
    const ended = await provider.refresh("id", recording.is === "done" ? recording.outputs : {});
    expect(ended).toMatchObject({ is: "failed", text: expect.stringContaining("HostNotFound: ") });
    expect(provider.sent.length).toBeLessThanOrEqual(MANY_TRIES);
});

describe("a redirect", () => {
    test.each([301, 302, 303, 307, 308])("with %d is not followed, and takes no credentials along", async (status) => {
        const elsewhere = await text("{}");
        const server = await serve((_, response) => {
            response.writeHead(status, { location: `${elsewhere.url}/v1/p1/image-servers/server-1` });
            response.end();
        });
        const provider = new ProviderProcess({
            env: { ...key, ...place, HUAWEICLOUD_BATCH_ENDPOINT: server.url },
            transport: network(),
        });
        const ended = await provider.up(IMAGE_SERVERS, oneImageServer);
        expect(ended).toMatchObject({ is: "failed", kept: undefined });
        expect("text" in ended && ended.text).toContain("answered with a redirect, which is not followed");
        expect(elsewhere.requests).toEqual([]);
    });
});
