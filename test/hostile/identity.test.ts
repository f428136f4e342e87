import { type EmulatorControl, startEmulator } from "../../emulator/src";
import { IMAGE_SERVERS, inRealTime, oneImageServer, ProviderProcess } from "./provider-process";
import { closeServers, network } from "./servers";

/** More than five wrong signatures in a row lock a key, and the engine starts eight hooks and more at once. */

const closing: Array<() => Promise<void>> = [];
afterEach(async () => {
    await closeServers();
    await Promise.all(closing.splice(0).map((close) => close()));
});

async function emulator(): Promise<{ url: string; control: EmulatorControl }> {
    const { url, control, close } = await startEmulator();
    closing.push(close);
    return { url, control };
}

const inRegion = (url: string, env: Record<string, string>) =>
    new ProviderProcess({
        env: { HW_REGION_NAME: "cn-north-4", HUAWEICLOUD_BATCH_ENDPOINT: url, ...env },
        transport: network(),
        clock: inRealTime,
    });

const eightHooks = (provider: ProviderProcess, args: (n: number) => Record<string, unknown> = () => ({})) =>
    Promise.all(
        Array.from({ length: 8 }, (_, n) =>
            provider.up(IMAGE_SERVERS, { ...oneImageServer, imageServerIds: [`server-${n}`], ...args(n) }),
        ),
    );

const wrong: ReadonlyArray<readonly [what: string, env: Record<string, string>]> = [
    ["secret key", { HW_ACCESS_KEY: "emulator", HW_SECRET_KEY: "not-the-secret" }],
    ["access key", { HW_ACCESS_KEY: "nobody", HW_SECRET_KEY: "not-the-secret" }],
    ["password", { HW_USER_NAME: "emulator", HW_DOMAIN_NAME: "emulator", HW_USER_PASSWORD: "not-the-password" }],
    ["token", { HW_AUTH_TOKEN: "MIInot-a-token" }],
];

test.each(wrong)("eight hooks at once with a wrong %s cost one refused request", async (_, env) => {
    const { url, control } = await emulator();
    for (const { projectId } of [{ projectId: {} }, { projectId: { projectId: "0123456789abcdef0123456789abcdef" } }]) {
        await control.clearRequests();
        const provider = inRegion(url, env);
        const ends = await eightHooks(provider, () => projectId);
        expect(ends.map(({ is }) => is)).toEqual(Array.from({ length: 8 }, () => "failed"));
        for (const ended of ends) {
            expect("text" in ended && ended.text).toMatch(
                /[^.;]; nothing more is sent with the credentials from the environment/,
            );
        }
        expect((await control.requests()).map(({ status }) => status)).toEqual([401]);
        expect(provider.sent).toHaveLength(1);
        // What comes later in the same process is not sent either.
        expect((await provider.up(IMAGE_SERVERS, oneImageServer)).is).toBe("failed");
        expect(provider.sent).toHaveLength(1);
    }
});

test("eight hooks at once with a wrong key in eight regions cost one refused request, and do not lock the key", async () => {
    const { url, control } = await emulator();
    const regions = [
        "cn-north-4",
        "cn-north-1",
        "cn-east-2",
        "cn-east-3",
        "cn-south-1",
        "ap-southeast-1",
        "ap-southeast-3",
        "cn-north-4",
    ];
    const provider = inRegion(url, { HW_ACCESS_KEY: "emulator", HW_SECRET_KEY: "not-the-secret" });
    const ends = await eightHooks(provider, (n) => ({ region: regions[n] }));
    expect(ends.every(({ is }) => is === "failed")).toBe(true);
    expect(await control.requests()).toHaveLength(1);
    const right = inRegion(url, { HW_ACCESS_KEY: "emulator", HW_SECRET_KEY: "emulator" });
    expect((await eightHooks(right)).map(({ is }) => is)).toEqual(Array.from({ length: 8 }, () => "done"));
});

test("six processes, one after the other, with a wrong key do lock it: the test above can fail", async () => {
    const { url } = await emulator();
    for (let n = 0; n < 6; n += 1) {
        await inRegion(url, { HW_ACCESS_KEY: "emulator", HW_SECRET_KEY: "not-the-secret" }).up(
            IMAGE_SERVERS,
            oneImageServer,
        );
    }
    const right = inRegion(url, { HW_ACCESS_KEY: "emulator", HW_SECRET_KEY: "emulator" });
    const ended = await right.up(IMAGE_SERVERS, oneImageServer);
    expect(ended).toMatchObject({ is: "failed", text: expect.stringContaining("HTTP 401") });
});
