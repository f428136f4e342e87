/**
 * The owner of the repository is `config.owner` of package.json, and nowhere else: this writes it into every other place.
 * With --check it only names the places that differ; with --publish it refuses the placeholder, too.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PLACEHOLDER = "OWNER";
const PAGES = [
    "package.json",
    "emulator/package.json",
    "README.md",
    "emulator/README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/plugin.md",
    "examples/teardown-yaml/Pulumi.yaml",
    "examples/teardown-go/go.mod",
    "examples/teardown-go/main.go",
];
/** Every address of this repository. */
const ADDRESS = /(github\.com\/)[\w.-]+(\/pulumi-huaweicloud-batch\b)/g;

const root = join(import.meta.dirname, "..");
const { owner } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).config;
const [option] = process.argv.slice(2);

const differing = PAGES.filter((page) => {
    const text = readFileSync(join(root, page), "utf8");
    const right = text.replace(ADDRESS, `$1${owner}$2`);
    if (option === undefined && right !== text) {
        writeFileSync(join(root, page), right);
    }
    return right !== text;
});
if (option === undefined) {
    console.log(
        `owner ${owner}: ${differing.length === 0 ? "nothing to change" : `written to ${differing.join(", ")}`}`,
    );
} else if (differing.length > 0) {
    console.error(
        `these name another owner than config.owner of package.json, ${owner}: ${differing.join(", ")}. Run: node tools/owner.mjs`,
    );
    process.exitCode = 1;
} else if (option === "--publish" && owner === PLACEHOLDER) {
    console.error("set config.owner in package.json to the owner of the repository, then run: node tools/owner.mjs");
    process.exitCode = 1;
}
