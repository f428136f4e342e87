import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A machine whose programs are scripts; nothing reaches the network. */
let machine: string;
beforeEach(() => {
    machine = mkdtempSync(join(tmpdir(), "language-hosts-"));
});
afterEach(() => rmSync(machine, { recursive: true }));

const root = join(__dirname, "../..");
const goMod = readFileSync(join(root, "tools/engine/hosts/yaml/go.mod"), "utf8");
const version = /pulumi-yaml v(\S+)/.exec(goMod)?.[1] ?? "";
const cache = () => join(machine, "cache/pulumi-huaweicloud-batch/hosts");

function program(name: string, script: string): void {
    const file = join(machine, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function find(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join(root, "tools/engine/language-hosts.mts"), ...args],
        {
            env: { PATH: join(machine, "bin"), HOME: machine, XDG_CACHE_HOME: join(machine, "cache") },
            encoding: "utf8",
        },
    );
    return { status, found: stdout.trim(), said: stderr };
}

const BUILDS = `
while [ "$1" != "-o" ]; do shift; done
echo built > "$2"
/bin/chmod +x "$2"`;

test("a host on the PATH is used", () => {
    program("bin/pulumi-language-yaml", "exit 1");
    expect(find("yaml", "--cached")).toMatchObject({ status: 0, found: join(machine, "bin") });
});

test("one that is not there is built, in the pinned version, and found in the cache from then on", () => {
    expect(find("yaml", "--cached")).toMatchObject({ status: 1, found: "" });
    program("bin/go", BUILDS);
    const built = join(cache(), `yaml-${version}`);
    expect(find("yaml")).toMatchObject({ status: 0, found: built, said: expect.stringContaining("building") });
    expect(find("yaml", "--cached")).toMatchObject({ status: 0, found: built, said: "" });
    expect(readdirSync(cache())).toEqual([`yaml-${version}`]);
});

test("a build that fails leaves nothing behind, and says why", () => {
    program("bin/go", "echo no module >&2; exit 3");
    expect(find("yaml")).toMatchObject({ status: 1, found: "", said: expect.stringContaining("no module") });
    expect(readdirSync(cache())).toEqual([]);
});

test("a language that has no host here is refused by name", () => {
    expect(find("cobol")).toMatchObject({ status: 1, said: expect.stringContaining("cobol") });
});
