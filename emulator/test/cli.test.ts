import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";

// The command as a process of its own, from the sources as they are: a hook compiles what it requires.
const register = path.join(mkdtempSync(path.join(tmpdir(), "emulate-")), "register.cjs");
const root = path.resolve(__dirname, "..");
writeFileSync(
    register,
    `const { transformFileSync } = require(${JSON.stringify(require.resolve("@swc/core"))});
require.extensions[".ts"] = (module, file) => module._compile(transformFileSync(file, {
    jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } }).code, file);`,
);
afterAll(() => rmSync(path.dirname(register), { recursive: true }));

const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, ["--require", register, path.join(root, "src/cli.ts"), ...args], {
        stdio: ["ignore", "pipe", "pipe"],
    });

async function finished(child: ChildProcess): Promise<{ code: number; out: string; err: string }> {
    if (child.stdout === null || child.stderr === null) {
        throw new Error("no output");
    }
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    return { code, out, err };
}

test.each(["SIGTERM", "SIGINT"] as const)(
    "says where it listens and how to point a shell at it, and stops on %s",
    async (signal) => {
        const child = start();
        const done = finished(child);
        child.stdout?.once("data", () => child.kill(signal));
        const { code, out, err } = await done;
        expect([code, err]).toEqual([0, ""]);
        const [first, ...exports] = out.trimEnd().split("\n");
        expect(first).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/);
        expect(exports.slice(0, 4)).toEqual([
            "export HW_ACCESS_KEY=emulator",
            "export HW_SECRET_KEY=emulator",
            "export HW_REGION_NAME=cn-north-4",
            `export HUAWEICLOUD_BATCH_ENDPOINT=${first?.slice("listening on ".length)}`,
        ]);
    },
);

test.each([
    [["emulate"], /usage/],
    [["--port", "banana"], /--port banana/],
    [["--speed", "0"], /--speed 0/],
    [["--nope"], /--nope/],
    [["--seed", "/nowhere.json"], /--seed \/nowhere\.json/],
])("bad arguments %j end in one clear line and exit 2", async (args, message) => {
    const { code, out, err } = await finished(start(...args));
    expect([code, out, err.trimEnd().split("\n").length]).toEqual([2, "", 1]);
    expect(err).toMatch(message);
});

test("a port in use is one clear line", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { code, err } = await finished(start("--port", String(port)));
    taken.close();
    expect([code, err]).toEqual([
        1,
        `huaweicloud-batch-emulator: port ${port} of 127.0.0.1 is in use: choose another --port\n`,
    ]);
});
