import { controlClient, type ServedEmulator, startEmulator } from "../../emulator/src";

/** Who can reach an emulator over the network can't control it. */

let emulator: ServedEmulator;
afterEach(() => emulator.close());

const paths: ReadonlyArray<readonly [method: string, path: string]> = [
    ["GET", "/state"],
    ["GET", "/requests"],
    ["GET", "/audit-log"],
    ["GET", "/snapshot"],
    ["GET", "/objects/workspaceapp/imageServers"],
    ["POST", "/seed"],
    ["POST", "/reset"],
    ["POST", "/clock"],
    ["POST", "/faults/clear"],
    ["POST", "/requests/clear"],
    ["POST", "/objects/change"],
    ["POST", "/objects/remove"],
    ["POST", "/snapshot"],
    ["GET", "/"],
    ["GET", "/nothing"],
];
const tokens: ReadonlyArray<readonly [what: string, headers: Record<string, string>]> = [
    ["none", {}],
    ["an empty one", { Authorization: "Bearer " }],
    ["a wrong one", { Authorization: "Bearer wrong" }],
    ["the right one's beginning", { Authorization: "Bearer righ" }],
    ["the right one in another scheme", { Authorization: "Basic right" }],
];

describe.each(["0.0.0.0", "127.0.0.1"])("bound to %s, with a token", (host) => {
    test.each(tokens)("control calls with %s are refused", async (_, headers) => {
        emulator = await startEmulator({ host, controlToken: "right" });
        for (const [method, path] of paths) {
            const response = await fetch(`http://127.0.0.1:${emulator.port}/_emulator${path}`, {
                method,
                headers: { "content-type": "application/json", ...headers },
                ...(method === "POST" ? { body: "{}" } : {}),
            });
            expect([path, response.status]).toEqual([path, 401]);
            expect(await response.text()).not.toContain("right");
        }
    });
});

test("bound to every address it makes a token of its own, and takes calls with it", async () => {
    emulator = await startEmulator({ host: "0.0.0.0" });
    expect(emulator.controlToken).toMatch(/^[A-Za-z0-9]{32,}$/);
    const url = `http://127.0.0.1:${emulator.port}`;
    await expect(controlClient(url).state()).rejects.toThrow("401");
    await expect(controlClient(url, emulator.controlToken).state()).resolves.toBeDefined();
});
