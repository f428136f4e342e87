import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PublishedPackage } from "./published-package";

// With the emulator installed `emulate` is played in test/e2e/installed.test.ts.
let installed: PublishedPackage;
beforeAll(() => {
    installed = new PublishedPackage();
    rmSync(join(installed.project, "node_modules"));
}, 60_000);
afterAll(() => installed.remove());

function run(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(installed.dist, "cli.js"), ...args], {
        cwd: installed.project,
        encoding: "utf8",
    });
    return { status, stdout, stderr };
}

test.each(["--help", "-h"])("%s prints every command and option, and ends with 0", (option) => {
    const { status, stdout, stderr } = run(option);
    expect([status, stderr]).toEqual([0, ""]);
    for (const known of ["emulate", "--help", "--version"]) {
        expect(stdout).toContain(`${known} `);
    }
});

test("--version prints the version of the package", () => {
    const { version } = JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8"));
    expect(run("--version")).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
});

test.each([
    [[], "no command; see --help"],
    [["emulat"], "emulat: no such command; did you mean emulate?"],
    [["destroy"], "destroy: no such command; see --help"],
    [["--verson"], "--verson: no such option; did you mean --version?"],
    [["-x"], "-x: no such option; see --help"],
])("%j ends in one clear line and exit 2", (args, line) => {
    expect(run(...args)).toEqual({ status: 2, stdout: "", stderr: `pulumi-huaweicloud-batch: ${line}\n` });
});

test("emulate without the emulator says where it is by now, in one line, and exit 2", () => {
    expect(run("emulate", "--port", "0")).toEqual({
        status: 2,
        stdout: "",
        stderr: "pulumi-huaweicloud-batch: the emulator is a package of its own by now: npm install --save-dev huaweicloud-batch-emulator, then npx --no -- huaweicloud-batch-emulator\n",
    });
});
