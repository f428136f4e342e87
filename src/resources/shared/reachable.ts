import { createRequire } from "node:module";
import { join } from "node:path";

const PACKAGE = "pulumi-huaweicloud-batch";

/** What is known of the program's process. */
export interface ProgramProcess {
    /** argv[1]: what Node was started with. */
    readonly entry: string | undefined;
    readonly directory: string;
    /** Yarn's Plug'n'Play resolves packages by hooks of its own. */
    readonly plugAndPlay: boolean;
    /** The source text of one of the frozen provider's methods, as it is in this process. */
    readonly providerText: string;
}

/**
 * Why the engine's provider process would not find this package; undefined where it does, or where that can't be judged here. That process
 * runs the text that the program registers, in the program's directory, and loads the package from there upward; it is no matter where the
 * program itself found it.
 */
export function whyUnreachable({ entry, directory, plugAndPlay, providerText }: ProgramProcess): string | undefined {
    if (!/\brequire\(["']pulumi-huaweicloud-batch\/provider["']\)/.test(providerText)) {
        return (
            `${PACKAGE} was bundled into this program; the engine loads it in a process of its own, where the bundle is not. ` +
            `Keep it external (esbuild: --external:${PACKAGE}, ncc: --external ${PACKAGE}), and installed in the directory that the program runs in`
        );
    }
    // An inline program of the Automation API runs in its host's directory, the provider in the workDir. Unit tests run anywhere.
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
