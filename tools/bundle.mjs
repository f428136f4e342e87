/**
 * Makes the files that are published of the compiled package, from the sources:
 *
 *   index.js                             the classes, for programs. Loads nothing that talks to the cloud
 *   core.js                              all the rest: what a provider process runs, and what a list function needs
 *   provider/dynamic/index.js            core.js's provider, where states look for it
 *   provider/dynamic/shim/shim.cjs       written by hand and never compiled: a stack's state holds its text
 *   cli.js                               the command; what its commands load when they run is core.js's
 *
 * A provider process is started for every preview and every update, and some 150 small files cost it half of the time until its
 * first request. zod, of which all languages would be loaded, goes in as far as it is used; undici stays outside, for it gains nothing.
 */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { build } from "esbuild";

const [dist = "dist"] = process.argv.slice(2);
const PROVIDER = "provider/dynamic/index";
const SHIM = "provider/dynamic/shim/shim.cjs";

const common = {
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node22",
    logLevel: "warning",
};

/** Modules of other layers that index.js loads when they are needed, by their paths below src/. */
const lent = new Set([PROVIDER]);

/** A require() out of resources/ or commands/ becomes one of core.js, which lends the module; the shim stays a file. */
const apart = {
    name: "apart",
    setup(building) {
        building.onResolve({ filter: /^\./ }, ({ kind, namespace, path, resolveDir }) => {
            if (namespace === "core") {
                return { path, external: true };
            }
            const module = relative("src", resolve(resolveDir, path));
            if (module === SHIM) {
                return { path: `./${SHIM}`, external: true };
            }
            if (kind !== "require-call" || module.startsWith("resources/")) {
                return undefined;
            }
            lent.add(module);
            return { path: module, namespace: "core" };
        });
        building.onLoad({ filter: /./, namespace: "core" }, ({ path }) => ({
            contents: `module.exports = require("./core.js").lend[${JSON.stringify(path)}]();`,
        }));
    },
};

/** Where package.json is, seen from core.js and cli.js. */
const packageFile = {
    name: "package-file",
    setup(building) {
        building.onResolve({ filter: /\/package\.json$/ }, () => ({ path: "../package.json", external: true }));
    },
};

const toCore = relative(dirname(PROVIDER), "core.js");

await build({
    ...common,
    entryPoints: ["src/index.ts"],
    outfile: `${dist}/index.js`,
    plugins: [apart],
    external: ["@pulumi/pulumi"],
});
await build({ ...common, entryPoints: ["src/cli.ts"], outfile: `${dist}/cli.js`, plugins: [packageFile, apart] });
const { version } = JSON.parse(await readFile("node_modules/zod/package.json", "utf8"));
const license = await readFile("node_modules/zod/LICENSE", "utf8");
await build({
    ...common,
    // Each provider process parses all of it: 10 ms less until the first request. Names stay.
    minifyWhitespace: true,
    minifySyntax: true,
    stdin: {
        contents: `exports.lend = {\n${[...lent].map((path) => `    ${JSON.stringify(path)}: () => require("./${path}"),`).join("\n")}\n};`,
        resolveDir: "src",
        sourcefile: "core",
    },
    outfile: `${dist}/core.js`,
    plugins: [packageFile],
    external: ["undici", "@pulumi/pulumi"],
    banner: { js: `/*! Contains parts of zod ${version}:\n\n${license.replaceAll("*/", "* /")}*/` },
});
await mkdir(join(dist, dirname(SHIM)), { recursive: true });
await writeFile(
    join(dist, `${PROVIDER}.js`),
    `"use strict";\nmodule.exports = require(${JSON.stringify(toCore)}).lend[${JSON.stringify(PROVIDER)}]();\n`,
);
await copyFile(join("src", SHIM), join(dist, SHIM));
