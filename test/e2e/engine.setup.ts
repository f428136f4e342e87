import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Once before all end-to-end tests: an engine, found or made; what that does is shown as it happens. */
export default function setUpEngine(): void {
    const found = spawnSync(process.execPath, [join(__dirname, "../../tools/engine/main.mts")], {
        stdio: ["ignore", "pipe", "inherit"],
        encoding: "utf8",
    });
    if (found.status !== 0) {
        throw new Error("no Pulumi engine for the end-to-end tests: what was tried is above");
    }
    process.env.E2E_ENGINE = found.stdout;
}
