import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
    [["emulate"], "emulate: takes options only; see --help"],
    [["--port", "banana"], "--port banana: not a port (0 to 65535)"],
    [["--speed", "0"], "--speed 0: not a number above 0"],
    [["--nope"], "--nope: no such option; see --help"],
    [["--sed", "x.json"], "--sed: no such option; did you mean --seed?"],
    [["-x"], "-x: no such option; see --help"],
    [["--seed", "/nowhere.json"], "--seed /nowhere.json: ENOENT: no such file or directory, open '/nowhere.json'"],
])("bad arguments %j end in one clear line and exit 2", async (args, line) => {
    const { code, out, err } = await finished(start(...args));
    expect([code, out, err]).toEqual([2, "", `huaweicloud-batch-emulator: ${line}\n`]);
});

test.each([
    [
        { objects: [{ service: "roma", kind: "apps", objects: [{}, { nmae: "x" }] }] },
        "objects[0].objects[1].nmae: unknown; did you mean name?",
    ],
    [
        { objects: [{ service: "roma", kind: "apps", project: "cn-nort-4", objects: [{}] }] },
        "objects[0].project: cn-nort-4 is unknown; did you mean cn-north-4?",
    ],
    [{ setings: {} }, "setings: unknown; did you mean settings?"],
])(
    "a typo in a seed file, %j, is one line with its path and the name that is meant, and exit 2",
    async (seed, line) => {
        const file = path.join(path.dirname(register), "seed.json");
        writeFileSync(file, JSON.stringify(seed));
        const { code, out, err } = await finished(start("--seed", file));
        expect([code, out, err]).toEqual([2, "", `huaweicloud-batch-emulator: --seed ${file}: ${line}\n`]);
    },
);

test.each(["--help", "-h"])("%s prints every option and ends with 0", async (option) => {
    const { code, out, err } = await finished(start(option));
    expect([code, err]).toEqual([0, ""]);
    for (const known of ["--port", "--host", "--seed", "--speed", "--control-token", "--help", "--version"]) {
        expect(out).toContain(`${known} `);
    }
});

test("--version prints the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    const { code, out } = await finished(start("--version"));
    expect([code, out]).toEqual([0, `${version}\n`]);
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
