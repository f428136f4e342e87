/**
 * Makes the provider plugin in plugin/, which the published package holds: a bundle, what starts it on Unix and on Windows, and the whole
 * of undici, which only a proxy needs: every start would have to parse it.
 */
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const NAME = "pulumi-resource-huaweicloud-batch";
const FOLDER = "plugin";

const { version } = JSON.parse(await readFile("package.json", "utf8"));
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
const common = { bundle: true, platform: "node", format: "cjs", target: "node22", logLevel: "warning", minify: true };
await build({ ...common, entryPoints: ["undici"], outfile: join(FOLDER, "undici.cjs") });
await build({
    ...common,
    entryPoints: ["src/provider/plugin/index.ts"],
    outfile: join(FOLDER, `${NAME}.cjs`),
    // The dynamic face alone takes the modules that the program has installed.
    logOverride: { "require-resolve-not-external": "silent" },
    // The bundle stands alone: the version goes in.
    plugins: [
        {
            name: "whole-undici",
            setup(building) {
                building.onResolve({ filter: /^undici$/ }, () => ({ path: "./undici.cjs", external: true }));
            },
        },
        {
            name: "package-file",
            setup(building) {
                building.onResolve({ filter: /\/package\.json$/ }, ({ path, resolveDir, importer }) =>
                    importer.includes("node_modules")
                        ? undefined
                        : { path: join(resolveDir, path), namespace: "version" },
                );
                building.onLoad({ filter: /./, namespace: "version" }, () => ({
                    contents: JSON.stringify({ version }),
                    loader: "json",
                }));
            },
        },
    ],
});
// A self-contained archive has Node.js beside the bundle. The engine gives the launcher's whole path.
await writeFile(
    join(FOLDER, NAME),
    `#!/bin/sh
here=\${0%/*}
[ -x "$here/node" ] && exec "$here/node" "$here/${NAME}.cjs" "$@"
command -v node >/dev/null 2>&1 || {
    echo "${NAME} needs Node.js 22.19 or later on the PATH, and there is no node" >&2
    exit 1
}
exec node "$here/${NAME}.cjs" "$@"
`,
);
await chmod(join(FOLDER, NAME), 0o755);
await writeFile(
    join(FOLDER, `${NAME}.cmd`),
    `@echo off\r\nif exist "%~dp0node.exe" ("%~dp0node.exe" "%~dp0${NAME}.cjs" %*) else (node "%~dp0${NAME}.cjs" %*)\r\n`,
);
