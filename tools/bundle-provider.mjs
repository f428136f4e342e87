/**
 * Makes one file of what a provider process runs: it is started for every preview and every update, and some 150 small files
 * cost it half of the time until its first request. zod, of which all languages would be loaded, goes in as far as it is used;
 * undici stays outside, for it gains nothing.
 */
import { readFile } from "node:fs/promises";
import { build } from "esbuild";

/** Of the compiled package. */
const [dist = "dist"] = process.argv.slice(2);
const ENTRY = "provider/dynamic/index";
const { version } = JSON.parse(await readFile("node_modules/zod/package.json", "utf8"));
const license = await readFile("node_modules/zod/LICENSE", "utf8");

await build({
    entryPoints: [`src/${ENTRY}.ts`],
    outfile: `${dist}/${ENTRY}.js`,
    allowOverwrite: true,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node22",
    external: ["undici", "@pulumi/pulumi", "../../../package.json"],
    banner: { js: `/*! Contains parts of zod ${version}:\n\n${license.replaceAll("*/", "* /")}*/` },
    logLevel: "warning",
});
