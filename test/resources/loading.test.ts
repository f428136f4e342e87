import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../..");
const project = mkdtempSync(join(tmpdir(), "loading-"));
const dist = join(project, "package/dist");

/** The package as it is published, as far as the public face reaches. */
beforeAll(() => {
    const settings = ts.readConfigFile(join(root, "tsconfig.build.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(settings.config, ts.sys, root);
    const program = ts.createProgram([join(root, "src/index.ts"), join(root, "src/provider/system-lookup.ts")], {
        ...options,
        outDir: dist,
        declaration: false,
        noCheck: true,
    });
    program.emit();
    copyFileSync(join(root, "src/provider/shim.cjs"), join(dist, "provider/shim.cjs"));
    copyFileSync(join(root, "package.json"), join(project, "package/package.json"));
    symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
}, 60_000);

afterAll(() => rmSync(project, { recursive: true }));

function run(name: string, text: string): string {
    const file = join(project, name);
    writeFileSync(file, text);
    return execFileSync(process.execPath, [file], { encoding: "utf8" });
}

const namespaces = ["clouddc", "metastudio", "roma", "vias", "workspaceapp"];

test("loading the package loads the classes and the shim, and nothing that talks to the cloud", () => {
    const loaded: unknown = JSON.parse(
        run(
            "load.cjs",
            `require("@pulumi/pulumi");
            const before = new Set(Object.keys(require.cache));
            require("./package/dist/index.js");
            console.log(JSON.stringify(Object.keys(require.cache).filter((file) => !before.has(file))));`,
        ),
    );
    if (!Array.isArray(loaded)) {
        throw new Error("no list of modules");
    }
    const files = loaded.map((file) => relative(dist, String(file)));
    expect(files).toContain("index.js");
    expect(files).toContain(join("provider", "shim.cjs"));
    const other = files.filter(
        (file) => !/^(index\.js|resources.[\w-]+\.js|provider.(duration\.js|shim\.cjs))$/.test(file),
    );
    expect(other).toEqual([]);
});

test("an ES module imports the namespaces by name", () => {
    const names = run(
        "import.mjs",
        `import { ${namespaces.join(", ")} } from "./package/dist/index.js";
        import * as all from "./package/dist/index.js";
        console.log([typeof roma.AssetBatchDeletion, typeof vias.listBatchTasks, ...Object.keys(all)].join(" "));`,
    );
    const [deletion, list, ...exported] = names.trim().split(" ");
    expect([deletion, list]).toEqual(["function", "function"]);
    expect(exported).toEqual(expect.arrayContaining(namespaces));
});

test("what a list function needs is there when it is called", () => {
    const output = run(
        "lookup.cjs",
        `console.log(typeof require("./package/dist/provider/system-lookup.js").lookUpInCloud);`,
    );
    expect(output.trim()).toBe("function");
});

test("a list function without credentials fails with one line", () => {
    const output = run(
        "list.cjs",
        `for (const name of Object.keys(process.env)) {
            if (/^(HW_|OS_|HUAWEICLOUD_)/.test(name)) { delete process.env[name]; }
        }
        process.env.HOME = ${JSON.stringify(project)};
        require("./package/dist/index.js").clouddc.listInstances({ region: "cn-east-3" }).catch((error) => console.log(error.message));`,
    );
    expect(output).toMatch(/^clouddc\.listInstances: CredentialsMissing: [^\n]+\n$/);
});

test("the examples in the doc comments compile", () => {
    const examples = ts.sys
        .readDirectory(join(root, "src/resources"), [".ts"])
        .flatMap((file) => [...readFileSync(file, "utf8").matchAll(/ \* ```ts\n([\s\S]*?) \* ```/g)])
        .map(([, text = ""], i) => {
            const file = join(project, `example-${i}.ts`);
            writeFileSync(file, text.replace(/^ \* ?/gm, "").replace('"pulumi-huaweicloud-batch"', '"public-face"'));
            return file;
        });
    expect(examples.length).toBeGreaterThanOrEqual(13);
    const settings = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(settings.config, ts.sys, root);
    const program = ts.createProgram(examples, {
        ...options,
        paths: { "public-face": [join(root, "src/index.ts")] },
        typeRoots: [join(root, "node_modules/@types")],
    });
    const wrong = ts.getPreEmitDiagnostics(program).filter(({ file }) => file?.fileName.startsWith(project));
    expect(wrong.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "))).toEqual([]);
}, 60_000);
