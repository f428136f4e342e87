import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");
const run = (option: string) =>
    spawnSync(process.execPath, ["tools/owner.mjs", option], { cwd: root, encoding: "utf8" });
const manifest = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));

test("every address of the repository names the one owner of package.json", () => {
    expect(run("--check")).toMatchObject({ status: 0, stderr: "" });
    const { owner } = manifest("package.json").config;
    const found = execFileSync("git", ["grep", "-hoE", "github\\.com/[A-Za-z0-9._-]+/pulumi-huaweicloud-batch\\b"], {
        cwd: root,
        encoding: "utf8",
    });
    expect([...new Set(found.trim().split("\n"))]).toEqual([`github.com/${owner}/pulumi-huaweicloud-batch`]);
});

test.each(["package.json", "emulator/package.json"])(
    "%s says where the sources, the issues and the page are",
    (path) => {
        const { repository, bugs, homepage } = manifest(path);
        expect([repository.url, bugs, homepage]).toEqual(
            Array.from({ length: 3 }, () => expect.stringContaining("/pulumi-huaweicloud-batch")),
        );
    },
);

test("nothing is published under the placeholder", () => {
    const isPlaceholder = manifest("package.json").config.owner === "OWNER";
    expect(run("--publish").status).toBe(isPlaceholder ? 1 : 0);
});
