/**
 * Packs plugin/ as the engine downloads it, an archive for each platform:
 *
 *   node tools/plugin-archives.mjs <folder>    writes pulumi-resource-huaweicloud-batch-v<version>-<os>-<arch>.tar.gz there
 *
 * The contents are alike: what runs is JavaScript, and each archive holds what starts it on Unix and on Windows.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PLATFORMS = ["linux", "darwin", "windows"].flatMap((os) => ["amd64", "arm64"].map((arch) => `${os}-${arch}`));

const [folder = "archives"] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const name = (platform) => join(folder, `pulumi-resource-huaweicloud-batch-v${version}-${platform}.tar.gz`);

mkdirSync(folder, { recursive: true });
const [first, ...others] = PLATFORMS;
execFileSync("tar", ["-czf", name(first), "-C", "plugin", "."]);
for (const platform of others) {
    copyFileSync(name(first), name(platform));
}
console.log(`${PLATFORMS.length} archives in ${folder}`);
