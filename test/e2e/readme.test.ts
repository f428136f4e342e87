import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlClient } from "../../emulator/src";
import { blocksOf, EMULATOR_NEEDS, Line, pack, shell } from "./shell";
import { checkout, environmentIn } from "./stack";

/** Run elsewhere: `npm run demo` in demo.test.ts, `npm cit` is what runs these tests. */
const ELSEWHERE = ["npm run demo", "npm cit"];

const REPORT = "npx --no -- pulumi-huaweicloud-batch report reports";

const commands = blocksOf("README.md", "sh").flatMap((block) => block.split("\n").filter((line) => line !== ""));
const userCommands = commands.filter((line) => !ELSEWHERE.includes(line));

let directory: string;
beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "pulumi-huaweicloud-batch-readme-"));
    for (const name of ["home", "tmp", "state", "pulumi-home", "project"]) {
        await mkdir(join(directory, name));
    }
});
afterEach(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

test("the README's commands, one after the other, in an empty project with the packed package", async () => {
    // npm's own settings and cache are the user's: the project is what is empty.
    const npm = Object.fromEntries(
        Object.entries(process.env).flatMap(([name, value]) =>
            value !== undefined && (name === "HOME" || /^npm_config_/i.test(name)) ? [[name, value]] : [],
        ),
    );
    const cwd = join(directory, "project");
    const options = { cwd: checkout, env: { ...environmentIn(directory), ...npm } };
    const tarball = await pack(".", directory, options);
    const emulatorTarballs: string[] = [];
    for (const folder of ["./emulator", ...EMULATOR_NEEDS]) {
        emulatorTarballs.push(await pack(folder, directory, options));
    }
    await writeFile(join(cwd, "package.json"), JSON.stringify({ name: "project", private: true, main: "index.ts" }));
    await writeFile(join(cwd, "Pulumi.yaml"), JSON.stringify({ name: "project", runtime: "nodejs" }));
    const [, program = ""] = blocksOf("README.md", "ts");
    await writeFile(join(cwd, "index.ts"), program);

    let env: Record<string, string> = { ...environmentIn(directory), PULUMI_SKIP_CONFIRMATIONS: "1" };
    const [install = "", ...others] = userCommands;
    expect(install).toBe("npm i pulumi-huaweicloud-batch @pulumi/pulumi");
    const { version } = JSON.parse(await readFile(join(checkout, "node_modules/@pulumi/pulumi/package.json"), "utf8"));
    await shell(`npm i --no-audit --no-fund --prefer-offline ${tarball} @pulumi/pulumi@${version}`, {
        cwd,
        env: { ...env, ...npm },
    });

    // Both ways to load it; and a program that only declares loads neither the services nor their HTTP client.
    const names = "['clouddc', 'metastudio', 'roma', 'vias', 'workspaceapp']";
    const check = `if (${names}.some((name) => typeof batch[name] !== 'object')) process.exit(1);`;
    await shell(`node --input-type=module -e "import * as batch from 'pulumi-huaweicloud-batch'; ${check}"`, {
        cwd,
        env,
    });
    const loaded = await shell(
        `node -e "const batch = require('pulumi-huaweicloud-batch'); ${check} console.log(Object.keys(require.cache).join('\\n'))"`,
        { cwd, env },
    );
    expect(loaded).toContain("dist/provider/dynamic/shim/shim.cjs");
    expect(loaded).not.toMatch(/undici|dist\/core/);

    const [installEmulator = "", startIt = ""] = others.slice(-2);
    expect(installEmulator).toBe("npm i --save-dev huaweicloud-batch-emulator");
    await shell(`npm i --save-dev --no-audit --no-fund --offline ${emulatorTarballs.join(" ")}`, {
        cwd,
        env: { ...env, ...npm },
    });
    const emulator = new Line(startIt, { cwd, env });
    const [, url = ""] = await emulator.seen(/^listening on (\S+)$/m);
    await emulator.seen(/^export HUAWEICLOUD_BATCH_ENDPOINT=/m);
    env = {
        ...env,
        ...Object.fromEntries(
            [...emulator.output.matchAll(/^export (\w+)=(.*)$/gm)].map(([, k = "", v = ""]) => [k, v]),
        ),
    };
    const control = controlClient(url);
    const servers = async () => (await control.objects("workspaceapp", "imageServers")).map(({ object }) => object.id);
    const [, id = ""] = /imageServerIds\[0\]' (\S+)/.exec(others.join("\n")) ?? [];
    await control.seed({
        objects: [{ service: "workspaceapp", kind: "imageServers", objects: [{ id }, { id: "59999999999999999999" }] }],
    });
    await control.clock({ do: "speed", factor: 20 });

    const shown = new Map<string, string>();
    const commandsOfPulumi = others.slice(0, -2);
    for (const line of commandsOfPulumi) {
        shown.set(line, await shell(line, { cwd, env }));
        if (line === "pulumi up") {
            expect(await servers()).toEqual(["59999999999999999999"]);
        }
    }
    expect(commandsOfPulumi).toContain("pulumi destroy");
    expect(shown.get(REPORT)).toMatch(/^1 target: 1 already gone \(/);
    await shell("pulumi destroy", { cwd, env });
    const state = JSON.parse(await shell("pulumi stack export", { cwd, env }));
    expect(state.deployment.resources ?? []).toEqual([]);

    emulator.terminate();
    await emulator.ended;
    await expect(fetch(url)).rejects.toThrow();
});

test("the README's programs are the examples leftovers and image-servers", async () => {
    const examples = ["leftovers", "image-servers"].map((name) =>
        readFile(join(checkout, "examples", name, "index.ts"), "utf8"),
    );
    expect(blocksOf("README.md", "ts").slice(0, 2)).toEqual(await Promise.all(examples));
});

test("every command of the README is run by a test", () => {
    expect(commands).toEqual(expect.arrayContaining(ELSEWHERE));
    expect(userCommands).toHaveLength(9);
});

// Somebody else could take the name of a package that is not published.
test("no page has npx fetch one of the packages", async () => {
    for (const page of ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "emulator/README.md"]) {
        const text = await readFile(join(checkout, page), "utf8");
        expect([page, text.match(/npx (?!--no )(\S*huaweicloud-batch\S*)/g)]).toEqual([page, null]);
    }
});

test("the scripts that CONTRIBUTING.md names are there", async () => {
    const { scripts } = JSON.parse(await readFile(join(checkout, "package.json"), "utf8"));
    const text = await readFile(join(checkout, "CONTRIBUTING.md"), "utf8");
    const named = [...text.matchAll(/`npm run (\w+)/g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(3);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});

test("every relative link of the README leads to a file that is in the package, and npm knows the repository", async () => {
    const text = await readFile(join(checkout, "README.md"), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(8);
    const packed = await shell("npm pack --dry-run --json --ignore-scripts --silent", {
        cwd: checkout,
        env: { PATH: process.env.PATH ?? "", HOME: directory, npm_config_cache: join(directory, "tmp") },
    });
    const [{ files }] = JSON.parse(packed);
    const names = files.map(({ path }: { path: string }) => path);
    expect(links.filter((link) => !names.includes(link))).toEqual([]);
    const { repository } = JSON.parse(await readFile(join(checkout, "package.json"), "utf8"));
    expect(repository.url).toMatch(/^git\+https:\/\//);
});
