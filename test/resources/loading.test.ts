import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { PublishedPackage, partsOf } from "../published-package";

const root = join(__dirname, "../..");
let installed: PublishedPackage;

beforeAll(() => {
    installed = new PublishedPackage();
}, 60_000);

afterAll(() => installed.remove());

const namespaces = ["clouddc", "metastudio", "roma", "vias", "workspaceapp"];

test("loading the package loads the classes and the shim, and nothing that talks to the cloud", () => {
    const loaded: unknown = JSON.parse(
        installed.run(
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
    const files = loaded.map((file) => relative(installed.dist, String(file)));
    expect(files).toEqual(["index.js", join("provider", "dynamic", "shim", "shim.cjs")]);
    const parts = partsOf(readFileSync(join(installed.dist, "index.js"), "utf8"));
    expect(parts).toContain("src/resources/roma.ts");
    const light =
        /^src\/(index\.ts|(resources|util)\/|provider\/(inputs\/duration|ownership\/(journal-file|rule-text))\.ts)/;
    const other = parts.filter((part) => !light.test(part));
    expect(other).toEqual([]);
});

test("an ES module imports the namespaces by name", () => {
    const names = installed.run(
        "import.mjs",
        `import { ${namespaces.join(", ")} } from "./package/dist/index.js";
        import * as all from "./package/dist/index.js";
        console.log([typeof roma.AssetBatchDeletion, typeof vias.listBatchTasks, ...Object.keys(all)].join(" "));`,
    );
    const [deletion, list, ...exported] = names.trim().split(" ");
    expect([deletion, list]).toEqual(["function", "function"]);
    expect(exported).toEqual(expect.arrayContaining(namespaces));
});

test("a list function without credentials fails with one line", () => {
    const output = installed.run(
        "list.cjs",
        `for (const name of Object.keys(process.env)) {
            if (/^(HW_|OS_|HUAWEICLOUD_)/.test(name)) { delete process.env[name]; }
        }
        process.env.HOME = ${JSON.stringify(installed.project)};
        require("./package/dist/index.js").clouddc.listInstances({ region: "cn-east-3", all: true }).catch((error) => console.log(error.message));`,
    );
    expect(output).toMatch(/^clouddc\.listInstances: CredentialsMissing: [^\n]+\n$/);
});

test("the examples in the doc comments compile", () => {
    const examples = ts.sys
        .readDirectory(join(root, "src/resources"), [".ts"])
        .flatMap((file) => [...readFileSync(file, "utf8").matchAll(/ \* ```ts\n([\s\S]*?) \* ```/g)])
        .map(([, text = ""], i) => {
            const file = join(installed.project, `example-${i}.ts`);
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
    const wrong = ts.getPreEmitDiagnostics(program).filter(({ file }) => file?.fileName.startsWith(installed.project));
    expect(wrong.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "))).toEqual([]);
}, 60_000);
