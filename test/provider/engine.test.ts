import { createServer } from "node:net";
import { connectTo, EngineGone, engineAddress, watchEngine, withoutEngine } from "../../src/provider/engine-watch";
import { VirtualClock } from "../virtual-clock";

/** An engine that lives until `dies` and fails the checks that `misses` numbers (1 is the first). */
function engine(options: { dies?: number; misses?: readonly number[] } = {}) {
    const clock = new VirtualClock({ start: 0 });
    const checks: number[] = [];
    const exits: number[] = [];
    const watch = watchEngine({
        clock,
        connect: async () => {
            checks.push(clock.now());
            return clock.now() < (options.dies ?? Number.POSITIVE_INFINITY) && !options.misses?.includes(checks.length);
        },
        exit: () => exits.push(clock.now()),
    });
    return { clock, checks, exits, watch };
}

describe("while a hook is under way", () => {
    test("the engine is checked every second, and no longer after the hook's end", async () => {
        const { clock, checks, exits, watch } = engine();
        await clock.run(watch.during(() => clock.sleep(3_500)));
        await clock.run(clock.sleep(60_000));
        expect(checks).toEqual([1_000, 2_000, 3_000]);
        expect(exits).toEqual([]);
        expect(clock.sleepers).toBe(0);
    });

    test("concurrent hooks share the checks", async () => {
        const { clock, checks, watch } = engine();
        await clock.run(
            Promise.all([
                watch.during(() => clock.sleep(1_500)),
                watch.during(() => clock.sleep(2_500)),
                watch.during(() => clock.sleep(200)),
            ]),
        );
        expect(checks).toEqual([1_000, 2_000]);
    });

    test("a failing hook ends the checks too, and its error is passed on", async () => {
        const { clock, checks, watch } = engine();
        const failing = watch.during(async () => {
            await clock.sleep(1_500);
            throw new Error("as it must");
        });
        await expect(clock.run(failing)).rejects.toThrow("as it must");
        await clock.run(clock.sleep(10_000));
        expect(checks).toEqual([1_000]);
        expect(clock.sleepers).toBe(0);
    });

    test("two failed checks in a row end the process within seconds", async () => {
        const { clock, checks, exits, watch } = engine({ dies: 4_100 });
        await clock.run(watch.during(() => clock.sleep(60_000)));
        expect(checks.at(-2)).toBe(5_000);
        expect(exits).toEqual([checks.at(-1)]);
        expect(exits[0]).toBeLessThan(6_000);
    });

    test("a single failed check has no effect", async () => {
        const { clock, exits, watch } = engine({ misses: [2, 5] });
        await clock.run(watch.during(() => clock.sleep(8_000)));
        expect(exits).toEqual([]);
    });
});

describe("before a submit", () => {
    test("a check within the last second is enough", async () => {
        const { clock, checks, watch } = engine();
        await clock.run(
            watch.during(async () => {
                await clock.sleep(900);
                await watch.assertEngine();
            }),
        );
        expect(checks).toEqual([]);
    });

    test("an older check is repeated, and concurrent submits share the new one", async () => {
        const { clock, checks, watch } = engine();
        await clock.run(clock.sleep(5_000));
        await clock.run(Promise.all([watch.assertEngine(), watch.assertEngine(), watch.assertEngine()]));
        expect(checks).toEqual([5_000]);
    });

    test("nothing is sent once the engine is gone, from the first failed check on", async () => {
        const { clock, exits, watch } = engine({ dies: 2_500 });
        const sent: number[] = [];
        const working = watch.during(async () => {
            for (;;) {
                await clock.sleep(10);
                await watch.assertEngine();
                sent.push(clock.now());
            }
        });
        await expect(clock.run(working)).rejects.toThrow(EngineGone);
        expect(sent.at(-1)).toBeLessThanOrEqual(3_000);
        expect(exits).toHaveLength(1);
        await expect(watch.assertEngine()).rejects.toThrow(/pulumi cancel/);
    });
});

test("without an engine there is nothing to watch", async () => {
    await withoutEngine.assertEngine();
    await expect(withoutEngine.during(async () => 5)).resolves.toBe(5);
});

describe("the engine's address", () => {
    const host = "/p/node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js";
    test.each([
        [["node", host, "127.0.0.1:4711"], { host: "127.0.0.1", port: 4711 }],
        [["node", host, "--logtostderr", "-v=9", "--tracing", "x", "127.0.0.1:1"], { host: "127.0.0.1", port: 1 }],
        [["node", "C:\\p\\cmd\\dynamic-provider", "localhost:65535"], { host: "localhost", port: 65_535 }],
        [["node", host, "[::1]:80"], { host: "::1", port: 80 }],
        [["node", host], undefined],
        [["node", host, "127.0.0.1"], undefined],
        [["node", host, "127.0.0.1:0"], undefined],
        [["node", host, "127.0.0.1:65536"], undefined],
        [["node", host, "http://127.0.0.1:80"], undefined],
        [["node", "/p/node_modules/.bin/jest", "127.0.0.1:4711"], undefined],
        [["node"], undefined],
        [[], undefined],
    ])("%j: %j", (argv, address) => {
        expect(engineAddress(argv)).toEqual(address);
    });
});

test("a check is a TCP connection", async () => {
    const server = createServer((socket) => socket.destroy());
    const port = await new Promise<number>((resolve) => {
        server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
        });
    });
    const check = connectTo({ host: "127.0.0.1", port });
    expect(await check()).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    expect(await check()).toBe(false);
});
