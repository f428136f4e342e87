import { createRequire } from "node:module";
import { join } from "node:path";
import type { ForwardedCommand } from "./command";

const MOVED =
    "the emulator is a package of its own by now: npm install --save-dev huaweicloud-batch-emulator, then npx --no -- huaweicloud-batch-emulator";

/** Starts the emulator that the caller's project has installed, for one more release. */
export const emulate: ForwardedCommand = {
    name: "emulate",
    summary:
        "starts the emulator, a package of its own by now: npx --no -- huaweicloud-batch-emulator;\nemulate --help prints its options",
    forward: (args, terminal) => {
        const installed = commandOfEmulator(terminal.cwd);
        if (installed === undefined) {
            terminal.warn(MOVED);
            return 2;
        }
        terminal.warn(`${MOVED}; \`emulate\` goes with the next release`);
        // In this process, so that a signal reaches it.
        process.argv.splice(2, process.argv.length, ...args);
        require(installed);
        return 0;
    },
};

function commandOfEmulator(cwd: string): string | undefined {
    for (const from of [join(cwd, "package.json"), __filename]) {
        try {
            return createRequire(from).resolve("huaweicloud-batch-emulator/cli");
        } catch {
            // Not installed from there.
        }
    }
    return undefined;
}
