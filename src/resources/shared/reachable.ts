import { createRequire } from "node:module";
import { join } from "node:path";

const PACKAGE = "pulumi-huaweicloud-batch";

/** Facts about the program's process. */
export interface ProgramProcess {
    /** argv[1]: the script that Node was started with. */
    readonly entry: string | undefined;
    readonly directory: string;
    /** Whether Yarn's Plug'n'Play is active, which resolves packages with hooks of its own. */
    readonly plugAndPlay: boolean;
    /** The source text of one method of the frozen provider in this process. */
    readonly providerText: string;
}

/**
 * Why the engine's provider process would not find this package; undefined if it finds it, or if that can't be determined here. That
 * process runs the registered text in the program's directory and resolves the package from there upward. Where the program itself found
 * the package does not matter.
 */
export function whyUnreachable({ entry, directory, plugAndPlay, providerText }: ProgramProcess): string | undefined {
    if (!/\brequire\(["']pulumi-huaweicloud-batch\/provider["']\)/.test(providerText)) {
        return (
            `${PACKAGE} was bundled into this program; the engine loads it in a process of its own, where the bundle is not. ` +
            `Keep it external (esbuild: --external:${PACKAGE}, ncc: --external ${PACKAGE}), and installed in the directory that the program runs in`
        );
    }
    // An inline program of the Automation API runs in its host's directory, its provider in the workDir. Unit tests run in any directory.
    const isProgram = /[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run([\\/]index\.js)?$/.test(entry ?? "");
    if (!isProgram || plugAndPlay) {
        return undefined;
    }
    try {
        createRequire(join(directory, "index.js")).resolve(`${PACKAGE}/provider`);
        return undefined;
    } catch {
        return (
            `${PACKAGE} can't be loaded from ${directory}: the engine loads it from there when it creates and deletes resources, ` +
            "wherever the program found it (in a package that wraps it, for instance). " +
            `Add it to the dependencies of the project in that directory: npm i ${PACKAGE} (pnpm add, yarn add)`
        );
    }
}
