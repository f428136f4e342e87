import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { controlClient } from "../../emulator/src";
import { EMULATOR_NEEDS, Line, pack, shell, stopLines } from "./shell";
import { checkout } from "./stack";

const PROVIDER_NEEDS = ["./node_modules/undici"];

let directory: string;
let project: string;
let env: Record<string, string>;
/** The tarball of each package, by its folder in the checkout. */
const tarballs = new Map<string, string>();

beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "pulumi-huaweicloud-batch-installed-"));
    project = join(directory, "project");
    for (const name of ["home", "tmp", "project"]) {
        await mkdir(join(directory, name));
    }
    env = {
        PATH: process.env.PATH ?? "",
        HOME: join(directory, "home"),
        TMPDIR: join(directory, "tmp"),
        // Whatever asks a registry fails.
        npm_config_offline: "true",
        npm_config_update_notifier: "false",
    };
    for (const folder of [".", ...PROVIDER_NEEDS, "./emulator", ...EMULATOR_NEEDS]) {
        tarballs.set(folder, await pack(folder, directory, { cwd: checkout, env }));
    }
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "project", private: true }));
}, 120_000);
afterAll(async () => {
    stopLines();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

/** Without the peer, which is the program's own. */
function install(...folders: readonly string[]): Promise<string> {
    const files = folders.map((folder) => tarballs.get(folder)).join(" ");
    return shell(`npm i --no-audit --no-fund --legacy-peer-deps ${files}`, { cwd: project, env });
}

const inProject = (line: string) => shell(line, { cwd: project, env });
const packageNames = async () => (await readdir(join(project, "node_modules"))).filter((name) => !name.startsWith("."));

test("the provider installs undici and nothing else; emulate says that the emulator is a package of its own", async () => {
    await install(".", ...PROVIDER_NEEDS);
    expect(await packageNames()).toEqual(["pulumi-huaweicloud-batch", "undici"]);
    const line = new Line("npx --no -- pulumi-huaweicloud-batch emulate", { cwd: project, env });
    expect(await line.ended).toBe(2);
    expect(line.output).toMatch(/^pulumi-huaweicloud-batch: the emulator is a package of its own by now: [^\n]+\n$/);
});

test("no declaration of the provider names zod, which it does not install", async () => {
    expect(await declarationsWith("zod")).toEqual([]);
});

test("a program compiles with moduleResolution node, without esModuleInterop, and with the declarations checked", async () => {
    // Apart: npm would clear away what is linked here, the files behind the links too.
    const elsewhere = join(directory, "compiled");
    const installed = "node_modules/pulumi-huaweicloud-batch";
    await cp(join(project, installed), join(elsewhere, installed), { recursive: true });
    await mkdir(join(elsewhere, "node_modules/@types"));
    for (const name of ["@pulumi", "@types/node"]) {
        await symlink(join(checkout, "node_modules", name), join(elsewhere, "node_modules", name));
    }
    await cp(join(checkout, "examples/clean-up/index.ts"), join(elsewhere, "index.ts"));
    const program = ts.createProgram([join(elsewhere, "index.ts")], {
        strict: true,
        noEmit: true,
        target: ts.ScriptTarget.ES2020,
        module: ts.ModuleKind.CommonJS,
        moduleResolution: ts.ModuleResolutionKind.Node10,
        esModuleInterop: false,
        skipLibCheck: false,
        ignoreDeprecations: "6.0",
        types: ["node"],
        typeRoots: [join(elsewhere, "node_modules/@types")],
    });
    const problems = ts
        .getPreEmitDiagnostics(program)
        // Those of @pulumi/pulumi are not ours.
        .filter(({ file }) => file === undefined || file.fileName.startsWith(elsewhere))
        .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
    expect(problems).toEqual([]);
    expect(program.getSourceFiles().some(({ fileName }) => fileName.endsWith("/dist/resources/roma.d.ts"))).toBe(true);
});

describe("with both packages, installed from their tarballs without a network", () => {
    beforeAll(async () => {
        await install("./emulator", ...EMULATOR_NEEDS);
    }, 120_000);

    test.each([
        ["npx --no -- huaweicloud-batch-emulator", /^listening on (\S+)$/m],
        ["npx --no -- pulumi-huaweicloud-batch emulate", /^listening on (\S+)$/m],
    ])("%s starts the emulator, filled by a seed file", async (command, listening) => {
        const objects = [{ service: "workspaceapp", kind: "imageServers", objects: [{ id: "1" }] }];
        await writeFile(join(project, "seed.json"), JSON.stringify({ objects }));
        const line = new Line(`${command} --port 0 --speed 60 --seed seed.json`, { cwd: project, env });
        const [, url = ""] = await line.seen(listening);
        await line.seen(/^export HUAWEICLOUD_BATCH_ENDPOINT=/m);
        const found = await controlClient(url).objects("workspaceapp", "imageServers");
        expect(found.map(({ object }) => object.id)).toEqual(["1"]);
        const warning = "`emulate` goes with the next release";
        expect(line.output.includes(warning)).toBe(command.endsWith(" emulate"));
        line.terminate();
        await line.ended;
        await expect(fetch(url)).rejects.toThrow();
    });

    test.each(["npx --no -- huaweicloud-batch-emulator --help", "npx --no -- pulumi-huaweicloud-batch emulate --help"])(
        "%s prints the emulator's options",
        async (line) => {
            expect(await inProject(line)).toContain("--control-token TOKEN");
        },
    );

    test("a program starts the emulator in its own process", async () => {
        const text = `
            const { startEmulator } = require("huaweicloud-batch-emulator");
            startEmulator({ speed: 60 }).then(async (emulator) => {
                await emulator.control.seed({ objects: [{ service: "clouddc", kind: "instances", count: 2 }] });
                console.log((await emulator.control.objects("clouddc", "instances")).length);
                await emulator.close();
            });`;
        await writeFile(join(project, "start.cjs"), text);
        expect(await inProject("node start.cjs")).toBe("2\n");
    });
});

async function declarationsWith(word: string): Promise<string[]> {
    const dist = join(project, "node_modules/pulumi-huaweicloud-batch/dist");
    const names = (await readdir(dist, { recursive: true })).filter((name) => /\.d\.[cm]?ts$/.test(name));
    const texts = await Promise.all(names.map((name) => readFile(join(dist, name), "utf8")));
    return names.filter((_, index) => texts[index]?.includes(word));
}
