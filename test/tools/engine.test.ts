import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Machines are made of scripts: what is on their PATH and in their cache. None of them reaches the network. */
class Machine {
    static async make(): Promise<Machine> {
        const machine = new Machine(await mkdtemp(join(tmpdir(), "engine-test-")));
        await mkdir(join(machine.directory, "bin"));
        await writeFile(
            join(machine.directory, "offline.cjs"),
            "globalThis.fetch = async () => { throw new Error('offline'); };",
        );
        // With these on the PATH a CLI counts as complete, and nothing is put into the checkout.
        await machine.program("bin/pulumi-language-nodejs", "exit 1");
        await machine.program("bin/pulumi-resource-pulumi-nodejs", "exit 1");
        return machine;
    }

    private constructor(readonly directory: string) {}

    async program(name: string, script: string): Promise<void> {
        const file = join(this.directory, name);
        await mkdir(join(file, ".."), { recursive: true });
        await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }

    get cache(): string {
        return join(this.directory, "cache/pulumi-huaweicloud-batch/engine");
    }

    async find(
        env: Readonly<Record<string, string>> = {},
    ): Promise<{ code: number | null; said: string; found: unknown }> {
        const child = spawn(process.execPath, [join(__dirname, "../../tools/engine/main.mts")], {
            env: {
                PATH: join(this.directory, "bin"),
                HOME: this.directory,
                XDG_CACHE_HOME: join(this.directory, "cache"),
                NODE_OPTIONS: `--require ${join(this.directory, "offline.cjs")}`,
                ...env,
            },
        });
        let out = "";
        let said = "";
        child.stdout.on("data", (chunk) => {
            out += chunk;
        });
        child.stderr.on("data", (chunk) => {
            said += chunk;
        });
        const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
        return { code, said, found: out === "" ? undefined : JSON.parse(out) };
    }
}

const GO_THAT_BUILDS = `
while [ "$1" != "-o" ]; do shift; done
/bin/mkdir -p "$(/usr/bin/dirname "$2")"
printf '#!/bin/sh\\necho v%s\\n' "$FAKE_VERSION" > "$2"
/bin/chmod +x "$2"`;

/** Builds what the go.mod names in whose directory it is started. */
const GO_THAT_READS = `
version=$(/usr/bin/sed -n 's#.*pulumi/pulumi/pkg/v3 v\\([^ ]*\\).*#\\1#p' go.mod)
${GO_THAT_BUILDS.replace("$FAKE_VERSION", "$version")}`;

let pinned: string;
let newer: string;
let machine: Machine;
beforeAll(async () => {
    const versionIn = async (goMod: string) =>
        /pulumi\/pkg\/v3 v(\S+)/.exec(await readFile(join(__dirname, "../../tools/engine", goMod), "utf8"))?.[1] ?? "";
    pinned = await versionIn("go.mod");
    newer = await versionIn("newer/go.mod");
});
beforeEach(async () => {
    machine = await Machine.make();
});
afterEach(() => rm(machine.directory, { recursive: true, force: true }));

test("a pulumi on the PATH that is new enough is used", async () => {
    await machine.program("bin/pulumi", "echo v3.300.1");
    expect(await machine.find()).toMatchObject({
        code: 0,
        found: { command: join(machine.directory, "bin/pulumi"), version: "3.300.1" },
    });
});

test("an old pulumi on the PATH is passed over, with a word about it, for the one in the cache", async () => {
    await machine.program("bin/pulumi", "echo v3.199.9");
    await machine.program(`cache/pulumi-huaweicloud-batch/engine/${pinned}/bin/pulumi`, `echo v${pinned}`);
    const { code, said, found } = await machine.find();
    expect(code).toBe(0);
    expect(found).toMatchObject({ command: join(machine.cache, pinned, "bin/pulumi"), version: pinned });
    expect(said).toContain("3.199.9, older than 3.200.0");
});

test("what nothing else gives is built from the Go module, and found in the cache from then on", async () => {
    await machine.program("bin/go", GO_THAT_BUILDS.replace("$FAKE_VERSION", pinned));
    const first = await machine.find();
    expect(first).toMatchObject({ code: 0, found: { command: join(machine.cache, pinned, "bin/pulumi") } });
    expect(first.said).toContain("building pulumi");
    const second = await machine.find();
    expect(second).toMatchObject({ code: 0, found: { command: join(machine.cache, pinned, "bin/pulumi") } });
    expect(second.said).not.toContain("building pulumi");
});

test("two that build at once both get an engine, and leave one whole cache entry", async () => {
    await machine.program("bin/go", GO_THAT_BUILDS.replace("$FAKE_VERSION", pinned));
    const both = await Promise.all([machine.find(), machine.find()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(await readdir(machine.cache)).toEqual([pinned]);
});

test("a cached file that is not what its place says is thrown away", async () => {
    await machine.program(`cache/pulumi-huaweicloud-batch/engine/${pinned}/bin/pulumi`, "exit 139");
    await machine.program("bin/go", GO_THAT_BUILDS.replace("$FAKE_VERSION", pinned));
    const { code, said } = await machine.find();
    expect(code).toBe(0);
    expect(said).toContain("thrown away");
});

test("a build of another version is no engine, and leaves nothing behind", async () => {
    await machine.program("bin/go", GO_THAT_BUILDS.replace("$FAKE_VERSION", "3.1.0"));
    const { code, said } = await machine.find();
    expect(code).toBe(1);
    expect(said).toContain("what came is pulumi 3.1.0");
    expect(await readdir(machine.cache)).toEqual([]);
});

test.each([
    ["first", () => pinned],
    ["newer", () => newer],
])("ENGINE_PIN=%s takes that version, whatever else is on the PATH", async (pin, version) => {
    await machine.program("bin/pulumi", "echo v3.300.1");
    await machine.program("bin/go", GO_THAT_READS);
    const built = await machine.find({ ENGINE_PIN: pin });
    expect(built.said).toContain(`is 3.300.1, not ${version()}: not used`);
    const command = join(machine.cache, version(), "bin/pulumi");
    expect(built).toMatchObject({ code: 0, found: { command, version: version() } });
    const cached = await machine.find({ ENGINE_PIN: pin });
    expect(cached).toMatchObject({ code: 0, found: { command, version: version() } });
    expect(cached.said).not.toContain("building pulumi");

    await machine.program("bin/pulumi", `echo v${version()}`);
    const onPath = await machine.find({ ENGINE_PIN: pin });
    expect(onPath.found).toMatchObject({ command: join(machine.directory, "bin/pulumi"), version: version() });
});

test("an ENGINE_PIN that names nothing is refused with the names that there are, and nothing is looked for", async () => {
    await machine.program("bin/pulumi", "echo v3.300.1");
    for (const name of ["newest", "3.300.1", "constructor", "../engine"]) {
        const { code, said, found } = await machine.find({ ENGINE_PIN: name });
        expect({ code, found }).toEqual({ code: 1, found: undefined });
        expect(said.trim()).toBe(`ENGINE_PIN is ${JSON.stringify(name)}, and must be first or newer, or not be set`);
    }
});

test("when nothing works, the last line says what to install", async () => {
    const { code, said, found } = await machine.find();
    expect({ code, found }).toEqual({ code: 1, found: undefined });
    expect(said.trimEnd().split("\n").at(-1)).toMatch(
        /^No Pulumi engine was found.* Install either the Pulumi CLI .* or Go /,
    );
});
