import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { provider } from "../../src/provider/dynamic/shim/shim.cjs";
import { whyUnreachable } from "../../src/resources/shared/reachable";

const checkout = join(__dirname, "../..");
const ENTRY = "/x/node_modules/@pulumi/pulumi/cmd/run";
const providerText = String(provider.create);

let directory: string;
beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "pulumi-huaweicloud-batch-reachable-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The smallest package with this package's name and entry. */
function install(...path: string[]): string {
    const installed = join(directory, ...path, "node_modules/pulumi-huaweicloud-batch");
    mkdirSync(installed, { recursive: true });
    const names = { name: "pulumi-huaweicloud-batch", exports: { "./provider": "./provider.js" } };
    writeFileSync(join(installed, "package.json"), JSON.stringify(names));
    writeFileSync(join(installed, "provider.js"), "exports.create = () => {};");
    return installed;
}
const from = (...path: string[]) => ({
    entry: ENTRY,
    directory: join(directory, ...path),
    plugAndPlay: false,
    providerText,
});

test("a package that is installed or linked in the program's directory or above it is found", () => {
    install();
    mkdirSync(join(directory, "programs/one"), { recursive: true });
    expect(whyUnreachable(from())).toBeUndefined();
    expect(whyUnreachable(from("programs/one"))).toBeUndefined();
});

test("a package that is installed only inside another package, or not at all, is refused with what to add and where", () => {
    install("node_modules", "wrapper");
    expect(whyUnreachable(from())).toBe(
        `pulumi-huaweicloud-batch can't be loaded from ${directory}: the engine loads it from there when it creates and deletes resources, ` +
            "wherever the program found it (in a package that wraps it, for instance). " +
            "Add it to the dependencies of the project in that directory: npm i pulumi-huaweicloud-batch (pnpm add, yarn add)",
    );
});

test("nothing is refused for inline programs, unit tests and Plug'n'Play, where it can't be determined", () => {
    expect(whyUnreachable({ ...from(), entry: "/app/server.js" })).toBeUndefined();
    expect(whyUnreachable({ ...from(), entry: undefined })).toBeUndefined();
    expect(whyUnreachable({ ...from(), plugAndPlay: true })).toBeUndefined();
});

test.each(["cjs", "esm"] as const)(
    "a package that esbuild bundled into the program (%s) is refused",
    async (format) => {
        const alias = { "pulumi-huaweicloud-batch/provider": join(install(), "provider.js") };
        for (const minify of [false, true]) {
            const { outputFiles } = await build({
                stdin: {
                    contents: "module.exports = require('./shim.cjs')",
                    resolveDir: join(checkout, "src/provider/dynamic/shim"),
                },
                bundle: true,
                minify,
                format,
                alias,
                platform: "node",
                write: false,
            });
            const bundled = outputFiles.map(({ text }) => text).join("");
            expect(bundled).toContain("create");
            expect(whyUnreachable({ ...from(), providerText: bundled })).toMatch(
                /was bundled into this program.*--external:pulumi-huaweicloud-batch/,
            );
        }
    },
);
