import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
    for (const known of ["plan", "report", "emulate", "--help", "--version"]) {
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

test.each([
    [["report", "nowhere"], "/nowhere: there is no such directory: no hook has written a report there"],
    [
        ["report"],
        "DIRECTORY is missing; usage: pulumi-huaweicloud-batch report DIRECTORY [--json | --markdown | --junit]",
    ],
    [["report", "nowhere", "--jsn"], "--jsn: no such option; did you mean --json?"],
    [["report", "nowhere", "--json", "--junit"], "--json and --junit exclude each other"],
])("%j ends in one clear line and exit 1, from the published files", (args, line) => {
    const { status, stdout, stderr } = run(...args);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^pulumi-huaweicloud-batch: [^\n]+\n$/);
    expect(stderr.endsWith(`${line}\n`)).toBe(true);
});

test("report prints what is in a directory, from the published files, without a line on standard error", () => {
    const directory = mkdtempSync(join(installed.project, "reports-"));
    const at = "2026-01-01T00:00:00.000Z";
    const format = { format: "pulumi-huaweicloud-batch-report", version: 1, package: "0.2.0", pid: 1 };
    const lines = [
        { is: "process", at, ...format },
        { is: "hook", at, call: 1, hook: "create", urn: "urn::old", resource: "clouddc:InstanceBatchDeletion" },
        { is: "submitting", at, call: 1, operation: "DeleteInstances", keys: ["i-1"] },
    ];
    writeFileSync(join(directory, "1.ndjson"), `${lines.map((line) => JSON.stringify(line)).join("\n")}\n{"is":"subm`);
    for (const option of [[], ["--json"], ["--markdown"], ["--junit"]]) {
        const { status, stdout, stderr } = run("report", directory, ...option);
        expect([status, stderr]).toEqual([0, ""]);
        expect(stdout).toContain("i-1");
        expect(stdout).toContain("Interrupted");
    }
    // What is no report is named, and the rest is shown.
    writeFileSync(join(directory, "2.ndjson"), "{}\n");
    const { status, stdout, stderr } = run("report", directory);
    expect(status).toBe(0);
    expect(stdout).toContain("i-1");
    expect(stderr).toMatch(/^pulumi-huaweicloud-batch: \S+2\.ndjson is no report of this package: it is left out\n$/);
    writeFileSync(join(directory, "3.ndjson"), `${JSON.stringify({ is: "process", at, ...format, version: 2 })}\n`);
    expect(run("report", directory)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("3.ndjson was written by a newer release (0.2.0)"),
    });
});

test("emulate without the emulator says where it is by now, in one line, and exit 2", () => {
    expect(run("emulate", "--port", "0")).toEqual({
        status: 2,
        stdout: "",
        stderr: "pulumi-huaweicloud-batch: the emulator is a package of its own by now: npm install --save-dev huaweicloud-batch-emulator, then npx --no -- huaweicloud-batch-emulator\n",
    });
});
