import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The hash of the text in states. Never change it: the states of every release need the same hooks. */
const HASH = "40a2bf58419cd4d0bb9d834dca1f282f1cb596c30f36c27097c27c22ddfb7062";

const shim = join(__dirname, "../../src/provider/dynamic/shim/shim.cjs");
const sdk = dirname(require.resolve("@pulumi/pulumi/package.json"));
const folder = mkdtempSync(join(tmpdir(), "shim-"));

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs plain JavaScript in its own process, because jest's module registry is not Node's. */
function run(file: string, text: string): string {
    writeFileSync(file, text);
    return execFileSync(process.execPath, [file], { encoding: "utf8" });
}

/** The text that `@pulumi/pulumi` serializes the shim to, in a project where `put` installs the package. */
function serialized(name: string, put: (modules: string) => string): string {
    const project = join(folder, name);
    const modules = join(project, "node_modules");
    mkdirSync(join(modules, "@pulumi"), { recursive: true });
    symlinkSync(sdk, join(modules, "@pulumi/pulumi"));
    return run(
        join(project, "program.cjs"),
        `const { runtime } = require("@pulumi/pulumi");
        const { provider } = require(${JSON.stringify(put(modules))});
        runtime.serializeFunction(() => provider, { allowSecrets: true }).then(({ text, containsSecrets }) => {
            if (containsSecrets) { throw new Error("a secret was captured"); }
            process.stdout.write(text);
        });`,
    );
}

const texts: ReadonlyArray<readonly [string, () => string]> = [
    ["from the sources", () => serialized("sources", () => shim)],
    [
        "installed",
        () =>
            serialized("installed", (modules) => {
                const dist = join(modules, "pulumi-huaweicloud-batch/dist/provider/dynamic/shim");
                mkdirSync(dist, { recursive: true });
                writeFileSync(
                    join(modules, "pulumi-huaweicloud-batch/package.json"),
                    JSON.stringify({
                        name: "pulumi-huaweicloud-batch",
                        exports: { "./provider": "./dist/provider/dynamic/index.js" },
                    }),
                );
                copyFileSync(shim, join(dist, "shim.cjs"));
                return join(dist, "shim.cjs");
            }),
    ],
    [
        "linked",
        () =>
            serialized("linked", (modules) => {
                symlinkSync(join(__dirname, "../.."), join(modules, "pulumi-huaweicloud-batch"));
                return join(modules, "pulumi-huaweicloud-batch/src/provider/dynamic/shim/shim.cjs");
            }),
    ],
];

test.each(texts)("the serialized text is the one of all releases: %s", (_, text) => {
    const made = text();
    expect(Buffer.byteLength(made)).toBeLessThan(2_048);
    expect(createHash("sha256").update(made).digest("hex")).toBe(HASH);
});

test("each hook passes its arguments to the package installed where it runs, and returns its result", () => {
    const project = join(folder, "hooks");
    const modules = join(project, "node_modules/pulumi-huaweicloud-batch");
    mkdirSync(modules, { recursive: true });
    writeFileSync(join(modules, "package.json"), JSON.stringify({ exports: { "./provider": "./provider.js" } }));
    writeFileSync(
        join(modules, "provider.js"),
        `for (const hook of ["configure", "check", "diff", "create", "read", "update", "remove"]) {
            exports[hook] = (...args) => [hook, ...args];
        }`,
    );
    copyFileSync(shim, join(project, "shim.cjs"));
    const answers: unknown = JSON.parse(
        run(
            join(project, "program.cjs"),
            `const { provider } = require("./shim.cjs");
            console.log(JSON.stringify([
                provider.configure({ config: "c" }),
                provider.check("olds", "news"),
                provider.diff("id", "olds", "news"),
                provider.create("inputs"),
                provider.read("id", "props"),
                provider.update("id", "olds", "news", "what a later SDK may add"),
                provider.delete("id", "props"),
            ]));`,
        ),
    );
    expect(answers).toEqual([
        ["configure", "c"],
        ["check", "olds", "news"],
        ["diff", "id", "olds", "news"],
        ["create", "inputs"],
        ["read", "id", "props"],
        ["update", "id", "olds", "news", "what a later SDK may add"],
        ["remove", "id", "props"],
    ]);
});
