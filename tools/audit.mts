/**
 * Fails when a dependency that users install with us has a known vulnerability, or would run a script at its installation.
 * Where the registry can't be asked it says so, and passes: a clone without network must still be testable.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readAudit, scriptsAtInstallation } from "./audit/report.mts";

const scripts = scriptsAtInstallation(JSON.parse(readFileSync("package-lock.json", "utf8")));
if (scripts.length > 0) {
    console.error(`audit: scripts would run at installation: ${scripts.join(", ")}`);
    process.exitCode = 1;
}
const { stdout } = spawnSync(
    "npm",
    ["audit", "--omit=dev", "--omit=peer", "--json", "--fetch-retries=0", "--fetch-timeout=20000"],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], shell: process.platform === "win32" },
);
const audit = readAudit(stdout ?? "");
switch (audit.is) {
    case "clean":
        console.log(`audit: no known vulnerability in ${audit.packages} packages`);
        break;
    case "unknown":
        console.log(`audit: SKIPPED, the registry could not be asked: ${audit.why}`);
        break;
    case "vulnerable":
        console.error(["audit: known vulnerabilities:", ...audit.lines].join("\n"));
        process.exitCode = 1;
}
